"""What an engine takes of a device: defaults as read in its releases, sizes as printed in its start-up logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.memory import engines
from planner.memory.engines import Setup, Shape, vllm

GIB = 1 << 30
H100 = int(79.19 * GIB)
LLAMA_3_8B = Shape(hidden_size=4096, vocab_size=128256, ffn_width=14336)
QWEN_3_14B = Shape(hidden_size=5120, vocab_size=151936, ffn_width=17408)


def setup(**changes: object) -> Setup:
    base = Setup((0, 19, 0), LLAMA_3_8B, 8192, 1, 2, 1, 1, H100, "H100 80GB", None, {})
    return base._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "share"), [((0, 6, 6), 0.90), ((0, 19, 1), 0.90), ((0, 20, 0), 0.92), ((0, 33, 0), 0.92), (None, 0.92)]
)
def test_vllm_uses_more_of_the_card_since_0_20(version: tuple[int, ...] | None, share: float) -> None:
    assert engines.demand("vllm", setup(version=version)).share == share


def test_a_stated_utilization_wins() -> None:
    assert engines.demand("vllm", setup(utilization=0.5)).share == 0.5


@pytest.mark.parametrize(
    ("size", "name", "expected"),
    [
        (184 * GIB, "B200", (16384, 1024)),
        (H100, "H100 80GB", (8192, 1024)),
        (79 * GIB, "A100 80GB", (2048, 256)),
        (44 * GIB, "L40S", (2048, 256)),
        (None, None, (2048, 256)),
    ],
)
def test_vllm_profiles_larger_batches_on_larger_cards(size: int | None, name: str | None, expected: tuple[int, int]) -> None:
    assert vllm.batch_defaults(size, name) == expected


# Start-up logs of vLLM on H100: "PyTorch activation peak memory" of Qwen3-14B and of a Llama 3 vocabulary with 1,024 sequences.
@pytest.mark.parametrize(
    ("shape", "version", "logged"),
    [(QWEN_3_14B, (0, 16, 0), 5.64), (QWEN_3_14B, (0, 17, 0), 2.23), (LLAMA_3_8B, (0, 10, 2), 4.8), (LLAMA_3_8B, (0, 18, 0), 1.9)],
)
def test_the_activation_peak_is_that_of_the_logs(shape: Shape, version: tuple[int, ...], logged: float) -> None:
    assert vllm.activation_bytes(setup(shape=shape, version=version), 8192, 1024) / GIB == pytest.approx(logged, rel=0.05)


def test_graphs_count_from_0_20_on_and_not_when_eager() -> None:
    assert vllm.graph_bytes(setup(version=(0, 19, 0))) == 0
    assert vllm.graph_bytes(setup(version=(0, 20, 2))) > 0
    assert vllm.graph_bytes(setup(version=(0, 20, 2), options={"enforce_eager": True})) == 0


@pytest.mark.parametrize("engine", ["vllm", "transformers", "something-else", None])
@given(batched=st.integers(-5, 10**6), sequences=st.integers(-5, 10**5), ranks=st.sampled_from([1, 2, 4, 8]))
def test_demands_are_never_negative(engine: str | None, batched: int, sequences: int, ranks: int) -> None:
    options = {"max_num_batched_tokens": batched, "max_num_seqs": sequences, "cpu_offload_gb": batched}
    found = engines.demand(engine, setup(tensor_parallel=ranks, options=options))
    assert min(found.activation, found.runtime, found.graph, found.offload) >= 0


def test_a_process_of_its_own_holds_all_its_sequences() -> None:
    assert not engines.demand("transformers", setup()).paged
    assert engines.demand("vllm", setup()).paged
