"""What a plan holds: every number that rules and reports need, with how it came about. Unknown is None, never 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.settings import Thresholds

if TYPE_CHECKING:
    from planner.model.quantization import Scheme
    from planner.model.stack import Architecture, Parameters
    from planner.workload import NotChecked, Workload


class ModelPlan(NamedTuple):
    """The model, resolved."""

    name: str | None
    source: str
    """catalogue, config.json, inline, checkpoint or parameters (size alone)."""
    architecture: Architecture | None
    parameters: Parameters | None
    """By part; None where only the total is known."""
    total: int | None
    active: int | None
    dtype: str | None
    quantization: str | None
    """For people: "awq, 4 bit, group 128"."""
    weights_bytes: int | None
    max_context: int | None
    bits_per_parameter: float | None = None
    notes: tuple[str, ...] = ()
    """What was assumed."""
    contradictions: tuple[tuple[str, str, str], ...] = ()
    """(key, what is wrong, what would fix it) of hyper-parameters that cannot hold together."""
    scheme: Scheme | None = None
    """What the quantization does to each tensor."""
    weights_low: int | None = None
    """Lower bound of `weights_bytes`; 0 where it is in doubt what the weights are stored in."""
    rotary_elements: int = 0
    """Of the tables of rotary positions that engines keep on each device."""
    adapter_parameters: int | None = None
    """Of the low-rank adapter beside the weights; None without one."""


class DeviceMemory(NamedTuple):
    """One device of a deployment, in bytes."""

    usable: int | None
    """What the driver reports, lowest reading."""
    usable_max: int | None
    """Highest reading: an error must hold against it."""
    budget: int | None
    """The share that the engine may use."""
    budget_max: int | None
    weights: int | None
    weights_low: int | None
    """Lower bound of the weights on the fullest device."""
    kv_cache: int | None
    """For `context` × `concurrency`, states included."""
    activation: int | None
    runtime: int | None
    graph: int | None
    kv_available: int | None
    """budget − weights − activation − runtime − graph, may be negative; less where the engine is told to take less."""
    beyond: int = 0
    """What the engine takes outside its budget, at least: its CUDA context, graphs that it does not count."""
    kv_told: bool = False
    """Whether `kv_available` is the size that the engine is told."""

    @property
    def left(self) -> int | None:
        """Of the budget, beside all but the cache."""
        return left_of(self.budget, self.weights, self.activation or 0, self.runtime or 0, self.graph or 0)

    @property
    def free(self) -> int | None:
        """What stays unused: of the device where the size of the cache is told, else of the cache."""
        if self.kv_available is None or self.kv_cache is None or self.left is None:
            return None
        return self.left - self.kv_available if self.kv_told else self.kv_available - self.kv_cache


def left_of(budget: int | None, weights: int | None, activation: int, runtime: int, graph: int) -> int | None:
    """Bytes of `budget` beside all but the cache; below 0 where that is more than there is."""
    return None if budget is None or weights is None else budget - weights - activation - runtime - graph


class Fix(NamedTuple):
    """A change that would make it fit, computed."""

    what: str
    """context, concurrency, devices, dtype, quantization, kv_cache_dtype …"""
    value: str
    """To write there: "4096", "int8"."""
    text: str
    """For people, with the number it leads to."""


class ServingPlan(NamedTuple):
    """A deployment, worked out."""

    engine: str | None
    engine_version: str | None
    context: int | None
    concurrency: int
    kv_cache_dtype: str | None
    kv_cache_bytes_per_token: int | None
    """Of the whole model, before sharding, at a full context where layers have windows."""
    state_bytes_per_sequence: int | None
    kv_cache_bytes: int | None
    """context × concurrency, whole model."""
    sequence_bytes: int | None
    """KV cache and states of one sequence at the stated context on the fullest device."""
    devices: int | None
    """Devices that hold one replica."""
    per_device: DeviceMemory
    kv_capacity_tokens: int | None
    max_context_that_fits: int | None
    max_concurrency: float | None
    equal_context: int | None
    """Context at which the cache of one sequence equals the weights."""
    fits: bool | None
    fits_basis: str
    """proved, predicted or unknown."""
    fixes: tuple[Fix, ...] = ()
    assumptions: tuple[str, ...] = ()
    sequence_bytes_low: int | None = None
    """Lower bound of `sequence_bytes`."""
    paged: bool = True
    """Sequences beyond the cache wait; where False, all of them must be held."""
    needed_bytes: int | None = None
    """What a device must have for the stated context and concurrency, the engine's own parts included."""
    accelerators_that_fit: tuple[str, ...] = ()
    """Common ones with so much memory, where the config states none."""


class TrainingMemory(NamedTuple):
    """One device of a training run at its peak, in bytes."""

    usable: int | None
    usable_max: int | None
    weights: int | None
    gradients: int | None
    optimizer: int | None
    activations: int | None
    logits: int | None
    runtime: int | None
    peak: int | None
    states_low: int | None
    """Lower bound: sharded weights + gradients + optimizer states."""
    phase: str | None = None
    """When the peak is reached: forward, cross-entropy, backward, end of backward, optimizer step or generation."""
    companions: int | None = None
    """Further models (reference, reward, critic, teacher), and an engine that generates."""

    @property
    def needed(self) -> int:
        """The peak; where the activations are not known, all that is."""
        known = (self.weights, self.gradients, self.optimizer, self.companions, self.runtime)
        return self.peak if self.peak is not None else sum(size or 0 for size in known)


class Share(NamedTuple):
    """What a device needs where several share the states."""

    devices: int
    bytes: int
    accelerators: tuple[str, ...]
    """Common ones with so much memory."""


class TrainingPlan(NamedTuple):
    """A training run's memory."""

    stage: str | None
    devices: int | None
    per_device: TrainingMemory
    fits: bool | None
    fits_basis: str
    fixes: tuple[Fix, ...] = ()
    assumptions: tuple[str, ...] = ()
    by_devices: tuple[Share, ...] = ()
    """What each of so many devices needs, where their number is not stated."""
    phases: tuple[tuple[str, int], ...] = ()
    """What each phase needs on the fullest device, in the order of the step; with pipelines, of both end stages."""
    accelerators_that_fit: tuple[str, ...] = ()
    """Common ones with so much memory, where the config states none."""


class TokensPlan(NamedTuple):
    """Training tokens: planned against recommended."""

    planned: int | None
    effective: int | None
    """After the discount for repetition."""
    per_parameter: float | None
    """Effective tokens per (active) parameter."""
    recommended: int | None
    recommended_low: int | None
    recommended_high: int | None
    laws: Mapping[str, int | None]
    flops: float | None
    gpu_hours: float | None
    verdict: str
    """ok, undertrained, severely-undertrained, overtrained (on purpose), not-applicable or unknown."""
    epochs: float | None = None
    working: str = ""
    """How `planned` came about: "35,000 steps × 1,024 × 4,096"."""
    overhead: float | None = None
    """Compute spent over the optimum at equal loss, as a factor ≥ 1."""
    break_even_tokens: float | None = None
    """Lifetime served tokens at which this (N, D) is inference-optimal (T*)."""
    assumptions: tuple[str, ...] = ()
    field: str = "training"
    """The field that `planned` rests on: training.tokens, training.steps or training.epochs."""
    shortfall: int = 0
    """How far below the recommendation: 0 not, 1 slightly, 2 plainly, 3 severely."""
    unique: int | None = None
    """Different tokens that the run sees."""
    marginal_value: float | None = None
    """What one more token of the repeated data is worth, as a share of a fresh one."""
    same_compute: tuple[int, int] | None = None
    """Parameters and tokens at which the same compute trains best."""
    repeated_optimum: tuple[int, int] | None = None
    """The same where only `unique` tokens are to be had."""
    inference_optimal: tuple[int, int, float] | None = None
    """Parameters, tokens and the share of lifetime compute saved, at equal loss, for the declared demand."""
    gpu_hours_low: float | None = None
    gpu_hours_high: float | None = None
    days: float | None = None
    """`gpu_hours` over the stated devices."""
    contradictions: tuple[tuple[str, str, str], ...] = ()
    """(field, what is wrong, what would fix it) of figures that give different numbers of tokens."""
    mixture_doubt: str = ""
    """Why only the total may be known of a mixture of experts; empty without such doubt."""
    compute: float | None = None
    """FLOPs that the run may spend, as stated or by devices × time × utilization."""
    allocations: Mapping[str, tuple[int, int]] = {}
    """(parameters, tokens) at which each law would spend `compute`."""
    compute_working: str = ""
    """How `compute` came about."""
    attention_share: float | None = None
    """Share of the FLOPs that attention's scores take, which 6·N·D leaves out."""
    implied_mfu: float | None = None
    """Model FLOPs utilization that the stated time implies."""
    implied_field: str = ""
    """The field that states that time: training.gpu_hours or training.days."""
    mfu_limit: float | None = None
    """Above which no run of such devices has been."""
    price: float | None = None
    """Of `gpu_hours`, at the stated price."""
    schedule: tuple[int, int] | None = None
    """(steps of the learning-rate schedule, steps of the run), where both are stated."""


class Plan(NamedTuple):
    """All that is known of one workload."""

    workload: Workload
    model: ModelPlan | None
    serving: ServingPlan | None
    training: TrainingPlan | None
    tokens: TokensPlan | None
    not_checked: tuple[NotChecked, ...] = ()
    thresholds: Thresholds = Thresholds()
    """Where the settings want a line drawn."""
