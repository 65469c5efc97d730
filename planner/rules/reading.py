"""CFG001–CFG007: what is wrong with a file before anything is computed. Readers report these as they meet them."""

from __future__ import annotations

from planner.rules.registry import reported

GOOD = """
    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    ```
"""

reported(
    "CFG001",
    "syntax-error",
    "error",
    f"""The file is not valid YAML.

    ## What it does
    Reports the place where the parser gave up. Documents before it, and after the next `---`, are still checked.

    ## Why
    A file that cannot be read cannot be checked, and nothing else will read it either. Exit code 3.

    ## Example
    ```yaml
    model: [name: meta-llama/Llama-2-7b-hf
    ```
{GOOD}""",
)

reported(
    "CFG002",
    "unreadable-file",
    "error",
    """A file that was named cannot be read: it is missing, no regular file, not permitted, or not text.

    ## What it does
    Reports the reason. FIFOs, devices and directories with a YAML name are not opened; encodings other than UTF-8, UTF-16 and
    UTF-32 are not guessed.

    ## Why
    What was asked for and not checked must not pass in silence. Exit code 3, after all other files are checked.

    ## Example
    ```console
    $ planner lint deploy.yml    # it is called deploy.yaml
    deploy.yml:1:1: error CFG002 unreadable-file
    ```

    ## Use instead
    ```console
    $ planner lint deploy.yaml
    ```
    """,
)

reported(
    "CFG003",
    "beyond-limits",
    "error",
    """A file is larger, deeper or has more nodes than planner reads.

    ## What it does
    Stops at 4 MiB, 64 levels and 200,000 nodes, aliases counted as often as they are used, and says which limit was met.

    ## Why
    A config is small. What is not would hang the hook or exhaust its memory, which is how hostile files work. Exit code 3.

    ## Example
    A mapping of anchors, each of which holds the last one ten times: ten lines that stand for ten billion nodes.

    ## Use instead
    Files of data elsewhere, and `exclude` in the settings for those that only look like configs.
    """,
)

reported(
    "CFG004",
    "duplicate-key",
    "warning",
    f"""A key stands twice in a mapping.

    ## What it does
    Points at the second place and names the first. YAML readers keep the last value and say nothing.

    ## Why
    One of the two values is silently lost, usually the one that was edited.

    ## Example
    ```yaml
    model:
      name: meta-llama/Llama-2-7b-hf
      dtype: float16
      dtype: float32
    ```
{GOOD}""",
)

reported(
    "CFG005",
    "unusable-value",
    "error",
    f"""A value that YAML allows and no config can mean.

    ## What it does
    Reports numbers of more than 40 digits, recursive aliases, merges of what is no mapping, and keys that are no scalars.

    ## Why
    Such values crash or hang the tools that read them next.

    ## Example
    ```yaml
    model:
      name: meta-llama/Llama-2-7b-hf
      parameters: 70000000000000000000000000000000000000000000
    ```
{GOOD}""",
)

reported(
    "CFG006",
    "unknown-key",
    "error",
    f"""A key that the native config does not have.

    ## What it does
    Compares keys with the schema (`planner schema config`) and names the closest one.

    ## Why
    A mistyped key is ignored by everything, and the default that takes its place is not what was meant.

    ## Example
    ```yaml
    model: {{nmae: meta-llama/Llama-2-7b-hf, dtype: float16}}
    ```
{GOOD}""",
)

reported(
    "CFG007",
    "invalid-value",
    "error",
    f"""A value of the wrong kind.

    ## What it does
    Reports values that the schema (`planner schema config`) does not accept, with what would be accepted and an example.

    ## Why
    It would be read as something else, or not at all.

    ## Example
    ```yaml
    model: {{name: meta-llama/Llama-2-7b-hf, dtype: float17}}
    ```
{GOOD}""",
)
