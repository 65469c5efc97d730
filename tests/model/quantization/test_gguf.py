"""GGUF mixes laid over real models, against what llama.cpp prints of the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from planner.memory.weights import Weights
from planner.model.quantization.gguf import layout, roles
from planner.model.quantization.gguf.mix import BASE, Place, Shape, choose, more_bits, zone
from planner.model.quantization.gguf.typical import typical_bits
from planner.model.quantization.readers.gguf import mix_of
from planner.model.stack import Architecture

GIB = 1 << 30
LLAMA_31_8B = 8_030_261_248
ROPE_FACTORS = 64
"""Llama 3.1's frequency factors, which its GGUF files hold in F32 and no config.json counts."""


@pytest.mark.parametrize(
    ("mix", "bits"),
    [("IQ1_S", 2.0042), ("IQ1_M", 2.1460), ("IQ2_XXS", 2.3824), ("IQ2_XS", 2.5882), ("IQ2_S", 2.7403),
     ("IQ2_M", 2.9294), ("IQ3_XXS", 3.2548), ("IQ3_XS", 3.4977), ("IQ3_S", 3.6606), ("IQ3_M", 3.7628),
     ("IQ4_XS", 4.4597), ("IQ4_NL", 4.6818), ("Q2_K_S", 2.9697), ("Q2_K", 3.1593), ("Q3_K_S", 3.6429),
     ("Q3_K_L", 4.2979), ("Q4_K_S", 4.6672), ("Q4_K_M", 4.8944), ("Q5_K_S", 5.5704), ("Q5_K_M", 5.7036),
     ("Q6_K", 6.5633), ("Q8_0", 8.5008), ("F16", 16.0005)],
)  # fmt: skip
def test_llama_31_8b_has_the_bits_per_weight_of_llama_cpps_own_table(
    weigh: Callable[..., Weights], mix: str, bits: float
) -> None:
    """llama.cpp, tools/quantize/README.md: "bits/weight" of meta-llama/Llama-3.1-8B."""
    size = weigh("llama-3.1-8b", "gguf", type=mix).total + 4 * ROPE_FACTORS
    assert size * 8 / (LLAMA_31_8B + ROPE_FACTORS) == pytest.approx(bits, abs=5e-5)


@pytest.mark.parametrize(
    ("model", "mix", "gib", "within"),
    [
        pytest.param("llama-2-7b", "Q3_K_M", 3.071, 0.0005, id="Llama-2-7B Q3_K_M (ggml-org/llama.cpp bac66994)"),
        pytest.param("llama-2-7b", "Q4_K_S", 3.592, 0.0015, id="Llama-2-7B Q4_K_S (the same commit)"),
        pytest.param("llama-3.1-8b", "Q4_K_M", 4.58, 0.005, id="Llama-3.1-8B Q4_K_M, as llama.cpp prints on loading"),
        pytest.param("qwen3-30b-a3b", "Q4_K_M", 17.28, 0.005, id="Qwen3-30B-A3B Q4_K_M, 128 experts, routers in F32"),
    ],
)
def test_a_file_has_the_size_that_llama_cpp_prints(
    weigh: Callable[..., Weights], model: str, mix: str, gib: float, within: float
) -> None:
    assert weigh(model, "gguf", type=mix).total / GIB == pytest.approx(gib, abs=within)


def test_experts_of_gpt_oss_stay_in_mxfp4_whatever_the_mix(weigh: Callable[..., Weights]) -> None:
    """bartowski/openai_gpt-oss-20b-GGUF: MXFP4 is 12.1 GB, Q6_K 12.04 GB, a tokenizer of 13 MB included."""
    assert weigh("gpt-oss-20b", "gguf", type="MXFP4_MOE").total == pytest.approx(12.1e9, rel=2e-3)
    assert weigh("gpt-oss-20b", "gguf", type="Q6_K").total == pytest.approx(12.04e9, rel=2e-3)


def test_a_tied_embedding_has_the_type_of_the_head(weigh: Callable[..., Weights]) -> None:
    embedding = weigh("qwen2.5-7b-tied", "gguf", type="Q4_K_M").by_part["embedding"]
    assert embedding == 152_064 * 3584 * 210 // 256  # Q6_K


def test_an_importance_matrix_spares_extra_bits(weigh: Callable[..., Weights]) -> None:
    guided, unguided = (weigh("llama-3.1-8b", "gguf", type="IQ3_XXS", imatrix=flag).total for flag in (True, False))
    assert guided == weigh("llama-3.1-8b", "gguf", type="IQ3_XXS").total < unguided


@pytest.mark.parametrize(
    ("count", "layers"),
    [
        pytest.param(8, (0, 3, 6, 7), id="8 layers: the first, the fourth, the seventh and the last"),
        pytest.param(32, (0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31), id="32 layers: half of them"),
    ],
)
def test_layers_with_more_bits(count: int, layers: tuple[int, ...]) -> None:
    assert tuple(index for index in range(count) if more_bits(index, count)) == layers


@pytest.mark.parametrize("mix", sorted(BASE))
@pytest.mark.parametrize("model", ["llama-3.1-8b", "mixtral-8x7b", "deepseek-v3", "gpt-oss-20b"])
def test_every_mix_weighs_every_kind_of_model(
    models: Mapping[str, Architecture], weigh: Callable[..., Weights], model: str, mix: str
) -> None:
    found = weigh(model, "gguf", type=mix)
    assert sum(found.by_part.values()) == found.total
    assert 0 < found.total <= weigh(model, dtype="float32").total


def test_larger_mixes_of_a_family_are_larger(weigh: Callable[..., Weights]) -> None:
    mixes = (
        "Q2_K_S",
        "Q2_K",
        "Q3_K_S",
        "Q3_K_M",
        "Q3_K_L",
        "Q4_K_S",
        "Q4_K_M",
        "Q5_K_S",
        "Q5_K_M",
        "Q6_K",
        "Q8_0",
        "F16",
    )
    for model in ("llama-2-7b", "mixtral-8x7b", "qwen2.5-7b"):
        sizes = [weigh(model, "gguf", type=mix).total for mix in mixes]
        assert sizes == sorted(sizes), model


@pytest.mark.parametrize(
    ("mix", "bits"),
    [
        pytest.param("Q4_K_M", (4.82, 4.89), id="Q4_K_M lies between Llama-3.1-70B's 4.82 and Llama-3.1-8B's 4.89"),
        pytest.param("Q8_0", (8.50, 8.51), id="Q8_0 is 8.5 bits"),
    ],
)
def test_bits_where_only_the_size_is_known(mix: str, bits: tuple[float, float]) -> None:
    assert bits[0] <= typical_bits(mix) <= bits[1]


@pytest.mark.parametrize(
    ("name", "mix"),
    [
        ("q4_k_m", "Q4_K_M"),
        ("Q4-K-M", "Q4_K_M"),
        ("q4_k", "Q4_K_M"),
        ("q8_0", "Q8_0"),
        ("iq4_xs", "IQ4_XS"),
        ("UD-Q4_K_XL", "Q4_K_M"),
        ("Q6_K_L", "Q6_K"),
        ("fp16", "F16"),
        ("awq", ""),
        ("", ""),
    ],
)
def test_a_mix_in_any_spelling(name: str, mix: str) -> None:
    assert mix_of(name)[0] == mix


@pytest.mark.parametrize("role", [roles.VALUE, roles.KEY, roles.QUERY, roles.OUT, roles.UP, roles.DOWN, roles.OTHER])
@pytest.mark.parametrize("shape", [Shape(0, 1, 0), Shape(0, 4, 0, matrix=True), Shape(0, 8, 8), Shape(0, 1, 0, True)])
def test_places_of_one_zone_have_one_type_in_every_mix(role: str, shape: Shape) -> None:
    for among in (1, 7, 8, 15, 16, 32, 61, 80):
        types: dict[object, set[tuple[str, ...]]] = {}
        for at in range(among + 3):
            place = Place(at, among, 4096)
            chosen = tuple(choose(mix, role, shape, place, 256) for mix in BASE)
            types.setdefault(zone(role, place), set()).add(chosen)
        assert all(len(each) == 1 for each in types.values())


@pytest.mark.parametrize("mix", BASE)
def test_what_is_alike_counts_as_often_as_it_is_stored(models: Mapping[str, Architecture], mix: str) -> None:
    for architecture in models.values():
        every = Counter((tensor.name, how.label) for tensor, _, how in layout.stored(architecture, mix))
        counted: Counter[tuple[str, str]] = Counter()
        for tensor, _, how, count in layout.distinct(architecture, mix):
            counted[tensor.name, how.label] += count
        assert counted == every
