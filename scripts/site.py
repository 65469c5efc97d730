"""What makes a site of docs/ (mkdocs' hooks): pages from the files at the root, the rules, links out of the folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Files at the root that are pages, and what they are called there."""
LINK = re.compile(r"(\]\()([^)#\s:]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie at the root."""
    for name, page in PAGES.items():
        text = _linked((ROOT / name).read_text(encoding="utf-8"), ROOT, config)
        files.append(File.generated(config, page, content=text))
    return files


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the rules' pages, and at the end those that nobody put anywhere."""
    nav: list[Any] = config.nav or []
    rules = next(entry["Rules"] for entry in nav if isinstance(entry, dict) and "Rules" in entry)
    rules += sorted(f"rules/{path.name}" for path in (ROOT / "docs" / "rules").glob("[A-Z][A-Z][A-Z][0-9]*.md"))
    listed = set(_pages(nav))
    pages = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))
    more = [page for page in pages if page not in listed]
    if more:
        nav.append({"More": more})
    return config


def _pages(nav: Any) -> Iterator[str]:
    """The pages in a navigation."""
    if isinstance(nav, str):
        yield nav
        return
    for entry in nav.values() if isinstance(nav, dict) else nav:
        yield from _pages(entry)


def on_page_markdown(markdown: str, page: Any, config: MkDocsConfig, **_: Any) -> str:
    """Let links to files outside docs/ lead to the repository."""
    if page.file.src_uri in PAGES.values():
        return markdown
    return _linked(markdown, (ROOT / "docs" / page.file.src_uri).parent, config)


def _linked(text: str, folder: Path, config: MkDocsConfig) -> str:
    docs = ROOT / "docs"

    def link(match: re.Match[str]) -> str:
        start, target, anchor = match[1], match[2], match[3] or ""
        path = (folder / target).resolve()
        if path.is_relative_to(docs):
            return f"{start}{path.relative_to(docs)}{anchor})" if folder == ROOT else match[0]
        name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else target
        if folder == ROOT and name in PAGES:
            return f"{start}{PAGES[name]}{anchor})"
        return f"{start}{config.repo_url}/blob/main/{name}{anchor})"

    return LINK.sub(link, text)
