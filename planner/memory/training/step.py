"""What a training step is computed from, and what comes out: plain values with every default filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.training.modules import TRANSFORMERS, Modules
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.model.stack import Architecture

PARTS = ("weights", "gradients", "optimizer", "activations", "logits", "companions")


class Companions(NamedTuple):
    """Further models on the devices that train."""

    frozen: tuple[tuple[int, int], ...] = ()
    """(parameters, bytes of one) of the reference, the reward and the teacher model."""
    trained: tuple[int, ...] = ()
    """Parameters of a critic."""
    engine: int = 0
    """Bytes of an inference engine on each device."""
    sleeps: bool = False
    """The engine gives them back while the model is trained."""


class Step(NamedTuple):
    """One optimizer step of one device, in the words of the native config."""

    architecture: Architecture
    micro_batch: int
    sequence_length: int
    method: str = "full"
    """full, lora, qlora or freeze."""
    trainable_layers: int | None = None
    """Last layers (below 0: first) that are trained or carry the adapter."""
    trainable_modules: tuple[str, ...] = ()
    """With freeze: expressions for the names of what is trained."""
    precision: str = "bf16"
    """fp32, bf16 (everything in 16 bit), bf16-mixed, fp16-mixed or fp8."""
    optimizer: str = "adamw"
    fused: bool = True
    """The optimizer's kernel is fused; foreach keeps one transient copy of the parameters."""
    attention: str = "flash"
    """flash, sdpa or eager."""
    cross_entropy: str = "standard"
    """A key of `planner.memory.training.logits.COSTS`."""
    completion: int = 0
    """Tokens at the end of each sequence for which alone logits are computed; 0: for all."""
    checkpointing: str = "none"
    """none, selective, full or offloaded."""
    sharding: str = "none"
    """none (one device), ddp, zero1, zero2, zero3 or fsdp."""
    devices: int = 1
    tensor: int = 1
    pipeline: int = 1
    context: int = 1
    expert: int = 1
    accumulates: bool = False
    """Gradients of earlier micro-batches are held through the forward pass."""
    kernels: str = "eager"
    """eager, or fused: compiled or hand-written kernels that keep less of norms and activation functions."""
    sequence_parallel: bool = False
    main_gradients: int | None = None
    """Bytes of a gradient where the framework keeps its own copy (Megatron: 4)."""
    rank: int = 16
    targets: str | tuple[str, ...] = "all-linear"
    dropout: float = 0.0
    adapter_bytes: int = 4
    base_dtype_bytes: int | None = None
    """Bytes of a frozen weight, where it is not loaded in the dtype of the arithmetic."""
    base_bytes: int | None = None
    """Bytes of the frozen base's weights, where a checkpoint's own quantization says them."""
    offload: str = "none"
    """What lives in the host's memory: none, optimizer (states, and gradients that are sharded), or parameters too."""
    int8_base: bool = False
    """The base is multiplied in 8 bit, each matrix keeping its input (bitsandbytes: `MatMul8bitLt`)."""
    upcast_base: bool = True
    """A 4-bit base has its embeddings and norms cast to float32 with float32 adapters (PEFT)."""
    modules: Modules = TRANSFORMERS
    """Whose layers they are."""
    quantized_experts: bool = False
    """A 4-bit base has its routed experts in 4 bit, too."""
    full_batches: bool = False
    """Every micro-batch is as long as stated (packing), the one before as well."""
    defers_sync: bool = False
    """FSDP exchanges gradients with the last micro-batch of a step alone (`no_sync`); until then they are whole."""
    reshards: bool = True
    """FSDP gives gathered weights back after the forward pass."""
    shards_embeddings: bool = False
    """FSDP wraps embedding and output projection on their own."""
    shard_degree: int | None = None
    """Devices over which states are sharded, where the rest are replicas."""
    bucket: int = 500_000_000
    """Elements of DeepSpeed's `reduce_bucket_size` and `allgather_bucket_size`, its defaults."""
    live: int = 1_000_000_000
    """Elements of DeepSpeed's `stage3_max_live_parameters`."""
    optimizer_rank: int = 128
    """Of optimizers that project gradients: the default of GaLore's own scripts."""
    state_bytes: int | None = None
    """Bytes of one optimizer state, where stated."""
    master: bool | None = None
    """Whether there is a float32 copy of 16-bit weights, where stated."""
    in_backward: bool = False
    """Each layer is updated within the backward pass; gradients of one layer stand at a time."""
    virtual: int = 1
    """Groups of layers of each pipeline stage."""
    dora: bool = False
    saved_modules: tuple[str, ...] = ()
    """Layers that are trained in full beside the adapter, as copies."""
    companions: Companions = Companions()

    @property
    def tokens(self) -> int:
        """Tokens of one micro-batch on one context-parallel rank."""
        return -(-self.micro_batch * self.sequence_length // self.context)

    @property
    def answered(self) -> int:
        """Of them, the tokens whose logits are computed."""
        shorter = 0 < self.completion < self.sequence_length
        return -(-self.micro_batch * self.completion // self.context) if shorter else self.tokens

    @property
    def frozen(self) -> bool:
        """The base is frozen: only an adapter, or a part of it, is trained."""
        return self.method != "full"

    @property
    def autocast(self) -> bool:
        """float32 weights that every matrix product casts to 16 bit, by `torch.autocast`."""
        return self.mixed and not self.frozen and self.sharding in ("none", "ddp")

    @property
    def mixed(self) -> bool:
        """16-bit arithmetic over float32 master weights."""
        return self.precision in ("bf16-mixed", "fp16-mixed", "fp8")

    @property
    def compute_bytes(self) -> int:
        """Bytes of an activation."""
        return 4 if self.precision == "fp32" else 2

    @property
    def replicas(self) -> int:
        """Devices over which data parallelism shards."""
        replicas = max(1, self.devices // (self.tensor * self.pipeline))
        return min(replicas, self.shard_degree or replicas)


class Phase(NamedTuple):
    """Bytes that live at one moment of the step, by part."""

    name: str
    weights: int
    gradients: int
    optimizer: int
    activations: int
    logits: int
    companions: int = 0
    """Further models, and an engine beside them."""

    @property
    def total(self) -> int:
        """The sum of its parts."""
        return sum((self.weights, self.gradients, self.optimizer, self.activations, self.logits, self.companions))


class Peak(NamedTuple):
    """The phase at which most is needed, all phases, and what stays from step to step."""

    phase: Phase
    phases: tuple[Phase, ...]
    states: Phase
    """Weights, gradients and optimizer states alone, as sharded: a lower bound of every step."""
