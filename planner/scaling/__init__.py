"""Tokens and FLOPs: how many training tokens a model wants, and what training it costs. Knows neither configs nor
files."""

LARGEST = 10**18
"""Parameters up to which the laws are evaluated."""
