"""Which tensors the lists of checkpoints name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.quantization.entries import compile_names
from planner.model.quantization.names import named, path


@pytest.mark.parametrize(
    ("entry", "tensor", "layer"),
    [
        pytest.param("gate", "mlp.gate_proj", 3, id="gate is not gate_proj"),
        pytest.param("model.layers.1", "mlp.up_proj", 11, id="layer 1 is not layer 11"),
        pytest.param("model.layers.1.*", "mlp.up_proj", 10, id="nor is layer 1 with a star behind the dot"),
        pytest.param("mlp.gate", "mlp.gate_proj", 0, id="a path ends at a component"),
        pytest.param(
            "*.mlp.shared_expert.*", "mlp.shared_experts.up_proj", 0, id="nor is one component a part of another"
        ),
        pytest.param(r"re:.*mlp\.(gate|up|down)_proj.*", "mlp.experts.up_proj", 5, id="experts are no dense network"),
        pytest.param("re:self_attn", "self_attn.q_proj", 0, id="an expression begins at the beginning"),
        pytest.param("lm_head", "embed_tokens", None, id="the head is not the embedding"),
        pytest.param("re:(", "mlp.up_proj", 0, id="what is no expression names nothing"),
        pytest.param(17, "mlp.up_proj", 0, id="nor does a number"),
    ],
)
def test_an_entry_leaves_others_alone(entry: object, tensor: str, layer: int | None) -> None:
    assert not named(compile_names([entry]), path(tensor, layer))


@pytest.mark.parametrize(
    ("entry", "tensor", "layer"),
    [
        pytest.param("lm_head", "lm_head", None, id="a module outside of the layers"),
        pytest.param("model.layers.0.mlp.gate", "mlp.gate", 0, id="a whole path"),
        pytest.param("model.layers.0.self_attn", "self_attn.q_proj", 0, id="what stands below a path"),
        pytest.param("model.layers.*.self_attn", "self_attn.o_proj", 17, id="a star for any layer (gpt-oss)"),
        pytest.param("model.layers.10.self_attn*", "self_attn.o_proj", 10, id="a star at the end (ModelOpt)"),
        pytest.param("model.layers.0*", "mlp.up_proj", 0, id="a star right behind the number"),
        pytest.param("gate", "mlp.gate", 7, id="the end of a path (MiniMax)"),
        pytest.param("self_attn", "self_attn.q_proj", 7, id="the middle of a path"),
        pytest.param(r"re:.*self_attn.*", "self_attn.kv_b_proj", 3, id="an expression (compressed-tensors)"),
        pytest.param(
            r"re:.*mlp\.(gate|up|down)_proj.*", "mlp.up_proj", 0, id="an expression with a choice (Kimi-K2.5)"
        ),
        pytest.param("model.language_model.layers.3.linear_attn*", "linear_attn.out_proj", 3, id="a wrapper's prefix"),
        pytest.param(
            "language_model.model.layers.3.mlp.shared_experts*", "mlp.shared_experts.up_proj", 3, id="or another"
        ),
        pytest.param(
            "backbone.layers.5.mixer.in_proj", "mixer.in_proj", 5, id="another name of the stack (Nemotron-H)"
        ),
        pytest.param("model.decoder.layers.2.fc1", "fc1", 2, id="a decoder's (OPT)"),
        pytest.param("*.attn.*", "self_attn.q_proj", 2, id="another name of attention (DeepSeek-V4)"),
        pytest.param("model.layers.2.mlp.experts.0.up_proj", "mlp.experts.up_proj", 2, id="the first of equal experts"),
        pytest.param("layers.7.ffn.experts", "mlp.experts.up_proj", 7, id="another name of the network"),
    ],
)
def test_an_entry_names(entry: str, tensor: str, layer: int | None) -> None:
    assert named(compile_names([entry]), path(tensor, layer))


@pytest.mark.parametrize(
    "entry", ["visual", "model.visual*", "vision_tower", "re:.*mm_projector.*", "model.embed_vision*"]
)
def test_entries_that_keep_the_towers(entry: str) -> None:
    assert compile_names([entry]).towers


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(["re:(a+)+x"], id="a repeated group"),
        pytest.param(["re:" + ".*" * 40 + "x"], id="forty stars"),
        pytest.param(["*a" * 140], id="a glob of stars"),
        pytest.param(["re:(.?){60}" + "a" * 60], id="counted options"),
        pytest.param(["re:.*.*.*.*x"] * 5000, id="many costly ones"),
        pytest.param(["re:" + ".?" * 100 + "x"], id="a hundred options"),
    ],
)
def test_hostile_entries_are_passed_over_in_no_time(entries: list[str]) -> None:
    start = time.process_time()
    names = compile_names(entries)
    for layer in range(30):
        named(names, path("self_attn.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", layer))
    assert names.passed_over
    assert time.process_time() - start < 5


@given(st.lists(st.one_of(st.text(max_size=60), st.integers(), st.none()), max_size=8), st.text(max_size=60))
def test_nothing_raises(entries: list[object], tensor: str) -> None:
    named(compile_names(entries), path(tensor, 0))


@pytest.mark.parametrize("entry", ["model.layers.*.self_attn", "*.mlp.gate", "lm_head"])
def test_an_entry_without_a_number_tells_no_layers_apart(entry: str) -> None:
    assert not compile_names([entry]).numbered


@pytest.mark.parametrize("entry", ["model.layers.3.self_attn", "model.layers.1*", "*.7.mlp*", r"re:.*layers\.\d+\.mlp"])
def test_an_entry_with_a_number_may(entry: str) -> None:
    assert compile_names([entry]).numbered
