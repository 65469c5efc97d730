"""What planner reads besides single configs: repositories, settings, baselines, logs, checkpoints, command lines."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shlex
import shutil
from collections.abc import Callable, Iterator
from typing import NamedTuple

import judge
import mutate
import seeds
from checkpoints import CONFIG, INDEX, POINTER, gguf, safetensors
from judge import must
from vocabulary import NUMBERS, SHELL, VALUES

from planner import pipeline
from planner.cli import main
from planner.discover import Found, find
from planner.settings import Lookup, SettingsError


class Surface(NamedTuple):
    """A kind of input: how it is made and what must hold of it."""

    make: Callable[[random.Random, mutate.Mutator], tuple[str, bytes]]
    judge: Callable[[str, bytes, int], bool]


CONFIGURED = """\
model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}  # planner: ignore[FIT001] known
deployment: {engine: vllm, context: 4096, hardware: {accelerator: L4, count: 1}}
training: {stage: pretrain, tokens: 20B, sequence_length: 4096, micro_batch_size: 4}
"""
SETTINGS = """\
select = ["FIT", "TOK001", "CFG"]
extend-select = "PAR"
ignore = ["FIT004"]
exclude = ["vendor/**", "*.bak"]
fail-on = "warning"
baseline = "planner-baseline.json"
catalog = ["models.jsonl"]
extend = "other.toml"
[levels]
FIT001 = "warning"
tokens-too-few = "off"
[thresholds]
headroom = 0.05
tokens-per-parameter = 20
epochs = 4
[per-file-ignores]
"train/**" = ["TOK"]
[[hardware]]
files = ["*.yaml"]
accelerator = "H100-80GB"
count = 8
[[hardware]]
memory = "24GB"
"""
BASELINE = json.dumps(
    {"version": 1, "findings": {"a.yaml": {"FIT001": {"deployment": 1}, "TOK001": {"training.tokens": 2}}}}, indent=1
)
ROW = '{"name": "acme/a-7b", "config": ' + json.dumps(json.loads(CONFIG)) + ', "source": "x", "date": "2025-01-01"}\n'
COMMANDS = (
    "plan --model meta-llama/Llama-2-7b-hf --hardware L4:2 --context 8K --dtype fp8 --concurrency 3 --engine vllm",
    "plan --model m --quantization awq --tensor-parallel 4 --format json --price 2.5",
    "plan --flops 5.76e23 --tokens 1.4T --mfu 0.4",
    "plan --days 30 --hardware H100-80GB:8 --lifetime-inference-tokens 2T",
    "what-if --model qwen3-8b,m --hardware L4,H100 --devices 1,2 --context 8K,9000 --concurrency 1,8 --engine vllm:0.9",
    "what-if --model m --hardware L4 --quantization none,awq --dtype fp16 --kv-cache-dtype fp8 -f csv --fits-only",
    "lint a.yaml --hardware 24GB:2 --config thresholds.headroom=0.1 --select FIT,TOK --ignore CFG001 --format json",
    "lint a.yaml --fix --unsafe-fixes --diff --baseline planner-baseline.json --fail-on info -j 1",
    "plan a.yaml --config levels.FIT=off --hardware H100:8 --isolated", "models llama --format json", "hardware h100",
    "explain FIT001 TOK", "rules --format json", "verify start.log a.yaml --hardware L4 --document 0", "schema config",
)  # fmt: skip
ELSEWHERE = ("/", "~", ".", "-o", "--o", "--plot", "--cache")
"""What would read or write outside of the folder that a command is given: `--fix /` would mend this machine."""


def _project(rng: random.Random, mutator: mutate.Mutator) -> tuple[str, bytes]:
    files = dict(rng.choice(seeds.projects()))
    for name in rng.choices(list(files), k=rng.choice((1, 1, 2))):
        files[name] = mutator.damaged(rng, seeds.Seed(name, files[name]))[1].decode("utf-8", "replace")
    return "a.project", json.dumps(files).encode()


def _judge_project(name: str, data: bytes, number: int) -> bool:
    """All files of a repository, in both orders; the order makes no difference."""
    files = json.loads(data)
    with _folder({file: mutate.encoded(text) for file, text in files.items()}):
        found = tuple(find(["."]))
        try:
            reports = [pipeline.run(each, pipeline.Options(settings=Lookup())) for each in (found, found[::-1])]
        except SettingsError as error:
            return bool(str(error))
        judge.uncrashed(reports[0])
        judge.check(reports[0], data, number)
        must(_said(reports[0]) == _said(reports[1]), "another order of files, another report")
    return bool(reports[0].findings or reports[0].not_checked or reports[0].plans)


def _said(report: pipeline.Report) -> object:
    return report.findings, report.not_checked, report.checked


def _settings(rng: random.Random, mutator: mutate.Mutator) -> tuple[str, bytes]:
    text = "\n".join(line for line in SETTINGS.split("\n") if rng.random() < 0.6 or line.startswith("["))
    return "a.settings", mutator.damaged(rng, seeds.Seed("planner.toml", text))[1]


def _judge_settings(name: str, data: bytes, number: int) -> bool:
    files = {"planner.toml": data, "a.yaml": CONFIGURED.encode(), "planner-baseline.json": BASELINE.encode()}
    return _with_settings({**files, "other.toml": b'ignore = ["CFG"]\n', "models.jsonl": ROW.encode()}, number)


def _baseline(rng: random.Random, mutator: mutate.Mutator) -> tuple[str, bytes]:
    return "a.baseline", mutator.damaged(rng, seeds.Seed("planner-baseline.json", BASELINE))[1]


def _judge_baseline(name: str, data: bytes, number: int) -> bool:
    return _with_settings({"planner-baseline.json": data, "a.yaml": CONFIGURED.encode()}, number)


def _with_settings(files: dict[str, bytes], number: int) -> bool:
    """Settings hold, or it is said why they cannot be used."""
    with _folder(files):
        try:
            options = pipeline.Options(settings=Lookup(), baseline="")
            report = pipeline.run([Found("a.yaml", True)], options)
        except SettingsError as error:
            must(bool(str(error).strip()), "settings are refused without a word")
            return True
        judge.uncrashed(report)
        judge.check(report, b" ".join(files.values()), number)
        return bool(report.findings)


def _log(rng: random.Random, mutator: mutate.Mutator) -> tuple[str, bytes]:
    data = bytearray(rng.choice(seeds.logs()))
    for _ in range(rng.choice((1, 2, 4, 9))):
        if rng.random() < 0.5:
            mutate.damage(rng, data)
        else:
            data = bytearray(_renumbered(rng, bytes(data)))
    return "a.log", bytes(data)


def _renumbered(rng: random.Random, data: bytes) -> bytes:
    """A number in `data` is another one."""
    at = rng.randint(0, len(data))
    end = at
    while at < len(data) and not data[at : at + 1].isdigit():
        at += 1
    end = at
    while end < len(data) and data[end : end + 1] in b"0123456789.":
        end += 1
    return data[:at] + mutate.encoded(str(rng.choice(NUMBERS))) + data[end:]


def _judge_log(name: str, data: bytes, number: int) -> bool:
    from planner.plan import make_plan
    from planner.report import verify_json, verify_text
    from planner.verify.comparison import compare
    from planner.verify.reading import read as measured_in
    from planner.verify.workload import from_log

    measured = measured_in(io.BytesIO(data))
    if measured is None:
        return False
    workload = from_log(measured, "a.log", None)
    result = compare(measured, "a.log", make_plan(workload) if workload else None)
    judge.safe("verify text", "\n".join(verify_text.render(result, judge.STYLE)))
    text = "\n".join(verify_json.render(result, judge.STYLE))
    judge.safe("verify json", text)
    judge.valid("verify", judge.parsed(text))
    return True


def _checkpoint(rng: random.Random, mutator: mutate.Mutator) -> tuple[str, bytes]:
    name, data = rng.choice((("a.safetensors", safetensors()), ("a.gguf", gguf()), ("a.safetensors", POINTER),
                             ("model.safetensors.index.json", INDEX.encode())))  # fmt: skip
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if rng.random() < 0.3:
            at = rng.randint(0, len(changed))
            width = rng.choice((4, 8))
            changed[at : at + width] = rng.choice((0, 1, 255, 2**31, 2**32 - 1, 2**48, 2**63, 2**64 - 1)).to_bytes(
                8, "little"
            )[:width]
        else:
            mutate.damage(rng, changed)
    return name, bytes(changed)


def _judge_checkpoint(name: str, data: bytes, number: int) -> bool:
    """A config names the checkpoint, and its folder."""
    model = "a.gguf" if name.endswith(".gguf") else "m"
    engine = "llama.cpp" if name.endswith(".gguf") else "vllm"
    deployment = f"{{engine: {engine}, context: 512, hardware: {{memory: 24GB, count: 1}}}}"
    text = f"model: {{name: ./{model}}}\ndeployment: {deployment}\n"
    if name.endswith(".gguf"):
        files = {"a.gguf": data, "Modelfile": b"FROM ./a.gguf\nPARAMETER num_ctx 512\n"}
    else:
        files = {"m/config.json": CONFIG.encode(), f"m/{name}": data}
    with _folder({**files, "a.yaml": text.encode()}):
        report = pipeline.run([Found("a.yaml", True), *find(["."])], pipeline.Options())
        judge.uncrashed(report)
        judge.check(report, data, number)
    return True


def _command(rng: random.Random, mutator: mutate.Mutator) -> tuple[str, bytes]:
    words = rng.choice(COMMANDS).split(" ")
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.randrange(1, len(words) + 1)
        match rng.randrange(6):
            case 0:
                del words[at : at + 1]
            case 1 | 2:
                words[at : at + 1] = [str(rng.choice(NUMBERS))]
            case 3:
                words[at : at + 1] = [str(rng.choice(VALUES))]
            case 4:
                words.insert(at, rng.choice(rng.choice(COMMANDS).split(" ")[1:] or ["-"]))
            case _:
                words.insert(at, rng.choice(SHELL))
    if any(word.startswith(ELSEWHERE) for word in words):
        return _command(rng, mutator)
    return "a.command", json.dumps(words).encode()


def _judge_command(name: str, data: bytes, number: int) -> bool:
    """A command ends with one of its exit codes; what it prints is safe."""
    words = [os.fsdecode(mutate.encoded(word)).replace("\0", "") for word in json.loads(data)]
    log = seeds.logs()[0]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape") for _ in range(2))
    files = {
        "a.yaml": CONFIGURED.encode(),
        "m/config.json": CONFIG.encode(),
        "start.log": log,
        "planner-baseline.json": BASELINE.encode(),
    }
    with _folder(files), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(words)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    printed = []
    for stream in (out, err):
        stream.flush()
        printed.append(stream.buffer.getvalue().decode("utf-8", "surrogateescape"))  # type: ignore[attr-defined]
    must("internal error" not in printed[1], f"{shlex.join(words)}: {_crash(printed[1])}")
    must(status in (0, 1, 2, 3), f"exit code {status}")
    for form, text in zip(("output", "errors"), printed, strict=True):
        judge.safe(f"{words[0]} {form}", text.rstrip("\n").replace("\r", ""))
    must(status != 2 or bool(printed[1].strip()), "wrong usage without a word")
    return True


def _crash(said: str) -> str:
    """The traceback of a report of planner's own."""
    path = said.rpartition("bug report: ")[2].strip()
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return said


@contextlib.contextmanager
def _folder(files: dict[str, bytes]) -> Iterator[None]:
    """Work in a folder with these files only."""
    before = os.getcwd()
    os.mkdir("p")
    try:
        os.chdir("p")
        for name, data in files.items():
            if os.path.dirname(name):
                os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, "wb") as file:
                file.write(data)
        yield
    finally:
        os.chdir(before)
        shutil.rmtree("p")


SURFACES = {
    "project": Surface(_project, _judge_project),
    "settings": Surface(_settings, _judge_settings),
    "baseline": Surface(_baseline, _judge_baseline),
    "log": Surface(_log, _judge_log),
    "checkpoint": Surface(_checkpoint, _judge_checkpoint),
    "command": Surface(_command, _judge_command),
}
