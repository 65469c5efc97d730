"""The language server protocol, by pygls."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from planner import __version__
from planner.pipeline import Options, run
from planner.server.actions import Insertion, silencing
from planner.server.checking import check
from planner.server.hover import hover
from planner.server.incoming import Incoming
from planner.server.positions import position
from planner.settings import SettingsError

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report, Unchecked

SOURCE = "planner"
SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}


def serve(options: Options) -> None:
    """Answer over standard input and output until the editor goes away."""
    server(options).start_io(Incoming(sys.stdin.buffer))  # type: ignore[arg-type]  # as much of a stream as is read


def server(options: Options) -> LanguageServer:
    """A server that checks what an editor opens; `options` say what configs run on that state nothing."""
    made = LanguageServer("planner", __version__)
    desk = Desk(made, options)
    kinds = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    made.feature(types.TEXT_DOCUMENT_DID_OPEN)(partial(Desk.changed, desk))
    made.feature(types.TEXT_DOCUMENT_DID_CHANGE)(partial(Desk.changed, desk))
    made.feature(types.TEXT_DOCUMENT_DID_SAVE)(partial(Desk.saved, desk))
    made.feature(types.TEXT_DOCUMENT_DID_CLOSE)(partial(Desk.closed, desk))
    made.feature(types.TEXT_DOCUMENT_HOVER)(partial(Desk.hover, desk))
    made.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)(partial(Desk.actions, desk))
    return made


class Desk:
    """What is open, and what there is to say of it."""

    def __init__(self, made: LanguageServer, options: Options) -> None:
        self._server = made
        self._options = options
        self._wrong = ""

    def changed(self, params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams) -> None:
        """Say what is wrong with a text."""
        self._publish(params.text_document.uri)

    def saved(self, params: types.DidSaveTextDocumentParams) -> None:
        """Look at all that is open: others may rest on the file, or on the settings that it is."""
        for uri in list(self._server.workspace.text_documents):
            self._publish(uri)

    def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        """Take back what was said."""
        self._say(params.text_document.uri, [])

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """The memory of the config under the cursor."""
        text, path = self._text(params.text_document.uri)
        found = hover(self._report(text, path).plans, params.position.line + 1)
        if not found:
            return None
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, found))

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What mends the findings in a range, and what silences them."""
        uri = params.text_document.uri
        text, path = self._text(uri)
        first, last = params.range.start.line + 1, params.range.end.line + 1
        again = partial(self._report, path=path)
        offered = []
        for finding in again(text).findings:
            if finding.file != path or not finding.line <= last or not finding.end_line >= first:
                continue
            if finding.repair.edits and all(edit.file == path for edit in finding.repair.edits):
                offered.append(self._mending(uri, text, finding))
            insertion = silencing(text, finding, again)
            if insertion is not None:
                offered.append(self._action(uri, text, finding, insertion))
        return offered

    def _mending(self, uri: str, text: str, finding: Finding) -> types.CodeAction:
        """All edits of a finding; the safe ones are what an editor may apply by itself."""
        safe, message, edits = finding.repair
        return types.CodeAction(
            f"{message[:1].upper()}{message[1:]}",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self._diagnostic(text, uri, finding)],
            is_preferred=safe,
            edit=types.WorkspaceEdit(
                changes={uri: [types.TextEdit(self._range(text, *edit[1:5]), edit.text) for edit in edits]}
            ),
        )

    def _action(self, uri: str, text: str, finding: Finding, insertion: Insertion) -> types.CodeAction:
        at = self._position(text, insertion.line, insertion.column)
        edit = types.TextEdit(types.Range(at, at), insertion.text)
        return types.CodeAction(
            insertion.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self._diagnostic(text, uri, finding)],
            edit=types.WorkspaceEdit(changes={uri: [edit]}),
        )

    def _publish(self, uri: str) -> None:
        text, path = self._text(uri)
        self._say(uri, list(self._diagnostics(text, uri, path, self._report(text, path))))

    def _say(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))

    def _report(self, text: str, path: str) -> Report:
        """As `check`; of settings that cannot be used it is said once why, and there is nothing else to say."""
        try:
            report, wrong = check(text, path, self._options), ""
        except SettingsError as error:
            report, wrong = run((), Options()), str(error)
        if wrong and wrong != self._wrong:
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"planner: {wrong}"))
        self._wrong = wrong
        return report

    def _text(self, uri: str) -> tuple[str, str]:
        """The text of a document, and the path of the file that it is or will be; no text of one that is not open."""
        document = self._server.workspace.text_documents.get(uri)
        return (document.source, document.path or uri) if document else ("", uri)

    def _diagnostics(self, text: str, uri: str, path: str, report: Report) -> Iterator[types.Diagnostic]:
        yield from (self._diagnostic(text, uri, finding) for finding in report.findings if finding.file == path)
        yield from (self._unchecked(text, entry) for entry in report.not_checked if entry.file == path)

    def _diagnostic(self, text: str, uri: str, finding: Finding) -> types.Diagnostic:
        from planner.rules.page import url

        page = url(finding.rule)
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(uri, self._range(text, each.line, each.column, each.end_line, each.end_column)),
                each.message,
            )
            for each in finding.related
            if each.file == finding.file
        ]
        return types.Diagnostic(
            self._range(text, finding.line, finding.column, finding.end_line, finding.end_column),
            f"{finding.message}\n{finding.help}".strip(),
            severity=SEVERITY[finding.level],
            code=finding.rule,
            code_description=types.CodeDescription(page) if page else None,
            source=SOURCE,
            related_information=related or None,
        )

    def _unchecked(self, text: str, entry: Unchecked) -> types.Diagnostic:
        said = f"{entry.what} not checked: {entry.because}\n{entry.mend}".strip()
        place = self._range(text, entry.line, 1, entry.line, len(text))
        return types.Diagnostic(place, said, severity=types.DiagnosticSeverity.Information, source=SOURCE)

    def _range(self, text: str, line: int, column: int, end_line: int, end_column: int) -> types.Range:
        return types.Range(self._position(text, line, column), self._position(text, end_line, end_column))

    def _position(self, text: str, line: int, column: int) -> types.Position:
        encoding = self._server.server_capabilities.position_encoding or types.PositionEncodingKind.Utf16
        return types.Position(*position(text, line, column, str(getattr(encoding, "value", encoding))))
