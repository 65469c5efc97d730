"""A deployment worked out, against what engines printed when they started or refused to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.plan.model import model_plan
from planner.plan.serving import case, work_out
from planner.plan.types import ServingPlan
from planner.workload import Engine, Hardware, Model, Quantization, Serving

GIB = 1 << 30
H100 = Hardware("H100 80GB", 1, int(79.19 * GIB), 80 * GIB, row={"link": "NVLink4", "compute_capability": [9, 0]})
RTX_3090 = Hardware("RTX 3090", 1, int(23.58 * GIB), 24 * GIB, row={"link": None, "compute_capability": [8, 6]})
V100 = Hardware("V100 32GB", 1, int(31.74 * GIB), 32 * GIB, row={"link": "NVLink2", "compute_capability": [7, 0]})


def dense(kind: str, sizes: tuple[int, int, int, int, int, int], **more: Any) -> dict[str, Any]:
    hidden, width, layers, heads, kv_heads, vocabulary = sizes
    return {
        "model_type": kind, "hidden_size": hidden, "intermediate_size": width, "num_hidden_layers": layers,
        "num_attention_heads": heads, "num_key_value_heads": kv_heads, "vocab_size": vocabulary,
        "max_position_embeddings": 131072, "torch_dtype": "bfloat16", "tie_word_embeddings": False, **more,
    }  # fmt: skip


LLAMA_8B = dense("llama", (4096, 14336, 32, 32, 8, 128256))
LLAMA_70B = dense("llama", (8192, 28672, 80, 64, 8, 32000), torch_dtype="float16", max_position_embeddings=4096)
QWEN_7B = dense("qwen2", (3584, 18944, 28, 28, 4, 152064))
QWEN_3_8B = dense("qwen3", (4096, 12288, 36, 32, 8, 151936), head_dim=128)
QWEN_72B = dense("qwen2", (8192, 29568, 80, 64, 8, 152064))
QWEN_3_30B = dense(
    "qwen3_moe", (2048, 6144, 48, 32, 4, 151936), head_dim=128, moe_intermediate_size=768, num_experts=128,
    num_experts_per_tok=8, decoder_sparse_step=1, max_position_embeddings=40960,
)  # fmt: skip
GEMMA_3_27B = dense(
    "gemma3_text", (5376, 21504, 62, 32, 16, 262208), head_dim=128, sliding_window=1024, sliding_window_pattern=6,
    tie_word_embeddings=True, rope_scaling={"rope_type": "linear", "factor": 8.0}, rope_local_base_freq=10000.0,
)  # fmt: skip


def planned(config: dict[str, Any], hardware: Hardware | None = H100, **more: Any) -> ServingPlan:
    engine = Engine(more.pop("engine", "vllm"), more.pop("version", (0, 19, 0)))
    model, _ = model_plan(Model(config=config, source="inline", quantization=more.pop("quantization", None)))
    assert model is not None
    serving = Serving(engine=engine, hardware=hardware, **{"context": 8192, "memory_utilization": 0.95, **more})
    return work_out(case(serving, model))


# "Available KV cache memory" and "GPU KV cache size" of start-ups.
@pytest.mark.parametrize(
    ("config", "more", "gibibytes", "tokens"),
    [
        pytest.param(LLAMA_8B, {}, 58.11, 476_016, id="Llama-3.1-8B"),
        pytest.param(LLAMA_8B, {"context": 2048}, 58.11, 476_016, id="the context does not matter"),
        pytest.param(LLAMA_8B, {"kv_cache_dtype": "fp8"}, 58.11, 952_032, id="a cache in 8 bit holds twice as many"),
        pytest.param(QWEN_7B, {}, 58.53, 1_096_000, id="Qwen2.5-7B"),
        pytest.param(QWEN_72B, {"tensor_parallel": 4}, 36.72, 481_296, id="Kimi-Dev-72B on four devices"),
        pytest.param(QWEN_3_30B, {}, 15.41, 168_288, id="Qwen3-30B-A3B"),
        pytest.param(
            LLAMA_8B,
            {"hardware": RTX_3090, "version": (0, 6, 4), "context": 20_000, "memory_utilization": 0.9},
            3.81,
            31_232,
            id="a whole prompt profiled: Llama-3.1-8B on an RTX 3090, 0.6.4",
        ),
        pytest.param(
            {**QWEN_7B, "torch_dtype": "float16"},
            {"hardware": V100, "version": (0, 7, 3), "context": 2048, "memory_utilization": 0.9},
            12.80,
            239_744,
            id="DeepSeek-R1-Distill-Qwen-7B on a V100, 0.7",
        ),
    ],
)
def test_the_cache_is_that_of_the_log(
    config: dict[str, Any], more: dict[str, Any], gibibytes: float, tokens: int
) -> None:
    plan = planned(config, **more)
    assert plan.per_device.kv_available == pytest.approx(gibibytes * GIB, rel=0.015)
    assert plan.kv_capacity_tokens == pytest.approx(tokens, rel=0.015)
    assert plan.fits is True


def test_a_run_with_little_to_spare_is_no_failure() -> None:
    """Kimi-Dev-72B on two H100 starts with 3.02 GiB of cache."""
    plan = planned(QWEN_72B, tensor_parallel=2)
    assert (plan.fits, plan.fits_basis) == (True, "predicted")
    assert plan.per_device.kv_available == pytest.approx(3.02 * GIB, abs=GIB // 10)


@pytest.mark.parametrize(
    ("config", "more", "basis"),
    [
        pytest.param(LLAMA_70B, {"context": 4096}, "proved", id="70B in 16 bit on one device"),
        pytest.param(
            LLAMA_8B,
            {"hardware": RTX_3090, "version": (0, 6, 4), "context": 29_000, "memory_utilization": 0.9},
            "predicted",
            id="23,648 tokens of 29,000: Llama-3.1-8B on an RTX 3090, 0.6.4",
        ),
        pytest.param(
            LLAMA_8B,
            {"hardware": RTX_3090, "context": 131_072, "memory_utilization": 0.9},
            "proved",
            id="16 GiB of cache beside 15 of weights",
        ),
    ],
)
def test_what_engines_refuse_does_not_fit(config: dict[str, Any], more: dict[str, Any], basis: str) -> None:
    plan = planned(config, **more)
    assert (plan.fits, plan.fits_basis) == (False, basis)


def test_nothing_is_said_without_hardware() -> None:
    plan = planned(LLAMA_8B, None)
    assert (plan.fits, plan.fits_basis, plan.per_device.kv_available) == (None, "unknown", None)
    assert plan.sequence_bytes == GIB


def test_a_stated_size_of_the_cache_is_what_it_has() -> None:
    told = planned(LLAMA_8B, engine_args={"kv_cache_memory_bytes": 4 * GIB})
    assert told.per_device.kv_available == 4 * GIB
    assert told.kv_capacity_tokens == 32_768
    assert planned(LLAMA_8B, engine_args={"num_gpu_blocks_override": 1000}).kv_capacity_tokens == 16_000


def test_sglang_takes_no_more_tokens_than_it_is_told() -> None:
    """144 KiB a token; what is left beside them is free memory, not a cache that is nearly full."""
    told = planned(QWEN_3_8B, engine="sglang", version=(0, 5, 10), engine_args={"max_total_tokens": 40_000})
    assert (told.kv_capacity_tokens, told.per_device.kv_available) == (40_000, 40_000 * 144 * 1024)
    assert told.per_device.left is not None
    assert told.per_device.free == told.per_device.left - 40_000 * 144 * 1024
    more = planned(QWEN_3_8B, engine="sglang", version=(0, 5, 10), engine_args={"max_total_tokens": 10**9})
    assert (more.per_device.kv_told, more.per_device.kv_available) == (False, more.per_device.left)


def test_a_stated_size_that_the_device_lacks_is_not_believed() -> None:
    assert planned(LLAMA_8B, engine_args={"kv_cache_memory_bytes": 90 * GIB}).per_device.kv_available < 65 * GIB  # type: ignore[operator]


def test_a_stated_size_of_the_cache_lifts_the_share() -> None:
    """`kv_cache_memory_bytes` takes the place of `gpu_memory_utilization`: what it does not bound is no proof."""
    plan = planned(LLAMA_8B, memory_utilization=0.1, engine_args={"kv_cache_memory_bytes": 4 * GIB})
    assert (plan.fits, plan.fits_basis) == (True, "predicted")


def test_replicas_of_vllm_share_their_experts() -> None:
    """Qwen3-30B-A3B, 57 GiB of which 54 are experts, on two devices of 48 GiB each: attention twice, experts once."""
    card = Hardware("L40S", 2, int(44.4 * GIB), 48 * GIB, row={"link": None, "compute_capability": [8, 9]})
    plan = planned(QWEN_3_30B, card, data_parallel=2, tensor_parallel=1)
    assert plan.fits_basis == "predicted"
    assert plan.per_device.weights == pytest.approx((56.9 - 27.0) * GIB, rel=0.01)
    assert planned(QWEN_3_30B, card, engine="tgi", data_parallel=2, tensor_parallel=1).fits_basis == "proved"


def test_offloaded_weights_leave_the_device() -> None:
    """OPT-6.7B on a V100: 1 GiB in host memory, 0.99 GiB less on the device."""
    away = planned(LLAMA_8B, engine_args={"cpu_offload_gb": 1})
    assert away.per_device.weights == (planned(LLAMA_8B).per_device.weights or 0) - GIB


@pytest.mark.parametrize("written", ["fp8", "fp8_e4m3", "fp8_ds_mla", "fp8_inc", "fp8_per_token_head"])
def test_every_name_of_an_8_bit_cache_is_one(written: str) -> None:
    assert planned(LLAMA_8B, kv_cache_dtype=written).kv_cache_dtype == "float8"


def test_windows_shorten_what_a_request_takes() -> None:
    old = planned(GEMMA_3_27B, version=(0, 8, 5), context=131_072)
    new = planned(GEMMA_3_27B, version=(0, 19, 0), context=131_072)
    assert (old.fits, new.fits) == (False, True)


def test_a_quantized_cache_of_llama_cpp_proves_nothing_too_much() -> None:
    """131,072 tokens take 16 GiB in 16 bit and 4.5 in q4_0, scales included."""
    options = {"cache_type_k": "q4_0", "cache_type_v": "q4_0"}
    plan = planned(LLAMA_8B, engine="llama.cpp", context=131_072, engine_args=options)
    assert plan.sequence_bytes == int(4.5 * GIB)
    assert (plan.sequence_bytes_low or 0) <= plan.sequence_bytes


@given(
    memory=st.integers(1, 200),
    context=st.integers(1, 200_000),
    ranks=st.sampled_from([1, 2, 4, 8]),
    engine=st.sampled_from(["vllm", "sglang", "tgi", "llama.cpp", "tensorrt-llm", "transformers"]),
    config=st.sampled_from([LLAMA_8B, GEMMA_3_27B, QWEN_3_30B]),
)
def test_what_is_proved_is_predicted_too(
    memory: int, context: int, ranks: int, engine: str, config: dict[str, Any]
) -> None:
    hardware = Hardware(None, ranks, memory * GIB, memory * GIB)
    plan = planned(config, hardware, engine=engine, context=context, tensor_parallel=ranks)
    device = plan.per_device
    assert plan.sequence_bytes_low is not None and plan.sequence_bytes is not None
    assert plan.sequence_bytes_low <= plan.sequence_bytes
    assert (device.weights_low or 0) <= (device.weights or 0)
    if plan.fits_basis == "proved":
        assert plan.sequence_bytes > (device.kv_available or 0)


@given(st.integers(16, 200), st.integers(0, 50))
def test_more_memory_never_makes_it_fail(memory: int, more: int) -> None:
    small, large = (Hardware(None, 1, size * GIB, size * GIB) for size in (memory, memory + more))
    fits = [
        planned(LLAMA_8B, each, engine_args={"max_num_seqs": 256, "max_num_batched_tokens": 2048}).fits
        for each in (small, large)
    ]
    assert fits != [True, False]


def test_a_quantization_shrinks_the_weights() -> None:
    """Meta-Llama-3.1-8B-Instruct-quantized.w4a16 in 0.19.0: 5.38 GiB."""
    plan = planned(LLAMA_8B, quantization=Quantization("gptq", 4, 128))
    assert plan.per_device.weights == pytest.approx(5.38 * GIB, rel=0.005)


WILD = st.none() | st.integers(-3, 100) | st.integers(-(10**30), 10**30)
OPTIONS = st.dictionaries(
    st.sampled_from(
        [
            "max_num_seqs", "max_num_batched_tokens", "block_size", "cpu_offload_gb", "kv_cache_memory_bytes",
            "num_gpu_blocks_override", "max_loras", "max_lora_rank", "enable_lora", "ubatch_size", "n_gpu_layers",
            "cache_type_k", "chunked_prefill_size", "page_size", "flash_attn", "max_batch_prefill_tokens",
        ]
    ),
    WILD | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["q8_0", "16"]),
)  # fmt: skip


@given(
    engine=st.sampled_from(["vllm", "sglang", "tgi", "llama.cpp", "ollama", "tensorrt-llm", "transformers", "new"]),
    version=st.none() | st.tuples(st.integers(0, 3), st.integers(0, 40)),
    layout=st.tuples(WILD, WILD, WILD),
    sizes=st.tuples(WILD, WILD),
    share=st.none() | st.floats(),
    options=OPTIONS,
    config=st.sampled_from([LLAMA_8B, GEMMA_3_27B]),
)
def test_no_config_breaks_it(
    engine: str,
    version: tuple[int, ...] | None,
    layout: tuple[int | None, int | None, int | None],
    sizes: tuple[int | None, int | None],
    share: float | None,
    options: dict[str, object],
    config: dict[str, Any],
) -> None:
    tensor, pipeline, data = layout
    plan = planned(
        config, engine=engine, version=version, tensor_parallel=tensor, pipeline_parallel=pipeline, data_parallel=data,
        context=sizes[0], concurrency=sizes[1], memory_utilization=share, engine_args=options,
    )  # fmt: skip
    assert plan.fits in (True, False, None)


DEEPSEEK_3 = {
    "model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048,
    "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128, "vocab_size": 129280,
    "n_routed_experts": 256, "num_experts_per_tok": 8, "n_shared_experts": 1, "first_k_dense_replace": 3, "n_group": 8,
    "topk_group": 4, "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
    "v_head_dim": 128, "max_position_embeddings": 163840, "torch_dtype": "bfloat16",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "each"), [("auto", 1152), ("fp8", 576), ("fp8_ds_mla", 656), ("nvfp4", 324)])
def test_a_cache_format_weighs_what_it_stores_beside_the_elements(kind: str, each: int) -> None:
    """Bytes per token and layer of latent attention; 656 in the format of FlashMLA's sparse kernels."""
    plan = planned(DEEPSEEK_3, context=8192, tensor_parallel=8, kv_cache_dtype=kind)
    assert plan.sequence_bytes == 61 * each * 8192


@pytest.mark.parametrize(
    ("memory", "count", "expected"), [(16, 1, 4096), (24, 1, 32768), (16, 2, 32768), (80, 1, 131_072)]
)
def test_ollama_chooses_its_context_by_the_memory_of_all_devices(memory: int, count: int, expected: int) -> None:
    hardware = Hardware("x", count, memory * GIB, memory * GIB)
    plan = planned(LLAMA_8B, hardware, engine="ollama", context=None, memory_utilization=None)
    assert plan.context == expected
    assert any("Ollama's default" in note for note in plan.assumptions)


def test_ollama_on_unknown_memory_has_no_context_of_its_own() -> None:
    assert planned(LLAMA_8B, None, engine="ollama", context=None).context is None


def test_the_input_embedding_of_llama_cpp_is_in_host_memory() -> None:
    """llama.cpp prints 166.92 MiB of model buffer on the CPU for Qwen3-30B-A3B in Q4_K_M, 17524.42 on the device."""
    config = {**QWEN_3_30B, "torch_dtype": "bfloat16"}
    found = planned(config, engine="llama.cpp", quantization=Quantization("Q4_K_M"))
    whole, _ = model_plan(Model(config=config, quantization=Quantization("Q4_K_M")), "llama.cpp")
    assert whole is not None
    assert found.per_device.weights is not None
    assert (whole.weights_bytes - found.per_device.weights) / 2**20 == pytest.approx(166.92, abs=0.005)
    tied = planned({**config, "tie_word_embeddings": True}, engine="llama.cpp", quantization=Quantization("Q4_K_M"))
    assert tied.per_device.weights == tied.per_device.weights_low
