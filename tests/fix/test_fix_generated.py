"""Whatever a config looks like, mending it changes the value concerned and nothing else, and a second run nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import disk, pipeline
from planner.discover import Found
from planner.fix.run import fixed

CONTEXT = re.compile(r"""((?:context|"context"|'context')[ ]*:[ \r\n]*["']?)([0-9_]+K?)""")
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs", "So")), max_size=12).map(str.strip)
COMMENTS = WORDS.map(lambda words: f"  # {words}".rstrip())
QUOTES = st.sampled_from(["", '"', "'"])


@st.composite
def configs(draw: st.DrawFn) -> str:
    """A config whose context is too long, in some style of YAML."""
    quote = draw(QUOTES)
    number = draw(st.sampled_from(["131072", "131_072", "128K"]))
    key = draw(st.sampled_from(["context", '"context"', "'context'"]))
    entries = [
        f"{key}: {quote}{number}{quote}",
        "engine: vllm",
        "hardware: {memory: 24GiB, count: 1}",
        *draw(
            st.lists(st.sampled_from(["concurrency: 4", "kv_cache_dtype: auto", 'tensor_parallel: "1"']), unique=True)
        ),
    ]
    entries = draw(st.permutations(entries))
    model = draw(st.sampled_from(["{name: meta-llama/Llama-3.1-8B}", "{'name': \"meta-llama/Llama-3.1-8B\"}"]))
    if draw(st.booleans()):
        lines = [f"deployment: {{{', '.join(entries)}}}{draw(COMMENTS)}"]
    else:
        indent = " " * draw(st.integers(1, 6))
        lines = ["deployment:" + draw(COMMENTS), *(f"{indent}{entry}{draw(COMMENTS)}" for entry in entries)]
    label = draw(WORDS).replace("'", "''")
    whole = draw(st.permutations([f"model: {model}{draw(COMMENTS)}", "\n".join(lines), f"x-note: '{label}'"]))
    before = draw(st.sampled_from(["", "---\n", "# first\n---\n", "a: [1, *x]\n---\n", "x: {y: [1, 2]}\n---\n"]))
    text = before + "\n".join(whole) + draw(st.sampled_from(["", "\n", "\n\n", "\n...\n", "\n---\nz: 1\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))


def mended(data: bytes) -> bytes:
    """What `--fix -` makes of `data`."""

    def lint() -> pipeline.Report:
        now = disk.pending.get("<stdin>", data)
        return pipeline.run([Found("-", True)], pipeline.Options(stdin=now, plans=False))

    result = fixed(lint, lambda file: file == "<stdin>", False, {"<stdin>": data})
    return result.after.get("<stdin>", data)


def values(text: str) -> Iterator[object]:
    """The documents that another reader sees; of the broken one nothing."""
    loader = yaml.CSafeLoader(io.StringIO(text))
    try:
        while loader.check_data():
            yield loader.get_data()
    except yaml.YAMLError:
        return


@settings(max_examples=80, deadline=None)
@given(configs(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_only_the_context_changes(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    after = mended(data).decode(encoding)
    was, now = CONTEXT.search(text), CONTEXT.search(after)
    assert was is not None
    assert now is not None
    assert now[2].isdecimal()
    assert 16_384 <= int(now[2]) < 65_536
    assert CONTEXT.sub(r"\1#", text) == CONTEXT.sub(r"\1#", after)
    assert len(list(values(after))) == len(list(values(text)))
    assert mended(after.encode(encoding)) == after.encode(encoding)


SEED = """\
model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}  # planner: ignore[FIT001, FIT003]
deployment:
  engin: vllm
  context: 131072
  hardware: {memory: 24GiB, count: 1}
"""
NOISE = st.sampled_from(
    [*"{}[]:,#&*|>'\"-?!% \n\r\t", "<<: *a", "&a ", "*a", "---\n", "\u2028", "# planner: ignore[FIT001]"]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SEED)), NOISE), max_size=3))
def test_what_could_be_read_can_be_read(noise: list[tuple[int, str]]) -> None:
    text = SEED
    for at, sign in noise:
        text = text[:at] + sign + text[at:]
    after = mended(text.encode()).decode()
    assert len(list(values(after))) >= len(list(values(text)))
    assert mended(after.encode()).decode() == after
