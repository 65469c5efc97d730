"""What settings may say, and what is said of those that cannot be used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner import schema
from planner.settings import DEFAULT, Lookup, Settings, SettingsError
from planner.settings.shown import lines

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Project = Callable[[dict[str, str]], Path]
SCHEMA: Any = schema.load("settings")


def stated(root: Path) -> Settings:
    return Lookup().of(str(root / "a.yaml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ingore = []", "did you mean `ignore`"),
        ("[thresholds]\nheadrom = 0.1", "did you mean `headroom`"),
        ("[[hardware]]\nacelerator = 'L4'", "did you mean `accelerator`"),
        ("ignore = 'TOK'", "`ignore`"),
        ("ignore = ['FIT009']", "no rule is called `FIT009`"),
        ("ignore = ['tokens-contradikt']", "did you mean `tokens-contradict`"),
        ("ignore = ['CFG002']", "CFG002 cannot be silenced"),
        ("levels = {CFG001 = 'off'}", "CFG001 cannot be silenced"),
        ("levels = {FIT001 = 'fatal'}", "one of: error, warning, info, off"),
        ("levels = {FIT9 = 'off'}", "no rule is called `FIT9`"),
        ("levels = {FIT001 = 1979-05-27}", "1979-05-27"),
        ("extend = 07:32:00", "07:32:00"),
        ("per-file-ignores = {'a.yaml' = ['TOX']}", "did you mean `TOK`"),
        ("select = ['FITT']", "no rule is called `FITT`\ndid you mean `FIT`"),
        ("select = ['FIT*']", "not the code, prefix or name of a rule"),
        ("fail-on = 'warn'", "fail-on"),
        ("thresholds.headroom = 5", "headroom"),
        ("thresholds.headroom = nan", "headroom is no number"),
        ("thresholds.tokens-per-parameter = inf", "tokens-per-parameter is no number"),
        ("thresholds.tokens-per-parameter = 0", "tokens-per-parameter"),
        ("thresholds.epochs = 0.5", "epochs"),
        ("[[hardware]]\ncount = 8", "a table with `accelerator`"),
        ("[[hardware]]\naccelerator = 'H1000'", "H1000"),
        ("[[hardware]]\nmemory = '80'", "memory"),
        ("catalog = ['missing.jsonl']", "missing.jsonl"),
        ("baseline = ''", "baseline"),
        ("a = [", "not valid TOML"),
        ("a = 1\na = 2", "not valid TOML"),
        (f"a{'.b' * 50_000} = 1", "too many parts"),
        ("a = [[]]\n" * 50_000, "too many keys"),
    ],
)
def test_settings_that_cannot_be_used_are_said_with_their_place(project: Project, text: str, said: str) -> None:
    root = project({"planner.toml": text})
    with pytest.raises(SettingsError) as caught:
        stated(root)
    assert said in str(caught.value)
    assert str(root / "planner.toml") in str(caught.value)


@pytest.mark.parametrize("tool", ["tool.planner = 1", "[[tool.planner]]\nignore = []"])
def test_a_table_is_expected(project: Project, tool: str) -> None:
    with pytest.raises(SettingsError, match=r"`tool\.planner` is not a table"):
        stated(project({"pyproject.toml": tool}))


def test_the_key_is_named_as_it_stands_in_a_pyproject(project: Project) -> None:
    with pytest.raises(SettingsError, match=r"`tool\.planner` has no key `ingore`"):
        stated(project({"pyproject.toml": "[tool.planner]\ningore = []"}))


def test_bytes_that_are_no_text_are_said(project: Project) -> None:
    root = project({})
    (root / "planner.toml").write_bytes(b"ignore = ['\xff']")
    with pytest.raises(SettingsError, match="not valid TOML"):
        stated(root)


def test_every_key_of_the_schema_is_a_setting() -> None:
    of_settings = {name.replace("_", "-") for name in Settings._fields} - {"file"}
    assert set(SCHEMA["properties"]) - {"extend"} == of_settings
    thresholds = {name.replace("_", "-") for name in type(DEFAULT.thresholds)._fields}
    assert set(SCHEMA["properties"]["thresholds"]["properties"]) == thresholds


EVERY = """\
select = ["FIT", "weights-exceed-memory"]
extend-select = ["ALL"]
ignore = ["TOK"]
exclude = ["vendor/**"]
fail-on = "warning"
baseline = "known.json"
per-file-ignores = { "experiments/**" = ["TOK", "little-headroom"] }
levels = { FIT004 = "info", TOK = "off" }
thresholds = { headroom = 0.1, tokens-per-parameter = 100, epochs = 2 }

[[hardware]]
files = "train/**"
accelerator = "H100-80GB"
count = 8

[[hardware]]
memory = "24GB"
"""


def test_every_key_is_read(project: Project) -> None:
    root = project({"planner.toml": EVERY})
    found = stated(root)
    assert found.select == ("FIT", "FIT001")
    assert found.extend_select == ("",)
    assert found.per_file_ignores[0][1] == ("TOK", "FIT004")
    assert found.thresholds == (0.1, 100, 2)
    assert found.baseline == str(root / "known.json")
    train, rest = found.hardware
    assert (train.hardware.name, train.hardware.count, train.files[0].pattern) == ("H100-80GB", 8, "train/**")
    assert (rest.hardware.name, rest.files) == (None, ())


def test_what_is_shown_is_toml_that_says_the_same(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = project({"planner.toml": EVERY})
    found = stated(root)
    shown = "\n".join(lines(found, "a.yaml"))
    assert shown.startswith(f"# a.yaml: {root / 'planner.toml'}\n")
    tomllib.loads(shown)
    (root / "planner.toml").write_text(shown, encoding="utf-8")
    again = stated(root)
    bare = {"hardware": (), "file": None}
    assert again._replace(**bare) == found._replace(**bare)
    assert [profile.hardware.count for profile in again.hardware] == [8, None]
