"""Mistyped keys, and comments that silence nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Mend = Callable[..., bytes]

CONFIG = """\
model: {{name: meta-llama/Llama-2-7b-hf, dtype: float16}}
deployment:
  {key}: vllm
  context: 4096
  hardware: {{accelerator: A100-80GB, count: 1}}
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CONFIG.format(key="x-engine"), id="an extension"),
        pytest.param(CONFIG.format(key="engine: vllm\n  engin"), id="what was meant is there"),
        pytest.param(CONFIG.format(key="engine") + "  rallel: 2\n", id="several may be meant"),
        pytest.param(CONFIG.format(key="engine") + "  max_model_len: 2\n", id="another tool's name"),
        pytest.param(CONFIG.format(key="engine") + "  foo: 2\n", id="none is meant"),
    ],
)
def test_a_key_is_left_alone(mend: Mend, text: str) -> None:
    assert mend(text) == text.encode()


@pytest.mark.parametrize("key", ["engin", "enigne", "Engine", '"engin"', "'enginee'"])
def test_a_slip_of_the_finger_is_mended_in_its_quotes(mend: Mend, key: str) -> None:
    quote = key[0] if key[0] in "'\"" else ""
    assert mend(CONFIG.format(key=key)).decode() == CONFIG.format(key=f"{quote}engine{quote}")


def test_keys_come_before_the_values_that_depend_on_them(mend: Mend) -> None:
    text = CONFIG.format(key="engin").replace("4096", "131072").replace("Llama-2-7b-hf", "Llama-3.1-8B")
    text = text.replace("accelerator: A100-80GB", "memory: 24GiB")
    assert mend(text, "--unsafe-fixes") == mend(text.replace("engin:", "engine:"))


FITS = "model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}\n"
LARGE = "model: {name: meta-llama/Llama-2-70b-hf, dtype: float16}\n"
ON = "deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}"
USED = "  # planner: ignore[FIT001] a larger card is on order"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{LARGE}{ON}{USED}\n", id="used"),
        pytest.param(f"{LARGE}{ON}  # planner: ignore\n", id="used without names"),
        pytest.param(f"{FITS}note: '# planner: ignore[FIT001]'\n{ON}\n", id="no comment"),
        pytest.param(f"{FITS}{ON}  # planner: ignore[FIT999]\n", id="of no rule"),
    ],
)
def test_a_comment_is_left_alone(mend: Mend, text: str) -> None:
    assert mend(text) == text.encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"{FITS}{ON}{USED}\n", f"{FITS}{ON}\n", id="behind a value"),
        pytest.param(f"{FITS}{ON}{USED}  \r\n", f"{FITS}{ON}\r\n", id="CRLF"),
        pytest.param(f"{FITS}{ON}{USED}", f"{FITS}{ON}", id="at the end"),
        pytest.param(f"{FITS}  {USED}\n{ON}\n", f"{FITS}{ON}\n", id="on a line of its own"),
        pytest.param(f"{FITS}{ON}\n{USED}", f"{FITS}{ON}", id="on the last line"),
        pytest.param(f"{FITS}{ON}  # why{USED}\n", f"{FITS}{ON}  # why\n", id="in another comment"),
        pytest.param(
            "# planner: ignore-file[FIT001]\n# planner: ignore-file[FIT002]\n" + FITS + ON + "\n", FITS + ON + "\n",
            id="several",
        ),
    ],
)  # fmt: skip
def test_an_unused_comment_goes(mend: Mend, before: str, after: str) -> None:
    assert mend(before).decode() == after
