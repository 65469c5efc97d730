"""A linter and planner for the configuration of large language models."""

__version__ = "0.1.0"
