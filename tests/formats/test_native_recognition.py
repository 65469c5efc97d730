"""Which documents are native configs: none of anyone else's, ours with slips of the pen as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import source
from planner.formats import registry
from planner.formats.native import recognise
from planner.source.document import Document


def document(text: str, file: str = "config.yaml") -> Document:
    read = source.read(file, text.encode())
    assert read is not None
    return read.documents[0]


OTHERS = {
    "vLLM's serve config": "model: meta-llama/Llama-2-7b-hf\ntensor-parallel-size: 4\nmax-model-len: 8192\n",
    "vLLM's with the model alone": "model: meta-llama/Llama-2-7b-hf\n",
    "an OpenAI client": "model: gpt-4o\ntemperature: 0\n",
    "compose": "services:\n  model: {image: vllm/vllm-openai}\n",
    "llama-swap": "models:\n  llama: {cmd: llama-server -m a.gguf}\n",
    "LocalAI": "name: gpt\nparameters: {model: a.gguf}\ncontext_size: 4096\n",
    "Kubernetes": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {}\n",
    "OLMo": "run_name: a\nmodel: {d_model: 4096, n_heads: 32}\noptimizer: {name: adamw}\nmax_duration: 1ep\n",
    "llm-foundry": (
        "model: {name: mpt_causal_lm, d_model: 768, n_heads: 12}\nmax_duration: 4800ba\ntrain_loader: {}\n"
    ),
    "nanotron": "model: {dtype: bfloat16, model_config: {}}\nparallelism: {dp: 2}\ntokens: {sequence_length: 256}\n",
    "levanter": "model: {type: llama, hidden_dim: 4096}\ntrainer: {train_batch_size: 1024, num_train_steps: 50000}\n",
    "NeMo": "trainer: {devices: 8}\nmodel: {micro_batch_size: 4, tensor_model_parallel_size: 4}\n",
    "torchtune": (
        "model: {_component_: torchtune.models.llama2.llama2_7b}\noptimizer: {_component_: torch.optim.AdamW}\n"
    ),
    "hydra": "defaults: [base]\nmodel: {name: gpt2}\ntraining: {epochs: 3}\n",
    "a trainer of its own making": (
        "model: {name: gpt2, hidden_size: 768}\ntraining: {epochs: 3, batch_size: 32, learning_rate: 1e-4}\n"
    ),
    "one with our words in it": (
        "model: {name: gpt2, hidden_size: 768}\ntraining: {sequence_length: 512, batch_size: 8, learning_rate: 1e-4}\n"
    ),
    "one with data beside": (
        "model: {name: our/7b}\n"
        "training: {tokens: 1T, sequence_length: 4096, micro_batch_size: 4, global_batch_size: 1024}\n"
        "data: {path: corpus}\n"
    ),
    "experiment tracking": (
        "model: {architecture: resnet50, parameters: {depth: 50}}\ntraining: {steps: 100, optimizer: sgd}\n"
    ),
    "a model of something else": "model: {name: toyota, dtype: sedan}\n",
    "a web application": "deployment: {replicas: 3, image: nginx}\n",
    "continuous delivery": "deployment:\n  environment: production\n  url: https://example.invalid\n",
    "a deployment by name": "deployment: production\nmodel: a\n",
    "another schema": '{"$schema": "https://example.invalid/config.json", "model": {"parameters": "7B"}}',
    "a config.json": '{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096}',
    "a list": "- model: {name: meta-llama/Llama-2-7b-hf}\n",
    "text": "model\n",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS.keys())
def test_it_leaves_others_alone(text: str) -> None:
    assert not recognise(document(text))


OURS = {
    "a model by its size": "model: {parameters: 7B}\n",
    "a model by its hyper-parameters": "model: {architecture: {hidden_size: 4096}}\n",
    "a model by a name of the Hub": "model: {name: somebody/something}\n",
    "a model of the catalogue": "model: {name: Llama-2-7b-hf, dtype: float16}\n",
    "a name in place of the section": "model: Llama-2-7b-hf\ndeployment: {context: 4096}\n",
    "a model and a deployment": "model: {name: a}\ndeployment: {engine: vllm}\n",
    "a model and its training": "model: {name: a}\ntraining: {tokens: 1T}\n",
    "a deployment alone": "deployment: {context: 4096, hardware: {memory: 24GB}}\n",
    "a section that is empty": "model: {parameters: 7B}\ndeployment:\n",
    "sections in files of their own": "model: ./model.yaml\ndeployment: ./deployment.yaml\n",
    "extensions": "x-hardware: &h {memory: 24GB}\nmodel: {parameters: 7B}\ndeployment: {hardware: *h}\n",
    "JSON": '{"model": {"parameters": "7B"}}',
    "a slip in a section's name": "model: {name: a}\ndeploymnet: {context: 4096}\n",
    "a capital letter": "Model: {parameters: 7B}\ndeployment: {context: 4096}\n",
    "a letter too many": "model: {parameters: 7B}\ntrainning: {tokens: 1T}\n",
    "a slip in the key of the name": "model: {nmae: meta-llama/Llama-2-7b-hf, dtype: float16}\n",
    "a slip in the key of the size": "model: {name: my-model, parametrs: 7B}\n",
    "a slip in the only key": "model: {paramaters: 7B, active_parameters: 1B}\n",
    "slips in several keys": (
        "model: {nmae: a, dtpye: bf16}\ndeployment: {contxt: 4096, concurrncy: 2, tensor_parallel: 1}\n"
    ),
    "a key in the wrong section": "model: {name: a, context: 4096}\ndeployment: {engine: vllm}\n",
    "vLLM's names for the keys": (
        "model: {name: a}\ndeployment: {engine: vllm, max_model_len: 4096, gpu_memory_utilization: 0.9}\n"
    ),
    "a key of nobody's": "model: {name: a, comment: b}\ndeployment: {context: 4096, tensor_parallel: 2}\n",
    "a section of nobody's": (
        "model: {name: a, parameters: 7B}\ndeployment: {context: 4096, concurrency: 2}\nowner: us\n"
    ),
    "values that are wrong": "model: {parameters: many}\ndeployment: {context: true}\n",
    "a key like a section before it": "models: [x]\nmodel: {name: a/b}\ndeployment: {engine: vllm, context: 4096}\n",
}


@pytest.mark.parametrize("text", OURS.values(), ids=OURS.keys())
def test_it_knows_its_own(text: str) -> None:
    assert recognise(document(text))


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("https://example.invalid/planner/main/schemas/config.schema.json", True),
        ("../schemas/config.schema.json", True),
        ("urn:planner:config:1", True),
        ("urn:planner:settings:1", False),
        ("https://example.invalid/other/config.schema.json", False),
        ("https://json.schemastore.org/github-workflow.json", False),
    ],
)
def test_the_schema_that_a_file_names_decides(address: str, ours: bool) -> None:
    comment = f"# yaml-language-server: $schema={address}\n"
    assert recognise(document(f"{comment}anything: 1\n")) == ours
    assert recognise(document(f'{{"$schema": "{address}", "model": {{"parameters": "7B"}}}}')) == ours


def test_a_section_alone_is_a_config_if_the_file_that_it_names_is_there(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text("parameters: 7B\n")
    assert recognise(document("model: ./model.yaml\n", str(tmp_path / "config.yaml")))
    assert not recognise(document("model: ./none.yaml\n", str(tmp_path / "config.yaml")))


def test_a_model_alone_may_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    assert recognise(document("model: {name: checkpoint}\n", str(tmp_path / "config.yaml")))


@pytest.mark.parametrize(
    "text",
    [
        *OURS.values(),
        "{model: {parameters: 7B}}",
        '{"deployment": {"context": 1}}',
        "# $schema=../schemas/config.schema.json\na: 1\n",
    ],
)
def test_what_is_ours_is_looked_at(text: str) -> None:
    assert "native" in [entry.name for entry in registry.candidates(text)]


TOML = {
    "tables": '[model]\nname = "meta-llama/Llama-2-7b-hf"\n[deployment]\nengine = "vllm"\ncontext = 4096\n',
    "inline": 'model = {name = "meta-llama/Llama-2-7b-hf"}\ndeployment = {engine = "vllm", context = 4096}\n',
    "dotted": 'model.name = "meta-llama/Llama-2-7b-hf"\ndeployment.engine = "vllm"\ndeployment.context = 4096\n',
    "a table within": '[model]\nparameters = "7B"\n[deployment.hardware]\nmemory = "80GB"\n',
}


@pytest.mark.parametrize("name", TOML)
def test_it_may_be_toml(name: str) -> None:
    assert registry.worth_reading(TOML[name])
    assert recognise(document(TOML[name], "config.toml"))
