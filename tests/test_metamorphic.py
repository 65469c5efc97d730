"""What must not change with how a config is spelled or a run is made, and what may change in one direction only."""

from __future__ import annotations

import copy
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import pipeline
from planner.discover import Found
from planner.plan.types import Plan
from planner.report import LINT

PROJECT = Path(__file__).resolve().parent.parent
ENGINE = {"engine": "vllm", "context": 8192, "concurrency": 4}
CONFIGS: dict[str, dict[str, Any]] = {
    "serving": {
        "model": {"name": "meta-llama/Llama-2-70b-hf", "dtype": "bfloat16"},
        "deployment": {**ENGINE, "hardware": {"accelerator": "A100-80GB", "count": 1}, "tensor_paralel": 2},
    },
    "training": {
        "model": {"name": "meta-llama/Llama-2-7b-hf", "dtype": "bfloat16"},
        "training": {"stage": "pretrain", "tokens": "20B", "sequence_length": 4096, "micro_batch_size": 4,
                     "hardware": {"accelerator": "A100-80GB", "count": 1}},
    },
    "impossible": {
        "model": {"architecture": {"model_type": "llama", "hidden_size": 100, "num_attention_heads": 7, "vocab_size": 9,
                                   "num_hidden_layers": 2, "intermediate_size": 8}},
        "deployment": {"engine": "vllm", "context": 9, "tensor_parallel": 3, "hardware": {"memory": "9GB", "count": 3}},
    },
    "kubernetes": {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"},
        "spec": {"template": {"spec": {
            "nodeSelector": {"cloud.google.com/gke-accelerator": "nvidia-l4"},
            "containers": [{"name": "x", "image": "vllm/vllm-openai:v0.9.1",
                            "args": ["--model", "meta-llama/Llama-3.1-70B-Instruct", "--max-model-len", "8192"],
                            "resources": {"limits": {"nvidia.com/gpu": 1}}}]}}},
    },
    "axolotl": {
        "base_model": "meta-llama/Llama-3.1-8B", "sequence_len": 8192, "micro_batch_size": 16, "num_epochs": 3,
        "datasets": [{"path": "tatsu-lab/alpaca", "type": "alpaca"}], "optimizer": "adamw_torch", "bf16": True,
    },
}  # fmt: skip


class Quoting(yaml.SafeDumper):
    """Puts every text in quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def block(config: Any) -> str:
    return yaml.safe_dump(config, sort_keys=False)


def backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return list(map(backwards, value)) if isinstance(value, list) else value


def anchored(config: Any) -> str:
    """Every mapping is written once, above the config, and referred to."""
    lines, names = [], itertools.count()

    def written(value: Any) -> str:
        if isinstance(value, list):
            return f"[{', '.join(map(written, value))}]"
        if not isinstance(value, dict):
            return json.dumps(value)
        name = f"a{next(names)}"
        inner = ", ".join(f"{json.dumps(key)}: {written(item)}" for key, item in value.items())
        lines.append(f"  {name}: &{name} {{{inner}}}\n")
        return f"*{name}"

    top = "".join(f"{key}: {written(value)}\n" for key, value in config.items())
    return f"x-parts:\n{''.join(lines)}{top}"


SPELLINGS: dict[str, Callable[[Any], str | bytes]] = {
    "keys in another order": lambda config: block(backwards(config)),
    "comments": lambda config: "# a\n" + block(config).replace("\n", "  # b: c\n\n# d\n"),
    "flow": lambda config: yaml.safe_dump(config, default_flow_style=True, sort_keys=False, width=10**6),
    "quotes": lambda config: yaml.dump(config, Dumper=Quoting, sort_keys=False),
    "JSON": lambda config: json.dumps(config, indent=2),
    "CRLF": lambda config: block(config).replace("\n", "\r\n").encode(),
    "a byte order mark": lambda config: b"\xef\xbb\xbf" + block(config).encode(),
    "UTF-16": lambda config: block(config).encode("utf-16"),
    "a document marker": lambda config: "%YAML 1.1\n---\n" + block(config) + "...\n",
    "deeper indents": lambda config: yaml.safe_dump(config, sort_keys=False, indent=7),
}


def report(text: str | bytes, name: str = "a.yaml") -> pipeline.Report:
    data = text.encode() if isinstance(text, str) else text
    found = pipeline.run([Found("-", True)], pipeline.Options(stdin=data, stdin_name=name))
    assert not found.crashes
    return found


def said(of: pipeline.Report) -> list[tuple[str, ...]]:
    """Everything but places."""
    findings = sorted((each.rule, each.level, each.field, each.message, each.help) for each in of.findings)
    return [*findings, *sorted((each.what, each.because, each.mend) for each in of.not_checked)]


@pytest.mark.parametrize("name", CONFIGS)
def test_each_config_has_something_to_say(name: str) -> None:
    assert said(report(block(CONFIGS[name])))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", CONFIGS)
def test_the_spelling_does_not_matter(name: str, spelling: str) -> None:
    plain = said(report(block(CONFIGS[name])))
    assert said(report(SPELLINGS[spelling](CONFIGS[name]))) == plain


@pytest.mark.parametrize("name", ["serving", "training", "impossible"])
def test_nor_do_anchors(name: str) -> None:
    assert said(report(anchored(CONFIGS[name]))) == said(report(block(CONFIGS[name])))


@pytest.mark.parametrize("name", CONFIGS)
def test_nor_does_the_end_of_the_name(name: str) -> None:
    text = json.dumps(CONFIGS[name])
    assert said(report(text, "a.json")) == said(report(text, "a.yaml"))


@pytest.mark.parametrize("name", CONFIGS)
def test_nor_does_what_else_the_file_holds(name: str) -> None:
    text = block(CONFIGS[name])
    assert said(report(f"{text}---\n{{a: 1}}\n---\n# nothing\n")) == said(report(text))


@pytest.mark.parametrize("name", CONFIGS)
def test_nor_does_a_file_like_it_that_was_read_before(name: str) -> None:
    """Whatever is remembered of one file, another stands on lines of its own."""
    text = block(CONFIGS[name])
    first, lower, again = report(text), report(f"# a\n\n# b\n{text}", "b.yaml"), report(text)
    assert again.findings == first.findings
    assert [(each.file, each.line - 3, each.message) for each in lower.findings] == [
        ("b.yaml", each.line, each.message) for each in first.findings
    ]


def serving(changes: dict[str, Any], model: dict[str, Any] | None = None) -> pipeline.Report:
    config = copy.deepcopy(CONFIGS["serving"])
    del config["deployment"]["tensor_paralel"]
    config["deployment"] |= changes
    config["model"] |= model or {}
    return report(block(config))


def planned(of: pipeline.Report) -> Plan:
    (plan,) = of.plans
    return plan


def errors(of: pipeline.Report) -> set[str]:
    return {each.rule for each in of.findings if each.level == "error" and each.rule.startswith("FIT")}


NAMES = st.sampled_from(
    ["meta-llama/Llama-2-7b-hf", "meta-llama/Llama-2-70b-hf", "mistralai/Mixtral-8x7B-v0.1", "google/gemma-2-9b",
     "gpt2", "deepseek-ai/DeepSeek-V2-Lite", "Qwen/Qwen2.5-7B"]
)  # fmt: skip
ENGINES = st.sampled_from(["vllm", "sglang", "tgi", "transformers", "llama.cpp", "trtllm"])
CASES = st.fixed_dictionaries({"engine": ENGINES, "context": st.sampled_from([128, 1024, 4096, 32768])})


@settings(max_examples=25, deadline=None)
@given(CASES, NAMES, st.integers(8, 200), st.integers(1, 200))
def test_more_memory_proves_nothing_against_a_config(case: Any, name: str, memory: int, more: int) -> None:
    less, plenty = (
        serving({**case, "hardware": {"memory": f"{size}GiB", "count": 1}}, {"name": name})
        for size in (memory, memory + more)
    )
    assert bool(errors(plenty)) <= bool(errors(less))  # where weights fit at last, a cache may not
    assert "FIT001" not in errors(plenty) - errors(less)


@settings(max_examples=25, deadline=None)
@given(CASES, NAMES, st.integers(8, 200), st.integers(2, 16))
def test_a_longer_context_takes_no_proof_back(case: Any, name: str, memory: int, times: int) -> None:
    hardware = {"memory": f"{memory}GiB", "count": 1}
    short, long = (
        serving({**case, "hardware": hardware, "context": case["context"] * factor}, {"name": name})
        for factor in (1, times)
    )
    assert bool(errors(short)) <= bool(errors(long))
    assert "FIT001" not in errors(short) - errors(long)


@settings(max_examples=15, deadline=None)
@given(CASES, NAMES)
def test_a_narrower_dtype_takes_no_more(case: Any, name: str) -> None:
    steps = [
        *({"name": name, "dtype": dtype} for dtype in ("float32", "bfloat16")),
        *({"name": name, "quantization": scheme} for scheme in ("int8", "int4")),
    ]
    sizes = [planned(serving(case, model)).model for model in steps]
    weights = [size.weights_bytes for size in sizes if size and size.weights_bytes is not None]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) >= 2


@settings(max_examples=15, deadline=None)
@given(CASES, NAMES)
def test_more_devices_hold_no_more_each(case: Any, name: str) -> None:
    sizes = []
    for devices in (1, 2, 4):
        spread = {**case, "tensor_parallel": devices, "hardware": {"accelerator": "A100-80GB", "count": devices}}
        plan = planned(serving(spread, {"name": name})).serving
        assert plan
        sizes.append((plan.per_device.weights or 0, plan.per_device.kv_cache or 0))
    for one, more in itertools.pairwise(sizes):
        assert more[0] <= one[0]
        assert more[1] <= one[1]


@settings(max_examples=10, deadline=None)
@given(NAMES)
def test_the_parts_of_a_model_are_all_of_it(name: str) -> None:
    from planner.report.plan_json import render
    from planner.report.style import Style

    (found,) = json.loads("\n".join(render(serving({}, {"name": name}), Style())))["plans"]
    parameters = found["model"]["parameters"]
    parts = ("embedding", "attention", "ffn", "other")
    assert sum(parameters[part] for part in parts) == parameters["total"]
    assert parameters["active"] <= parameters["total"]


@pytest.fixture(name="tree", scope="module")
def _tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More files than a process takes at once: configs, broken ones, other people's."""
    tree = tmp_path_factory.mktemp("tree")
    for number, (name, spelling) in enumerate(itertools.product(CONFIGS, SPELLINGS)):
        written = SPELLINGS[spelling](CONFIGS[name])
        (tree / f"{number:03}.yaml").write_bytes(written.encode() if isinstance(written, str) else written)
    for file in (PROJECT / "tests" / "hostile").iterdir():
        (tree / file.name).write_bytes(file.read_bytes())
    for number in range(60):  # a cache is kept of a hundred files and more
        (tree / f"ci-{number}.yaml").write_text("on: push\n")
    return tree


def everything(tree: Path, *arguments: str, seed: str = "0") -> Iterator[bytes]:
    """The exit code and all reports of a run."""
    out = tree.parent / f"{tree.name}-out"
    out.mkdir(exist_ok=True)
    asked = [each for form in LINT for each in ("-f", form, "-o", str(out / form))]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(tree.parent / f"{tree.name}-cache")}
    command = [sys.executable, "-m", "planner", "lint", *asked, *arguments]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, check=False)
    assert done.stderr == b""
    yield str(done.returncode).encode()
    yield from ((out / form).read_bytes() for form in LINT)


@pytest.fixture(name="usual", scope="module")
def _usual(tree: Path) -> list[bytes]:
    return list(everything(tree, ".", "--no-cache"))


@pytest.mark.parametrize(
    ("arguments", "seed"), [(["--jobs", "1"], "1"), (["--jobs", "2"], "2"), (["--jobs", "3"], "99")]
)  # fmt: skip
def test_neither_processes_nor_hashes_matter(tree: Path, usual: list[bytes], arguments: list[str], seed: str) -> None:
    assert list(everything(tree, ".", "--no-cache", *arguments, seed=seed)) == usual


def test_nor_does_the_order_of_files(tree: Path) -> None:
    names = sorted(path.name for path in tree.iterdir())
    forwards, backwards = (list(everything(tree, *order, "--jobs", "2")) for order in (names, names[::-1]))
    assert forwards == backwards


def test_nor_does_the_cache(tree: Path, usual: list[bytes]) -> None:
    assert list(everything(tree, ".")) == list(everything(tree, ".")) == usual
