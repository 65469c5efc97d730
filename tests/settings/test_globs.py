"""Which files a pattern means."""

from __future__ import annotations

import time

import pytest

from planner.settings import Glob
from planner.settings.globs import matches


@pytest.mark.parametrize(
    ("pattern", "file", "meant"),
    [
        ("train/**", "train/a.yaml", True),
        ("train/**", "train/deep/a.yaml", True),
        ("train/**", "eval/train/a.yaml", False),
        ("train/*", "train/a.yaml", True),
        ("train/*", "train/deep/a.yaml", True),  # the folder `deep` matches, and with it what it holds
        ("train/*.yaml", "train/deep/a.yaml", False),
        ("train/", "train/a.yaml", True),
        ("train", "eval/train/a.yaml", True),
        ("*.yaml", "deep/a.yaml", True),
        ("./a.yaml", "a.yaml", True),
        ("./a.yaml", "deep/a.yaml", False),
        ("**/a.yaml", "a.yaml", True),
        ("**/a.yaml", "deep/er/a.yaml", True),
        ("deep/**/a.yaml", "deep/a.yaml", True),
        ("deep/**/a.yaml", "deep/x/y/a.yaml", True),
        ("[ab].yaml", "b.yaml", True),
        ("A.yaml", "a.yaml", False),
        ("?.yaml", "ab.yaml", False),
        ("**", "a.yaml", True),
        ("", "a.yaml", False),
    ],
)
def test_a_pattern_means_files(pattern: str, file: str, meant: bool) -> None:
    assert matches(Glob("/project", pattern), f"/project/{file}") is meant


def test_a_pattern_is_for_files_below_the_settings() -> None:
    assert not matches(Glob("/project/sub", "*.yaml"), "/project/a.yaml")
    assert not matches(Glob("/project/sub", "**"), "/project/subway/a.yaml")


def test_a_pattern_takes_no_time() -> None:
    start = time.process_time()
    assert not matches(Glob("/", "/".join(["**", "a*"] * 20) + "/x"), "/" + "/".join(["ab"] * 60))
    assert time.process_time() - start < 0.5
