"""Which values are replaced, and with what; everything around them stays."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

Mend = Callable[..., bytes]

NATIVE = """\
model: {{name: meta-llama/Llama-3.1-8B, dtype: bfloat16}}
deployment:
  engine: vllm
  context: {context}
  hardware: {{memory: 24GiB, count: 1}}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: llm}}
spec:
  nodeSelector: {{nvidia.com/gpu.product: NVIDIA-A10}}
  containers:
  - name: a
    image: vllm/vllm-openai:v0.10.0
    resources: {{limits: {{nvidia.com/gpu: 1}}}}
{command}
"""
NUMBER = re.compile(rb"\d[\d_]*K?")


def only_numbers_differ(before: str, after: bytes) -> list[int]:
    """The new numbers, where nothing but numbers differs."""
    old = before.encode()
    assert NUMBER.sub(b"#", old) == NUMBER.sub(b"#", after)
    pairs = zip(NUMBER.findall(old), NUMBER.findall(after), strict=True)
    return [int(new) for was, new in pairs if was != new]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(NATIVE.format(context=8192), id="it fits"),
        pytest.param(NATIVE.format(context="131072.0"), id="a decimal point"),
        pytest.param(NATIVE.format(context="&long 131072") + "  concurrency: 1\nx-same: *long\n", id="an anchor"),
        pytest.param(
            "x-base: &base {engine: vllm, context: 131072}\n"
            "model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}\n"
            "deployment: {<<: *base, hardware: {memory: 24GiB, count: 1}}\n",
            id="a merge",
        ),
        pytest.param(
            POD.format(command="    command: [sh, -c, 'vllm serve meta-llama/Llama-3.1-8B --max-model-len $LEN']"),
            id="a variable",
        ),
        pytest.param(
            POD.format(
                command="    command: [sh, -c, 'LEN=131072; vllm serve meta-llama/Llama-3.1-8B --max-model-len $LEN']"
            ),
            id="a variable that the script sets",
        ),
        pytest.param(
            "# planner: hardware=L4:1\nservices:\n  a:\n    image: vllm/vllm-openai\n"
            "    command: --model meta-llama/Llama-3.1-8B --max-model-len ${LEN:-131072}\n",
            id="a variable with a default",
        ),
        pytest.param(NATIVE.format(context=131072).replace("24GiB", "16GiB"), id="it would be too short to be meant"),
        pytest.param(NATIVE.format(context=131072).replace("Llama-3.1-8B", "Llama-2-70b-hf"), id="no weights fit"),
        pytest.param(NATIVE.format(context="131072  # planner: ignore[FIT002]"), id="silenced"),
    ],
)  # fmt: skip
def test_it_is_left_alone(mend: Mend, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert mend(text) == text.encode()
    assert "fixable with --fix\n" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(NATIVE.format(context=131072), id="plain"),
        pytest.param(NATIVE.format(context="131_072  # é"), id="with a comment"),
        pytest.param(NATIVE.format(context='"131072"'), id="in double quotes"),
        pytest.param(NATIVE.format(context="'128K'"), id="in single quotes"),
        pytest.param(NATIVE.format(context=131072).replace("\n", "\r\n"), id="CRLF"),
        pytest.param(NATIVE.format(context=131072).replace("\n", "\r"), id="CR"),
        pytest.param(NATIVE.format(context=131072).rstrip(), id="no line end at the end"),
        pytest.param(
            POD.format(command='    args: [--model, meta-llama/Llama-3.1-8B, --max-model-len, "131072"]'), id="an item"
        ),
        pytest.param(
            POD.format(command="    args: [--model=meta-llama/Llama-3.1-8B, --max-model-len=131072]"), id="after ="
        ),
        pytest.param(
            POD.format(command="    args:\n    - --model\n    - meta-llama/Llama-3.1-8B\n    - --max-model-len 131072"),
            id="two words in an item",
        ),
        pytest.param(
            POD.format(
                command="    command:\n    - sh\n    - -c\n    - |\n      vllm serve meta-llama/Llama-3.1-8B \\\n"
                "        --max-model-len \\\n          131072 --port 8000"
            ),
            id="a script",
        ),
        pytest.param(
            POD.format(
                command='    command: ["sh", "-c", "vllm serve meta-llama/Llama-3.1-8B --max-model-len \\"131072\\""]'
            ),
            id="quotes in quotes",
        ),
        pytest.param(
            "# planner: hardware=L4:1\nservices:\n  a:\n    image: vllm/vllm-openai\n"
            "    command: --model meta-llama/Llama-3.1-8B --max-model-len 131072\n",
            id="compose",
        ),
        pytest.param(
            "# planner: hardware=L4:1\nmodel: meta-llama/Llama-3.1-8B\nmax-model-len: 131072\n"
            "gpu-memory-utilization: 0.92\n",
            id="vllm's config",
        ),
        pytest.param(NATIVE.format(context=8192) + "---\n" + NATIVE.format(context=131072), id="the second document"),
        pytest.param(NATIVE.format(context=131072) + "  concurrency: 16\n", id="of several sequences, one"),
    ],
)
def test_a_context_that_the_engine_cannot_hold_becomes_the_longest_that_it_can(mend: Mend, text: str) -> None:
    (context,) = only_numbers_differ(text, mend(text))
    assert 16_384 <= context < 65_536
    once = mend(text)
    assert mend(once) == once


def test_a_config_in_json_is_mended(mend: Mend) -> None:
    text = (
        '{"model": {"name": "meta-llama/Llama-3.1-8B", "dtype": "bfloat16"},\n'
        ' "deployment": {"engine": "vllm", "context": 131072, "hardware": {"memory": "24GiB", "count": 1}}}\n'
    )
    assert len(only_numbers_differ(text, mend(text, name="deploy.json"))) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_mark_and_encoding_stay(mend: Mend, encoding: str) -> None:
    data = NATIVE.format(context="131072  # größer").encode(encoding)
    mended = mend(data)
    assert mended[:2] == data[:2]
    assert len(only_numbers_differ(data.decode(encoding), mended.decode(encoding).encode())) == 1


HEADS = """\
model: {name: Qwen/Qwen2.5-7B, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, tensor_parallel: 8, hardware: {accelerator: L4, count: 8}}
"""
CONCURRENCY = """\
model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
deployment: {engine: vllm, context: 4096, concurrency: 64, hardware: {accelerator: A100-40GB, count: 1}}
"""
STEP = """\
model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
training:
  {stage: finetune, framework: transformers, method: lora, lora: {rank: 16}, optimizer: adamw, precision: bf16,
   micro_batch_size: 4, gradient_accumulation: 2, sequence_length: 8192, activation_checkpointing: full,
   hardware: {accelerator: A100-80GB, count: 1}}
"""


@pytest.mark.parametrize("text", [HEADS, CONCURRENCY, STEP])
def test_what_has_several_answers_is_left_alone_unless_asked_for(mend: Mend, text: str) -> None:
    assert mend(text) == text.encode()


def test_heads_are_split_over_as_many_devices_as_divide_them(mend: Mend) -> None:
    assert only_numbers_differ(HEADS, mend(HEADS, "--unsafe-fixes")) == [4]


def test_no_more_sequences_than_the_cache_holds(mend: Mend) -> None:
    (most,) = only_numbers_differ(CONCURRENCY, mend(CONCURRENCY, "--unsafe-fixes"))
    assert 8 <= most <= 12


def test_a_smaller_micro_batch_keeps_the_global_batch(mend: Mend) -> None:
    micro, steps = only_numbers_differ(STEP, mend(STEP, "--unsafe-fixes"))
    assert micro * steps == 4 * 2
    assert micro < 4


def test_without_a_global_batch_no_smaller_micro_batch_is_proposed(mend: Mend) -> None:
    text = STEP.replace(" gradient_accumulation: 2,", "")
    assert mend(text, "--unsafe-fixes") == text.encode()
