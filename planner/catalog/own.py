"""Writing the user's own catalogue: a file of JSON lines that is read before the built-in one."""

from __future__ import annotations

import os


def add(path: str, name: str | None, file: str) -> tuple[str, str]:
    """Write the config.json at `path` (or in that folder) as a row called `name` to `file`: (its id, the file).

    A row of that name is replaced. Raises OSError and ValueError.
    """
    import json

    config_file = os.path.join(path, "config.json") if os.path.isdir(path) else path
    with open(config_file, encoding="utf-8") as text:
        config = json.load(text)
    if not isinstance(config, dict) or not ("model_type" in config or "architectures" in config):
        raise ValueError("is no config.json of a model: it has neither model_type nor architectures")
    identifier = name or os.path.basename(os.path.dirname(os.path.abspath(config_file)))
    rows = [row for row in _rows(file) if row.get("id") != identifier]
    rows.append({"id": identifier, "config": config, "source": os.path.abspath(config_file), "date": _today()})
    os.makedirs(os.path.dirname(os.path.abspath(file)), exist_ok=True)
    with open(file, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    return identifier, file


def _rows(file: str) -> list[dict[str, object]]:
    import json

    if not os.path.exists(file):
        return []
    with open(file, encoding="utf-8") as text:
        return [row for row in map(json.loads, filter(str.strip, text)) if isinstance(row, dict)]


def _today() -> str:
    import time

    return time.strftime("%Y-%m-%d")
