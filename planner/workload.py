"""The vocabulary: what a config asks for, in base units, whatever file format it was written in.

Formats fill it, plans compute on it. Bytes and tokens are integers; None is "not stated", never 0. Every value that
came from somewhere has an `Origin` in `Workload.origins` under its field name ("deployment.context", "model.dtype").

The records are named tuples: a frozen dataclass with slots costs six times as much at import, and start-up counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Document, Path


class Origin(NamedTuple):
    """Where a value came from: `kind` is key, default, catalogue, derived, directive or option."""

    kind: str
    path: Path | None = None
    """Place of the value in `document`."""
    document: Document | None = None
    """The document that holds it, when it is not the workload's own (a section kept in another file)."""
    note: str = ""
    """For people: "vLLM's default since 0.20.0", "catalogue: meta-llama/Llama-2-7b-hf (2026-11)"."""


class Problem(NamedTuple):
    """Something wrong that a reader met. It becomes a finding of the rule that documents it."""

    rule: str
    """Id of that rule, "CFG002"."""
    message: str
    path: Path = ()
    document: Document | None = None
    help: str = ""
    on_key: bool = False
    """Point at the key of `path`, not at its value."""
    related: tuple[tuple[Path, str], ...] = ()
    """Other places that take part in it, each with a short label."""
    renamed: str = ""
    """The key that was meant by the last of `path`."""
    safe: bool = False
    """Whether no other can have been meant."""


class NotChecked(NamedTuple):
    """A question that could not be answered, said instead of passing in silence."""

    what: str
    """model, serving, training, tokens, or part: of another file's config."""
    because: str
    mend: str
    """The one line that would mend it."""
    field: str = ""


class Quantization(NamedTuple):
    """A scheme as the config states it; `planner.model.quantization` knows what it does to each tensor."""

    method: str
    """awq, gptq, bitsandbytes, fp8, mxfp4, nvfp4, compressed-tensors, gguf, hqq, exl2, exl3, aqlm, int8, int4 …"""
    bits: float | None = None
    group_size: int | None = None
    options: Mapping[str, object] = {}
    """Every other key as written ("type" of a GGUF mix, "desc_act", "config_groups", "modules_to_not_convert" …)."""


class Model(NamedTuple):
    """Which model: by hyper-parameters (`config`), or, without them, by its size alone."""

    name: str | None = None
    config: Mapping[str, object] | None = None
    """Hugging Face config.json keys, from wherever they could be had."""
    source: str | None = None
    """Where `config` came from: inline, config.json or catalogue; None without one."""
    parameters: int | None = None
    """As declared."""
    active_parameters: int | None = None
    dtype: str | None = None
    """Canonical name (`planner.units.DTYPE_BYTES`) of the weights as stated."""
    quantization: Quantization | None = None
    folder: str | None = None
    """Local folder or GGUF file with a checkpoint, whose exact bytes win over any computation."""
    adapter: Lora | None = None
    """A low-rank adapter that is kept beside its weights."""


class Hardware(NamedTuple):
    """The accelerators: what one of them has, and how many there are."""

    name: str | None = None
    """As people call it, "A100 80GB"; None when only a memory size was stated."""
    count: int | None = None  # type: ignore[assignment]  # the field's own word; nobody counts in a record
    memory: int | None = None
    """Bytes per device, most pessimistic reading (lowest that a driver reported; 24GB as 24·10⁹): for warnings."""
    memory_max: int | None = None
    """Bytes per device on the most generous reading (24GB as 24 GiB): an error must hold against it."""
    dtypes: frozenset[str] | None = None
    """What its arithmetic units take: fp32, fp16, bf16, fp8, fp4, int8, int4; None if unknown."""
    row: Mapping[str, object] | None = None
    """Its row in the accelerator catalogue (bandwidth, FLOPs, compute capability, notes)."""


class Engine(NamedTuple):
    """What serves it."""

    name: str
    """vllm, sglang, tgi, llama.cpp, ollama, tensorrt-llm, transformers."""
    version: tuple[int, ...] | None = None


class Serving(NamedTuple):
    """One deployment of the model."""

    engine: Engine | None = None
    context: int | None = None
    """Tokens of one sequence, prompt + output."""
    concurrency: int | None = None
    """Sequences held at once."""
    kv_cache_dtype: str | None = None
    """Canonical name; None or "auto" is the model's own dtype."""
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    data_parallel: int | None = None
    memory_utilization: float | None = None
    """Share of the device that the engine may use."""
    engine_args: Mapping[str, object] = {}
    """The engine's other options under its own names, underscored."""
    hardware: Hardware | None = None


class Lora(NamedTuple):
    """A low-rank adapter."""

    rank: int | None = None
    targets: str | tuple[str, ...] = "all-linear"
    dropout: float = 0.0
    dtype: str | None = None
    dora: bool = False
    """With a trained magnitude for each output (arXiv:2402.09353)."""
    modules_to_save: tuple[str, ...] = ()
    """Layers that are trained in full beside it, as copies: embed_tokens, lm_head."""


class Companion(NamedTuple):
    """A further model that takes part in preference training or reinforcement learning."""

    place: str = "device"
    """device (sharded as the trained model is), host (in the host's memory while it is not used), elsewhere (on devices
    of its own), or none: the config says that there is no such model."""
    model: Model | None = None
    """None: as large as the trained model."""
    dtype: str | None = None
    """Of its weights; None: 16 bit."""


class Rollout(NamedTuple):
    """An inference engine that generates on the devices that train."""

    engine: str | None = None
    memory_utilization: float | None = None
    """Share of the device that it takes."""
    tensor_parallel: int | None = None
    sleeps: bool | None = None
    """It gives weights and cache back while the model is trained."""


class Training(NamedTuple):
    """One training run. Names and values are those of the native config's `training` section."""

    stage: str | None = None
    tokens: int | None = None
    unique_tokens: int | None = None
    epochs: float | None = None
    steps: int | None = None
    sequence_length: int | None = None
    micro_batch_size: int | None = None
    gradient_accumulation: int | None = None
    global_batch_size: int | None = None
    """Sequences per optimizer step over all devices."""
    method: str | None = None
    """full, lora, qlora, or freeze: some parameters are trained as they are, the rest is frozen."""
    trainable_layers: int | None = None
    """So many of the last layers, or, below 0, of the first, are trained or carry the adapter; None: all of them."""
    trainable_modules: tuple[str, ...] = ()
    """With freeze: regular expressions that names of trained parameters match; none: everything in those layers."""
    base_dtype: str | None = None
    """Canonical dtype in which what is frozen is loaded; None: that of the arithmetic."""
    lora: Lora | None = None
    framework: str | None = None
    optimizer: str | None = None
    optimizer_implementation: str | None = None
    attention: str | None = None
    cross_entropy: str | None = None
    precision: str | None = None
    activation_checkpointing: str | None = None
    sharding: str | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    context_parallel: int | None = None
    expert_parallel: int | None = None
    lifetime_inference_tokens: int | None = None
    hardware: Hardware | None = None
    offload: str | None = None
    """What lives in the host's memory: none, optimizer (states, and gradients that are sharded), or parameters too."""
    quantized_experts: bool | None = None
    """A base of 4 bit has its routed experts in 4 bit, too, where transformers leaves them in 16."""
    optimizer_rank: int | None = None
    """Rank to which GaLore and APOLLO project gradients."""
    optimizer_dtype: str | None = None
    """Canonical dtype of its states; None: float32, or that of the weights where all is in 16 bit."""
    optimizer_in_backward: bool | None = None
    """Each layer is updated within the backward pass, so that gradients never stand all together."""
    gradient_dtype: str | None = None
    """Canonical dtype in which gradients are accumulated."""
    master_weights: bool | None = None
    """Whether there is a float32 copy of 16-bit weights."""
    kernels: str | None = None
    """eager, or fused (compiled, Liger, Transformer Engine)."""
    packing: bool | None = None
    """Short examples are packed to full sequences."""
    reshard_after_forward: bool | None = None
    """FSDP gives gathered weights back after the forward pass; False keeps them (SHARD_GRAD_OP)."""
    shard_embeddings: bool | None = None
    """FSDP wraps embedding and output projection on their own."""
    shard_degree: int | None = None
    """Devices over which states are sharded, where the rest are replicas (HSDP, hybrid sharding)."""
    reduce_bucket_size: int | None = None
    """Elements of DeepSpeed's buckets of gradients."""
    max_live_parameters: int | None = None
    """DeepSpeed's `stage3_max_live_parameters`."""
    sequence_parallel: bool | None = None
    """Tensor-parallel devices share norms and dropout along the sequence."""
    virtual_pipeline: int | None = None
    """Groups of layers of each pipeline stage (interleaved schedule)."""
    algorithm: str | None = None
    """dpo, ipo, kto, orpo, simpo, cpo, reward, process-reward, ppo, grpo, rloo, reinforce, dapo, gkd."""
    completion_length: int | None = None
    """Tokens at the end of each sequence for which alone logits are computed."""
    reference_model: Companion | None = None
    reward_model: Companion | None = None
    critic: Companion | None = None
    """Trained as well."""
    teacher_model: Companion | None = None
    rollout: Rollout | None = None
    compute: float | None = None
    """FLOPs that the run may spend."""
    days: float | None = None
    """That it is to take on the stated hardware."""
    gpu_hours: float | None = None
    """Device hours that it is to take."""
    mfu: float | None = None
    """Model FLOPs utilization that is expected, a share."""
    price_per_gpu_hour: float | None = None
    """In any currency."""
    schedule_steps: int | None = None
    """Steps over which the learning rate decays."""


class Workload(NamedTuple):
    """One config: a model and what is to be done with it."""

    document: Document
    format: str
    """Name of the format it was read from: native, hf-config …"""
    name: str
    """What to call it in a report."""
    model: Model | None = None
    serving: Serving | None = None
    training: Training | None = None
    origins: Mapping[str, Origin] = {}
    problems: tuple[Problem, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
