"""Command lines: what starts an engine, and what its options are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.formats import flags
from planner.formats.flags import Environment, Launch, Variable

VLLM = "vllm/vllm-openai:v0.9.2"


def launched(command: object, image: str | None = None, **environment: str | None) -> Launch | None:
    variables: Environment = {key: Variable(value) for key, value in environment.items()}
    return flags.find(flags.words(command, ("args",)), variables, image)


def options(command: object, image: str | None = None, **environment: str | None) -> dict[str, object]:
    launch = launched(command, image, **environment)
    assert launch is not None
    return {key: option.value for key, option in launch.options.items()}


@pytest.mark.parametrize(
    ("command", "image"),
    [
        pytest.param(["sleep", "infinity"], VLLM, id="an engine's image that is told to sleep"),
        pytest.param(["python3", "app.py", "--model", "x"], VLLM, id="a program of one's own in it"),
        pytest.param(["nginx", "-g", "daemon off;"], "nginx:1.27", id="a web server"),
        pytest.param([], "redis:7", id="an image of something else"),
        pytest.param("echo vllm is served elsewhere", None, id="a command that mentions an engine"),
        pytest.param(["sh", "-c", "# vllm serve x\nexec tail -f /dev/null"], None, id="an engine in a comment"),
        pytest.param([], "vllm/vllm-mock:nightly", id="a mock of an engine"),
        pytest.param(["--port", "80"], "ghcr.io/huggingface/text-embeddings-inference:1.7", id="embeddings"),
    ],
)
def test_other_commands_start_no_engine(command: object, image: str | None) -> None:
    assert launched(command, image) is None


@pytest.mark.parametrize(
    ("command", "image", "engine", "model"),
    [
        pytest.param(["vllm", "serve", "a/b"], None, "vllm", "a/b", id="vllm serve"),
        pytest.param(["/opt/venv/bin/vllm", "serve", "--model=a/b"], None, "vllm", "a/b", id="by its path"),
        pytest.param(
            ["python3", "-m", "vllm.entrypoints.openai.api_server", "--model", "a/b"], None, "vllm", "a/b", id="module"
        ),
        pytest.param(["--model", "a/b"], VLLM, "vllm", "a/b", id="the image's own entry point"),
        pytest.param(["a/b", "--port", "1"], VLLM, "vllm", "a/b", id="a model for the image's entry point"),
        pytest.param(["run", "a:3b"], "ollama/ollama", "ollama", "a:3b", id="a command for Ollama's image"),
        pytest.param(["sh", "-c", "cd /x && exec vllm serve a/b | tee log"], None, "vllm", "a/b", id="in a script"),
        pytest.param(["/bin/bash", "-lc", "--", "vllm serve a/b"], None, "vllm", "a/b", id="bash -lc --"),
        pytest.param(["bash", "-c", "M=a/b\nvllm serve $M"], None, "vllm", "a/b", id="a variable of the script"),
        pytest.param("python -m sglang.launch_server --model-path a/b", None, "sglang", "a/b", id="SGLang"),
        pytest.param(["python3", "-m", "dynamo.vllm", "--model", "a/b"], None, "vllm", "a/b", id="Dynamo's vLLM"),
        pytest.param("text-generation-launcher --model-id a/b", None, "tgi", "a/b", id="TGI"),
        pytest.param("-m x.gguf -c 0", "ghcr.io/ggml-org/llama.cpp:server-cuda", "llama.cpp", "x.gguf", id="llama.cpp"),
        pytest.param("/opt/llama-server-b6123 -m a.gguf", None, "llama.cpp", "a.gguf", id="a build of llama.cpp"),
        pytest.param(
            "python3 -m lmdeploy serve api_server Qwen/Qwen3-8B --tp 2",
            None,
            "lmdeploy",
            "Qwen/Qwen3-8B",
            id="LMDeploy",
        ),
        pytest.param("llama-server -hf a/b:Q4_K_M", None, "llama.cpp", "a/b:Q4_K_M", id="a repository for llama.cpp"),
        pytest.param("trtllm-serve serve a/b --tp_size 4", None, "tensorrt-llm", "a/b", id="TensorRT-LLM"),
        pytest.param(["sh", "-c", "ollama serve & sleep 5; ollama pull a:3b"], None, "ollama", "a:3b", id="Ollama"),
    ],
)
def test_an_engine_is_found_with_its_model(command: object, image: str | None, engine: str, model: str) -> None:
    launch = launched(command, image)
    assert launch is not None
    assert (launch.table.engine, launch.options["model" if engine != "tgi" else "model_id"].value) == (engine, model)


@pytest.mark.parametrize(
    ("written", "key", "value"),
    [
        pytest.param(["--max-model-len", "8192"], "max_model_len", 8192, id="a space"),
        pytest.param(["--max-model-len=8192"], "max_model_len", 8192, id="an equals sign"),
        pytest.param(["--max_model_len", 8192], "max_model_len", 8192, id="underscores and a number"),
        pytest.param(["--max-model-len 8192"], "max_model_len", 8192, id="both in one item of the list"),
        pytest.param("--max-model-len \\\n  8192", "max_model_len", 8192, id="a line that continues"),
        pytest.param("--max-model-len '8192' # short", "max_model_len", 8192, id="quotes and a comment"),
        pytest.param(["--max-model-len", "-1"], "max_model_len", -1, id="a number below zero is a value"),
        pytest.param("--enforce-eager \\ --max-model-len 8192", "max_model_len", 8192, id="a continued line, folded"),
        pytest.param(["--gpu-memory-util", "0.8"], "gpu_memory_utilization", 0.8, id="the beginning of a name"),
        pytest.param(["-tp", "8"], "tensor_parallel_size", 8, id="a short option"),
        pytest.param(["--enforce-eager", "--port", "1"], "enforce_eager", True, id="a switch before an option"),
        pytest.param(["--enforce-eager", "a/b"], "model", "a/b", id="a switch takes no model"),
        pytest.param(["--enable-chunked-prefill", "False"], "enable_chunked_prefill", False, id="a switch of old"),
        pytest.param(["--no-enable-prefix-caching"], "enable_prefix_caching", False, id="a switch turned off"),
        pytest.param(["--hf-overrides", '{"a": 1}'], "hf_overrides", {"a": 1}, id="JSON"),
        pytest.param(["--served-model-name", "x", "y", "--port", "1"], "port", 1, id="several names"),
        pytest.param(["--max-model-len", "1", "--max-model-len", "2"], "max_model_len", 2, id="the last one counts"),
    ],
)
def test_options_are_read_in_every_spelling(written: object, key: str, value: object) -> None:
    assert options(written, VLLM)[key] == value


@pytest.mark.parametrize(
    ("text", "environment", "value"),
    [
        pytest.param("$(MODEL)", {"MODEL": "a/b"}, "a/b", id="as Kubernetes writes it"),
        pytest.param("${MODEL}", {"MODEL": "a/b"}, "a/b", id="in braces"),
        pytest.param("$MODEL", {"MODEL": "a/b"}, "a/b", id="bare"),
        pytest.param("${MODEL:-c/d}", {}, "c/d", id="a default"),
        pytest.param("${MODEL:-c/d}", {"MODEL": "a/b"}, "a/b", id="a default not needed"),
        pytest.param("${MODEL:-c/d}", {"MODEL": ""}, "c/d", id="a default for nothing"),
        pytest.param("${MODEL:-${OTHER:-c/d}}", {}, "c/d", id="a default of a default"),
        pytest.param("$MODEL", {"MODEL": "$OTHER", "OTHER": "a/b"}, "a/b", id="a variable that is another"),
    ],
)
def test_variables_that_are_set_are_replaced(text: str, environment: dict[str, str], value: str) -> None:
    assert options(["--model", text], VLLM, **environment)["model"] == value


@pytest.mark.parametrize(
    ("text", "environment", "missing"),
    [
        pytest.param("$(MODEL)", {}, ("$MODEL",), id="nobody sets it"),
        pytest.param("${MODEL:?err}", {}, ("$MODEL",), id="it must be set"),
        pytest.param("$MODEL", {"MODEL": None}, ("$MODEL",), id="it comes from a secret"),
        pytest.param("${MODEL:-c/d}", {"MODEL": None}, ("$MODEL",), id="a secret wins over a default"),
        pytest.param("$A", {"A": "$A"}, ("$A",), id="it stands for itself"),
        pytest.param("$(cat name)", {}, ("$(cat name)",), id="a command says it"),
        pytest.param("{{ .Values.model }}", {}, ("{{ .Values.model }}",), id="a template says it"),
        pytest.param("<your-model>", {}, ("<your-model>",), id="to be filled in"),
    ],
)
def test_what_is_not_known_stays_unknown(text: str, environment: dict[str, str | None], missing: tuple[str]) -> None:
    launch = launched(["--model", text], VLLM, **environment)
    assert launch is not None
    assert launch.options["model"].missing == missing


def test_tgi_is_configured_by_its_environment() -> None:
    launch = flags.find([], {"MODEL_ID": Variable("a/b", ("env", 0, "value"))}, "ghcr.io/huggingface/tgi-gaudi:2.3")
    assert launch is not None
    assert (launch.options["model_id"].value, launch.options["model_id"].path) == ("a/b", ("env", 0, "value"))


@pytest.mark.parametrize(
    ("image", "environment", "model"),
    [
        pytest.param("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.1.0", {}, "meta/llama-3.1-8b-instruct", id="one model"),
        pytest.param("nvcr.io/nim/nvidia/llm-nim:1.14", {"NIM_MODEL_NAME": "hf://a/b"}, "hf://a/b", id="any model"),
    ],
)
def test_an_image_of_nvidia_says_its_model(image: str, environment: dict[str, str], model: str) -> None:
    assert options([], image, **environment) == {"model": model}


def test_options_know_the_item_that_holds_them() -> None:
    launch = launched(["vllm", "serve", "a/b", "--max-model-len", "8192"])
    assert launch is not None
    assert [launch.options[key].path for key in ("model", "max_model_len")] == [("args", 2), ("args", 4)]


@pytest.mark.parametrize(
    ("image", "version"),
    [
        pytest.param("vllm/vllm-openai:v0.9.2", (0, 9, 2), id="a release"),
        pytest.param("mirror.example/x/vllm-openai:v0.10.0-cu128-nixl", (0, 10, 0), id="built on a release"),
        pytest.param("vllm/vllm-openai:latest", None, id="whatever is newest"),
        pytest.param("vllm/vllm-openai@sha256:0123", None, id="a digest"),
        pytest.param("nvcr.io/nvidia/vllm:25.09-py3", None, id="a container's own calendar"),
        pytest.param("nvcr.io/nvidia/ai-dynamo/vllm-runtime:0.8.0", None, id="a framework's own version"),
    ],
)
def test_the_tag_of_the_makers_image_is_the_version(image: str, version: tuple[int, ...] | None) -> None:
    launch = launched(["vllm", "serve", "a/b"], image)
    assert launch is not None
    assert launch.version == version


@given(st.text(alphabet=st.sampled_from(list("ab $(){}'\"\\\n;&|#-=:<>`")), max_size=200))
def test_no_script_breaks_the_reader(text: str) -> None:
    assert all(word.text or word.path == ("run",) for command in flags.script(text, ("run",)) for word in command)
    flags.find(flags.words(["sh", "-c", f"vllm serve {text}"], ()), {}, text)
    flags.expand(text, {"a": Variable(text)})


@given(st.lists(st.text(alphabet="abcxyz/.:-_09", min_size=1).filter(lambda word: not word.startswith("-"))))
def test_plain_words_pass_a_script_unchanged(words: list[str]) -> None:
    assert [word.text for command in flags.script(" ".join(words), ()) for word in command] == words
