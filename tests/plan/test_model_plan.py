"""The model as it is loaded."""

from __future__ import annotations

import pytest

from planner.plan.model import model_plan
from planner.workload import Model, Quantization

SHAPE = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "vocab_size": 32000,
}
COUNT = 6_738_415_616


def weights(model: Model, engine: str | None = None) -> tuple[str | None, int | None]:
    found, missing = model_plan(model, engine)
    assert found is not None
    assert missing == ()
    return found.dtype, found.weights_bytes


@pytest.mark.parametrize(
    ("stated", "checkpoint", "engine", "dtype"),
    [
        ("float32", "float16", "vllm", "float32"),
        (None, "float16", "vllm", "float16"),
        (None, "float32", None, "float32"),
        (None, "float32", "transformers", "float32"),
        (None, "float32", "vllm", "bfloat16"),
        (None, "float32", "sglang", "bfloat16"),
        (None, None, None, "bfloat16"),
    ],
    ids=[
        "what is stated holds",
        "else the checkpoint's",
        "float32 of nobody's engine stays",
        "transformers keeps it",
        "vLLM loads float32 in 16 bit",
        "SGLang too",
        "16 bit where nothing is known",
    ],
)
def test_dtype_of_the_weights(stated: str | None, checkpoint: str | None, engine: str | None, dtype: str) -> None:
    model = Model("m", {**SHAPE, "torch_dtype": checkpoint}, "inline", dtype=stated)
    assert weights(model, engine) == (dtype, COUNT * (4 if dtype == "float32" else 2))


def test_what_was_assumed_is_said() -> None:
    found, _ = model_plan(Model("m", {**SHAPE, "torch_dtype": "float32"}, "inline"), "vllm")
    assert found is not None
    assert any("float32" in note and "vllm" in note for note in found.notes)


def test_an_unknown_quantization_proves_nothing() -> None:
    found, _ = model_plan(Model("m", SHAPE, "inline", quantization=Quantization("homemade")))
    assert found is not None
    assert found.weights_low == 0
    assert any("homemade" in note for note in found.notes)


@pytest.mark.parametrize(
    ("config", "key"),
    [({**SHAPE, "num_attention_heads": 30}, "num_attention_heads"), ({**SHAPE, "hidden_size": -1}, "hidden_size")],
)
def test_nonsense_is_not_checked_with_its_key(config: dict[str, object], key: str) -> None:
    found, missing = model_plan(Model("m", config, "inline"))
    assert found is None or found.contradictions
    assert found is not None or missing[0].field == f"model.architecture.{key}"


def test_a_size_alone_is_enough_for_weights() -> None:
    found, _ = model_plan(Model("m", parameters=7_000_000_000, dtype="float16"))
    assert found is not None
    assert (found.weights_bytes, found.parameters) == (14_000_000_000, None)


def test_without_size_and_shape_it_is_said_what_to_add() -> None:
    found, missing = model_plan(Model("secret"))
    assert found is None
    assert "parameters" in missing[0].mend
