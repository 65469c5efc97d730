"""vLLM's recipes."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import vllm_recipe
from planner.formats.context import Context
from planner.workload import Quantization, Workload

RECIPE = """\
meta: {title: Qwen3}
model:
  model_id: Qwen/Qwen3-8B
  parameter_count: 8B
  active_parameters: 8B
  context_length: 40960
  base_args: [--trust-remote-code, --max-model-len, "32768"]
variants:
  default: {precision: bf16, vram_minimum_gb: 20}
  fp8: {model_id: Qwen/Qwen3-8B-FP8, precision: fp8, vram_minimum_gb: 10, tp: 2, extra_args: [--max-model-len=8192]}
"""


def read(text: str) -> list[Workload]:
    document = source.read("recipe.yaml", text.encode()).documents[0]
    assert vllm_recipe.recognise(document)
    return list(vllm_recipe.read(document, Context(source.read)))


@pytest.mark.parametrize(
    "text",
    [
        RECIPE.replace("meta:", "about:"),
        RECIPE.replace("  model_id: Qwen/Qwen3-8B\n", ""),
        RECIPE.partition("variants:")[0],
        RECIPE.replace("vram_minimum_gb", "stock"),
        "- meta\n",
    ],
    ids=["another file", "no model", "no variants", "variants of something else", "a list"],
)
def test_what_is_no_recipe_is_left_alone(text: str) -> None:
    assert not vllm_recipe.recognise(source.read("recipe.yaml", text.encode()).documents[0])


def test_each_variant_adds_to_what_all_have() -> None:
    found = [(workload.name, workload.serving) for workload in read(RECIPE)]
    assert [(name, serving and (serving.context, serving.tensor_parallel)) for name, serving in found] == [
        ("Qwen/Qwen3-8B (default)", (32768, 1)),
        ("Qwen/Qwen3-8B-FP8 (fp8)", (8192, 2)),
    ]


def test_an_unknown_model_has_the_size_that_the_recipe_gives() -> None:
    default, _ = read(RECIPE.replace("model_id: Qwen/Qwen3-8B\n", "model_id: ours/none-such\n"))
    assert default.model is not None
    assert (default.model.parameters, default.model.dtype) == (8 * 10**9, "bfloat16")
    assert default.not_checked == ()


def test_its_weights_are_stored_as_the_variant_says() -> None:
    text = RECIPE.replace("model_id: Qwen/Qwen3-8B\n", "model_id: ours/none-such\n").replace("bf16", "nvfp4")
    model = read(text)[0].model
    assert model is not None
    assert model.quantization == Quantization("nvfp4")


def test_the_size_is_not_that_of_a_variant_with_a_model_of_its_own() -> None:
    workload = read(RECIPE.replace("Qwen/Qwen3-8B-FP8", "ours/none-such"))[1]
    assert [entry.what for entry in workload.not_checked] == ["model"]


def test_a_variant_that_is_laid_out_by_accelerator_is_a_deployment_on_each() -> None:
    overrides = "hardware_overrides: {h100: {extra_args: [--max-num-seqs=32]}}"
    text = RECIPE.replace("tp: 2", f"tp: {{h100: 2, h200: 1, hopper: 4}}, {overrides}")
    found = {workload.name: workload.serving for workload in read(text)[1:]}
    sizes = {
        name: (serving.hardware.name if serving.hardware else None, serving.tensor_parallel)
        for name, serving in found.items()
        if serving is not None
    }
    assert sizes == {
        "Qwen/Qwen3-8B-FP8 (fp8, h100)": ("h100", 2),
        "Qwen/Qwen3-8B-FP8 (fp8, h200)": ("H200-141GB SXM", 1),
        "Qwen/Qwen3-8B-FP8 (fp8, hopper)": (None, 4),
    }
    [small] = [serving for name, serving in found.items() if name.endswith("h100)")]
    assert small is not None
    assert small.engine_args["max_num_seqs"] == 32
