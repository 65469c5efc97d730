"""What training costs: FLOPs, device hours, days."""

from __future__ import annotations

from collections.abc import Sequence

MFU = 0.30
"""Model FLOPs utilization of whole runs, restarts included. Against 46 runs with published hours it predicts 0.91 × the
hours in the median, 93 % within a factor of two (docs/scaling.md). Single-step benchmarks reach 0.40–0.50."""
MFU_LOW, MFU_HIGH = 0.20, 0.45
"""Range of whole runs, three quarters of these 46: Llama 3.1 70B 0.26, DeepSeek-V3 0.35, Llama 2 7B 0.39."""
MFU_IMPOSSIBLE, MFU_IMPOSSIBLE_HOPPER = 0.65, 0.60
"""Above any of them (A100 at most 0.51, H100 0.35) and above single-step benchmarks in 16 bit: A100 0.64 (llm-foundry),
H100 0.48 (Megatron-LM) and a little above with newer kernels."""
MFU_IDLE = 0.10
"""Below any whole run whose tokens are published (0.14 at least)."""
HOPPER = 9
"""Major compute capability from which the peak outgrew what memory and links can feed."""


def flops_per_token(parameters: int, attention: int = 0) -> int:
    """FLOPs of forward and backward pass per token: 6·N + 12·L·d·s (Chowdhery et al. 2022, PaLM, appendix B).

    `parameters` are those that a token is multiplied with. `attention` is the forward pass of attention alone, 4·L·d·s
    (`planner.model.flops.attention_flops`); the backward pass is twice the forward. Causal attention is counted in
    full, as is usual; recomputation for activation checkpointing is not counted.
    """
    return 6 * parameters + 3 * attention


def training_flops(parameters: int, tokens: int, attention: int = 0) -> int:
    """FLOPs of a whole run."""
    return flops_per_token(parameters, attention) * tokens


def device_hours(flops: float, peak: float, mfu: float = MFU) -> float:
    """Hours of one device with a dense `peak` in FLOP/s at this utilization."""
    return flops / (peak * mfu) / 3600


def days(hours: float, devices: int) -> float:
    """Days that `devices` take for so many device hours."""
    return hours / devices / 24


def impossible_from(capability: Sequence[int] = ()) -> float:
    """MFU above which no run on devices of this compute capability (major, minor) is known."""
    return MFU_IMPOSSIBLE_HOPPER if capability and capability[0] >= HOPPER else MFU_IMPOSSIBLE


def utilization(flops: float, peak: float, hours: float) -> float:
    """MFU that device hours imply; above `impossible_from` the hours, the tokens or the size are wrong."""
    return flops / (peak * hours * 3600)
