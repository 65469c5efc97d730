"""Whatever comes in, the next message is answered."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

from planner.server.incoming import LINE, Incoming

TOO_LARGE = """\
model: {name: x, parameters: 70B, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, hardware: {memory: 80GiB, count: 1}}
"""


def message(content: Any) -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def call(method: str, number: int | None = None, **params: Any) -> bytes:
    known = {} if number is None else {"id": number}
    return message({"jsonrpc": "2.0", **known, "method": method, "params": params})


def opened(uri: str, text: str = TOO_LARGE) -> bytes:
    return call("textDocument/didOpen", textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})


def hovered(uri: str, number: int) -> bytes:
    return call("textDocument/hover", number, textDocument={"uri": uri}, position={"line": 1, "character": 1})


HOSTILE = [
    b"Content-Length: 99999999999999\r\n\r\n{}",
    b"Content-Length: " + b"9" * 6_000 + b"\r\n\r\n",
    b"Content-Length: -5\r\n\r\n",
    b"Content-Length: x\r\n\r\n",
    b"\x00\xff" * 10_000 + b"\r\n\r\n",
    message(b"{nope"),
    message(bytes(range(256))),
    message(b"[" * 100_000),
    message(b"5"),
    message([1, 2, 3]),
    message({"id": 7, "method": "no/version"}),
    call("no/such/method", 8),
    call("textDocument/didOpen", textDocument=5),
    call("workspace/executeCommand", 9, command="rm", arguments=["-rf", "/"]),
    call("$/cancelRequest", id="nobody"),
    opened("untitled:Untitled-1"),
    opened("file:///a%00b.yaml"),
    opened("file:///deep.yaml", "model: " + "[" * 50_000),
    hovered("file:///no/such/file.yaml", 10),
]


def test_no_message_ends_the_server(tmp_path: Path) -> None:
    """A FIFO that is asked about and not open is not waited for."""
    uri = (tmp_path / "a.yaml").as_uri()
    sent = [call("initialize", 1, capabilities={}, processId=None, rootUri=None), call("initialized"), *HOSTILE]
    if os.name != "nt":
        os.mkfifo(tmp_path / "never.yaml")
        sent.append(hovered((tmp_path / "never.yaml").as_uri(), 11))
    sent += [opened(uri), hovered(uri, 77), call("shutdown", 78), call("exit")]
    done = subprocess.run(
        [sys.executable, "-m", "planner", "server"], input=b"".join(sent), capture_output=True, check=False, timeout=60
    )
    answers = {int(found) for found in re.findall(rb'"id": ?(\d+)', done.stdout)}
    assert {1, 8, 9, 10, 77, 78} <= answers
    assert b"130.39 GiB" in done.stdout
    assert done.returncode == 0


def test_a_length_that_nobody_can_mean_is_none() -> None:
    stream = Incoming(io.BytesIO(b"Content-Length: 123456789\r\n{}Content-Length: 12345678\r\n" + b"x" * (LINE + 1)))
    assert stream.readline() == b"\n"
    assert stream.readline() == b"Content-Length: 12345678\r\n"
    assert (len(stream.readline()), stream.readline(), stream.readline()) == (LINE, b"x", b"")
    assert Incoming(io.BytesIO(b"abc")).read(2) == b"ab"
