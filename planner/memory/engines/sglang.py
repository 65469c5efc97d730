"""SGLang: weights and cache share `mem_fraction_static` of what is free before loading; nothing is profiled.

pool = free after loading − free before × (1 − f); activations and graphs live in the rest
(srt/mem_cache, _profile_available_bytes).
"""

from __future__ import annotations

from planner.memory.engines import GIB, Demand, Setup, gibibytes, whole
from planner.memory.engines.sglang_share import static_fraction
from planner.memory.engines.states import hybrid
from planner.memory.pages import Paging

CONTEXT = GIB // 2
"""Taken before loading by the process itself."""
COMMUNICATION = 3 * GIB // 2
"""And by NCCL where several devices work together: 2.05 GiB in all seen on four H100."""

UNPROFILED = "activations and CUDA graphs use what mem_fraction_static leaves; they are not profiled"
RATIO = 0.9
"""Default of `mamba_full_memory_ratio`."""


def demand(setup: Setup) -> Demand:
    """What SGLang takes of a device beside weights and KV cache."""
    share = setup.utilization if setup.utilization is not None else static_fraction(setup)
    taken = CONTEXT + (COMMUNICATION if setup.tensor_parallel * setup.pipeline_parallel > 1 else 0)
    note = f"mem_fraction_static {share:g}: SGLang's default for this device" if setup.utilization is None else ""
    aside = states_share(setup)
    states = f"{aside:.0%} of the room for the cache is set aside for recurrent states" if aside else ""
    return Demand(
        share,
        activation=0,
        runtime=int(taken * share),
        graph=0,
        offload=gibibytes(setup.options.get("cpu_offload_gb")),
        notes=tuple(each for each in (note, states, UNPROFILED) if each),
        paging=Paging(whole(setup.options.get("page_size")) or 1, windows=False, grouped=False, aside=aside),
        cache_tokens=whole(setup.options.get("max_total_tokens")),
    )


def device_kind(setup: Setup) -> tuple[object, ...]:
    """All that `demand` goes by of the device, see `planner.memory.engines.device_kind`."""
    return setup.device_bytes, setup.vendor


def states_share(setup: Setup) -> float:
    """Of the room for the cache, what is a pool for states: r / (1 + r) of hybrid models, `mamba_full_memory_ratio` r.

    srt/mem_cache/kv_cache_configurator.py.
    """
    if not hybrid(setup.architecture):
        return 0.0
    stated = setup.options.get("mamba_full_memory_ratio")
    ratio = stated if isinstance(stated, (int, float)) and not isinstance(stated, bool) and 0 < stated < 100 else RATIO
    return ratio / (1 + ratio)
