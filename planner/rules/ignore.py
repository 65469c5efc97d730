"""IGN: comments and baselines that silence findings."""

from __future__ import annotations

from planner.rules.registry import reported

reported(
    "IGN001",
    "unused-ignore",
    "warning",
    """A comment silences a rule that finds nothing there.

    ## What it does
    Reports `# planner: ignore[…]` and `# planner: ignore-file[…]` comments that silenced no finding of this run, and rules that a
    comment names beside others to no effect.

    ## Why
    Such comments outlive what they were written for, and hide the next finding of that rule.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}  # planner: ignore[FIT001] larger card on order
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```
    """,
)

reported(
    "IGN002",
    "malformed-directive",
    "warning",
    """A `# planner:` comment that cannot be understood.

    ## What it does
    Reports directives that are not one of `ignore`, `ignore-file` and `hardware`, and rule names that do not exist.

    ## Why
    A misspelt directive does nothing, and nobody notices.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}  # planner: ignroe[FIT001]
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```
    """,
)

reported(
    "IGN003",
    "stale-baseline",
    "warning",
    """A baseline counts findings that are there no more.

    ## What it does
    Reports the entries of a baseline (`planner baseline`) of which fewer findings are left than it counts, in files that a run over
    folders looked at, and in files that are gone. Runs over files that are named, as in a hook, leave the baseline alone.

    ## Why
    What was mended would come back unnoticed: the baseline has room for it.

    ## Example
    A `planner-baseline.json` with a finding that was mended since:
    ```json
    {"version": 1, "findings": {"deploy.yaml": {"FIT001": {"deployment.hardware": 1}}}}
    ```

    ## Use instead
    What `planner baseline` writes now:
    ```json
    {"version": 1, "findings": {}}
    ```
    """,
)
