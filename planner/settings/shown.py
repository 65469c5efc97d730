"""Settings as one would write them, for `--show-settings`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from planner.settings import DEFAULT, Glob, Profile, Settings


def lines(settings: Settings, path: str) -> Iterator[str]:
    """What holds for `path`, and whose settings those are."""
    yield f"# {path}: {settings.file or 'no settings file'}"
    for key, value in settings._asdict().items():
        if key != "file" and value != getattr(DEFAULT, key):
            yield from _shown(key.replace("_", "-"), value)


def _shown(key: str, value: Any) -> Iterator[str]:
    if key == "per-file-ignores":
        yield f"{key} = {{ {', '.join(f'{_text(glob)} = {_text(codes)}' for glob, codes in value)} }}"
    elif key == "levels":
        yield f"{key} = {{ {', '.join(f'{code or _ALL} = {_text(level)}' for code, level in value)} }}"
    elif key == "hardware":
        yield f"{key} = [{', '.join(map(_profile, value))}]"
    elif key == "thresholds":
        for name, threshold in value._asdict().items():
            if threshold is not None:
                yield f"{key}.{name.replace('_', '-')} = {threshold}"
    else:
        yield f"{key} = {_text(value)}"


def _profile(profile: Profile) -> str:
    stated = {"accelerator": profile.hardware.name, "count": profile.hardware.count}
    if profile.hardware.name is None and profile.hardware.memory is not None:
        stated["memory"] = f"{profile.hardware.memory}B"
    files = [f"files = {_text(profile.files)}"] if profile.files else []
    return f"{{ {', '.join([*files, *(f'{key} = {_text(value)}' for key, value in stated.items() if value)])} }}"


_ALL = "ALL"


def _text(value: object) -> str:
    """`value` as TOML has it; "" among rules is ALL."""
    if isinstance(value, Glob):
        return json.dumps(value.pattern, ensure_ascii=False)
    if isinstance(value, tuple):
        return f"[{', '.join(_text(each if each != '' else _ALL) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)
