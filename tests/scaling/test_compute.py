"""FLOPs, device hours and days against published benchmarks, runs and worked examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scaling import compute


def test_gpt2_per_sequence() -> None:
    # karpathy/nanoGPT transformer_sizing.ipynb, PaLM's formula: 124M without position embeddings, 12 layers × 768
    assert compute.training_flops(123_551_232, 1024, 4 * 12 * 768 * 1024) == 875_062_886_400


# mosaicml/llm-foundry scripts/train/benchmarking/README.md: the columns NumParams, SeqLen, T/s/GPU and "Model TFLOP"
@pytest.mark.parametrize(
    ("parameters", "layers", "width", "length", "speed", "achieved"),
    [
        pytest.param(64_862_437_376, 80, 8192, 2048, 1039, 4.212583e14, id="70b at 2,048"),
        pytest.param(12_853_954_560, 40, 5120, 2048, 4800, 3.943653e14, id="13b at 2,048"),
        pytest.param(13_011_240_960, 40, 5120, 32768, 1976, 3.134795e14, id="13b at 32,768"),
        pytest.param(6_658_859_008, 32, 4096, 2048, 10643, 4.595096e14, id="7b at 2,048"),
        pytest.param(6_918_905_856, 32, 4096, 65536, 1956, 2.829422e14, id="7b at 65,536, where attention is 72 %"),
        pytest.param(2_647_905_280, 32, 2560, 512, 27965, 4.583697e14, id="3b at 512"),
        pytest.param(1_445_974_016, 24, 2048, 65536, 5506, 2.606140e14, id="1b at 65,536"),
    ],
)
def test_benchmarks_count_the_same_flops(
    parameters: int, layers: int, width: int, length: int, speed: int, achieved: float
) -> None:
    assert compute.flops_per_token(parameters, 4 * layers * width * length) * speed == pytest.approx(achieved, rel=1e-3)


def test_llama_3_70b_on_8960_tpus_takes_44_days() -> None:
    # jax-ml/scaling-book, applied-training.md: v5p at 4.59e14 FLOP/s and 40 %
    flops = compute.training_flops(70_000_000_000, 15_000_000_000_000)
    assert flops == pytest.approx(6.3e24)
    assert compute.days(compute.device_hours(flops, 4.59e14, 0.4), 8960) == pytest.approx(44.3, rel=0.01)


def test_gpt2_on_300b_tokens_and_eight_a100_takes_3_46_days() -> None:
    # karpathy/nanoGPT transformer_sizing.ipynb, cell 14
    flops = compute.training_flops(124_337_664, 300_000_000_000)
    assert compute.days(compute.device_hours(flops, 312e12, 0.3), 8) == pytest.approx(3.46, rel=0.005)


# Device hours of whole runs: model cards of meta-llama/llama-models, DeepSeek-V3's README, LLaMA's and Pythia's papers
PUBLISHED = [
    pytest.param(65.2e9, 1.4e12, 312e12, 1_022_362, id="LLaMA 65B on A100"),
    pytest.param(6_738_417_664, 2e12, 312e12, 184_320, id="Llama 2 7B on A100"),
    pytest.param(68_976_653_312, 2e12, 312e12, 1_720_320, id="Llama 2 70B on A100"),
    pytest.param(405_853_388_800, 15.6e12, 989.5e12, 30_840_000, id="Llama 3.1 405B on H100"),
    pytest.param(70_553_706_496, 15e12, 989.5e12, 7_000_000, id="Llama 3.1 70B on H100"),
    pytest.param(37e9, 14.8e12, 989.5e12, 2_664_000, id="DeepSeek-V3 on H800"),
    pytest.param(11_842_140_160, 299_892_736_000, 312e12, 72_300, id="Pythia 12B on A100"),
]


@pytest.mark.parametrize(("size", "tokens", "peak", "hours"), PUBLISHED)
def test_published_hours_are_near_the_range(size: float, tokens: float, peak: float, hours: float) -> None:
    flops = 6 * size * tokens
    least = compute.device_hours(flops, peak, compute.MFU_HIGH)
    most = compute.device_hours(flops, peak, compute.MFU_LOW)
    assert least * 0.9 <= hours <= most
    assert compute.utilization(flops, peak, hours) < compute.MFU_IMPOSSIBLE


@given(st.integers(1, 10**14), st.integers(1, 10**15), st.floats(1e12, 1e17), st.floats(0.01, 1))
def test_hours_imply_the_utilization_they_were_worked_out_with(size: int, tokens: int, peak: float, mfu: float) -> None:
    flops = compute.training_flops(size, tokens)
    assert compute.utilization(flops, peak, compute.device_hours(flops, peak, mfu)) == pytest.approx(mfu)
