"""Which plan of a config a log is of, and where the two differ."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan
from planner.source.document import Document
from planner.verify.choice import NoPlanError, choose
from planner.verify.doubts import doubts
from planner.verify.measured import Measured
from planner.workload import Engine, Model, Serving, Training, Workload

LOG = Measured("vllm", 1, model="/models/Qwen3-8B/")


def plan(index: int, name: str, engine: str | None = "vllm") -> Plan:
    serving = Serving(Engine(engine) if engine else None)
    return Plan(Workload(Document("c", index), "native", name, Model(name), serving), None, None, None, None)


def training(index: int) -> Plan:
    return Plan(Workload(Document("c", index), "native", "t", training=Training()), None, None, None, None)


def test_the_only_plan_is_it_whatever_its_model() -> None:
    only = plan(0, "a/Other")
    assert choose([only], LOG, None, None) is only


def test_the_model_that_the_log_names_decides() -> None:
    wanted = plan(1, "Qwen/Qwen3-8B")
    assert choose([plan(0, "Qwen/Qwen3-4B"), wanted], LOG, None, None) is wanted


def test_a_stated_document_or_model_decides() -> None:
    both = [plan(0, "a/X"), plan(1, "b/Y")]
    assert choose(both, LOG, 1, None) is both[1]
    assert choose(both, LOG, None, "a/X") is both[0]


def test_an_engine_left_open_will_do_and_another_will_not() -> None:
    left_open = plan(1, "a/X", None)
    assert choose([plan(0, "a/X", "sglang"), left_open], LOG, None, None) is left_open


def test_ollama_prints_llama_cpps_lines() -> None:
    wanted = plan(0, "a/X", "ollama")
    assert choose([wanted], Measured("llama.cpp", 1), None, None) is wanted


@pytest.mark.parametrize(
    ("plans", "document", "model", "message"),
    [
        ([], None, None, "no deployment with vllm in it"),
        ([training(0)], None, None, "no deployment with vllm in it"),
        ([plan(0, "a/X", "sglang")], None, None, "it deploys sglang"),
        ([plan(0, "a/X")], 3, None, "its document 3 holds no deployment"),
        ([plan(0, "a/X")], None, "Y", "no deployment with vllm of Y in it: 0 a/X"),
        ([plan(0, "a/X"), plan(1, "a/Z")], None, None, "2 plans can be meant: 0 a/X, 1 a/Z; choose with --document"),
    ],
)
def test_what_cannot_be_chosen_says_why(
    plans: list[Plan], document: int | None, model: str | None, message: str
) -> None:
    with pytest.raises(NoPlanError, match="^.*" + message.replace("(", "\\(")):
        choose(plans, LOG, document, model)


def test_a_training_log_is_of_a_training_run() -> None:
    run = training(1)
    assert choose([plan(0, "a/X"), run], Measured("pytorch", 1), None, None) is run


def workload(model: str = "Qwen/Qwen3-8B", **changes: object) -> Workload:
    serving = Serving(Engine("vllm", (0, 19)))._replace(**changes)  # type: ignore[arg-type]
    return plan(0, model).workload._replace(serving=serving)


@pytest.mark.parametrize(
    ("ran", "config"),
    [
        pytest.param({}, {}, id="the same"),
        pytest.param({"tensor_parallel": 1}, {}, id="a default in words"),
        pytest.param({"kv_cache_dtype": "auto"}, {}, id="auto"),
        pytest.param({"memory_utilization": 0.9}, {}, id="the engine's default, which logs print"),
        pytest.param({"context": 4096}, {}, id="a context that the config leaves open"),
    ],
)
def test_what_is_the_same_is_not_told(ran: dict[str, object], config: dict[str, object]) -> None:
    assert not list(doubts(LOG, workload(**ran), workload(**config)))


def test_what_ran_differently_is_told() -> None:
    ran = workload(memory_utilization=0.95, tensor_parallel=2)
    told = list(doubts(LOG, ran, workload("a/Other")))
    assert told == [
        "the log is of the model /models/Qwen3-8B/, the config of a/Other",
        "tensor_parallel: 2 in the log, 1 in the config",
        "memory_utilization: 0.95 in the log, 0.9 in the config",
    ]


def test_a_log_without_arguments_differs_in_nothing_else(logged: Callable[[str], Measured]) -> None:
    assert not list(doubts(logged("training-oom"), None, training(0).workload))
