"""The server as an editor starts it, over its standard streams."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

from lsprotocol import types
from pygls.lsp.client import LanguageClient

TOO_LARGE = """\
model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
"""
FITS = TOO_LARGE.replace("70b", "7b")


class Editor:
    """An editor with one file open."""

    def __init__(self, client: LanguageClient, path: Path) -> None:
        self._client = client
        self.uri = path.as_uri()
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.shown: list[types.ShowMessageParams] = []
        client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self.shown.append(params))
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self.told.put_nowait(params))

    async def diagnostics(self) -> list[types.Diagnostic]:
        found = await asyncio.wait_for(self.told.get(), 30)
        assert found.uri == self.uri
        return list(found.diagnostics)

    def open(self, text: str) -> None:
        item = types.TextDocumentItem(self.uri, "yaml", 1, text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, text: str) -> None:
        change = types.TextDocumentContentChangeWholeDocument(text)
        identifier = types.VersionedTextDocumentIdentifier(2, self.uri)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    def close(self) -> None:
        identifier = types.TextDocumentIdentifier(self.uri)
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    async def hover(self, line: int) -> Any:
        at = types.HoverParams(types.TextDocumentIdentifier(self.uri), types.Position(line, 0))
        return await self._client.text_document_hover_async(at)

    async def actions(self, line: int) -> Any:
        where = types.Range(types.Position(line, 0), types.Position(line, 0))
        identifier = types.TextDocumentIdentifier(self.uri)
        asked = types.CodeActionParams(identifier, where, types.CodeActionContext([]))
        return await self._client.text_document_code_action_async(asked)


def session(path: Path, script: Callable[[Editor], Awaitable[None]]) -> None:
    async def run() -> None:
        client = LanguageClient("test", "1")
        editor = Editor(client, path)
        await client.start_io(sys.executable, "-m", "planner", "server", "--stdio")
        root = path.parent.as_uri()
        asked = types.InitializeParams(types.ClientCapabilities(), root_uri=root)
        await asyncio.wait_for(client.initialize_async(asked), 30)
        client.initialized(types.InitializedParams())
        await script(editor)
        await client.shutdown_async(None)
        client.exit(None)
        await asyncio.wait_for(client.stop(), 30)

    asyncio.run(run())


def test_a_file_is_opened_mended_and_closed(tmp_path: Path) -> None:
    async def script(editor: Editor) -> None:
        editor.open(TOO_LARGE)
        [found] = await editor.diagnostics()
        assert (found.code, found.severity, found.source) == ("FIT001", types.DiagnosticSeverity.Error, "planner")
        assert (found.range.start.line, found.range.start.character) == (1, 52)
        assert "54.88 GiB too much" in found.message
        assert "= help" not in found.message
        assert found.code_description is not None
        assert found.code_description.href.endswith("FIT001.md")

        shown = await editor.hover(1)
        assert "128.48 GiB" in shown.contents.value
        [action] = await editor.actions(1)
        assert action.title == "Silence FIT001 here"
        [edit] = action.edit.changes[editor.uri]
        assert edit.new_text == "  # planner: ignore[FIT001] reason"
        assert (edit.range.start.line, edit.range.start.character) == (1, len(TOO_LARGE.splitlines()[1]))
        assert not await editor.actions(0)

        editor.change(FITS)
        assert await editor.diagnostics() == []
        editor.close()
        assert await editor.diagnostics() == []

    session(tmp_path / "a.yaml", script)


def test_what_mends_a_finding_is_offered_before_what_silences_it(tmp_path: Path) -> None:
    async def script(editor: Editor) -> None:
        text = TOO_LARGE.replace("Llama-2-70b-hf", "Llama-3.1-8B").replace("4096", "131072")
        editor.open(text.replace("accelerator: A100-80GB", "memory: 24GiB"))
        assert [each.code for each in await editor.diagnostics()] == ["FIT002"]
        mend, silence = await editor.actions(1)
        assert mend.title.startswith("Set context to ")
        assert mend.is_preferred
        [edit] = mend.edit.changes[editor.uri]
        assert (edit.range.start.character, edit.range.end.character) == (36, 42)
        assert 16_384 <= int(edit.new_text) < 65_536
        assert silence.title == "Silence FIT002 here"

    session(tmp_path / "a.yaml", script)


def test_what_is_not_checked_is_said_and_others_files_are_left_alone(tmp_path: Path) -> None:
    async def script(editor: Editor) -> None:
        editor.open("on: push\n")
        assert await editor.diagnostics() == []
        assert await editor.hover(0) is None
        editor.change("model: {name: nobody/knows-this}\ndeployment: {engine: vllm, context: 4096}\n")
        found = await editor.diagnostics()
        assert any("not checked" in each.message for each in found)

    session(tmp_path / "a.yaml", script)


def test_settings_that_cannot_be_used_are_said_once(tmp_path: Path) -> None:
    (tmp_path / "planner.toml").write_text("nonsense = 1\n")

    async def script(editor: Editor) -> None:
        editor.open(TOO_LARGE)
        assert await editor.diagnostics() == []
        assert await editor.hover(1) is None
        editor.change(FITS)
        assert await editor.diagnostics() == []
        [said] = editor.shown
        assert "nonsense" in said.message
        (tmp_path / "planner.toml").write_text("")
        editor.change(TOO_LARGE)
        assert [found.code for found in await editor.diagnostics()] == ["FIT001"]

    session(tmp_path / "a.yaml", script)


def test_without_pygls_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['pygls'] = None; from planner.cli import main; sys.exit(main(['server']))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'llm-config-planner[lsp]'" in done.stderr
