"""Training jobs of Kubernetes (Kubeflow's PyTorchJob and TrainJob, MPIJob, JobSet) by the arguments of their command.

Names are those that most scripts share with transformers and llama-recipes, and those of AWS' FSDP example, whose
defaults are in its arguments.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import decoder, flags, inheritance, training
from planner.formats.flags.options import parsed
from planner.formats.flags.words import commands
from planner.formats.kubernetes import accelerators, command, environment
from planner.formats.kubernetes.pods import Container, containers
from planner.formats.native import fields
from planner.formats.values import below
from planner.record import NamedTuple
from planner.workload import Hardware, Lora, Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document, Path

KINDS = frozenset({"PyTorchJob", "TrainJob", "MPIJob", "JobSet", "TFJob", "JAXJob"})
NAMES = ("model_name_or_path", "model_name", "model_id", "base_model", "hf_pretrained_model_name_or_dir")
LENGTHS = (
    "max_context_width", "max_seq_length", "max_seq_len", "seq_length", "seq_len", "max_length", "model_max_length",
    "context_length", "block_size",
)  # fmt: skip
BATCHES = (
    "per_device_train_batch_size", "micro_batch_size", "train_batch_size", "batch_size_training", "batch_size",
)  # fmt: skip
EPOCHS = ("num_train_epochs", "num_epochs", "epochs")
SIZES = frozenset({"hidden_width", "num_layers", "num_heads"})
"""Of a model that AWS' FSDP example builds."""
GATED = ("llama", "mistral", "mixtral")
VOCABULARY = 50432
"""Its default for --vocab_size."""
FLAG = r"--?([A-Za-z][\w.-]*)(?:=(.*))?"


class Arguments(NamedTuple):
    """Arguments of a training command, by name with underscores, and where each stands."""

    values: Mapping[str, object]
    places: Mapping[str, Path]


def recognise(document: Document) -> bool:
    """Whether it is a training job one of whose containers trains a language model by what its command says."""
    data = document.data
    if not isinstance(data, dict) or str(data.get("kind")) not in KINDS or not isinstance(data.get("apiVersion"), str):
        return False
    return any(_arguments(container, {}) for container in containers(data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The run of the job. Its replicas have the same command: they train one model together."""
    for container in containers(document.data):
        found = _arguments(container, environment.of(container, document, context))
        if found is None:
            continue
        settings = training.Settings(document, context, chain=inheritance.Chain(found.values, ()))
        model = _model(settings)
        run = _run(settings, _devices(settings, container, document.data))
        settings.origins = {
            field: origin._replace(path=found.places.get(str(origin.path[0]), origin.path)) if origin.path else origin
            for field, origin in settings.origins.items()
        }
        yield settings.workload("train-job", model, run)._replace(name=command.name(document.data))
        return


def _arguments(container: Container, variables: flags.Environment) -> Arguments | None:
    """Arguments of the command of `container` that names a model to train, or its sizes."""
    for words in commands(command.line(container)):
        values: dict[str, object] = {}
        places: dict[str, Path] = {}
        for index, word in enumerate(words):
            match = re.fullmatch(FLAG, word.text, re.DOTALL)
            if match is None:
                continue
            behind = words[index + 1].text if index + 1 < len(words) else "--"
            text = match[2] if match[2] is not None else "true" if behind.startswith("--") else behind
            key = match[1].replace("-", "_")
            expanded, missing = flags.expand(text, variables)
            values[key] = f"${{{missing[0].strip('${}')}}}" if missing else parsed(expanded)
            places[key] = word.path
        if _trains(values):
            return Arguments(values, places)
    return None


def _trains(values: Mapping[str, object]) -> bool:
    named = values.keys() >= SIZES or any(key in values for key in NAMES)
    return named and any(key in values for key in (*BATCHES, *EPOCHS, "max_steps", "learning_rate", "lr"))


def _model(settings: Settings) -> Model:
    found = settings.named(*NAMES)
    if found is not None:
        return found
    if not settings.word("model_type").startswith(GATED):
        because = f"layers of the kind {settings.word('model_type') or 'gpt_neox'} are not known"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model()
    vocabulary = settings.size("vocab_size", "vocab_size") or VOCABULARY
    sizes = decoder.Decoder(
        hidden=settings.size("hidden_size", "hidden_width"),
        layers=settings.size("num_hidden_layers", "num_layers"),
        heads=settings.size("num_attention_heads", "num_heads"),
        width=settings.size("intermediate_size", "intermediate_size", "llama_intermediate_size"),
        vocabulary=vocabulary,
        kv_heads=settings.size("num_key_value_heads", "num_key_value_heads"),
        context=settings.size("max_position_embeddings", "max_context_width"),
        gated=True,
        bias=False,
        root_norm=True,
        tied=False,
    )
    return Model(settings.word("model_type"), decoder.config(sizes), "inline")


def _run(settings: Settings, devices: Hardware | None) -> Training:
    rank = fields.whole(settings.value("lora_r", "lora_rank"))
    adapts = rank is not None or settings.flag(False, "use_peft") or settings.word("peft_method") == "lora"
    own = settings.has("hidden_width")
    return Training(
        stage=None if own else "finetune",
        epochs=settings.get("training.epochs", fields.above_zero, *EPOCHS),
        steps=settings.get("training.steps", fields.count, "max_steps"),
        sequence_length=settings.get("training.sequence_length", fields.context, *LENGTHS),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, *BATCHES),
        gradient_accumulation=settings.get(
            "training.gradient_accumulation", fields.whole, "gradient_accumulation_steps"
        ),
        method="lora" if adapts else "full",
        lora=Lora(rank) if adapts else None,
        precision="bf16" if settings.flag(False, "pure_bf16") else "bf16-mixed" if own else None,
        activation_checkpointing=_checkpointing(settings, own),
        sharding="fsdp" if settings.has("sharding_strategy", "enable_fsdp", "fsdp") else None,
        tensor_parallel=settings.get("training.tensor_parallel", fields.whole, "tensor_parallel_degree"),
        hardware=devices,
    )


def _checkpointing(settings: Settings, own: bool) -> str | None:
    paths = ("activation_checkpointing", "gradient_checkpointing", "fsdp_activation_checkpointing")
    if settings.find(*paths) is None and not own:
        return None
    if not settings.flag(True, *paths):
        return "none"
    return "offloaded" if settings.flag(False, "offload_activations") else "full"


def _devices(settings: Settings, container: Container, data: Mapping[str, object]) -> Hardware | None:
    """Devices of all replicas: as many in each as its launcher starts processes, else as it asks for."""
    asked = accelerators.of(container).hardware
    settings.origins.update({
        field.replace("deployment.", "training."): origin
        for field, origin in accelerators.of(container).origins.items()
    })  # fmt: skip
    each = fields.whole(settings.value("nproc_per_node", "num_processes")) or (asked.count if asked else None)
    nodes = fields.whole(settings.value("nnodes", "num_machines")) or _replicas(data)
    count = each * nodes if each and nodes else None
    if asked is not None and asked.memory:
        return asked._replace(count=count)
    return settings.hardware(count)


def _replicas(data: Mapping[str, object]) -> int | None:
    """Pods of a Kubeflow job; None where one of its numbers is filled in later."""
    spec = below(data, "spec")
    roles = next((value for key, value in spec.items() if key.endswith("ReplicaSpecs")), None)
    if not isinstance(roles, dict):
        return fields.whole(below(spec, "trainer").get("numNodes"))
    counts = [fields.whole(below(role).get("replicas", 1)) for role in roles.values()]
    return None if None in counts or not counts else sum(count or 0 for count in counts)
