"""Formats and rules that other packages bring along, as they lie in the folder of an environment."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner import lint, plugins
from planner.rules import registry

PACKAGE = '''\
"""A format of one's own, and a rule."""

from planner.formats.registry import Format
from planner.rules.registry import Violation, rule
from planner.workload import Model, Origin, Workload

FORMAT = Format("acme", "acme_planner", None, ("acme_deployment",))


def recognise(document):
    return isinstance(document.data, dict) and "acme_deployment" in document.data


def read(document, context):
    found = document.data["acme_deployment"]
    path = ("acme_deployment", "weights")
    yield Workload(
        document,
        "acme",
        "a deployment of Acme's",
        model=Model(parameters=int(found["weights"]), dtype="bfloat16"),
        origins={"model.parameters": Origin("key", path), "model": Origin("key", path)},
    )


@rule("ACM001", "too-many-for-acme", "warning", since="1.0", url="https://acme.example/ACM001")
def too_many(plan):
    """A model of more than 10 billion parameters.

    ## What it does
    Counts.
    """
    if plan.model is not None and plan.model.total > 10**10:
        yield Violation("model.parameters", f"{plan.model.total:,} parameters are too many for Acme")
'''
POINTS = """\
[console_scripts]
acme = acme_planner:main

[planner.formats]
acme = acme_planner:FORMAT

[planner.rules]
acme = acme_planner
"""
CONFIG = "acme_deployment: {weights: 20000000000}\n"
NATIVE = "model: {parameters: 20B, dtype: bfloat16}\ndeployment: {hardware: {memory: 80GiB}}\n"


class Environment:
    """A folder of installed packages, first on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, package: str = PACKAGE, points: str = POINTS, name: str = "acme_planner") -> None:
        (self.folder / f"{name}.py").write_text(package, encoding="utf-8")
        information = self.folder / f"{name}-1.0.dist-info"
        information.mkdir()
        (information / "entry_points.txt").write_text(points, encoding="utf-8")


@pytest.fixture(name="environment")
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield Environment(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme_planner"]:
        del sys.modules[name]
    for code in [code for code, rule in registry.RULES.items() if not registry.is_own(rule)]:
        del registry.RULES[code]
    for cached in (plugins._installed, plugins._formats, plugins._rules):
        cached.cache_clear()


def codes(text: str, **asked: object) -> list[str]:
    return [finding.rule for finding in lint(text=text, isolated=True, **asked).findings]  # type: ignore[arg-type]


def test_packages_without_entry_points_of_planners_are_no_plugins(environment: Environment) -> None:
    environment.install(points="[console_scripts]\nplanner.formats = acme_planner:main\n")
    assert [plugin for plugin in plugins.found() if plugin.module == "acme_planner"] == []


def test_a_folder_that_packages_are_not_installed_to_brings_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    Environment(repository).install()
    monkeypatch.syspath_prepend(str(repository))
    assert "acme_planner" not in {plugin.module for plugin in plugins.found()}


def test_what_is_installed_is_used(environment: Environment) -> None:
    assert codes(CONFIG) == []
    environment.install()
    plugins._installed.cache_clear()
    report = lint(text=CONFIG, filename="a.yaml", isolated=True)
    [finding] = report.findings
    assert (finding.rule, finding.name, finding.level) == ("ACM001", "too-many-for-acme", "warning")
    assert (finding.line, finding.column) == (1, 28)
    assert report.checked == 1


def test_its_rules_judge_formats_of_planners_own(environment: Environment) -> None:
    environment.install()
    assert "ACM001" in codes(NATIVE)


def test_its_rules_are_called_as_all_are(environment: Environment) -> None:
    environment.install()
    assert codes(CONFIG, ignore=["ACM"]) == []
    assert codes(CONFIG, config=["levels.too-many-for-acme='off'"]) == []
    assert codes(f"# planner: ignore-file[ACM001] they have the room\n{CONFIG}") == []


def test_they_can_be_switched_off(environment: Environment) -> None:
    environment.install()
    assert codes(CONFIG, plugins=False) == []
    assert codes(CONFIG) == ["ACM001"]


@pytest.mark.parametrize(
    ("package", "points", "why"),
    [
        ("raise ImportError('no such thing')", POINTS, "no such thing"),
        ("import sys; sys.path = 1 / 0", POINTS, "ZeroDivisionError"),
        ("", POINTS, "has no attribute 'FORMAT'"),
        ("FORMAT = 1", POINTS, "int is no planner.formats.registry.Format"),
        (PACKAGE.replace("ACM001", "FIT099"), POINTS, "no family of planner's and three digits: FIT099"),
        (PACKAGE.replace("ACM001", "FIT001"), POINTS, "(taken by weights-exceed-memory|three digits: FIT001)"),
        (PACKAGE.replace("ACM001", "acme-1"), POINTS, "three digits: acme-1"),
    ],
)
def test_one_that_cannot_be_used_is_named(environment: Environment, package: str, points: str, why: str) -> None:
    environment.install(package, points)
    with pytest.raises(plugins.PluginError, match=f"the plugin acme-planner 1.0 .*{why}"):
        codes(CONFIG + "---\n" + NATIVE)
    assert codes(CONFIG, plugins=False) == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_one_that_fails_on_a_file_leaves_the_others(
    environment: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    from planner.cli import main

    environment.install()
    (tmp_path / "bad.yaml").write_text("acme_deployment: {weights: many}\n")
    (tmp_path / "good.yaml").write_text(CONFIG)
    assert main(["lint", "--isolated", "--jobs", jobs, str(tmp_path / "bad.yaml"), str(tmp_path / "good.yaml")]) == 3
    said = capsys.readouterr()
    assert "bad.yaml in the plugin acme-planner 1.0: ValueError" in said.err
    assert "good.yaml:1:28: warning ACM001" in said.out


def test_it_is_shown_explained_and_left_out(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    from planner.cli import main

    environment.install()
    assert main(["--version"]) == 0
    assert "plugin acme-planner 1.0: acme (formats), acme (rules)" in capsys.readouterr().out
    assert main(["explain", "too-many-for-acme"]) == 0
    assert "https://acme.example/ACM001" in capsys.readouterr().out
    (environment.folder / "a.yaml").write_text(CONFIG)
    assert main(["lint", "--no-plugins", str(environment.folder / "a.yaml")]) == 0
    assert plugins.switch(True)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"])
def test_its_findings_are_reported_in_every_format(environment: Environment, form: str) -> None:
    from planner import render

    environment.install()
    assert "ACM001" in render(lint(text=CONFIG, isolated=True), form)


def test_hostile_entry_points_are_none(environment: Environment) -> None:
    for number, text in enumerate(
        ("[planner.rules]\n= x\n= =\na b\n[", "[planner.rules]\na = ../x:y\n", "\x00[planner.")
    ):
        environment.install("", text, f"hostile{number}")
    (environment.folder / "empty-1.dist-info" / "entry_points.txt").mkdir(parents=True)
    assert not {plugin.module for plugin in plugins.found()} & {"", "..", "x"}


def test_looking_costs_less_than_a_millisecond_with_none_installed(environment: Environment) -> None:
    for number in range(100):
        environment.install("", "[console_scripts]\na = a:b\n", f"package{number}")
    path = (str(environment.folder),)
    took = []
    for _ in range(20):
        plugins._installed.cache_clear()
        start = time.process_time()
        plugins._installed(path)
        took.append(time.process_time() - start)
    assert min(took) < 0.001


def test_looking_needs_no_importlib_metadata() -> None:
    probe = "import sys; from planner import plugins; plugins.found(); print('importlib.metadata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_package_in_the_documentation_works(environment: Environment) -> None:
    page = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")
    modules = dict(re.findall(r"^```python\n# (\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    for name, text in modules.items():
        (environment.folder / name).parent.mkdir(exist_ok=True)
        (environment.folder / name).write_text(text, encoding="utf-8")
    points = re.findall(r'^\[project\.entry-points\."(.*?)"\]\n(\w+) = "(.*?)"$', page, re.MULTILINE)
    information = environment.folder / "acme_planner-1.0.dist-info"
    information.mkdir()
    (information / "entry_points.txt").write_text("".join(f"[{group}]\n{name}={at}\n" for group, name, at in points))
    assert codes(CONFIG) == ["ACM001"]
    assert codes("acme_deployment: {weights: many}\n") == []
