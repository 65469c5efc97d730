"""Reading Hugging Face `config.json` keys: aliases, nested text configs, and the defaults of each model type."""

from __future__ import annotations


class ConfigError(ValueError):
    """A config that cannot describe a model: `key` is missing or nonsense."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key
