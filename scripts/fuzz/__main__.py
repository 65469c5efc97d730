"""Throws damaged configs at planner: `python scripts/fuzz [--inputs N] [--seconds S] [--seed N] [FOLDER…]`.

Every input goes the whole way, from bytes through all formats and rules to every report, and must end without an
exception, in time, with everything said once and nothing that steers a terminal. It starts from the project's own
configs, and from those in the folders. The inputs of a seed are always the same. Of each kind of failure the first
input is kept; `--replay` judges the files that are given as they are.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

import judge
import mutate
import seeds

SIBLINGS = ("a.yaml", "config.json", "zero3.json", "model.yaml", "ds_config.json", "task.yaml", "adapter_config.json")
"""Names that configs refer to or that readers look for beside them; other inputs take turns in being there."""
STUCK = 60
"""Seconds after which the process ends with a traceback: something that no signal interrupts."""

Input = tuple[str, bytes]


class Late(BaseException):
    """An input takes longer than it may. No handler of exceptions stops it."""


def main() -> int:
    """Run, and say what failed; 1 if anything did."""
    options = _options()
    kept, paths = Path(options.keep).resolve(), [os.path.abspath(path) for path in options.paths]
    signal.signal(signal.SIGVTALRM, _late)
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        if options.replay:
            inputs: Iterable[Input] = ((Path(path).name, Path(path).read_bytes()) for path in paths)
        else:
            inputs = _mutated([*seeds.own(), *seeds.of_folders(paths)], options)
        failures = _run(inputs, options.limit, kept)
    for kind, count in failures.most_common():
        print(f"{count:>6} × {kind}")
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python scripts/fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="*", help="folders with further configs, or files with --replay")
    parser.add_argument("--inputs", type=int, default=10**9, help="how many inputs")
    parser.add_argument("--seconds", type=float, default=10**9, help="how long at most")
    parser.add_argument("--seed", type=int, default=0, help="other numbers make other inputs")
    parser.add_argument("--limit", type=float, default=1.0, help="seconds of processor time that an input may take")
    parser.add_argument("--keep", default="fuzz-failures", help="folder for inputs that fail")
    parser.add_argument("--replay", action="store_true", help="judge the given files as they are")
    return parser.parse_args()


def _mutated(started: list[seeds.Seed], options: argparse.Namespace) -> Iterator[Input]:
    mutator, end = mutate.Mutator(started, options.seed), time.monotonic() + options.seconds
    print(f"{len(started):,} seeds", flush=True)
    for index in range(options.inputs):
        if time.monotonic() > end:
            return
        if index % 40 == 0:
            Path(SIBLINGS[index // 40 % len(SIBLINGS)]).write_bytes(mutator.input(index)[1])
        yield mutator.input(index)


def _run(inputs: Iterable[Input], limit: float, kept: Path) -> Counter[str]:
    failures, said, slowest, number, begun = Counter[str](), 0, 0.0, 0, time.monotonic()
    for number, (name, data) in enumerate(inputs, 1):
        start = time.process_time()
        kind = ""
        try:
            said += _judged(name, data, number, limit)
        except (Exception, Late) as error:
            kind = _kind(error)
            failures[kind] += 1
            if failures[kind] == 1:
                _keep(kept, name, data, error, kind)
        if not kind:
            slowest = max(slowest, time.process_time() - start)
        if number % 10_000 == 0:
            print(f"{number:,} inputs, {sum(failures.values())} failures of {len(failures)} kinds, "
                  f"{time.monotonic() - begun:.0f} s", flush=True)  # fmt: skip
    print(f"{number:,} inputs, {said:,} of them configs, {sum(failures.values())} failures; "
          f"slowest {slowest:.2f} s of {time.monotonic() - begun:.0f}")  # fmt: skip
    return failures


def _judged(name: str, data: bytes, number: int, limit: float) -> bool:
    faulthandler.dump_traceback_later(STUCK, exit=True)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        return judge.judge(name, data, number % 4 == 0, number % 20 == 0)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        faulthandler.cancel_dump_traceback_later()


def _late(_: int, frame: FrameType | None) -> None:
    raise Late(" < ".join(f"{each.name}:{each.lineno}" for each in reversed(traceback.extract_stack(frame)[-8:])))


def _kind(error: BaseException) -> str:
    """Failures of one kind have one cause, mostly: the traceback's end, or the message without values."""
    text = str(error).strip()
    if isinstance(error, Late):
        return f"late: {text.partition(' < ')[0]}"
    places = re.findall(r'File "[^"]*?planner/([^"]*)", line (\d+)', text)
    if places:
        return f"{text.splitlines()[-1][:100]} at {':'.join(places[-1])}"
    if not isinstance(error, judge.Broken):
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {text[:100]} at {Path(last.filename).name}:{last.lineno}"
    return re.sub(r"\d+", "N", text.partition(": ")[0] if "shows" not in text else text)[:120]


def _keep(folder: Path, name: str, data: bytes, error: BaseException, kind: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"\W+", "-", kind)[:80]
    (folder / f"{stem}{Path(name).suffix or '.modelfile'}").write_bytes(data)
    (folder / f"{stem}.txt").write_text(f"{name!a}\n{error}\n", encoding="utf-8", errors="backslashreplace")
    print(f"new: {kind}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
