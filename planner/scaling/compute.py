"""What training costs: FLOPs, device hours, days."""

from __future__ import annotations

MFU = 0.30
"""Model FLOPs utilization of whole runs, restarts included. Against 46 runs with published hours it predicts 0.91 × the
hours in the median, 93 % within a factor of two (docs/scaling.md). Single-step benchmarks reach 0.40–0.50."""
MFU_LOW, MFU_HIGH = 0.20, 0.45
"""Range of whole runs, three quarters of these 46: Llama 3.1 70B 0.26, DeepSeek-V3 0.35, Llama 2 7B 0.39."""
MFU_IMPOSSIBLE = 0.65
"""Above any of them (A100 at most 0.51, H100 0.35) and above single-step benchmarks of 16 bit (A100 0.64)."""


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


def utilization(flops: float, peak: float, hours: float) -> float:
    """MFU that device hours imply; above `MFU_IMPOSSIBLE` the hours, the tokens or the size are wrong."""
    return flops / (peak * hours * 3600)
