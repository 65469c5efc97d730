"""Services of Docker Compose that start an engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import source
from planner.formats import compose
from planner.formats.context import Context
from planner.workload import Engine, Workload

RESERVED = "deploy: {resources: {reservations: {devices: [{driver: nvidia, %s, capabilities: [gpu]}]}}}"


def read(text: str, folder: Path | None = None, **files: str) -> list[Workload]:
    """What a compose file says, with `files` beside it: env=…, for .env."""
    for name, content in files.items():
        assert folder is not None
        (folder / f".{name}").write_text(content)
    file = str(folder / "compose.yaml") if folder else "there-is-no-such-folder/compose.yaml"
    found = source.read(file, text.encode())
    assert found is not None
    return [w for d in found.documents if compose.recognise(d) for w in compose.read(d, Context(source.read))]


def only(service: str, folder: Path | None = None, **files: str) -> Workload:
    (found,) = read(f"services:\n  llm: {{{service}}}\n", folder, **files)
    return found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("services: {web: {image: 'nginx:1.27', command: [nginx, -g, daemon off;]}}", id="a web server"),
        pytest.param("services: {db: {image: redis}, ui: {image: 'vllm/router', command: run}}", id="no engine"),
        pytest.param("services: {llm: {build: ./vllm, image: 'me/vllm:1'}}", id="an image that is only built"),
        pytest.param("services: {llm: {image: vllm/vllm-openai, command: sleep infinity}}", id="an engine that sleeps"),
        pytest.param("services: [vllm/vllm-openai]", id="a list"),
        pytest.param("services: {llm: vllm/vllm-openai}", id="a service that is none"),
        pytest.param("image: vllm/vllm-openai", id="no services"),
    ],
)
def test_other_files_are_passed_over(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("image: 'vllm/vllm-openai:v0.9.2', command: --model a/b --max-model-len 8192", id="a string"),
        pytest.param("image: 'vllm/vllm-openai:v0.9.2', command: [--model, a/b, --max-model-len=8192]", id="a list"),
        pytest.param("image: 'vllm/vllm-openai:v0.9.2', entrypoint: [vllm], "
                     "command: [serve, a/b, --max-model-len, 8192]", id="in two parts"),
        pytest.param("image: 'vllm/vllm-openai:v0.9.2', entrypoint: [sh, -c, vllm serve a/b --max-model-len 8k]",
                     id="a script"),
        pytest.param("image: '${HUB:-vllm}/vllm-openai:${TAG:-v0.9.2}', "
                     "command: '--model ${M:-a/b} --max-model-len 8192'", id="defaults of variables"),
        pytest.param("image: 'vllm/vllm-openai:v0.9.2', environment: {M: a/b, L: 8192}, "
                     "entrypoint: 'sh -c \"vllm serve $$M --max-model-len $$L\"'", id="variables of the container"),
        pytest.param("image: 'vllm/vllm-openai:v0.9.2', environment: [M=a/b], "
                     "entrypoint: [sh, -c, vllm serve $$M --max-model-len 8192]", id="in a list"),
    ],
)  # fmt: skip
def test_a_service_says_engine_model_and_context(service: str) -> None:
    found = only(service)
    assert found.name == "llm"
    assert found.model is not None
    assert found.model.name == "a/b"
    assert found.serving is not None
    assert found.serving.engine == Engine("vllm", (0, 9, 2))
    assert found.serving.context in (8192, 8000)


TGI = "image: 'ghcr.io/huggingface/text-generation-inference:2.4.1', command: '--model-id $MODEL'"


def test_the_env_file_beside_it_is_read(tmp_path: Path) -> None:
    found = only(TGI, tmp_path, env="# which\nOTHER=1\nexport MODEL='a/b' # ours\n")
    assert found.model is not None
    assert found.model.name == "a/b"


def test_an_env_file_that_a_service_names_is_read(tmp_path: Path) -> None:
    service = "image: 'ghcr.io/huggingface/text-generation-inference:2.4.1', env_file: [.settings]"
    found = only(service, tmp_path, settings="MODEL_ID=a/b\nMAX_TOTAL_TOKENS=4096\n")
    assert found.model is not None
    assert found.serving is not None
    assert (found.model.name, found.serving.context) == ("a/b", 4096)


def test_a_variable_that_nobody_sets_is_said() -> None:
    found = only(TGI)
    assert (found.model, found.not_checked[0].because) == (
        None,
        "the model is not known: $MODEL is not set in this file",
    )
    assert found.document.span(found.origins["model.name"].path or ()).line == 2


@pytest.mark.parametrize(
    ("devices", "count"),
    [
        pytest.param("count: 2", 2, id="a number"),
        pytest.param("count: '${GPUS:-4}'", 4, id="the default of a variable"),
        pytest.param("device_ids: ['0', '3']", 2, id="two by their ids"),
    ],
)
def test_reserved_devices_are_counted(devices: str, count: int) -> None:
    serving = only(f"command: vllm serve a/b, {RESERVED % devices}").serving
    assert serving is not None
    assert serving.hardware is not None
    assert (serving.hardware.count, serving.hardware.memory) == (count, None)


@pytest.mark.parametrize("devices", ["count: all", "device_ids: ['${IDS}']", "device_ids: [all]", "count: $GPUS"])
def test_devices_whose_number_is_open_are_not_counted(devices: str) -> None:
    serving = only(f"command: vllm serve a/b, {RESERVED % devices}").serving
    assert serving is not None
    assert serving.hardware is None


def test_visible_devices_are_counted() -> None:
    serving = only("command: vllm serve a/b, environment: {CUDA_VISIBLE_DEVICES: '0,1'}").serving
    assert serving is not None
    assert serving.hardware is not None
    assert serving.hardware.count == 2


def test_each_service_is_a_config() -> None:
    text = "services:\n  a: {command: vllm serve a/b}\n  b: {image: ollama/ollama, command: serve}\n"
    assert [(w.name, [n.because for n in w.not_checked if n.what == "model"][-1]) for w in read(text)] == [
        ("a", "the model a/b is neither in the catalogue nor a file"),
        ("b", "ollama is started without a model"),
    ]
