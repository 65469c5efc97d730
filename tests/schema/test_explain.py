"""What does not conform is said in words that help, at its place, briefly, and without giving secrets away."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import schema
from planner.schema.conform import conforms
from planner.schema.explain import MOST, describe, problems
from planner.schema.synonyms import SYNONYMS
from planner.schema.wording import LONGEST, Place, flow
from planner.workload import Problem

CONFIG: Any = schema.load("config")


def only(config: Any) -> Problem:
    found = problems(config, CONFIG)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"model": "meta-llama/Llama-2-7b-hf"}, id="a name in place of a section"),
        pytest.param({"model": {"parameters": "7B"}, "deployment": None}, id="an empty section"),
        pytest.param({"model": {"dtype": None, "quantization": None}}, id="keys without values"),
        pytest.param({"x-anchors": {"anything": [1]}, "model": {"name": "a"}}, id="extension keys"),
        pytest.param({"$schema": "urn:planner:config:1", "training": {"tokens": 1e12}}, id="integral floats"),
        pytest.param({"deployment": {"engine_args": {"anything": {"at": ["all"]}}}}, id="options of the engine"),
        pytest.param({"model": {"architecture": {"model_type": "new", "n_heads": 3}}}, id="any key of a config.json"),
        pytest.param({"model": {"quantization": {"method": "gptq", "desc_act": True}}}, id="any key of a quantization"),
        pytest.param(
            {"training": {"activation_checkpointing": True, "lora": {"targets": ["q_proj"]}}}, id="other spellings"
        ),
    ],
)
def test_nothing_is_said_of(config: Any) -> None:
    assert conforms(config, CONFIG)
    assert problems(config, CONFIG) == []


@pytest.mark.parametrize(
    ("config", "path", "meant"),
    [
        pytest.param({"deploymnet": {}}, ("deploymnet",), "deployment", id="two letters swapped"),
        pytest.param({"model": {"nmae": "a"}}, ("model", "nmae"), "name", id="in a section"),
        pytest.param(
            {"deployment": {"tensor-parallel": 2}}, ("deployment", "tensor-parallel"), "tensor_parallel", id="hyphens"
        ),
        pytest.param(
            {"deployment": {"max_model_len": 1}}, ("deployment", "max_model_len"), "context", id="vLLM's name"
        ),
        pytest.param(
            {"training": {"batch_size": 1}}, ("training", "batch_size"), "micro_batch_size", id="by the section"
        ),
        pytest.param(
            {"deployment": {"batch_size": 1}}, ("deployment", "batch_size"), "concurrency", id="by the other section"
        ),
        pytest.param({"model": {"context": 1}}, ("model", "context"), "deployment.context", id="in the wrong section"),
        pytest.param({"training": {"lora": {"r": 8}}}, ("training", "lora", "r"), "rank", id="PEFT's name"),
        pytest.param(
            {"deployment": {"engine": {"nmae": "vllm"}}}, ("deployment", "engine", "nmae"), "name", id="of an engine"
        ),
        pytest.param(
            {"training": {"hardware": {"gpus": 8}}}, ("training", "hardware", "gpus"), "count", id="of hardware"
        ),
        pytest.param({"training": {"gpus": 8}}, ("training", "gpus"), "hardware", id="hardware one level up"),
    ],
)
def test_an_unknown_key_is_told_what_was_meant(config: Any, path: tuple[str, ...], meant: str) -> None:
    problem = only(config)
    assert (problem.rule, problem.path, problem.on_key) == ("CFG006", path, True)
    assert problem.help.startswith(f"did you mean `{meant}`?\n")


def test_an_unknown_key_is_told_the_keys_there_are() -> None:
    problem = only({"model": {"zzz": 1}})
    assert problem.message == "`model` has no key `zzz`"
    assert problem.help == "its keys: name, parameters, active_parameters, dtype, quantization, architecture"


@pytest.mark.parametrize(
    ("config", "message", "advice"),
    [
        pytest.param(
            {"deployment": {"context": "eight"}},
            "`deployment.context` is eight, not a number of tokens, bare or with k, K, m or M behind it",
            "for example `context: 8192` or `context: 128K`",
            id="text that is no quantity",
        ),
        pytest.param(
            {"deployment": {"concurrency": 0}},
            "`deployment.concurrency` is 0, not a whole number of at least 1",
            "for example `concurrency: 16`",
            id="below a minimum",
        ),
        pytest.param(
            {"deployment": {"hardware": {"memory": 80}}},
            "`deployment.hardware.memory` is 80, not a memory size with its unit",
            "for example `memory: 24GB` or `memory: 80GiB`",
            id="a unit that was forgotten",
        ),
        pytest.param(
            {"training": {"stage": "Pretraining"}},
            "`training.stage` is Pretraining, not a stage of training",
            "did you mean `pretrain`?\none of: pretrain, continued-pretrain, finetune, preference, rl",
            id="none of several words",
        ),
        pytest.param(
            {"deployment": {"engine": "vlm"}},
            "`deployment.engine` is vlm, not an engine",
            "did you mean `vllm`?\n"
            "one of: vllm, sglang, tgi, text-generation-inference, llama.cpp, ollama, tensorrt-llm, trtllm, "
            "transformers",
            id="words of an alternative",
        ),
        pytest.param(
            {"deployment": {"engine": {"name": "vllm", "version": [1]}}},
            "`deployment.engine.version` is a list, not a version",
            'for example `version: "0.20.2"`',
            id="within the alternative that was chosen",
        ),
        pytest.param(
            {"training": {"lora": {"targets": ["q_proj", 3]}}},
            "`training.lora.targets[1]` is 3, not the name of a linear layer",
            "",
            id="an item of a list",
        ),
        pytest.param(
            {"deployment": {"context": {"tokens": 3}}},
            "`deployment.context` is a mapping, not a number of tokens, bare or with k, K, m or M behind it",
            "for example `context: 8192` or `context: 128K`",
            id="a mapping that should be a scalar",
        ),
        pytest.param(
            {"model": {"name": " "}, "deployment": {"hardware": {"accelerator": ""}}},
            "`deployment.hardware.accelerator` is empty, not the name of an accelerator",
            "for example `accelerator: H100-80GB` or `accelerator: A100-80GB`",
            id="an empty string",
        ),
    ],
)
def test_an_invalid_value_is_told_what_would_be_valid(config: Any, message: str, advice: str) -> None:
    problem = only(config)
    assert (problem.rule, problem.message, problem.help, problem.on_key) == ("CFG007", message, advice, False)


@pytest.mark.parametrize("config", [[], "text", 7, None, {}], ids=repr)
def test_a_config_that_is_no_mapping_is_told_what_one_is(config: Any) -> None:
    problem = only(config)
    assert problem.path == ()
    assert problem.message.startswith("the config is ")
    assert "not a mapping with `model`, `deployment` or `training`" in problem.message


def test_a_section_of_its_own_file_is_called_by_its_name() -> None:
    found = problems({"enigne": "vllm"}, CONFIG["$defs"]["deployment"], CONFIG, place=Place((), ("deployment",)))
    assert [(problem.path, problem.message) for problem in found] == [(("enigne",), "`deployment` has no key `enigne`")]
    assert found[0].help.startswith("did you mean `engine`?\n")


def test_a_missing_key_is_named() -> None:
    found = problems({"version": 1}, schema.load("lint"))
    assert [problem.message for problem in found] == [
        "the config lacks `findings`, `checked`, `not_checked`, `skipped`, `silenced`, `switched_off`, `fixed`"
    ]


SECRETS = [
    {"model": {"hf_token": "hf_XXXX"}},
    {"model": {"name": {"token": "hf_XXXX"}}},
    {"deployment": {"engine_args": "--hf-token hf_XXXX"}},
    {"deployment": {"hardware": ["hf_XXXX"]}},
    {"token": "hf_XXXX", "model": {"name": "a"}},
]


@pytest.mark.parametrize("config", SECRETS, ids=str)
def test_secrets_are_not_repeated(config: Any) -> None:
    assert "XXXX" not in repr(problems(config, CONFIG))


def test_a_value_under_the_name_of_a_secret_is_not_shown() -> None:
    part = {
        "properties": {
            "api_key": {"title": "a key", "type": "integer"},
            "tokens": {"title": "a count", "type": "integer"},
        }
    }
    found = {problem.path: problem.message for problem in problems({"api_key": "hf_XXXX", "tokens": "many"}, part)}
    assert found == {("api_key",): "`api_key` is text, not a key", ("tokens",): "`tokens` is many, not a count"}


def test_long_values_are_cut() -> None:
    problem = only({"deployment": {"context": "9" * 5000}})
    assert "9" * (LONGEST - 5) in problem.message
    assert len(problem.message) < 3 * LONGEST


def test_long_keys_are_cut() -> None:
    assert len(only({"k" * 5000: 1}).message) < 2 * LONGEST


def test_a_file_of_another_kind_is_not_dwelt_on() -> None:
    assert len(problems({f"key{n}": n for n in range(1000)}, CONFIG)) == MOST


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    remote = {"$id": "http://example.invalid/schema", "properties": {"a": {"type": "integer"}}}
    assert len(problems({"a": "x"}, remote)) == 1


def test_what_belongs_at_a_place_is_described() -> None:
    assert describe(("training", "hardware", "memory"), CONFIG)["title"] == "a memory size with its unit"
    assert "vllm" in describe(("deployment", "engine"), CONFIG)["enum"]  # type: ignore[operator]
    assert describe(("deployment", "engine_args", "anything"), CONFIG) == {}


@pytest.mark.parametrize(
    ("theirs", "ours"), [(theirs, one) for theirs, many in SYNONYMS.items() for one in many.split()]
)
def test_every_synonym_stands_for_a_key_that_exists(theirs: str, ours: str) -> None:
    assert describe(ours.split("."), CONFIG), ours
    assert theirs == theirs.lower().replace("-", "_")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["model", "deployment", "engine", "hardware", "lora", "name", "x"]) | st.text(),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_does_not_conform_has_a_problem_and_nothing_else_has(config: Any) -> None:
    found = problems(config, CONFIG)
    assert bool(found) == (not conforms(config, CONFIG))
    for problem in found:
        assert problem.rule in ("CFG006", "CFG007")
        assert len(problem.message) < 400


@pytest.mark.parametrize(
    ("value", "written"),
    [("7B", "7B"), ("0.20.2", '"0.20.2"'), ("bfloat16", "bfloat16"), ("a: b", '"a: b"'), (None, "null"), (True, "true"),
     ({"a": ["b", 1]}, "{a: [b, 1]}"), ("", '""'), ("8", '"8"'), (" x", '" x"')],
)  # fmt: skip
def test_values_are_shown_as_yaml(value: object, written: str) -> None:
    assert flow(value) == written


def test_a_key_of_several_lines_is_no_line_of_the_message() -> None:
    """Else whoever writes it could have planner say anything."""
    found = only({"model": {"name": "a", "x\nno findings\r\x1b[2J": 1}})
    assert found.message == r"`model` has no key `x\nno findings\r\u001b[2J`"
