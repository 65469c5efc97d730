"""No secret that a config holds is repeated by anything that is said of it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import discover, pipeline
from planner.discretion import _TELLING, _WORD, _may_hold, spans
from planner.report import LINT, PLAN, render
from planner.report.style import Style

CONFIG = """\
model: {{name: x, parameters: 70B, dtype: {0}, hf_token: {0}}}
deployment:
  engine: vllm
  context: 4096
  hardware: {{memory: 80GiB, count: 1, password: "{0}", API_KEY: '{0}'}}
  engine_args: {{api-key: {0}}}
"""


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 8192",
        "tokens: 5T",
        "tokenizer: x/y",
        "eos_token: abcd",
        "pad_token: '<s>'",
        "bos_token_id: 1",
        "key: abcd",
        "public_key: abcd",
        "token: true",
        "token: null",
        "HF_TOKEN: ${HF_TOKEN}",
        "HF_TOKEN: {{ .Values.token }}",
        "- HF_TOKEN=$HF_TOKEN",
        "secretKeyRef: {name: hf, key: token}",
        "secretName: hf-secret",
        "- name: HF_TOKEN\n  valueFrom: {secretKeyRef: {name: hf}}",
        "- name: PORT\n  value: abcd1234\n- name: HF_TOKEN\n  valueFrom: {secretKeyRef: {name: hf}}",
        "image: https://host:5000/image@sha256:abcd1234",
        "url: https://host/path?at=12:30@noon",
        "url: postgres://user:$PASSWORD@host",
        "# a bearer certificate, basic authentication",
        "region: asiasoutheast1asiasoutheast1",
        "password:\nother: abcd",
        "token:\n  name: abcd",
        "token:\n  'name': abcd",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert list(spans(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "hf_token: s3cr3t",
        "HF_TOKEN: s3cr3t # mine",
        "HUGGING_FACE_HUB_TOKEN: &t s3cr3t",
        '{"api_key": "s3cr3t"}',
        'API-KEY = "s3cr3t"',
        "aws_secret_access_key: s3cr3t",
        "password: 's3cr3t'",
        "password: 's3cr3t\n  ",
        'password: "s3cr3t',
        "- OPENAI_API_KEY=s3cr3t",
        "- name: HF_TOKEN\n  value: s3cr3t",
        "[{name: HF_TOKEN, value: s3cr3t}]",
        "vllm serve x --api-key s3cr3t --port 8000",
        "vllm serve x --api-key=s3cr3t",
        "- --hf-token\n- s3cr3t",
        '["--api-key", "s3cr3t"]',
        "- value: s3cr3t\n  name: HF_TOKEN",
        '[{"value": "s3cr3t", "name": "HF_TOKEN"}]',
        "url: https://user:s3cr3t@host/x",
        "--endpoint=postgres://u:s3cr3t@db:5432/x",
        'settings: \'{"api_key": "s3cr3t"}\'',
        'settings: "{\\"api_key\\": \\"s3cr3t\\"}"',
        "settings: '{''api_key'': ''s3cr3t''}'",
        "password: [s3cr3t]",
        'password = """s3cr3t"""',
        "password = '''s3cr3t'''",
        '{"hf_token": ""s3cr3t"}',
        "hf_token:\n  s3cr3t\nother: x",
        "hf_token: &t  # mine\r\n\r\n  # the old one\r\n  's3cr3t'\r\n",
        "aws_secret_access_key:\r s3cr3t",
    ],
)
def test_what_stands_under_the_name_of_a_secret_is_one(text: str) -> None:
    assert [text[start:end] for start, end in spans(text)] == ["s3cr3t"]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("password: correct horse  # mine", "correct horse"),
        ("password: a,b,c", "a,b,c"),
        ("{password: a b, c: d}", "a b"),
        ("password: ['one', \"two\"]\n", "'one', \"two\""),
        ("password:\n- one\n- two\nother: x\n", "- one\n- two\n"),
        ("a: '', password: '', c: ''", ""),
    ],
)
def test_all_of_it_is(text: str, hidden: str) -> None:
    assert "".join(text[start:end] for start, end in spans(text)) == hidden


def test_a_secret_of_several_lines_ends_where_its_block_does() -> None:
    text = "a:\n  private_key: |\n    one\n\n    two\n  b: 1\n"
    assert [text[start:end] for start, end in spans(text)] == ["    one\n\n    two\n"]


@pytest.mark.parametrize(
    "secret",
    ["hf_" + "aB3" * 10, "sk-" + "aB3-" * 8, "ghp_" + "aB3" * 12, "nvapi-" + "x9" * 12, "github_pat_" + "aB3_" * 10,
     "glpat-" + "aB3-" * 5, "AKIA" + "AB34" * 4, "ASIA" + "AB34" * 4, "AIza" + "aB3_-" * 7, "xoxb-" + "12-aB" * 4,
     "sk_live_" + "aB3" * 8, "npm_" + "aB3" * 12, "ya29." + "aB3-" * 8,
     "eyJ" + "aB3" * 5 + ".eyJ" + "aB3" * 5 + ".aB_-3",
     "-----BEGIN RSA PRIVATE KEY-----\n  MIIEaB3/+=\n"],
    ids=lambda secret: secret[:8],
)  # fmt: skip
def test_some_tell_themselves(secret: str) -> None:
    text = f"x: {secret}"
    assert [text[start:end] for start, end in spans(text)] == [secret]


@pytest.mark.parametrize("form", [*LINT, *(f"plan {name}" for name in PLAN)])
def test_no_report_shows_it(tmp_path: Path, form: str) -> None:
    secret = "correct-horse-battery"
    (tmp_path / "a.yaml").write_text(CONFIG.format(secret))
    report = pipeline.run(discover.find([str(tmp_path / "a.yaml")]), pipeline.Options())
    assert {"CFG006", "CFG007", "FIT001"} <= {finding.rule for finding in report.findings}
    table = PLAN if form.startswith("plan") else LINT
    printed = "\n".join(render(table[form.split()[-1]], report, Style()))
    assert secret not in printed


def test_lines_stay_as_long_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CONFIG.format("12345678"))
    report = pipeline.run(discover.find([str(tmp_path / "a.yaml")]), pipeline.Options())
    printed = list(render(LINT["text"], report, Style()))
    assert any(line.endswith("dtype: ********, hf_token: ********}") for line in printed)


@pytest.mark.parametrize(
    "text",
    ["token" * 200_000, "a_" * 400_000 + "token", "--" * 300_000 + "token", "-token" * 100_000, "secret " * 100_000,
     "token: |\n" * 100_000, "token:'" * 100_000, "token:" + " " * 500_000, "password: '" + "a" * 1_000_000,
     "--token " * 100_000, "hf_" * 300_000, "://" * 300_000, "://a:" * 200_000, "bearer " * 150_000, "eyJ" * 300_000,
     "bearer " + "a" * 1_000_000, "-----BEGIN PRIVATE KEY-----" * 30_000, "value: x name: token" * 50_000,
     "token:\n" * 100_000, "token:" + "\n#" * 300_000, "token:\n" + "\"" * 500_000, "token:\n" + "a:" * 300_000],
    ids=lambda text: f"{text[:8]!r}",
)  # fmt: skip
def test_looking_for_secrets_takes_no_longer_than_the_text_is(text: str) -> None:
    begun = time.process_time()
    assert sum(end - start for start, end in spans(text)) <= len(text)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("text", ["max_num_batched_tokens: 8192", "tokens: 5T", "Tokenizer: x/y", "weights: fp8"])
def test_most_files_need_no_closer_look(text: str) -> None:
    assert not any(_may_hold(text))


@pytest.mark.parametrize("pattern", [_WORD, _TELLING], ids=["names", "shapes"])
@given(before=st.sampled_from(["", "tokens", "TOKENIZER", "max_tokens: 1\n", "K"]), data=st.data())
def test_the_quick_look_lets_no_word_pass(pattern: str, before: str, data: st.DataObject) -> None:
    text = before + data.draw(st.from_regex(pattern))
    assert _may_hold(text)[pattern == _TELLING] or not re.search(pattern, text)
