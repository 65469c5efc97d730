"""Several processes that share out the files of a run; the same results in the same order as one would have.

`os.fork` and a pipe: `multiprocessing` costs 50 ms to start. What crosses a pipe is JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from planner.outcome import FOREIGN, Outcome, decode, encode
from planner.settings import SettingsError

if TYPE_CHECKING:
    from planner.discover import Found

    Result = Outcome | Exception
    Work = Callable[[Found], Result]

CHUNK = 32
"""Files that a process takes at a time: few enough to be even, enough that locality and pipes do not matter."""
WORTH_IT = 100
"""Files per process below which forking costs more than it saves."""
MOST = 8


class LostError(Exception):
    """The process that checked a file died over it."""


def automatic(files: int) -> int:
    """Processes for so many files on this machine."""
    if not hasattr(os, "fork"):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST, files // WORTH_IT))


def shared_out(files: Sequence[Found], work: Work, jobs: int, chunk: int = CHUNK) -> Iterator[Result]:
    """`work` on each of `files`, in their order. A file that kills its process is a `LostError`; no other is lost."""
    chunks = [files[start : start + chunk] for start in range(0, len(files), chunk)]
    jobs = min(jobs, len(chunks))
    workers = [_started(chunks[number::jobs], work) for number in range(jobs)]
    try:
        for number, mine in enumerate(chunks):
            results = workers[number % jobs].next()
            if results is not None:
                yield from results
                continue
            if chunk == 1:
                yield LostError("the process that checked it died")
            else:
                yield from shared_out(mine, work, 1, 1)
            workers[number % jobs].end()
            workers[number % jobs] = _started(chunks[number + jobs :: jobs], work)
    finally:
        for worker in workers:
            worker.end()


def _started(chunks: Sequence[Sequence[Found]], work: Work) -> _Worker | _Here:
    """Who works through `chunks`: a process of its own, or this one where the system gives no more of them."""
    try:
        return _Worker(chunks, work)
    except OSError:
        return _Here(chunks, work)


class _Here:
    """A worker that is this process: each chunk is worked through when its results are asked for."""

    def __init__(self, chunks: Sequence[Sequence[Found]], work: Work) -> None:
        self._results = ([work(found) for found in chunk] for chunk in chunks)

    def next(self) -> list[Result] | None:
        return next(self._results)

    def end(self) -> None:
        self._results.close()


class _Worker:
    """A process that works through chunks of files, one line of JSON for each."""

    def __init__(self, chunks: Sequence[Sequence[Found]], work: Work) -> None:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        reading, writing = os.pipe()
        try:
            self._process = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            raise
        if self._process == 0:
            os.close(reading)
            _work_off(chunks, work, writing)
        os.close(writing)
        self._lines = os.fdopen(reading, "rb")

    def next(self) -> list[Result] | None:
        """The results of its next chunk; None if it died over it. Raises SettingsError as `work` does."""
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            return None
        found = json.loads(line)
        if isinstance(found, str):
            raise SettingsError(found)
        return [_received(row) for row in found]

    def end(self) -> None:
        self._lines.close()
        try:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        except (ProcessLookupError, ChildProcessError):
            return


def _work_off(chunks: Sequence[Sequence[Found]], work: Work, writing: int) -> NoReturn:
    """The life of a worker; it never returns into the program that it was forked from."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        with os.fdopen(writing, "wb") as pipe:
            for chunk in chunks:
                try:
                    line = json.dumps([_sent(work(found)) for found in chunk])
                except SettingsError as error:
                    line = json.dumps(str(error))
                pipe.write(line.encode() + b"\n")
                pipe.flush()
    finally:
        os._exit(0)


def _sent(result: Result) -> Any:
    """None for a file that is none of our business, two strings and a traceback for a failure."""
    if isinstance(result, Exception):
        import traceback

        from planner import plugins

        lines = traceback.format_exception(type(result), result, result.__traceback__)
        return {
            "type": type(result).__name__,
            "message": str(result),
            "traceback": "".join(lines),
            "plugin": plugins.blamed(result),
        }
    return None if result == FOREIGN else encode(result)


def _received(row: Any) -> Result:
    if row is None:
        return FOREIGN
    if isinstance(row, dict):
        kind = type(row["type"], (Exception,), {"plugin": row["plugin"]})
        error: Exception = kind(row["message"])
        error.__cause__ = Exception(row["traceback"])
        return error
    return decode(row)
