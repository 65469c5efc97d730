"""TOK: are the training tokens enough for the model, and are they what the config says they are?"""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.types import Plan
from planner.rules import token_wording as wording
from planner.rules.registry import Violation, rule
from planner.rules.token_wording import FEW_EPOCHS

MANY_EPOCHS = 16


@rule("TOK001", "undertrained", "warning")
def undertrained(plan: Plan) -> Iterator[Violation]:
    """The model is to be pre-trained on far fewer tokens than its size wants.

    ## What it does
    Divides the tokens of a pre-training run (less the discount for repeated data) by the parameters
    that a token passes through and compares with 20, the compute-optimal ratio of Hoffmann et al. 2022 (Chinchilla):

    | tokens per parameter | finding |
    |---|---|
    | 18 and more | none |
    | 10 to 18 | info: costs up to 4 % compute |
    | 3 to 10 | warning |
    | below 3 | warning, the regime of GPT-3 (1.7) and Gopher (1.1) |

    Below 10²¹ FLOPs (6 × parameters × tokens) it weighs one step less, below 10²⁰ it is info at most: measured optima
    of small runs lie at 4 to 15. Fine-tuning, adapters, preference and reinforcement learning and continued
    pre-training are never judged by this ratio. A run whose tokens cannot be worked out is reported as not checked,
    with the key that is missing.

    ## Why
    At equal compute a smaller model on more tokens is better and cheaper to serve. Gopher (280B on 300B
    tokens) lost to Chinchilla (70B on 1.4T) with the same compute. The cost is no cliff: half the tokens cost 4 %
    compute at equal loss, a quarter 18 %, a tenth 57 %.

    ## Formula and source
    Recommended tokens = 20 × parameters, range half to twice; the laws beside it: Hoffmann et
    al. 2022 (arXiv 2203.15556) approaches 1–3, Besiroglu et al. 2024 (2404.10102, `epoch`), Muennighoff et al. 2023
    (2305.16264), Porian et al. 2024 (2406.19146), DeepSeek LLM (2401.02954), Kaplan et al. 2020 (2001.08361) for
    history. The overhead is that of Besiroglu's fit. See docs/scaling.md.

    ## Example
    ```yaml
    model: {name: Gopher, parameters: 280B}
    training: {stage: pretrain, tokens: 300B}
    ```

    ## Use instead
    ```yaml
    model: {name: Chinchilla, parameters: 70B}
    training: {stage: pretrain, tokens: 1.4T}
    ```

    ## Settings
    `thresholds.tokens-per-parameter` takes the place of the table: fewer are a warning, whatever the laws say, and as many
    are enough.

    ## Evidence
    On 166 published pre-training runs every warning is a model of 2020 to 2022 that the literature calls
    undertrained; none of 88 runs since 2024 is flagged, mixtures of experts included, and none of 14 measured optima
    of small ladders gets a warning.
    """
    tokens, model = plan.tokens, plan.model
    least = plan.thresholds.tokens_per_parameter
    if tokens is None or model is None or tokens.per_parameter is None:
        return
    if not tokens.shortfall if least is None else tokens.per_parameter >= least:
        return
    size = wording.size(plan)
    yield Violation(
        tokens.field,
        f"{wording.count(tokens)} for {size}: {wording.ratio(tokens, least)}{wording.cost(tokens)}",
        wording.remedy(tokens, model, least),
        ((wording.size_field(plan), size),),
        "info" if tokens.shortfall == 1 and least is None else None,
    )


@rule("TOK002", "repeated-data", "warning")
def repeated_data(plan: Plan) -> Iterator[Violation]:
    """A pre-training run passes over its data so often that the passes are worth little.

    ## What it does
    Divides the planned tokens by `unique_tokens`. More than 4 epochs are info, more than 16 a
    warning. TOK001 judges the tokens after the discount.

    ## Why
    Up to 4 epochs a repeated token is nearly as good as a new one (the run loses 7 %); at 16 the next token is
    worth 38 % of a fresh one, at 40 8 %. However long the run, it never exceeds the worth of 16.4 epochs. Famous runs
    did it knowingly (nanoGPT's GPT-2: 33 epochs of OpenWebText), which is why it is never an error.

    ## Formula and source
    Muennighoff et al. 2023 (arXiv 2305.16264), eq. 5: effective = U + U · 15.39 · (1 − e^(−(epochs − 1)/15.39)).

    ## Example
    ```yaml
    model: {parameters: 1B}
    training: {stage: pretrain, tokens: 200B, unique_tokens: 10B}
    ```

    ## Use instead
    ```yaml
    model: {parameters: 1B}
    training: {stage: pretrain, tokens: 200B, unique_tokens: 50B}
    ```

    ## Settings
    `thresholds.epochs` takes the place of both numbers: more epochs are a warning, as many are fine.

    ## Evidence
    400 runs of up to 9B parameters, 900B tokens and 1,500 epochs on English web text (the paper). Code
    and curated mixtures may bear more.
    """
    tokens = plan.tokens
    if tokens is None or tokens.marginal_value is None or tokens.epochs is None or tokens.effective is None:
        return
    most = plan.thresholds.epochs
    if tokens.epochs <= (FEW_EPOCHS if most is None else most):
        return
    yield Violation(
        wording.data_field(plan),
        wording.repetition(tokens),
        wording.repetition_remedy(tokens, FEW_EPOCHS if most is None else most),
        ((tokens.field, tokens.working),),
        None if most is not None or tokens.epochs > MANY_EPOCHS else "info",
    )


@rule("TOK008", "active-parameters-unknown", "info")
def active_parameters_unknown(plan: Plan) -> Iterator[Violation]:
    """A mixture of experts, by its name, is stated by its total size alone.

    ## What it does
    Reports a model without architecture whose name is that of a mixture of experts (8x7B, 30B-A3B,
    MoE) and whose `active_parameters` are not stated. All figures then rest on the total.

    ## Why
    FLOPs and tokens per parameter go by the parameters that a token passes through; memory goes by the total.
    DeepSeek-V3 has 22 tokens per total and 400 per active parameter. So long as they are unknown, such a model is not
    called undertrained.

    ## Example
    ```yaml
    model: {name: my-moe-8x7B, parameters: 47B}
    training: {stage: pretrain, tokens: 2T}
    ```

    ## Use instead
    ```yaml
    model: {name: my-moe-8x7B, parameters: 47B, active_parameters: 13B}
    training: {stage: pretrain, tokens: 2T}
    ```
    """
    if plan.tokens is not None and plan.tokens.mixture_doubt:
        yield Violation(
            "model.parameters",
            f"{plan.tokens.mixture_doubt}: FLOPs and recommended tokens rest on the total here",
            "add `active_parameters:`, those that a token passes through",
        )


@rule("TOK014", "tokens-contradict", "warning")
def tokens_contradict(plan: Plan) -> Iterator[Violation]:
    """The config states its training tokens or its batch twice, and the figures differ.

    ## What it does
    Compares `tokens`, `steps` × `global_batch_size` × `sequence_length` and `epochs` ×
    `unique_tokens` where more than one can be worked out (more than 3 % apart), and `global_batch_size` with
    `micro_batch_size` × `gradient_accumulation` × data-parallel devices (any difference). In fine-tuning sequences
    need not be full, so there only more tokens than the steps can hold are reported.

    ## Why
    One of them is wrong, and the run will follow the one that nobody meant. A published config says "270B
    tokens" in a comment where its fields make 260B.

    ## Example
    ```yaml
    model: {parameters: 13B}
    training: {stage: pretrain, tokens: 350B, steps: 124000, global_batch_size: 1024, sequence_length: 2048}
    ```

    ## Use instead
    ```yaml
    model: {parameters: 13B}
    training: {stage: pretrain, tokens: 260B, steps: 124000, global_batch_size: 1024, sequence_length: 2048}
    ```
    """
    for contradiction in plan.tokens.contradictions if plan.tokens else ():
        yield Violation(*contradiction)
