"""What is known from earlier runs is the same as what would be found, and is forgotten when anything changes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import cache, pipeline, stamps
from planner.discover import Found
from planner.outcome import Outcome
from planner.settings import Asked, Lookup

FITS = """\
model: {name: meta-llama/Llama-3.1-8B}
deployment: {engine: vllm, context: 4096, hardware: {accelerator: H100, count: 1}}
"""
EXCEEDS = FITS.replace("8B", "70B")
FOREIGN = "on: push\n"
REFERS = "model: ./model.yaml\ndeployment: {engine: vllm, context: 4096, hardware: {accelerator: H100, count: 1}}\n"


@pytest.fixture(name="files")
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    texts = {"fits.yaml": FITS, "exceeds.yaml": EXCEEDS, "foreign.yaml": FOREIGN, "refers.yaml": REFERS}
    for name, text in texts.items():
        Path(name).write_text(text)
    Path("model.yaml").write_text("model: {name: meta-llama/Llama-3.1-8B}\n")
    return [Found(name, False) for name in texts]


class Runs:
    """Runs over one set of files with one cache, and which files each run worked out."""

    def __init__(self, files: list[Found], environment: dict[str, str]) -> None:
        self.files = files
        self.environment = environment
        self.worked: list[str] = []

    def by_time(self) -> bool:
        return "CI" not in self.environment and not stamps.FINE

    def cache(self) -> Path:
        (file,) = Path("cache").glob("*.json")
        return file

    def kept(self) -> Any:
        return json.loads(self.cache().read_bytes())

    def __call__(self, jobs: int = 1, asked: Asked = Asked()) -> pipeline.Report:  # noqa: B008  a tuple
        options = pipeline.Options(settings=Lookup(asked), plans=False, jobs=jobs)
        plain = pipeline.run(self.files, options)
        self.worked.clear()
        known = cache.find(options, self.environment, "cache")
        assert known is not None
        report = pipeline.run(self.files, options._replace(cache=known))
        assert report == plain
        return report


WAYS = {"by time": ({}, 0), "just written": ({}, stamps.COARSE), "by content": ({"CI": "true"}, 0)}


@pytest.fixture(name="run", params=WAYS)
def _run(files: list[Found], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Runs:
    environment, resolution = WAYS[request.param]
    monkeypatch.setattr(stamps, "FINE", resolution)
    runs = Runs(files, environment)
    check = pipeline.check

    def counted(found: Found, options: pipeline.Options) -> Outcome:
        runs.worked.append(found.file)
        return check(found, options)

    monkeypatch.setattr(pipeline, "check", counted)
    return runs


def test_nothing_is_worked_out_twice(run: Runs) -> None:
    run()
    assert sorted(run.worked) == sorted(found.file for found in run.files)
    run()
    assert run.worked == []


def touch(path: str, text: str) -> None:
    Path(path).write_text(text)
    later = os.stat(path).st_mtime_ns + 10**9
    os.utime(path, ns=(later, later))


def test_a_change_is_noticed(run: Runs) -> None:
    run()
    touch("fits.yaml", EXCEEDS)
    assert {finding.file for finding in run().findings} == {"fits.yaml", "exceeds.yaml"}
    assert run.worked == ["fits.yaml"]


def test_a_change_of_what_a_file_refers_to_is_noticed(run: Runs) -> None:
    run()
    touch("model.yaml", "model: {name: meta-llama/Llama-3.1-70B}\n")
    assert "refers.yaml" in {finding.file for finding in run().findings}
    assert run.worked == ["refers.yaml"]


def test_a_file_that_was_not_there_is_noticed(run: Runs) -> None:
    """A folder called as the model: now that is what the name means."""
    run()
    os.makedirs("meta-llama/Llama-3.1-8B")
    run()
    assert "fits.yaml" in run.worked


def test_other_settings_are_another_question(run: Runs) -> None:
    run()
    assert run(asked=Asked(overrides=("levels.FIT001=info",))).findings[0].level == "info"
    assert sorted(run.worked) == sorted(found.file for found in run.files)


def test_another_version_knows_nothing(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.setattr(cache, "__version__", "99.0")
    run()
    assert len(run.worked) == len(run.files)


def test_other_data_know_nothing(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.setattr(cache, "installed", lambda: [1, 2])
    run()
    assert len(run.worked) == len(run.files)


def test_a_change_of_a_table_is_other_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "planner" / "catalog" / "models.jsonl"
    table.parent.mkdir(parents=True)
    table.write_text("{}")
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "planner" / "cache.py"))
    before = cache.installed()
    assert cache.installed() == before
    touch(str(table), "[]")
    assert cache.installed() != before


def test_nothing_but_the_time_changes(run: Runs) -> None:
    run()
    touch("exceeds.yaml", EXCEEDS)
    before = run().findings
    assert run.worked == (["exceeds.yaml"] if run.by_time() else [])
    assert run().findings == before
    assert run.worked == []


@pytest.mark.parametrize("replace", [False, True], ids=["written over", "replaced"])
def test_another_file_of_the_same_time_and_size_is_noticed(run: Runs, replace: bool) -> None:
    run()
    before = os.stat("exceeds.yaml")
    other = EXCEEDS.replace("H100", "L40S")
    assert len(other) == len(EXCEEDS)
    Path("other" if replace else "exceeds.yaml").write_text(other)
    if replace:
        os.replace("other", "exceeds.yaml")
    os.utime("exceeds.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
    run()
    assert run.worked == ["exceeds.yaml"]


def test_what_was_just_written_is_known_by_its_content_until_its_time_tells(
    files: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the resolution of a clock the same time may stand for two contents."""
    run = Runs(files, {})
    run()
    assert {entry[0][0] for entry in run.kept()["files"].values()} == {"#"}
    monkeypatch.setattr(stamps, "FINE", 0)
    run()
    assert not any(entry[0].startswith("#") for entry in run.kept()["files"].values())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"key": 1}', '{"key": null, "files": 3}', "[" * 10_000, "\x00\xff", ',"sum":x}']
)
def test_a_damaged_cache_is_none(run: Runs, text: str) -> None:
    run()
    run.cache().write_text(text)
    run()
    assert len(run.worked) == len(run.files)


@given(st.data())
@settings(max_examples=200)
def test_no_damage_goes_unnoticed(data: st.DataObject) -> None:
    text = cache.signed(b'{"key":"a","files":{"a.yaml":["1 2 3",0]},"known":[["{}",1]],"paths":{}}')
    assert json.loads(text)["files"] == json.loads(cache.unsigned(text))["files"]
    at = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.binary(max_size=2))
    if text[at : at + 1] != byte:
        with pytest.raises(ValueError, match="damaged"):
            cache.unsigned(text[:at] + byte + text[at + 1 :])
    with pytest.raises(ValueError, match="damaged"):
        cache.unsigned(text[:at])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_several_that_write_at_once_leave_a_whole_cache(run: Runs) -> None:
    run()
    file = run.cache()
    children = []
    for number in range(4):
        if (child := os.fork()) == 0:
            try:
                for turn in range(8):
                    if (number + turn) % 2:
                        file.unlink(missing_ok=True)
                    run(asked=Asked(overrides=("levels.FIT001=info",)) if turn % 3 else Asked())
            except BaseException:  # a child must not go on with the other tests
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert [file.name for file in Path("cache").iterdir()] == [file.name]
    run()
    run()
    assert run.worked == []


def test_a_failure_of_planner_itself_is_not_kept(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pipeline.check

    def check(found: Found, options: pipeline.Options) -> Outcome:
        if found.file == "fits.yaml":
            raise ZeroDivisionError
        return whole(found, options)

    options = pipeline.Options(settings=Lookup(), plans=False)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "check", check)
        pipeline.run(run.files, options._replace(cache=cache.find(options, run.environment, "cache")))
    run()
    assert run.worked == ["fits.yaml"]


def test_a_cache_that_cannot_be_written_is_none(run: Runs) -> None:
    Path("cache").write_text("a file where the folder should be")
    run()
    run()
    assert len(run.worked) == len(run.files)


@pytest.mark.skipif(os.name == "nt", reason="owners and modes as POSIX has them")
@pytest.mark.parametrize("how", ["others may write it", "it is somebody else's", "it is a FIFO"])
def test_what_others_can_have_written_is_none(run: Runs, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can write there could have findings forgotten."""
    run()
    (file,) = Path("cache").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    if how == "others may write it":
        file.chmod(0o620)
    elif how == "it is a FIFO":
        file.unlink()
        os.mkfifo(file)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    run()
    assert len(run.worked) == len(run.files)


def test_nothing_is_written_through_what_lies_in_a_shared_folder(run: Runs) -> None:
    run()
    (file,) = Path("cache").iterdir()
    file.unlink()
    Path(f"{file}.{os.getpid()}").symlink_to(Path("victim").absolute())
    run()
    assert not Path("victim").exists()


@pytest.mark.parametrize(
    ("environment", "there"),
    [
        pytest.param({"XDG_CACHE_HOME": "/abs"}, True, id="where XDG says"),
        pytest.param({"HOME": "."}, True, id="in the home"),
        pytest.param({"XDG_CACHE_HOME": "/abs", "CI": "true"}, False, id="CI: only where it is said"),
        pytest.param({"XDG_CACHE_HOME": "relative", "HOME": "/nonexistent"}, False, id="a relative path is none"),
        pytest.param({"HOME": "/nonexistent"}, False, id="no home is made for it"),
        pytest.param({"HOME": "/"}, False, id="the root is no home"),
        pytest.param({"HOME": ""}, False, id="an empty home is none"),
    ],
)
def test_it_is_kept_in_the_users_own_folder(
    environment: dict[str, str], there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, str(tmp_path) if value == "." else value)
    assert (cache.find(pipeline.Options(), environment) is not None) is there
    assert cache.find(pipeline.Options(), environment, "named") is not None


def test_readers_look_at_the_disk_where_it_is_remembered() -> None:
    """Whoever asks `os.path` behind the cache's back would be answered from an earlier run."""
    root = Path(pipeline.__file__).parent
    allowed = {"formats/started.py", "catalog/model_row.py", "catalog/own.py", "catalog/hub_cache.py"}
    for room in ("formats", "catalog"):
        for file in (root / room).rglob("*.py"):
            text = file.read_text()
            if file.relative_to(root).as_posix() not in allowed:
                assert not any(f"os.path.{word}(" in text for word in ("isfile", "isdir", "exists", "samefile")), file
                assert "os.listdir(" not in text, file
