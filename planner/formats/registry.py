"""The formats that planner reads, and which of them a document is in.

A format is a module with `recognise(document) -> bool` and `read(document, context) -> Iterable[Workload]`. It is
imported only when a file holds its markers, so that a format costs nothing to those who do not use it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from planner import plugins
from planner.failure import stop
from planner.formats.context import contexts
from planner.formats.words import Either, Opening, Within, Words
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.failure import Failed
    from planner.formats.context import Context
    from planner.formats.words import Searching
    from planner.source.document import Document, Source
    from planner.workload import Workload


class Format(NamedTuple):
    """A format and the cheap test that a file may be in it."""

    name: str
    module: str
    markers: Searching | None
    """A pattern that occurs in every file of this format. Quick where it begins with a literal: `re` then looks for
    one character."""
    words: tuple[str, ...] = ()
    """One of these does, too: plain text is found sixty times as fast."""
    others: tuple[str, ...] | Words = ()
    """And one of these."""


def _key(name: str) -> tuple[str, ...]:
    """A key that is too common as a word: as it is written without quotes and in them."""
    return f"{name}:", f'{name}"', f"{name}'"


ENGINES = Words((
    "vllm", "sglang", "text-generation", "tgi", "llama", "trtllm", "/nim/", "lmdeploy", "tensorrt", "jetstream",
    "maxengine", "localai", "local-ai", "djl-", "dynamo serve", "lorax", "mlc_llm", "mistralrs", "koboldcpp",
    "aphrodite", "tabbyapi", "openllm", "xinference", "lightllm",
))  # fmt: skip
"""One of these words is in every command, or in the name of every image, that starts an engine."""
INSTRUCTION = Opening(r"(?:\s|#.*\n)*[A-Za-z]+[ \t]+[^ \t\n:]")
"""Of a Modelfile, where other files begin with a key."""
SECTIONS = ("model", "deployment", "training")
"""Of a native config. They begin a line, stand in quotes or come first in braces; if all is in braces, anywhere."""
FLOW = Opening(r"\s*(?:[#%].*\n\s*|---\s*)*(?:\[|\{(?![{%]))")
FORMATS: tuple[Format, ...] = (
    Format(
        "native",
        "planner.formats.native",
        Either(
            *(rf"""{key}(?<![^\n\r"'{{[]{key})["']?(?:\s*[:=]|[].])""" for key in SECTIONS),
            r"""\$schema["']?\s*[=:]\s*["']?\S*?config""",
            otherwise=Within(FLOW, *(rf"{key}(?<=[\s,]{key})\s*:" for key in SECTIONS)),
        ),
        (*SECTIONS, "$schema"),
    ),
    Format(
        "hf-config",
        "planner.formats.hf_config",
        Either(r"""(?:model_type|hidden_size|n_embd|d_model)["']?\s*:"""),
        ("model_type", "hidden_size", "n_embd", "d_model"),
    ),
    Format("llm-analysis", "planner.formats.llm_analysis", None, ("hidden_dim",), ("n_head",)),
    Format("params-json", "planner.formats.params_json", None, ("n_layers",), ("norm_eps", "inter_dim", "multiple_of")),
    Format("peft-adapter", "planner.formats.peft_adapter", None, ("peft_type",), ("base_model_name_or_path",)),
    Format(
        "modelfile",
        "planner.formats.modelfile",
        INSTRUCTION,
        ("FROM", "from", "From"),
    ),
    Format(
        "truss",
        "planner.formats.truss",
        None,
        ("trt_llm", "start_command", "repo_id", "tokenizer_repo"),
        ("accelerator",),
    ),
    Format("vllm-recipe", "planner.formats.vllm_recipe", None, ("vram_minimum_gb",), ("model_id",)),
    Format(
        "localai",
        "planner.formats.localai",
        None,
        (*_key("parameters"), "config_file"),
        ("backend", "context_size", ".gguf"),
    ),
    Format("llama-swap", "planner.formats.llama_swap", None, _key("models"), _key("cmd")),
    Format("kaito", "planner.formats.kaito", None, ("kaito.sh/",)),
    Format(
        "ray-serve",
        "planner.formats.ray_serve",
        None,
        ("serveConfigV2", "applications", "model_loading_config", "engine_config"),
        ("import_path", "model_id"),
    ),
    Format("ome", "planner.formats.ome", None, ("ome.io/",)),
    Format("llmaz", "planner.formats.llmaz", None, ("llmaz.io/",), ("OpenModel", "Playground", "BackendRuntime")),
    Format("nim-operator", "planner.formats.nim_operator", None, ("NIMService", "NIMCache"), ("/nim/",)),
    Format("vllm-runtime", "planner.formats.vllm_runtime", None, ("VLLMRuntime",), ("modelURL",)),
    Format("aibrix", "planner.formats.aibrix", None, ("ModelClaim",), ("artifactURL",)),
    Format("fmbench", "planner.formats.fmbench", None, ("experiments",), ("inference_script",)),
    Format("kserve", "planner.formats.kserve", None, ("serving.kserve.io/",)),
    Format("llm-d-benchmark", "planner.formats.llm_d_benchmark", None, _key("scenario"), ("huggingfaceId",)),
    Format("llm-d", "planner.formats.llm_d", None, ("modelArtifacts",), ("decode", "prefill")),
    Format("production-stack", "planner.formats.production_stack", None, ("servingEngineSpec",), ("modelURL",)),
    Format(
        "dstack",
        "planner.formats.dstack",
        re.compile(r"""type["']?[ \t]*:\s*["']?(?:service|task|dev-env)"""),
        ("gpu",),
    ),
    Format("skypilot", "planner.formats.skypilot", None, ("accelerators", "any_of", "instance_type"), _key("run")),
    Format("kubeai", "planner.formats.kubeai", None, ("kubeai.org", "resourceProfile"), ("url",)),
    Format(
        "kubernetes",
        "planner.formats.kubernetes",
        None,
        ("apiVersion",),
        ENGINES,
    ),
    Format(
        "train-job",
        "planner.formats.train_job",
        None,
        ("PyTorchJob", "TrainJob", "MPIJob", "JobSet", "TFJob", "JAXJob"),
        ("--",),
    ),
    Format(
        "compose",
        "planner.formats.compose",
        None,
        ("services",),
        ENGINES,
    ),
    Format("axolotl", "planner.formats.axolotl", None, ("base_model",), ("micro_batch", "datasets", "sequence_len")),
    Format("llama-factory", "planner.formats.llama_factory", None, ("model_name_or_path",)),
    Format("llama-factory-v1", "planner.formats.llama_factory_v1", None, ("train_dataset", "peft_config")),
    Format("trl", "planner.formats.trl", None, ("model_name_or_path",)),
    Format("ms-swift", "planner.formats.ms_swift", None, ("tuner_type", "train_type", "rlhf_type", "split_dataset")),
    Format("unsloth", "planner.formats.unsloth", None, ("max_seq_length",), ("lora_r", "load_in_4bit")),
    Format("mlx-lora", "planner.formats.mlx_lora", None, ("fine_tune_type", "lora_parameters", "grad_checkpoint")),
    Format("vllm-eval", "planner.formats.vllm_eval", None, ("server_args",), ("model_name",)),
    Format(
        "vllm-config",
        "planner.formats.vllm_config",
        None,
        (
            "max_model_len",
            "max-model-len",
            "gpu_memory_utilization",
            "gpu-memory-utilization",
            "tensor_parallel_size",
            "tensor-parallel-size",
            "max_num_seqs",
            "max-num-seqs",
            "served_model_name",
            "served-model-name",
            "enforce_eager",
            "enforce-eager",
        ),
    ),
    Format("llm-foundry", "planner.formats.llm_foundry", None, ("max_duration",), ("train_loader",)),
    Format("olmo", "planner.formats.olmo", None, ("d_model",), ("max_duration", "train_microbatch", "train_batch")),
    Format("nanotron", "planner.formats.nanotron", None, ("parallelism",), ("train_steps", "sequence_length")),
    Format(
        "levanter", "planner.formats.levanter", None, ("trainer",), ("train_", *_key("mp"), "per_device_parallelism")
    ),
    Format("torchtune", "planner.formats.torchtune", None, ("_component_",), ("torchtune", "checkpointer")),
    Format("nemo-rl", "planner.formats.nemo_rl", None, _key("policy")),
    Format(
        "prime-rl", "planner.formats.prime_rl", None, ("orchestrator", "seq_len", "batch_size"), ("model", "trainer")
    ),
    Format("torchtitan", "planner.formats.torchtitan", None, ("flavor",), ("training",)),
    Format(
        "nemo-automodel",
        "planner.formats.automodel",
        None,
        ("step_scheduler", "dist_env", "distributed"),
        ("utomodel", "utoModel", "Recipe"),
    ),
    Format("verl", "planner.formats.verl", None, ("actor_rollout_ref",)),
    Format("verl-sft", "planner.formats.verl_sft", None, ("partial_pretrain",)),
    Format("litgpt", "planner.formats.litgpt", None, ("micro_batch_size",), ("checkpoint_dir", "model_name")),
    Format(
        "gpt-neox",
        "planner.formats.gpt_neox",
        None,
        ("num_layers", "num-layers"),
        ("parallel", "pos_emb", "pos-emb", "train_iters", "train-iters", "weight_tying", "weight-tying"),
    ),
    Format("megatron", "planner.formats.megatron", None, ("MODEL_ARGS", "--hidden-size", "language_model")),
    Format(
        "nemo",
        "planner.formats.nemo",
        None,
        ("trainer", "train_settings"),
        ("global_batch", "model_size_in_b", "restore_from_path", "pretrained_checkpoint", "language_model", "llm"),
    ),
    Format(
        "megatron-bridge", "planner.formats.megatron_bridge", None, ("train_iters",), ("parallel_size", "seq_length")
    ),
    Format("mcli", "planner.formats.mcli", None, ("compute",), ("llm-foundry", "composer", "mosaicml")),
    Format("maxtext", "planner.formats.maxtext", None, ("base_emb_dim", "base_config")),
    Format("cerebras", "planner.formats.cerebras", None, ("trainer", "runconfig"), ("train_dataloader", "train_input")),
    Format("accelerate", "planner.formats.accelerate", None, ("distributed_type",)),
    Format("deepspeed", "planner.formats.deepspeed", None, ("zero_optimization", "train_batch", "train_micro_batch")),
    Format("lingua", "planner.formats.lingua", None, ("n_layers",), ("seq_len",)),
    Format(
        "misshapen",
        "planner.formats.misshapen",
        None,
        ("ome.io/", "kaito.sh/", "kubeai.org/", "llmaz.io/", "NIM", "VLLMRuntime", "ModelClaim", "LLMInferenceService"),
        ("apiVersion",),
    ),
)
"""In the order in which they are asked; the first that recognises a document reads it."""


ENGINE_STARTED = (
    r"vllm[\"']?[\s,-]+[\"']?serve\b|\bvllm\.entrypoints\.|vllm/vllm-openai|\bsglang\.launch_server|lmsysorg/sglang|"
    r"text-generation-(?:launcher|inference)|trtllm-serve|llama-server|ollama[\"']?[\s,-]+[\"']?(?:serve|run)\b"
)
"""Occurs where an engine is started, in a command or by its image."""


HINTS = Words((
    "odel", "llm", "gpu", "train", "llama", "MODEL", "parallel", "hidden", "n_embd", "deployment", "$schema",
    "accelerator", "policy", "sglang", "num_seqs", "num-seqs", "enforce", "kaito", "/nim/", "actor_rollout_ref",
    "base_config", "base_emb_dim", "distributed_type", "zero_optimization", "n_layers",
))  # fmt: skip
"""One of these occurs in every file that is ours, a Modelfile apart, and in few others. Of the servers that are only
known to be unread, most ask for a GPU or name a model."""
MARKS = Words(word for entry in FORMATS[1:] for word in entry.words)


def candidates(text: str) -> tuple[Format, ...]:
    """The formats whose markers occur in `text`, those of plugins first; none for a file that is not our business."""
    return tuple(_asked(text))


def worth_reading(text: str) -> bool:
    """Whether a file that nobody named may be ours: a quick look for `HINTS`, then for the marks of the formats."""
    if HINTS.occur(text) or plugins.formats() or INSTRUCTION.search(text):
        return any(True for _ in _asked(text))
    return False


def _asked(text: str) -> Iterator[Format]:
    """The `candidates`, found as far as somebody asks for them."""
    for entry in plugins.formats():
        if _has_markers(text, entry, {}):
            yield entry
    known = _known(text)
    if _has_markers(text, FORMATS[0], known):  # asked alone: most often it is the one
        yield FORMATS[0]
    for entry in _possible(text):
        if _has_markers(text, entry, known):
            yield entry


@lru_cache(maxsize=2)
def _known(_: str) -> dict[str, bool]:
    """Which words are in a text, as far as that was looked for."""
    return {}


@lru_cache(maxsize=2)
def _possible(text: str) -> tuple[Format, ...]:
    """Formats of which a word may be in a text; the first is not among them."""
    places = set().union(*(_marked()[word] for word in MARKS.possible(text)))
    return tuple(FORMATS[place] for place in sorted(places))


@cache
def _marked() -> dict[str, list[int]]:
    """By word, the places in `FORMATS` of those that have it."""
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(FORMATS[1:], 1):
        for word in entry.words:
            places.setdefault(word, []).append(place)
    return places


def _has_markers(text: str, entry: Format, known: dict[str, bool]) -> bool:
    return (
        _has_one(text, entry.words, known)
        and _has_one(text, entry.others, known)
        and (entry.markers is None or entry.markers.search(text) is not None)
    )


def _has_one(text: str, words: tuple[str, ...] | Words, known: dict[str, bool]) -> bool:
    """Whether one of `words` is in `text`, or there are none to look for."""
    if isinstance(words, Words):
        return words.occur(text)
    for word in words:
        found = known.get(word)
        if found is None:
            found = known[word] = word in text
        if found:
            return True
    return not words


def starts_engine(text: str) -> bool:
    """Whether a template, which cannot be read, is one of a deployment that starts an engine."""
    return re.search(ENGINE_STARTED, text) is not None


def read(source: Source, context: Context, failed: Failed = stop) -> Iterator[Workload]:
    """Every workload in the documents of `source`. A document on which a reader fails takes no other with it."""
    plugins.formats()  # one that cannot be used is no failure over a document
    formats = _again(_asked(source.text))
    for document, surroundings in zip(source.documents, contexts(source, context), strict=True):
        try:
            yield from _of(document, surroundings, formats())
        except Exception as error:  # noqa: PERF203
            failed("config", error, document)


def _again(formats: Iterator[Format]) -> Callable[[], Iterator[Format]]:
    """`formats` from the first on, as often as they are asked for; each is looked for once."""
    found: list[Format] = []

    def from_the_first() -> Iterator[Format]:
        yield from found
        for entry in formats:
            found.append(entry)
            yield entry

    return from_the_first


def _of(document: Document, context: Context, formats: Iterable[Format]) -> Iterator[Workload]:
    for entry in formats:
        module: Any = import_module(entry.module)
        if module.recognise(document):
            yield from module.read(document, context)
            return
