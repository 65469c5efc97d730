"""What an engine takes of a device: defaults as read in its releases, sizes as printed in its start-up logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.memory import engines
from planner.memory.engines import Setup, Shape, vllm
from planner.memory.engines.vllm_encoder import encoder_bytes
from planner.model.quantization.scheme import Scheme
from planner.model.stack import Architecture, Layer, Tensor

GIB = 1 << 30
H100 = int(79.19 * GIB)
LLAMA_3_8B = Shape(hidden_size=4096, vocab_size=128256, ffn_width=14336)
QWEN_3_14B = Shape(hidden_size=5120, vocab_size=151936, ffn_width=17408)


QWEN_2_5_VL = Architecture("qwen2_5_vl", 3584, 152064, (), ())


def setup(**changes: object) -> Setup:
    base = Setup((0, 19, 0), LLAMA_3_8B, 8192, 1, 2, 1, 1, H100, "H100 80GB", None, {}, vendor="nvidia")
    return base._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("version", "share"), [((0, 6, 6), 0.90), ((0, 19, 1), 0.90), ((0, 20, 0), 0.92), ((0, 33, 0), 0.92), (None, 0.92)]
)
def test_vllm_uses_more_of_the_card_since_0_20(version: tuple[int, ...] | None, share: float) -> None:
    assert engines.demand("vllm", setup(version=version)).share == share


def test_a_stated_utilization_wins() -> None:
    assert engines.demand("vllm", setup(utilization=0.5)).share == 0.5


@pytest.mark.parametrize(
    ("size", "name", "version", "expected"),
    [
        (184 * GIB, "B200", None, (16384, 1024)),
        (184 * GIB, "B200", (0, 28, 0), (16384, 1024)),
        (184 * GIB, "B200", (0, 27, 1), (8192, 1024)),
        (H100, "H100 80GB", None, (8192, 1024)),
        (79 * GIB, "A100 80GB", None, (2048, 256)),
        (79 * GIB, "A100 80GB", (0, 8, 5), (8192, 1024)),
        (79 * GIB, "A100 80GB", (0, 8, 2), (2048, 1024)),
        (119 * GIB, "GB10 (DGX Spark)", None, (2048, 256)),
        (119 * GIB, "GB10 (DGX Spark)", (0, 31, 0), (8192, 1024)),
        (44 * GIB, "L40S", None, (2048, 256)),
        (44 * GIB, "L40S", (0, 8, 3), (2048, 1024)),
        (44 * GIB, "L40S", (0, 8, 4), (2048, 256)),
        (H100, "H100 80GB", (0, 8, 2), (8192, 1024)),
        (None, None, None, (2048, 256)),
    ],
)
def test_vllm_profiles_larger_batches_on_larger_cards(
    size: int | None, name: str | None, version: tuple[int, ...] | None, expected: tuple[int, int]
) -> None:
    """As vllm/engine/arg_utils.py of those versions has it."""
    assert vllm.batch_defaults(size, name, version) == expected


# Start-ups of vLLM on H100: activation peak of Qwen3-14B and of a Llama 3 vocabulary, 1,024 sequences.
@pytest.mark.parametrize(
    ("shape", "version", "logged"),
    [
        (QWEN_3_14B, (0, 16, 0), 5.64),
        (QWEN_3_14B, (0, 17, 0), 2.23),
        (LLAMA_3_8B, (0, 10, 2), 4.8),
        (LLAMA_3_8B, (0, 18, 0), 1.9),
    ],
)
def test_the_activation_peak_is_that_of_the_logs(shape: Shape, version: tuple[int, ...], logged: float) -> None:
    assert vllm.activation_bytes(setup(shape=shape, version=version), 8192, 1024) / GIB == pytest.approx(
        logged, rel=0.05
    )


def test_graphs_count_from_0_20_on_and_not_when_eager() -> None:
    assert vllm.graph_bytes(setup(version=(0, 19, 0)), 256) == 0
    assert vllm.graph_bytes(setup(version=(0, 20, 2), options={"enforce_eager": True}), 256) == 0
    assert vllm.graph_bytes(setup(version=(0, 20, 2)), 1024) / GIB == pytest.approx(0.9, rel=0.01)


# "Estimated CUDA graph memory" of vLLM 0.19.0 on H100, 1,024 sequences.
@pytest.mark.parametrize(
    ("layers", "ranks", "stages", "experts", "logged"),
    [
        pytest.param(32, 1, 1, 0, 0.84, id="Llama-3.1-8B"),
        pytest.param(32, 1, 4, 0, 0.49, id="the same in four stages"),
        pytest.param(34, 1, 1, 0, 0.70, id="Gemma-3-4B"),
        pytest.param(62, 1, 1, 0, 1.05, id="Gemma-3-27B"),
        pytest.param(80, 2, 1, 0, 1.63, id="72B on two devices"),
        pytest.param(80, 4, 1, 0, 1.51, id="72B on four devices"),
        pytest.param(48, 1, 1, 8, 1.24, id="Qwen3-30B-A3B"),
        pytest.param(48, 4, 1, 1, 1.09, id="Llama-4-Scout"),
    ],
)
def test_graphs_go_by_layers(layers: int, ranks: int, stages: int, experts: int, logged: float) -> None:
    model = Architecture("x", 4096, 128256, (Layer("full", "gated", ()),) * layers, ())
    shape = LLAMA_3_8B._replace(expert_width=768 if experts else 0, experts_per_token=experts)
    case = setup(architecture=model, shape=shape, tensor_parallel=ranks, pipeline_parallel=stages)
    assert vllm.captured_bytes(case, 1024) / GIB == pytest.approx(logged, abs=0.25)


def test_few_sequences_leave_few_graphs() -> None:
    """A start-up of the summer of 2026 with max_num_seqs 16 printed 0.28 GiB."""
    assert vllm.graph_bytes(setup(version=(0, 25, 0)), 16) / GIB == pytest.approx(0.28, abs=0.08)


# The first engine runs prompts of the whole context, or of 2,048 tokens where it reads them in chunks.
# Llama-3.1-8B on an RTX 3090 with 0.6.4: budget − weights − cache was 2.42 GiB at 20,000 tokens, 3.34 at 29,000.
@pytest.mark.parametrize(("context", "logged"), [(20_000, 2.42), (29_000, 3.34)])
def test_the_first_engine_profiles_whole_prompts(context: int, logged: float) -> None:
    case = setup(version=(0, 6, 4), context=context, device_bytes=int(23.58 * GIB), device_name="RTX 3090")
    found = engines.demand("vllm", case)
    assert (found.activation + found.runtime) / GIB == pytest.approx(logged, abs=0.06)


@pytest.mark.parametrize(
    ("version", "capability", "first"),
    [
        ((0, 7, 3), (9, 0), True),
        ((0, 8, 5), (9, 0), False),
        ((0, 8, 5), (7, 5), True),
        ((0, 9, 2), (7, 5), True),
        ((0, 10, 2), (7, 5), False),
        (None, None, False),
    ],
)
def test_which_engine_runs(version: tuple[int, ...] | None, capability: tuple[int, int] | None, first: bool) -> None:
    assert vllm.is_v0(setup(version=version, compute_capability=capability)) is first


@pytest.mark.parametrize(
    ("link", "name", "ranks", "logged"),
    [
        ("NVLink4", "H100 80GB", 4, 2.21),
        ("NVLink4", "H100 80GB", 2, 2.09),
        ("NVLink bridge", "A100-40GB", 8, 2.10),
        ("NVLink bridge", "A100 40GB PCIe", 4, 0.43),
        (None, "L40S", 2, 0.43),
        ("NVLink bridge", "RTX A6000", 4, 0.35),
    ],
)
def test_tensor_parallelism_costs_by_its_links(link: str | None, name: str, ranks: int, logged: float) -> None:
    size = H100 if "H100" in name else 40 * GIB
    case = setup(link=link, device_name=name, tensor_parallel=ranks, device_bytes=size)
    assert vllm.runtime_bytes(case) / GIB == pytest.approx(logged, abs=0.13)


def test_a_stated_cache_size_is_passed_on() -> None:
    found = engines.demand("vllm", setup(options={"kv_cache_memory_bytes": 4 * GIB, "num_gpu_blocks_override": 512}))
    assert (found.cache_bytes, found.cache_blocks) == (4 * GIB, 512)


def test_mxfp4_experts_have_no_workspaces() -> None:
    """gpt-oss-20b, two H100, 0.19.0: activation peak 2.87 GiB, all of it the sampler's."""
    shape = Shape(2880, 201088, 0, 2880, 4)
    case = setup(shape=shape, tensor_parallel=2, scheme=Scheme("mxfp4", "MXFP4", None))
    assert vllm.activation_bytes(case, 8192, 1024) / GIB == pytest.approx(2.87, rel=0.02)


def test_experts_keep_their_workspaces_while_sampling() -> None:
    """Qwen3-30B-A3B, H100, 0.19.0: activation peak 2.68 GiB."""
    case = setup(shape=Shape(2048, 151936, 0, 768, 8))
    assert vllm.activation_bytes(case, 8192, 1024) / GIB == pytest.approx(2.68, rel=0.01)


@pytest.mark.parametrize(
    ("version", "most"), [((0, 5, 1), 65536), ((0, 8, 5), 32768), ((0, 12), 16384), ((0, 5, 0), 163840), (None, 163840)]
)
def test_experts_work_through_long_batches_in_chunks(version: tuple[int, ...] | None, most: int) -> None:
    """VLLM_FUSED_MOE_CHUNK_SIZE in vllm/envs.py."""
    case = setup(shape=Shape(2048, 102400, 10944, 1408, 6), version=version)
    assert vllm.workspace_bytes(case, 163840) == vllm.workspace_bytes(case._replace(version=None), most)


# srt/server_args.py by hand: 1 − max(512 + 1.5 · 8192 + 2 · 256 + 128, 10,240) / memory, and so on.
@pytest.mark.parametrize(
    ("version", "mebibytes", "ranks", "options", "share"),
    [
        ((0, 4, 3), 81_089, 1, {}, 0.88),
        ((0, 4, 3), 22_528, 4, {}, 0.85),
        ((0, 4, 6), 143_000, 8, {}, 0.907),
        ((0, 4, 9), 81_089, 1, {}, 0.874),
        ((0, 4, 9), 81_089, 8, {"enable_dp_attention": True}, 0.779),
        ((0, 4, 9), 22_528, 1, {}, 0.868),
        ((0, 5, 3), 81_089, 1, {}, 0.834),
        ((0, 5, 3), 22_528, 1, {}, 0.833),
        ((0, 5, 3), 81_089, 4, {}, 0.823),
        ((0, 5, 3), 81_089, 4, {"speculative_algorithm": "EAGLE"}, 0.798),
        ((0, 5, 3), 81_089, 1, {"chunked_prefill_size": 2048, "cuda_graph_max_bs": 8}, 0.874),
        ((0, 5, 10), 81_089, 1, {}, 0.829),
        ((0, 5, 10), 22_528, 1, {}, 0.818),
        ((0, 5, 10), 81_089, 1, {"disable_piecewise_cuda_graph": True}, 0.834),
        (None, 81_089, 4, {}, 0.817),
    ],
)
def test_sglang_leaves_room_by_the_size_of_the_card(
    version: tuple[int, ...] | None, mebibytes: int, ranks: int, options: dict[str, object], share: float
) -> None:
    case = setup(version=version, device_bytes=mebibytes << 20, tensor_parallel=ranks, options=options)
    assert engines.demand("sglang", case).share == pytest.approx(share, abs=0.0011)


def test_sglang_leaves_more_room_for_images() -> None:
    """adjust_mem_fraction_for_vlm: 0.95 of it for an encoder as large as ViT-L/14."""
    tower = QWEN_2_5_VL._replace(outside=(Tensor("visual.proj", (1, 1), "other"),))
    case = setup(version=(0, 5, 3))
    share = engines.demand("sglang", case).share
    assert engines.demand("sglang", case._replace(architecture=tower)).share == pytest.approx(0.95 * share)


def test_sglang_cannot_know_its_share_without_a_card() -> None:
    assert engines.demand("sglang", setup(device_bytes=None)).share == 0.88


# "CUDA0 compute buffer size" in logs of llama.cpp with flash attention.
@pytest.mark.parametrize(("shape", "logged"), [(Shape(2048, 128256, 8192), 254.5), (Shape(2048, 151936, 6144), 300.75)])
def test_the_compute_buffer_of_llama_cpp(shape: Shape, logged: float) -> None:
    assert engines.demand("llama.cpp", setup(shape=shape)).activation / (1 << 20) == logged


def test_tensorrt_llm_takes_a_share_of_what_is_left() -> None:
    found = engines.demand("tensorrt-llm", setup(utilization=0.8))
    assert (found.share, found.cache_share) == (1.0, 0.8)
    assert engines.demand("tensorrt-llm", setup()).cache_share == 0.9


@pytest.mark.parametrize(
    "engine",
    ["vllm", "sglang", "tgi", "llama.cpp", "ollama", "tensorrt-llm", "transformers", "something-else", None],
)
@given(batched=st.integers(-5, 10**6), sequences=st.integers(-5, 10**5), ranks=st.sampled_from([1, 2, 4, 8]))
def test_demands_are_never_negative(engine: str | None, batched: int, sequences: int, ranks: int) -> None:
    options = {"max_num_batched_tokens": batched, "max_num_seqs": sequences, "cpu_offload_gb": batched}
    found = engines.demand(engine, setup(tensor_parallel=ranks, options=options))
    assert min(found.activation, found.runtime, found.graph, found.offload) >= 0


def test_a_process_of_its_own_holds_all_its_sequences() -> None:
    assert not engines.demand("transformers", setup()).paged
    assert engines.demand("vllm", setup()).paged


def test_other_makers_got_the_second_engine_later() -> None:
    amd = setup(version=(0, 9, 1), device_name="Instinct MI300X", vendor="amd")
    assert vllm.is_v0(amd)
    assert not vllm.is_v0(amd._replace(version=(0, 9, 2)))


@pytest.mark.parametrize(
    ("version", "name", "vendor", "counted"),
    [
        ((0, 2, 7), "A10", "nvidia", True),
        ((0, 5, 5), "A10", "nvidia", False),
        ((0, 8, 5), "L40S", "nvidia", True),
        ((0, 8, 5), "Instinct MI300X", "amd", False),
        ((0, 9, 1), "L40S", "nvidia", False),
        (None, "L40S", "nvidia", False),
    ],
)
def test_some_versions_count_all_that_is_in_use(
    version: tuple[int, ...] | None, name: str, vendor: str, counted: bool
) -> None:
    """total − free there, the growth since the start elsewhere (worker.py, gpu_worker.py)."""
    assert vllm.counts_context(setup(version=version, device_name=name, vendor=vendor)) is counted


V0, V1 = (0, 7, 3), (0, 9, 2)


# Activation peaks that V0 printed: 7B on one device 4.93 GiB, 2.46 without video; 72B on four devices 2.51.
@pytest.mark.parametrize(
    ("ranks", "limits", "logged"),
    [
        (1, None, 4.93),
        (4, None, 2.51),
        (1, {"image": 1, "video": 0}, 2.46),
        (1, {"video": {"count": 0}}, 2.46),
        (1, '{"video": 0}', 2.46),
        (1, "video=0", 2.46),
        (1, {"image": 0, "video": 0}, 0.0),
    ],
)
def test_images_at_their_own_resolution_take_what_was_seen(ranks: int, limits: object, logged: float) -> None:
    case = setup(architecture=QWEN_2_5_VL, tensor_parallel=ranks, options={"limit_mm_per_prompt": limits})
    assert encoder_bytes(case, V0, together=True) / GIB == pytest.approx(logged, abs=0.05)


@pytest.mark.parametrize(
    ("version", "context", "pairs"),
    [(V1, 128_000, 1), ((0, 12), 8192, 1), ((0, 12), 40_000, 2), ((0, 33), 128_000, 7), ((0, 33), 1 << 40, 7)],
)
def test_the_second_engine_profiles_one_item_as_long_as_the_context_admits(
    version: tuple[int, ...], context: int, pairs: int
) -> None:
    """14 frames at most, two of which are as large as an image (qwen2_vl.py, get_num_frames_with_most_features)."""
    case = setup(architecture=QWEN_2_5_VL, context=context)
    image = encoder_bytes(case._replace(options={"limit_mm_per_prompt": {"video": 0}}), version, together=False)
    assert encoder_bytes(case, version, together=False) == pairs * image


def test_the_encoder_runs_before_the_sampler_not_beside_it() -> None:
    case = setup(version=(0, 16, 0), architecture=QWEN_2_5_VL, shape=Shape(3584, 152064, 18944))
    alone = vllm.activation_bytes(case, 8192, 1024)
    assert vllm.peak_bytes(case, 8192, 1024) == alone + 16384 * 3584 * 2


@pytest.mark.parametrize("options", [{"skip_mm_profiling": True}, {"language_model_only": True}])
def test_an_encoder_that_is_not_run_takes_nothing(options: dict[str, object]) -> None:
    assert encoder_bytes(setup(architecture=QWEN_2_5_VL, options=options), V1, together=False) == 0


def test_a_text_model_has_no_encoder() -> None:
    assert encoder_bytes(setup(architecture=QWEN_2_5_VL._replace(model_type="qwen2")), V0, together=True) == 0
