"""Muennighoff et al. 2023, "Scaling Data-Constrained Language Models" (arXiv 2305.16264): what repeated data are worth.

Loss depends on effective tokens D' = U + U·R*·(1 − e^(−(epochs − 1)/R*)) of U different ones, and on an effective
size of the same form. Constants as in huggingface/datablations (utils/parametric_fit.ipynb). R* = 15.4 is the number
of repetitions after which the next token is worth 1/e of a fresh one, not a half-life: half the worth is left at 11.7
epochs. Measured up to 9B parameters, 900B tokens and 1,500 epochs of English web text; code and curated mixtures may
bear more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from planner.scaling import parametric
from planner.scaling.parametric import Allocation, Parametric

LAW = Parametric(math.exp(0.6254804), math.exp(6.255414), math.exp(7.3049974), 0.3526596, 0.3526596)
"""Fitted to C4: 19.6 tokens per parameter at any compute."""
MOST_EPOCHS = 100
"""Beyond it another token is worth less than 0.2 % of a fresh one and the loss is flat."""
DATA_DECAY = 15.387756
"""R* of repeated tokens, in repetitions."""
SIZE_DECAY = 5.309743
"""R* of parameters beyond those that the unique tokens feed."""


def _effective(amount: float, unique: float, decay: float) -> float:
    """`amount` after the discount for what exceeds `unique`."""
    repetitions = max(0.0, amount / unique - 1)
    return min(amount, unique) - unique * decay * math.expm1(-repetitions / decay)


def effective_tokens(tokens: int, unique: int) -> int:
    """Fresh tokens that train as well as `tokens` drawn from `unique` ones, eq. 5. At most 16.4 × `unique`."""
    return tokens if tokens <= unique else math.floor(_effective(tokens, unique, DATA_DECAY))


def marginal_value(epochs: float) -> float:
    """Worth of one more token after so many epochs, as a share of a fresh one."""
    return math.exp(-max(0.0, epochs - 1) / DATA_DECAY)


def loss(parameters: float, tokens: float, unique: float) -> float:
    """Loss in nats per token of a run over `tokens` drawn from `unique` ones, eq. 6."""
    fed = min(parameters, parametric.parameters_for(LAW, min(tokens, unique)))
    size = _effective(parameters, fed, SIZE_DECAY)
    return parametric.loss(LAW, size, _effective(tokens, unique, DATA_DECAY))


def tokens(parameters: int) -> int:
    """Fresh tokens that make a model of this size compute-optimal."""
    return parametric.tokens_for(LAW, parameters)


def allocate(flops: float, unique: int | None = None) -> Allocation:
    """Parameters and tokens of least loss with 6·N·D = `flops`, where only `unique` tokens are to be had."""
    free = parametric.allocate(LAW, flops)
    if unique is None or free.tokens <= unique:
        return free
    low, high = math.log(unique), math.log(unique * MOST_EPOCHS)
    best = math.exp(_minimum(lambda x: loss(flops / 6 / math.exp(x), math.exp(x), unique), low, high))
    return Allocation(round(flops / 6 / best), round(best))


def _minimum(function: Callable[[float], float], low: float, high: float) -> float:
    """Golden-section search for the minimum of a function with one valley."""
    golden = (math.sqrt(5) - 1) / 2
    while high - low > 1e-9 * max(1.0, abs(high)):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if function(left) < function(right) else (left, high)
    return (low + high) / 2
