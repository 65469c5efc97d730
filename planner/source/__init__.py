"""Text to documents of plain values with positions. Knows YAML and JSON, nothing of models."""

from __future__ import annotations

from planner.source.reader import read

__all__ = ["read"]
