"""The language server: diagnostics, memory on hover and quick fixes in an editor (extra `lsp`).

`checking` looks at the text of an editor as if it were saved, `hover` and `actions` answer with it, `serving` speaks
the protocol through pygls; only there are its types known.
"""
