"""llama-swap's list of models, each with the command of its server."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import llama_swap
from planner.formats.context import Context
from planner.workload import Hardware, Workload

CONFIG = """\
healthCheckTimeout: 300
macros:
  long-context: --ctx-size 16384
  server: llama-server --port ${PORT} ${long-context}
models:
  coder:
    env: ["CUDA_VISIBLE_DEVICES=0,1"]
    cmd: |
      # the big one
      ${server}
      -hf bartowski/Qwen2.5-Coder-7B-Instruct-GGUF:Q4_K_M
      -ngl 99
  ears: {cmd: "whisper-server --port ${PORT} -m whisper.bin"}
  script: {cmd: "bash ./serve.sh ${PORT}"}
"""


def read(text: str) -> list[Workload]:
    document = source.read("config.yaml", text.encode()).documents[0]
    assert llama_swap.recognise(document)
    return list(llama_swap.read(document, Context(source.read)))


@pytest.mark.parametrize(
    "text",
    [
        "models: {a: {cmd: make train}}\n",
        "models: [{cmd: llama-server -m a.gguf}]\n",
        "models: {a: llama-server -m a.gguf}\n",
        "jobs: {a: {cmd: llama-server -m a.gguf}}\n",
        "- models\n",
    ],
    ids=["other commands", "a list of models", "no commands", "no models", "a list"],
)
def test_what_starts_no_engine_is_left_alone(text: str) -> None:
    assert not llama_swap.recognise(source.read("config.yaml", text.encode()).documents[0])


def test_only_models_that_an_engine_serves_are_read() -> None:
    assert [workload.name for workload in read(CONFIG)] == ["coder"]


def test_a_command_is_one_line_with_its_macros_replaced() -> None:
    [workload] = read(CONFIG)
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.model.name == "bartowski/Qwen2.5-Coder-7B-Instruct-GGUF:Q4_K_M"
    assert (workload.serving.context, workload.serving.hardware) == (16384, Hardware(count=2))
    assert workload.origins["deployment.context"].path == ("models", "coder", "cmd")


def test_macros_of_a_model_win() -> None:
    text = CONFIG.replace("  coder:\n", "  coder:\n    macros: {long-context: --ctx-size 4096}\n")
    [workload] = read(text)
    assert workload.serving is not None
    assert workload.serving.context == 4096


def test_macros_that_name_each_other_do_not_run_for_ever() -> None:
    text = CONFIG.replace("--ctx-size 16384", "${server}${server} ${long-context}")
    assert len(read(text)) == 1
