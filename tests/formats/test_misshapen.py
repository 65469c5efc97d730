"""A config of which a section has no keys is told from what is nobody's business, and said to be not checked."""

from __future__ import annotations

import pytest

from planner import pipeline
from planner.discover import Found


def report(text: str) -> pipeline.Report:
    return pipeline.run([Found("-", True)], pipeline.Options(stdin=text.encode(), stdin_name="a.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "model: {name: gpt-4}\ndeployment: gpt-4-in-europe\n",
        "model: a/b\ndeployment: prod\nregion: eu\n",
        "model: {name: a/b, layers: 3}\ndeployment: prod\n",
        "model: {name: a/b}\ntraining: true\nsteps: 5\n",
        "training: 5\ndeployment: [a]\n",
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nspec: x\n",
        "apiVersion: kaito.sh/v1\nkind: Workspace\nresource: {instanceType: x}\n",
        "apiVersion: example.org/v1\nkind: Model\nspec: kubeai.org/\n",
    ],
)
def test_what_is_of_others_passes_in_silence(text: str) -> None:
    found = report(text)
    assert (found.findings, found.not_checked) == ((), ())


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("model: {name: a/b}\ndeployment: prod\n", "`deployment` is 'prod', not a mapping"),
        ("model: {name: llama-2-7b, dtype: fp16}\ntraining: [a]\n", "`training` is a list, not a mapping"),
        ("deployment: {engine: vllm}\nmodel: 7\n", "`model` is 7, not a mapping"),
        ("apiVersion: ome.io/v1beta1\nkind: ClusterBaseModel\nspec: x\n", "`spec` is 'x', not a mapping"),
        ("apiVersion: kaito.sh/v1\nkind: Workspace\ninference: []\n", "`inference` is a list, not a mapping"),
        ("apiVersion: kubeai.org/v1\nkind: Model\nspec: 1\n", "`spec` is 1, not a mapping"),
    ],
)
def test_what_is_ours_is_said_to_be_not_checked(text: str, because: str) -> None:
    found = report(text)
    assert not found.findings
    assert [each.because for each in found.not_checked] == [because]


@pytest.mark.parametrize(
    "text",
    [
        "model: [a]\ndeployment: {engine: vllm, context: 4096, hardware: {accelerator: L4, count: 1}}\n",
        "model: {name: a/b}\ndeployment: 5\ntraining: {stage: pretrain, tokens: 1T, sequence_length: 9}\n",
    ],
)
def test_where_all_else_is_certain_it_is_an_error(text: str) -> None:
    assert [each.rule for each in report(text).findings if each.level == "error"] == ["CFG007"]
