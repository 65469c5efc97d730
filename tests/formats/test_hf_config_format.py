"""The config.json of a checkpoint, as a workload."""

from __future__ import annotations

import json
import os
import pathlib

import pytest

from planner.formats import hf_config
from planner.formats.context import Context
from planner.source import read as read_source
from planner.source.document import Document
from planner.workload import Workload

LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
    "num_hidden_layers": 32, "num_attention_heads": 32, "vocab_size": 32000, "torch_dtype": "float16",
}  # fmt: skip


def document(data: object, file: str = "config.json") -> Document:
    """A document of `data` as it would stand in `file`."""
    found = read_source(file, json.dumps(data, indent=2).encode())
    assert found is not None
    return found.documents[0]


def only(data: object, file: str = "config.json") -> Workload:
    """The one workload in a document."""
    (found,) = hf_config.read(document(data, file), Context(load=read_source))
    return found


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"model_type": 3, "hidden_size": 4096, "vocab_size": 10},
        {"hidden_size": 4096, "vocab_size": 10},
        {"model_type": "llama"},
        {"model_type": "resnet", "architectures": ["ResNetForImageClassification"], "hidden_sizes": [1]},
        {"model_type": "vit", "architectures": ["ViTModel"], "hidden_size": 768},
        {"peft_type": "LORA", "model_type": "llama", "hidden_size": 1, "vocab_size": 1},
        {"base_model": "x", "model_type": "LlamaForCausalLM", "sequence_len": 4096},
        {"tokenizer_class": "LlamaTokenizer", "model_type": "llama", "model_max_length": 4096},
        {"bos_token_id": 1, "eos_token_id": 2, "transformers_version": "4.31.0"},
    ],
    ids=[
        "a list",
        "nothing",
        "a vocabulary whose words are keys",
        "sizes without a type",
        "a type without sizes",
        "a vision model",
        "a vision model with a hidden size",
        "an adapter",
        "a training config",
        "a tokenizer",
        "a generation config",
    ],
)
def test_what_is_no_language_model(data: object) -> None:
    assert not hf_config.recognise(document(data))


@pytest.mark.parametrize(
    "data",
    [
        LLAMA,
        {"model_type": "gpt2", "n_embd": 768, "n_layer": 12},
        {"model_type": "brandnew", "hidden_size": 64, "vocab_size": 100},
        {"model_type": "brandnew_vl", "text_config": {"hidden_size": 64, "vocab_size": 100}},
    ],
    ids=["Llama", "a known type under its own names", "an unknown type with sizes", "an unknown wrapper"],
)
def test_what_is_one(data: object) -> None:
    assert hf_config.recognise(document(data))


def test_the_model_is_the_whole_config() -> None:
    model = only(LLAMA).model
    assert model is not None
    assert model.config == LLAMA
    assert (model.source, model.dtype, model.folder) == ("config.json", "float16", None)


@pytest.mark.parametrize(
    ("stated", "file", "expected"),
    [
        ("meta-llama/Llama-2-7b-hf", "config.json", "meta-llama/Llama-2-7b-hf"),
        ("/data/checkpoints/step-100", "config.json", "step-100"),
        ("", "models/Llama-2-7b/config.json", "Llama-2-7b"),
        ("./", "models/Llama-2-7b/config.json", "Llama-2-7b"),
        (None, "llama.json", "llama.json"),
    ],
    ids=["a name on the Hub", "a path", "the folder", "a path that names nothing", "the file"],
)
def test_what_it_is_called(stated: str | None, file: str, expected: str) -> None:
    data = LLAMA if stated is None else {**LLAMA, "_name_or_path": stated}
    assert only(data, file).name == expected


def test_dtype_may_stand_in_the_language_model() -> None:
    wrapper = {"model_type": "llava", "text_config": {**LLAMA, "dtype": "bfloat16", "torch_dtype": None}}
    found = only(wrapper)
    assert found.model is not None
    assert found.model.dtype == "bfloat16"
    assert found.origins["model.dtype"].path == ("text_config", "dtype")


def test_every_key_has_its_place() -> None:
    data = {"model_type": "llava", "text_config": {**LLAMA, "rope_scaling": {"factor": 2.0}}}
    found = only(data)
    path = found.origins["model.architecture.text_config.rope_scaling.factor"].path
    assert path == ("text_config", "rope_scaling", "factor")
    lines = json.dumps(data, indent=2).split("\n")
    assert '"factor": 2.0' in lines[found.document.span(path or ()).line - 1]


def test_a_folder_with_weights_is_a_checkpoint(tmp_path: pathlib.Path) -> None:
    file = os.path.join(tmp_path, "config.json")
    without = only(LLAMA, file).model
    (tmp_path / "model.safetensors").write_bytes(b"")
    with_weights = only(LLAMA, file).model
    assert without is not None
    assert with_weights is not None
    assert (without.folder, with_weights.folder) == (None, str(tmp_path))
