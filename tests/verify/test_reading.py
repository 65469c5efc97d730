"""What is read from logs: every expected figure stands in the log."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.units import GIB, MIB
from planner.verify import facts
from planner.verify.lines import LONGEST, lines
from planner.verify.measured import Measured
from planner.verify.reading import read

Said = Callable[[str | bytes], Measured | None]
Logged = Callable[[str], Measured]

V1 = "(EngineCore pid=7) INFO 04-04 18:12:41 [gpu_model_runner.py:4820] Model loading took {} GiB and 5.9 seconds\n"


def gib(number: float) -> int:
    return round(number * GIB)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("INFO: Application startup complete.\n", id="another server"),
        pytest.param("vLLM API server version 0.9.2\n", id="a start-up that ends before its memory"),
        pytest.param("Loading weights took 8.80 seconds\n", id="seconds, no bytes"),
        pytest.param("Model loading took 1e GiB\n", id="no number"),
        pytest.param("Model loading took 99999999999999 GiB\n", id="more than any memory"),
        pytest.param("| Allocated memory | some | thing |\n", id="a table of something else"),
        pytest.param("load_tensors: CPU_Mapped model buffer size = .. MiB\n", id="no number in a buffer"),
    ],
)
def test_what_says_nothing_of_memory_is_no_log(said: Said, text: str) -> None:
    assert said(text) is None


def test_an_error_of_pytorch_alone_is_of_no_engine(logged: Logged) -> None:
    assert logged("training-oom").kind == "pytorch"


def test_vllm_before_it_printed_its_version(logged: Logged) -> None:
    found = logged("vllm-0.3")
    assert (found.version, found.version_at_most) == (None, "0.4")
    assert found.cache_tokens == 7351 * 16
    assert found.model == "meta-llama/Llama-2-7b-hf"


def test_vllm_prints_its_profile_line_by_line(logged: Logged) -> None:
    found = logged("vllm-0.6.5-tp2")
    assert found.total == gib(79.22)
    assert found.budget is None or found.budget == gib(71.29)
    assert (found.weights, found.non_torch, found.activation) == (gib(7.5122), gib(3.58), gib(1.26))
    assert (found.cache_room, found.cache_tokens) == (gib(58.97), 60383 * 16)
    assert (found.concurrency, found.concurrency_context) == (117.94, 8192)


def test_of_several_ranks_the_fullest_counts_and_the_least_room(logged: Logged) -> None:
    found = logged("vllm-0.7.3-awq-ranks")
    assert found.ranks == 2
    assert (found.non_torch, found.cache_room) == (gib(0.25), gib(9.79))


def test_vllm_v1_prints_little_before_0_10(logged: Logged) -> None:
    found = logged("vllm-0.8.4-l40s")
    assert (found.version, found.weights, found.cache_tokens) == ("0.8.4", gib(14.9889), 158656)
    assert found.activation is found.total is None
    assert found.options["max_num_batched_tokens"] == 2048
    assert found.started is True


def test_vllm_says_why_it_does_not_start(logged: Logged) -> None:
    found = logged("vllm-0.10-too-long")
    assert found.started is False
    assert found.failure.startswith("To serve at least one request")
    assert (found.request, found.cache_room, found.longest) == (gib(16), gib(4.33), 35456)


def test_less_than_nothing_may_be_left_for_the_cache_and_nowhere_else(said: Said) -> None:
    room = "(EngineCore pid=207) INFO 04-19 10:21:55 [gpu_worker.py:436] Available KV cache memory: -0.12 GiB\n"
    device = "Free memory on device (1.0/-8.0 GiB) on startup. Desired GPU memory utilization is (0.9, 7.2 GiB)\n"
    found = said(room + device)
    assert found is not None
    assert (found.cache_room, found.total) == (gib(-0.12), None)


def test_vllm_sums_its_memory_up(logged: Logged) -> None:
    found = logged("vllm-0.19-h100")
    assert (found.weights, found.activation, found.non_torch) == (gib(14.99), gib(1.89), gib(0.25))
    assert (found.total, found.cache_room, found.cache_tokens) == (gib(79.19), gib(58.10), 475952)
    assert found.graph == gib(0.78), "what counts against the budget is the estimate"
    assert found.options["gpu_memory_utilization"] == 0.95
    assert "kv_transfer_config" not in found.options
    assert found.lines["cache_tokens"] == 10


def test_newer_vllm_tells_weights_and_what_is_not_torchs_together(logged: Logged) -> None:
    found = logged("vllm-0.31-a100")
    assert (found.consumed, found.headroom, found.graph) == (gib(15.26), gib(1.44), gib(0.23))
    assert (found.activation, found.non_torch) == (None, None)
    assert found.device == "NVIDIA A100-SXM4-80GB"


def test_sglang(logged: Logged) -> None:
    found = logged("sglang-0.4-tp4")
    assert (found.kind, found.model, found.ranks) == ("sglang", "Qwen/Qwen2.5-32B-Instruct", 2)
    assert (found.weights, found.cache_room, found.cache_tokens) == (gib(15.54), gib(1.42) * 2, 46611)
    assert found.options["mem_fraction_static"] == 0.85
    assert "dtype" not in found.options, "auto is no dtype"


def test_states_of_recurrent_layers_are_of_sglangs_pool(said: Said) -> None:
    found = said(
        "[2026-02-01 00:05:03 TP0] Load weight end. elapsed=1.25 s, avail mem=9.26 GB, mem usage=5.98 GB.\n"
        "Mamba Cache is allocated. max_mamba_cache_size: 38, conv_state size: 0.03GB, ssm_state size: 2.74GB \n"
        "KV Cache is allocated. #tokens: 399740, K size: 1.52 GB, V size: 1.52 GB\n"
    )
    assert found is not None
    assert found.cache_room == gib(0.03) + gib(2.74) + 2 * gib(1.52)


@pytest.mark.parametrize(("largest", "expected"), [(128, 128), (512, None)])
def test_the_largest_graph_of_decoding_tells_the_sequences(said: Said, largest: int, expected: int | None) -> None:
    found = said(
        f"Profiling CUDA graph memory: PIECEWISE=35 (largest=256), FULL=19 (largest={largest})\n{V1.format(1)}"
    )
    assert found is not None
    assert found.options.get("max_num_seqs") == expected


def test_the_share_of_the_device_stands_in_advice_as_well(said: Said) -> None:
    advice = "The current --gpu-memory-utilization=0.9500 is equivalent to --gpu-memory-utilization=0.9417 without it."
    found = said(f"{V1.format(1)}{advice}\n")
    assert found is not None
    assert found.options["gpu_memory_utilization"] == 0.95


@pytest.mark.parametrize(
    ("words", "non_torch", "consumed"),
    [
        ("non-torch forward increase memory: 0.25GiB", gib(0.25), None),
        ("total consumed (from mem_get_info): 15.26GiB", None, gib(15.26)),
    ],
)
def test_the_profile_that_vllm_prints_for_debugging(
    said: Said, words: str, non_torch: int | None, consumed: int | None
) -> None:
    found = said(
        "DEBUG Memory profiling takes 2.50 seconds. Total non KV cache memory: 17.14GiB; "
        f"torch peak memory increase: 1.89GiB; {words}; weights memory: 15.00GiB.\n"
    )
    assert found is not None
    assert (found.weights, found.activation) == (gib(15), gib(1.89))
    assert (found.non_torch, found.consumed) == (non_torch, consumed)


def test_every_worker_is_a_rank_however_it_is_called(said: Said) -> None:
    workers = ("(VllmWorker rank=0 pid=105)", "(VllmWorker rank=1 pid=106)", "(RayWorkerWrapper pid=3, ip=10.0.0.1)",
               "(Worker_TP1_EP1 pid=7)")  # fmt: skip
    found = said("".join(f"{worker} INFO Model loading took 14.2474 GiB and 558.8 seconds\n" for worker in workers))
    assert found is not None
    assert found.ranks == 4


def test_the_draft_model_that_sglang_loads_second_is_not_the_model(said: Said) -> None:
    found = said("Load weight end. mem usage=82.97 GB.\nLoad weight end. mem usage=2.80 GB.\n")
    assert found is not None
    assert found.weights == gib(82.97)


def test_llama_cpp_tells_devices_from_the_host(logged: Logged) -> None:
    found = logged("llama-server-qwen3")
    assert (found.version, found.device) == ("b6910", "NVIDIA GeForce RTX 5090")
    assert found.weights == round(17524.42 * MIB)
    assert found.weights_all == found.weights + round(166.92 * MIB)
    assert (found.cache, found.activation) == (6144 * MIB, round(300.75 * MIB))
    assert found.options == {
        "model": "/models/Qwen3-Coder-30B-A3B-Instruct-Q4_K_M.gguf", "ctx_size": 65536, "parallel": 4,
        "n_gpu_layers": 49, "ubatch_size": 512, "cache_type_k": "f16", "cache_type_v": "f16", "flash_attn": True,
    }  # fmt: skip
    assert found.metadata["tokenizer.ggml.tokens"] == 151936


def test_caches_of_windows_and_of_whole_contexts_add_up(said: Said) -> None:
    found = said(
        "load_tensors:        CUDA0 model buffer size =  100.00 MiB\n"
        "llama_kv_cache_unified:      CUDA0 KV buffer size =   512.00 MiB\n"
        "llama_kv_cache_unified:      CUDA0 KV buffer size =   480.00 MiB\n"
        "llama_context:      CUDA0 compute buffer size =   519.50 MiB\n"
        "llama_context:      CUDA0 compute buffer size =   519.50 MiB\n"
    )
    assert found is not None
    assert (found.cache, found.activation) == (992 * MIB, round(519.5 * MIB))


def test_ollama_estimates_before_it_loads(logged: Logged) -> None:
    found = logged("ollama-0.5")
    assert (found.kind, found.version, found.estimated) == ("ollama", "0.5.1", True)
    assert (found.weights, found.cache, found.activation) == (gib(2.4), 896 * MIB, 424 * MIB)
    assert found.model == "Llama 3.2 3B Instruct", "a blob's hash is no name"
    assert (found.options["ctx_size"], found.options["parallel"]) == (8192, 4)


def test_ollamas_own_engine(logged: Logged) -> None:
    found = logged("ollama-engine")
    assert (found.version, found.device, found.estimated) == ("0.17.0", "NVIDIA GeForce RTX 3090", False)
    assert (found.weights, found.cache, found.activation) == (gib(4.6), gib(2.2), round(304.8 * MIB))
    assert found.options["flash_attn"] is True


def test_a_refused_allocation_is_a_lower_bound_of_the_peak(logged: Logged) -> None:
    found = logged("training-oom")
    assert found.refused == gib(75.40) + gib(2.00)
    assert (found.peak, found.total, found.started) == (None, gib(79.11), False)


@pytest.mark.parametrize(
    "text",
    [
        "(GPU 0; 11.17 GiB total capacity; 10.85 GiB already allocated; 24.81 MiB free; 10.86 GiB reserved in total)",
        (". GPU 0 has a total capacty of 11.17 GiB of which 0 bytes is free. Of the allocated memory 10.85 GiB is "
        "allocated by PyTorch, and 2.30 GiB is reserved"),
    ],
)  # fmt: skip
def test_older_words_of_the_same_error(said: Said, text: str) -> None:
    found = said(f"CUDA out of memory. Tried to allocate 128.00 MiB{' ' * text.startswith('(')}{text}")
    assert found is not None
    assert found.refused == gib(10.85) + 128 * MIB


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        pytest.param(
            "{'loss': '0.7157', 'memory/max_active (GiB)': '2.98', 'memory/max_allocated (GiB)': '2.97', 'epoch': '1'}",
            "peak", gib(2.97), id="Axolotl",
        ),
        pytest.param("'memory/max_mem_allocated(gib)': 14.56, 'epoch': 52.0}", "peak", gib(14.56), id="Axolotl, older"),
        pytest.param("\tGPU peak memory allocation: 6.21 GiB", "peak", gib(6.21), id="torchtune"),
        pytest.param(
            "[rank0]:[titan] root - INFO - step:  1  loss: 12.2521  grad_norm:  0.6113  memory: 43.52GiB(31.13%)",
            "reserved", gib(43.52), id="torchtitan",
        ),
        pytest.param(
            "[Rank 0] (after 10 iterations) memory (MB) | allocated: 20000.0 | max allocated: 50000.0 | reserved: 6.0",
            "peak", 50000 * MIB, id="Megatron-LM",
        ),
    ],
)  # fmt: skip
def test_what_trainers_print_of_their_peak(said: Said, line: str, field: str, expected: int) -> None:
    found = said(f"{line}\n{line}\n")
    assert found is not None
    assert (getattr(found, field), found.started) == (expected, True)


def test_the_peak_of_a_memory_summary(logged: Logged) -> None:
    assert logged("training-summary").peak == 40123 * MIB


def test_the_last_start_counts(said: Said) -> None:
    start = "INFO 01-01 00:00:00 [api_server.py:1] vLLM API server version 0.9.{}\n"
    found = said(start.format(1) + V1.format(10) + "noise\n" + start.format(2) + V1.format(20))
    assert found is not None
    assert (found.version, found.weights, found.starts, found.line) == ("0.9.2", gib(20), 2, 4)


def test_engines_of_one_start_are_one_start(said: Said) -> None:
    line = "(EngineCore_DP{0} pid={0}) INFO Initializing a V1 LLM engine (v0.11.0) with config: model='m'\n"
    found = said(line.format(0) + line.format(1) + V1.format(10) + V1.format(11))
    assert found is not None
    assert (found.starts, found.line) == (1, 1)


def test_colours_prefixes_and_progress_bars_do_not_matter(said: Said) -> None:
    found = said("Loading: 50%\rLoading: 100%\r\x1b[36m(RayWorkerWrapper pid=3, ip=10.0.0.1)\x1b[0m " + V1.format(12))
    assert found is not None
    assert found.weights == gib(12)


def test_powershell_writes_utf16() -> None:
    found = read(io.BufferedReader(io.BytesIO(("\ufeff" + V1.format(12)).encode("utf-16-le"))))  # type: ignore[arg-type]
    assert found is not None
    assert found.weights == gib(12)


def test_the_rest_of_an_endless_line_is_passed_over() -> None:
    assert [number for number, _ in lines(io.BytesIO(b"x" * 3 * LONGEST + b"\nend\n"))] == [1, 2]


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    read(io.BytesIO(data))


PIECES = st.sampled_from((
    "Model loading took ", "GPU KV cache size: ", "ServerArgs(", "non-default args: {", "KV buffer size = ", "- kv 1: ",
    "load_tensors: CUDA0 buffer size = ", 'msg="kv cache" ', "Tried to allocate ", "cmd=\"--model '", " GiB", " MiB",
    "1e9", "-5", "'a': ", "\n", "\x1b[", "9" * 30, 'starting llama server" cmd="x"', "| Allocated memory | ",
))  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_mixture_of_its_words_breaks_it(text: str) -> None:
    read(io.BytesIO(text.encode()))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("20.00 MiB", 20 * MIB),
        ("0 bytes", 0),
        ("15006 MB", 15006 * MIB),
        ("2.4 GiB", gib(2.4)),
        ("17179869184.00 GiB", None),
        ("1.2.3 GiB", None),
        ("-1.0 GiB", None),
        ("5 furlongs", None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    assert facts.size(text) == size
