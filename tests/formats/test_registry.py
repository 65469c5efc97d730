"""The first look at a file: quick, and never past a file that is ours."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from planner import source
from planner.formats import registry
from planner.formats.context import Context

FOREIGN = [
    "on: push\njobs: {build: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v4}]}}\n",
    "apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 3, template: {spec: {containers: [{image: nginx}]}}}\n",
    "services:\n  web: {image: nginx, ports: ['80:80']}\n",
    "openapi: 3.0.0\npaths: {/pets: {get: {parameters: [], responses: {'200': {description: ok}}}}}\n",
    "repos:\n- repo: https://github.com/psf/black\n  hooks: [{id: black}]\n",
]


@pytest.mark.parametrize("text", FOREIGN)
def test_other_peoples_yaml_is_not_even_parsed(text: str) -> None:
    assert registry.candidates(text) == ()
    assert not registry.worth_reading(text)


OURS = {
    "native": "deployment: {context: 8K}\n",
    "hf-config": "hidden_size: 64\n",
    "modelfile": "FROM mistral\n",
    "kaito": "apiVersion: kaito.sh/v1beta1\n",
    "nim-operator": "kind: NIMService\nspec: {image: {repository: nvcr.io/nim/mistral}}\n",
    "vllm-config": "max-num-seqs: 8\n",
    "verl": "actor_rollout_ref: {}\n",
    "maxtext": "base_config: base.yml\n",
    "accelerate": "distributed_type: FSDP\n",
    "deepspeed": "zero_optimization: {stage: 3}\n",
    "nemo-rl": "policy: {}\n",
    "skypilot": "resources: {accelerators: L4}\nrun: vllm serve x\n",
}


@pytest.mark.parametrize("name", OURS)
def test_a_file_with_the_barest_marks_is_looked_at(name: str) -> None:
    assert name in {entry.name for entry in registry.candidates(OURS[name])}
    assert registry.worth_reading(OURS[name])


def test_every_config_in_these_tests_passes_the_first_look() -> None:
    """Whatever the tests of the formats hold is ours: no hint may be missing."""
    lost = []
    for file in Path(__file__).parent.glob("test_*.py"):
        for text in re.findall(r'"""\\?\n(.*?)"""', file.read_text(encoding="utf-8"), re.DOTALL):
            found = [entry.name for entry in registry.candidates(text)]
            if found and file.name != "test_unread.py" and not registry.worth_reading(text):
                lost.append((file.name, found, text[:60]))
    assert lost == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("skypilot", "resources: {accelerators: 'L4:1'}\nrun: vllm serve a/b\n"),
        ("dstack", "type: service\nresources: {gpu: 24GB}\ncommands: [vllm serve a/b]\n"),
        ("llama-swap", "models: {a: {cmd: llama-server -m a.gguf}}\n"),
        ("localai", "backend: vllm\nparameters: {model: a/b}\n"),
        ("nemo-rl", "policy: {model_name: a/b}\n"),
    ],
)
def test_quotes_around_keys_make_no_difference(name: str, text: str) -> None:
    for mark in ("", '"', "'"):
        quoted = re.sub(r"(\w+): ", rf"{mark}\1{mark}: ", text)
        assert name in [entry.name for entry in registry.candidates(quoted)]


@pytest.mark.parametrize(
    "text",
    [
        "{x-a: 1, model: {name: gpt2}}\n",
        "# a\n---\n{\n  x-a: 1,\n  deployment: {engine: vllm}\n}\n",
        "%YAML 1.1\n---\n[{x-a: 1,training: {tokens: 1B}}]\n",
    ],
)
def test_a_native_config_in_braces_may_begin_with_another_key(text: str) -> None:
    assert "native" in {entry.name for entry in registry.candidates(text)}


@pytest.mark.parametrize(
    "text", ["{{ if a }}\nb: the model: c\n", "a: {b: 1, model: c}\n", '{"a": "b", "models": 1}\n']
)
def test_not_every_word_in_braces_is_a_key_of_ours(text: str) -> None:
    assert "native" not in {entry.name for entry in registry.candidates(text)}


def test_many_documents_of_others_take_no_longer_than_their_text_is() -> None:
    """Formats are looked for once in a text, not for every document of it."""
    document = "kind: ConfigMap\nmetadata: {name: a-model-deployment}\ndata: {training: x}\n"
    found = source.read("a.yaml", ("---\n".join([document] * 4000)).encode())
    begun = time.process_time()
    assert list(registry.read(found, Context(source.read))) == []
    assert time.process_time() - begun < 1
