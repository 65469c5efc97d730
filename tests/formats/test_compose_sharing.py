"""Services of Compose on one device: what they reserve together."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import compose
from planner.formats.context import Context
from planner.workload import Problem

SERVICE = """\
  {name}:
    image: vllm/vllm-openai:v0.9.2
    command: --model Qwen/Qwen3-0.6B --max-model-len 4096 {flags}
    {more}
    deploy: {{resources: {{reservations: {{devices: [{{{devices}}}]}}}}}}
"""
FIRST = 'device_ids: ["0"]'


def service(name: str, share: float | None, devices: str = FIRST, more: str = "") -> str:
    flags = "" if share is None else f"--gpu-memory-utilization {share}"
    return SERVICE.format(name=name, flags=flags, devices=devices, more=more)


def problems(*services: str) -> list[Problem]:
    document = source.read("compose.yaml", ("services:\n" + "".join(services)).encode()).documents[0]
    assert compose.recognise(document)
    return [problem for found in compose.read(document, Context(lambda _: None)) for problem in found.problems]


@pytest.mark.parametrize(
    "services",
    [
        pytest.param([service("a", 0.95)], id="one alone"),
        pytest.param([service("a", 0.5), service("b", 0.5)], id="all of the device"),
        pytest.param([service("a", 0.9), service("b", 0.9, 'device_ids: ["1"]')], id="devices of their own"),
        pytest.param([service("a", 0.9, "count: 1"), service("b", 0.9, "count: 1")], id="devices without an index"),
        pytest.param([service("a", 0.9, "count: all"), service("b", 0.9)], id="all devices of a machine"),
        pytest.param(
            [service("a", 0.9, more="profiles: [large]"), service("b", 0.9, more="profiles: [small]")],
            id="never started together",
        ),
        pytest.param([service("a", 0.9), service("b", 0.9).replace("vllm/vllm-openai", "ollama/ollama")], id="Ollama"),
    ],
)
def test_what_shares_no_device_beyond_all_of_it_is_silent(services: list[str]) -> None:
    assert problems(*services) == []


def test_shares_of_one_device_are_added_up() -> None:
    [found] = problems(service("chat", 0.6), service("embed", 0.5), service("other", 0.9, 'device_ids: ["1"]'))
    assert found.rule == "PAR012"
    assert found.message == ("2 services share device 0, and reserve 110% of its memory: 0.60 (chat) + 0.50 (embed)")
    assert found.path == ("services", "embed", "deploy", "resources", "reservations", "devices", 0, "device_ids")


def test_a_share_that_is_not_stated_is_the_engines_own() -> None:
    """vLLM 0.9.2 takes 0.9 (vllm/config.py, CacheConfig)."""
    [found] = problems(service("a", None), service("b", 0.2))
    assert "110%" in found.message


def test_services_of_a_profile_run_beside_those_without() -> None:
    assert len(problems(service("a", 0.6, more="profiles: [large]"), service("b", 0.6))) == 1
