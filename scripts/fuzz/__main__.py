"""Throws damaged inputs at planner: `python scripts/fuzz [--inputs N] [--seconds S] [--seed N] [FOLDER…]`.

Every config goes the whole way, from bytes through all formats and rules to the reports, and must end without an
exception, in time, with everything said once and nothing that steers a terminal. So must repositories, settings,
baselines, logs, checkpoints and command lines (`--only config,log`). It starts from the project's own configs, and from
those in the folders. The inputs of a seed are always the same, unless `--learn` starts from what reached new lines as
well. Of each kind of failure the first input is kept; `--replay` judges the files that are given as they are.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import os
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import again
import judge
import mutate
import seeds
from coverage import Coverage
from surfaces import SURFACES

SIBLINGS = ("a.yaml", "config.json", "zero3.json", "model.yaml", "ds_config.json", "task.yaml", "adapter_config.json")
"""Names that configs refer to or that readers look for beside them; other inputs take turns in being there."""
CONFIG = "config"
SHARES = {CONFIG: 100, "project": 4, "settings": 2, "baseline": 1, "log": 3, "checkpoint": 3, "command": 2}
"""How often inputs of each kind are made."""
STUCK, OFTEN = 900, 200
"""Seconds without an end of `OFTEN` inputs after which the process ends with a traceback: what no signal interrupts."""


class Late(BaseException):
    """An input takes longer than it may. No handler of exceptions stops it."""


def main() -> int:
    """Run, and say what failed; 1 if anything did."""
    options = _options()
    options.keep, options.paths = os.path.abspath(options.keep), [os.path.abspath(path) for path in options.paths]
    signal.signal(signal.SIGVTALRM, _late)
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        run = Run(options)
        run.all(_given(options.paths) if options.replay else run.made())
        os.chdir("/")
    for kind, count in run.failures.most_common():
        print(f"{count:>6} × {kind}")
    return 1 if run.failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python scripts/fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="*", help="folders with further configs, or files with --replay")
    parser.add_argument("--inputs", type=int, default=10**9, help="how many inputs")
    parser.add_argument("--seconds", type=float, default=10**9, help="how long at most")
    parser.add_argument("--seed", type=int, default=0, help="other numbers make other inputs")
    parser.add_argument("--only", default=",".join(SHARES), help="kinds of inputs, by comma (default: all)")
    parser.add_argument(
        "--learn", action="store_true", help="start from inputs that reach new lines, too (Python 3.12)"
    )
    parser.add_argument("--limit", type=float, default=1.0, help="seconds of processor time that an input may take")
    parser.add_argument("--slow", type=float, default=0.3, help="seconds from which an input is kept to look at")
    parser.add_argument("--keep", default="fuzz-failures", help="folder for inputs that fail")
    parser.add_argument("--replay", action="store_true", help="judge the given files as they are")
    return parser.parse_args()


def _given(paths: list[str]) -> Iterator[tuple[str, str, bytes]]:
    for path in map(Path, paths):
        kind = (
            path.suffix[1:]
            if path.suffix[1:] in SURFACES
            else path.parent.name
            if path.parent.name in SURFACES
            else CONFIG
        )
        yield kind, path.name, path.read_bytes()


class Run:
    """Makes inputs, judges them and counts."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.failures = Counter[str]()
        self._options = options
        self._made = Counter[str]()
        self._said = 0
        self._slowest = 0.0
        self._begun = time.monotonic()
        self._coverage = Coverage() if options.learn else None
        self._mutator: mutate.Mutator | None = None

    def made(self) -> Iterator[tuple[str, str, bytes]]:
        """Inputs, until there are enough."""
        options = self._options
        started = [*seeds.own(), *seeds.of_folders(options.paths)]
        self._mutator = mutator = mutate.Mutator(started, options.seed)
        print(f"{len(started):,} seeds", flush=True)
        kinds = [kind for kind in SHARES if kind in options.only.split(",")]
        end = time.monotonic() + options.seconds
        for index in range(options.inputs):
            if time.monotonic() > end:
                return
            rng = mutator.random(index)
            kind = rng.choices(kinds, [SHARES[kind] for kind in kinds])[0]
            name, data = mutator.config(rng) if kind == CONFIG else SURFACES[kind].make(rng, mutator)
            if index % 40 == 0 and kind == CONFIG:
                Path(SIBLINGS[index // 40 % len(SIBLINGS)]).write_bytes(data)
            yield kind, name, data

    def all(self, inputs: Iterator[tuple[str, str, bytes]]) -> None:
        """Judge each of `inputs`; say how it goes."""
        gc.disable()
        gc.freeze()
        for number, (kind, name, data) in enumerate(inputs, 1):
            if number % OFTEN == 1:
                faulthandler.dump_traceback_later(STUCK, exit=True)
            if number % (5 * OFTEN) == 1:
                gc.collect()
            self._one(kind, name, data, number)
            if number % 10_000 == 0:
                self._tell(number)
        faulthandler.cancel_dump_traceback_later()
        self._tell(self._made.total())

    def _tell(self, number: int) -> None:
        seconds = time.monotonic() - self._begun
        reached = f", {self._coverage.reached:,} lines and branches" if self._coverage else ""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self._made.most_common())
        failed = f"{self.failures.total()} failures of {len(self.failures)} kinds"
        pace = f"slowest {self._slowest:.2f} s of {seconds:.0f}, {number / max(seconds, 0.001):.0f}/s"
        print(f"{number:,} inputs, {self._said:,} spoken of, {failed}, {pace}; {kinds}{reached}", flush=True)

    def _one(self, kind: str, name: str, data: bytes, number: int) -> None:
        start, reached = time.process_time(), self._coverage.reached if self._coverage else 0
        self._made[kind] += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, self._options.limit)
        try:
            self._said += _judged(kind, name, data, number, self._options.replay)
        except (Exception, Late) as error:
            self._failed(_class(error), kind, name, data, error)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        taken = time.process_time() - start
        if taken > self._slowest:
            self._slowest = taken
            if taken > self._options.slow:
                self._keep(f"slow {taken:.2f}", kind, name, data, "")
        if (
            self._coverage
            and self._mutator
            and kind == CONFIG
            and self._coverage.reached > reached
            and len(data) < 5000
        ):
            self._mutator.learn(name, data)

    def _failed(self, failure: str, kind: str, name: str, data: bytes, error: BaseException) -> None:
        self.failures[failure] += 1
        if self.failures[failure] == 1:
            self._keep(failure, kind, name, data, str(error))

    def _keep(self, failure: str, kind: str, name: str, data: bytes, said: str) -> None:
        folder = Path(self._options.keep) / ("" if kind == CONFIG else kind)
        folder.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"\W+", "-", failure)[:80]
        (folder / f"{stem}{Path(name).suffix or '.modelfile'}").write_bytes(data)
        (folder / f"{stem}.txt").write_text(f"{name!a}\n{said}\n", encoding="utf-8", errors="backslashreplace")
        print(f"new: {kind}: {failure}", flush=True)


def _judged(kind: str, name: str, data: bytes, number: int, whole: bool) -> bool:
    if kind != CONFIG:
        return SURFACES[kind].judge(name, data, number)
    looks = range(len(judge.FORMS)) if whole else (number,)
    spoken = all([judge.judge(name, data, each) for each in looks])  # noqa: C419  each of them
    if whole or number % 8 == 0:
        report = judge.linted(name, data)
        if whole or any(finding.repair.edits for finding in report.findings):
            again.mended(name, data)
        if spoken and (whole or number % 16 == 0):
            again.respelled(name, data, report)
        if whole or number % 150 == 0:
            again.edited(name, data, report)
    return spoken


def _late(_: int, frame: FrameType | None) -> None:
    raise Late(" < ".join(f"{each.name}:{each.lineno}" for each in reversed(traceback.extract_stack(frame)[-8:])))


def _class(error: BaseException) -> str:
    """Failures of one class have one cause, mostly: the traceback's end, or the message without values."""
    text = str(error).strip()
    if isinstance(error, Late):
        return f"late: {text.partition(' < ')[0]}"
    places = re.findall(r'File "[^"]*?planner/([^"]*)", line (\d+)', text)
    if places:
        return f"{text.splitlines()[-1][:100]} at {':'.join(places[-1])}"
    if not isinstance(error, judge.Broken):
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {text[:100]} at {Path(last.filename).name}:{last.lineno}"
    return re.sub(r"\d+", "N", text.partition(": ")[0])[:100]


if __name__ == "__main__":
    sys.exit(main())
