"""FIT, PAR, DTY and CFG on deployments. The sizes are arithmetic that a reader can do by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from planner.finding import Finding

Lint = Callable[[str], dict[str, Finding]]

LLAMA_2_7B = "{name: meta-llama/Llama-2-7b-hf, dtype: float16}"  # 12.55 GiB of weights, 2 GiB of cache at 4,096 tokens
LLAMA_3_8B = "{name: meta-llama/Llama-3.1-8B, dtype: bfloat16}"  # 14.96 GiB, 16 GiB at 131,072
SEVENTY = "{name: x, parameters: 70B, dtype: bfloat16}"  # 140 GB


def config(model: str, deployment: str) -> str:
    return f"model: {model}\ndeployment: {{{deployment}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        config(LLAMA_2_7B, "engine: vllm, context: 4096, hardware: {accelerator: L4}"),
        config(LLAMA_2_7B, "context: 4096, hardware: {memory: 24GB}"),
        config(LLAMA_3_8B, "engine: vllm, context: 128K, hardware: {accelerator: H100-80GB}"),
        config(
            SEVENTY, "engine: vllm, context: 4096, tensor_parallel: 2, hardware: {accelerator: H100-80GB, count: 2}"
        ),
        config("{name: x, parameters: 80B, dtype: int8}", "context: 4096, hardware: {memory: 80GB}"),
        config(LLAMA_2_7B, "engine: vllm, context: 4096, concurrency: 2, hardware: {accelerator: L4}"),
    ],
    ids=[
        "7B on 24 GB",
        "7B on any 24 GB",
        "the full context on 80 GB",
        "70B on two cards of 80 GB: tight, and not proved otherwise",
        "80 GB of weights on 80 GB, which may be GiB",
        "two sequences at once",
    ],
)
def test_no_error_where_it_can_fit(lint: Lint, text: str) -> None:
    assert {finding.level for finding in lint(text).values()} <= {"info", "warning"}


@pytest.mark.parametrize(
    ("text", "rule", "level", "numbers"),
    [
        (config(SEVENTY, "context: 1, hardware: {memory: 80GiB}"), "FIT001", "error", ["130.39 GiB", "80.00 GiB"]),
        (
            config(SEVENTY, "context: 1, hardware: {accelerator: A100-80GB, count: 1}"),
            "FIT001",
            "error",
            ["130.39 GiB"],
        ),
        (
            config(LLAMA_3_8B, "context: 131072, hardware: {memory: 24GiB}"),
            "FIT002",
            "error",
            ["14.96 GiB", "16.00 GiB", "30.96 GiB", "131,072"],
        ),
        (config(LLAMA_3_8B, "engine: vllm, hardware: {memory: 24GiB}"), "FIT002", "warning", ["131,072"]),
        (
            config(SEVENTY, "engine: llama.cpp, context: 1, hardware: {memory: 80GiB}"),
            "FIT001",
            "warning",
            ["130.39 GiB"],
        ),
        (
            config(LLAMA_2_7B, "engine: vllm, context: 4096, concurrency: 64, hardware: {accelerator: A100-40GB}"),
            "FIT005",
            "warning",
            ["64 sequences", "128.00 GiB"],
        ),
    ],
    ids=[
        "weights",
        "weights on a named card",
        "cache",
        "cache at a context nobody stated",
        "weights of an engine that spills to the host",
        "many sequences",
    ],
)
def test_what_does_not_fit_is_said_with_its_arithmetic(
    lint: Lint, text: str, rule: str, level: str, numbers: list[str]
) -> None:
    found = lint(text)[rule]
    assert found.level == level
    for number in numbers:
        assert number in found.message


def test_the_help_says_what_would_fit(lint: Lint) -> None:
    found = lint(config(LLAMA_3_8B, "context: 131072, hardware: {memory: 24GiB}"))["FIT002"]
    assert "context" in found.help
    assert "devices" in found.help


@pytest.mark.parametrize(
    "deployment",
    [
        "engine: vllm, context: 4096, tensor_parallel: 4, hardware: {accelerator: A100-80GB, count: 4}",
        "engine: vllm, context: 4096, tensor_parallel: 16, hardware: {accelerator: A100-80GB, count: 16}",
        "engine: transformers, context: 4096, tensor_parallel: 3, hardware: {accelerator: A100-80GB, count: 3}",
        "engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 3}",
    ],
    ids=["4 of 32 heads", "8 KV heads on 16 ranks are replicated", "no tensor parallelism there", "none stated"],
)
def test_heads_that_can_be_split(lint: Lint, deployment: str) -> None:
    assert "PAR001" not in lint(config(LLAMA_3_8B, deployment))


@pytest.mark.parametrize(("ranks", "heads"), [(3, "32 attention heads"), (64, "32 attention heads")])
def test_heads_that_cannot(lint: Lint, ranks: int, heads: str) -> None:
    deployment = (
        f"engine: vllm, context: 4096, tensor_parallel: {ranks}, hardware: {{accelerator: A100-80GB, count: {ranks}}}"
    )
    found = lint(config(LLAMA_3_8B, deployment))["PAR001"]
    assert found.level == "error"
    assert heads in found.message


def test_a_layout_needs_its_devices(lint: Lint) -> None:
    layout = "engine: vllm, context: 4096, tensor_parallel: 4, pipeline_parallel: 2"
    assert "PAR002" not in lint(config(LLAMA_3_8B, f"{layout}, hardware: {{accelerator: L4, count: 8}}"))
    found = lint(config(LLAMA_3_8B, f"{layout}, hardware: {{accelerator: L4, count: 4}}"))["PAR002"]
    assert "8 devices" in found.message


@pytest.mark.parametrize(
    ("dtype", "engine", "card", "level"),
    [
        ("float16", "vllm", "T4", None),
        ("bfloat16", "vllm", "A10", None),
        ("bfloat16", "vllm", "V100-32GB", "error"),
        ("bfloat16", "vllm", "T4", "error"),
        ("bfloat16", "transformers", "T4", "warning"),
    ],
)
def test_bfloat16_begins_with_ampere(lint: Lint, dtype: str, engine: str, card: str, level: str | None) -> None:
    model = f"{{name: meta-llama/Llama-3.2-1B, dtype: {dtype}}}"
    found = lint(config(model, f"engine: {engine}, context: 1024, hardware: {{accelerator: {card}}}")).get("DTY001")
    assert (found.level if found else None) == level


@pytest.mark.parametrize(
    ("card", "level"), [("L4", None), ("H100-80GB", None), ("A100-80GB", "info"), ("V100-32GB", "warning")]
)
def test_float8_begins_with_ada(lint: Lint, card: str, level: str | None) -> None:
    model = "{name: meta-llama/Llama-3.1-8B, quantization: fp8}"
    found = lint(config(model, f"engine: vllm, context: 4096, hardware: {{accelerator: {card}}}")).get("DTY002")
    assert (found.level if found else None) == level


@pytest.mark.parametrize(
    ("declared", "level"),
    [("7B", None), ("6.74B", None), ("6.5B", None), ("8.5B", "warning"), ("70B", "error"), ("1B", "error")],
)
def test_declared_parameters_against_those_counted(lint: Lint, declared: str, level: str | None) -> None:
    heads = "hidden_size: 4096, num_attention_heads: 32, num_hidden_layers: 32"
    shape = f"{{{heads}, intermediate_size: 11008, vocab_size: 32000}}"
    found = lint(f"model: {{name: x, parameters: {declared}, architecture: {shape}}}\n").get("CFG008")
    assert (found.level if found else None) == level
    assert found is None or "6,738,415,616" in found.message


@pytest.mark.parametrize(
    ("deployment", "fires"),
    [
        ("context: 4096", False),
        ("context: 8192", True),
        ("context: 8192, engine: vllm, engine_args: {rope_scaling: {type: linear, factor: 2.0}}", False),
    ],
    ids=["at the limit", "beyond it", "with its own rope scaling"],
)
def test_a_context_beyond_the_model(lint: Lint, deployment: str, fires: bool) -> None:
    found = lint(config(LLAMA_2_7B, f"{deployment}, hardware: {{accelerator: A100-80GB}}"))
    assert ("CFG009" in found) == fires


def test_without_hardware_it_says_how_much_and_what_has_it(lint: Lint) -> None:
    found = lint(config(LLAMA_2_7B, "engine: vllm, context: 4096"))["REF003"]
    assert found.level == "info"
    assert "GiB" in found.message
    assert "L4" in found.help or "A100" in found.help


@pytest.mark.parametrize("engine", ["vllm", "transformers"])
def test_the_longest_context_that_is_advised_fits(lint: Lint, engine: str) -> None:
    text = config(LLAMA_3_8B, f"engine: {engine}, context: 131072, hardware: {{memory: 24GiB}}")
    advised = re.search(r"context ([\d,]+): the longest", lint(text)["FIT002"].help)
    assert advised is not None
    most = int(advised[1].replace(",", ""))
    assert {finding.level for finding in lint(text.replace("131072", str(most))).values()} <= {"info", "warning"}
    assert "FIT003" not in lint(text.replace("131072", str(most)))
    assert {"FIT002", "FIT003"} & lint(text.replace("131072", str(most + most // 4 + 512))).keys()


@pytest.mark.parametrize(
    ("precision", "card", "rule", "level"),
    [
        ("fp8", "H100-80GB", "DTY002", None),
        ("fp8", "L40S", "DTY002", None),
        ("bf16-mixed", "A100-80GB", "DTY002", None),
        ("bf16-mixed", "A100-80GB", "DTY001", None),
        ("fp16-mixed", "T4", "DTY001", None),
        ("fp8", "A100-80GB", "DTY002", "warning"),
        ("fp8", "V100-32GB", "DTY002", "warning"),
        ("bf16-mixed", "V100-32GB", "DTY001", "warning"),
    ],
)
def test_training_in_a_precision_that_the_device_lacks(
    lint: Lint, precision: str, card: str, rule: str, level: str | None
) -> None:
    """Ada and Hopper (8.9) are the first with FP8, Ampere (8.0) with bfloat16 (accelerate: check_fp8_capability)."""
    section = f"{{stage: finetune, precision: {precision}, hardware: {{accelerator: {card}, count: 8}}}}"
    found = lint(f"model: {{name: meta-llama/Llama-3.2-1B}}\ntraining: {section}\n").get(rule)
    assert (found.level if found else None) == level
