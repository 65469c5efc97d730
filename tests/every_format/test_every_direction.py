"""What goes one way only, in every format that states it: more memory, a longer context, fewer bits, more tokens."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from pathlib import Path as File
from typing import Any

import pytest
import yaml

from planner import pipeline
from planner.discover import Found
from planner.formats.resolve import parse_hardware_option
from planner.plan.types import Plan
from planner.scaling.verdict import SMALL_FLOPS
from planner.source import read
from planner.workload import Hardware

SAMPLES = {
    file.stem: file
    for file in sorted(File(__file__).with_name("samples").iterdir())
    if file.stem not in ("modelfile", "misshapen")
}
Path = tuple[Any, ...]
UNJUDGED = ("unknown", "not-applicable")
SIZES = ("4GiB", "8GiB", "16GiB", "24GiB", "40GiB", "80GiB", "141GiB", "2000GiB")

BITS: dict[str, tuple[dict[str, Any], ...]] = {
    "native": (
        {"model/dtype": "float32"},
        {"model/dtype": "bfloat16"},
        {"model/quantization": "int8"},
        {"model/quantization": "int4"},
    ),
    "vllm-config": (
        {"dtype": "float32", "quantization": None},
        {"dtype": "bfloat16", "quantization": None},
        {"quantization": "fp8"},
        {"quantization": "bitsandbytes"},
    ),
    "kubernetes": tuple(
        {"spec/template/spec/containers/0/args/3": words}
        for words in ("--dtype=float32", "--dtype=bfloat16", "--quantization=fp8", "--quantization=bitsandbytes")
    ),
    "vllm-runtime": ({"spec/model/dtype": "float32"}, {"spec/model/dtype": "bfloat16"}),
    "truss": tuple({"trt_llm/build/quantization_type": each} for each in ("no_quant", "fp8_kv", "fp4")),
    "localai": tuple(
        {"parameters/model": f"huggingface://a/Llama-3.2-3B-Instruct-GGUF/Llama-3.2-3B-Instruct-{each}.gguf"}
        for each in ("F32", "F16", "Q8_0", "Q4_K_M", "Q2_K")
    ),
    "torchtune": ({"dtype": "fp32"}, {"dtype": "bf16"}),
    "nanotron": ({"model/dtype": "float32"}, {"model/dtype": "bfloat16"}),
    "nemo-automodel": (
        {"model/torch_dtype": "float32", "quantization": None, "peft": None},
        {"quantization": None, "peft": None},
        {},
    ),
    "axolotl": (
        {"adapter": "lora", "load_in_4bit": False, "bf16": False},
        {"adapter": "lora", "load_in_4bit": False},
        {"adapter": "lora", "load_in_4bit": None, "load_in_8bit": True},
        {},
    ),
    "trl": ({"dtype": "float32"}, {}, {"load_in_8bit": True}, {"load_in_4bit": True}),
    "unsloth": ({"training/load_in_4bit": False}, {}),
    "llama-factory": ({"quantization_bit": None}, {"quantization_bit": 8}, {"quantization_bit": 4}),
    "llama-factory-v1": ({"quant_config": None}, {}),
}
"""From many bits to few, in the words of a format."""
FIXED = {"verl": {"actor_rollout_ref/actor/use_dynamic_bsz": False}}
"""Else as many sequences are taken at once as their length allows."""


@cache
def data_of(name: str) -> Any:
    (document,) = read(SAMPLES[name].name, SAMPLES[name].read_bytes()).documents
    return document.data


def report(data: Any, hardware: Hardware | None = None) -> pipeline.Report:
    text = yaml.safe_dump(data, sort_keys=False, width=10**6).encode()
    return pipeline.run([Found("-", True)], pipeline.Options(hardware=hardware, stdin=text, stdin_name="a.yaml"))


def value(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def put(data: Any, path: Path, item: Any) -> Any:
    data = copy.deepcopy(data)
    value(data, path[:-1])[path[-1]] = item
    return data


def without(data: Any, path: Path) -> Any:
    data = copy.deepcopy(data)
    del value(data, path[:-1])[path[-1]]
    return data


def holds(data: Any, path: Path) -> bool:
    try:
        value(data, path)
    except (KeyError, IndexError, TypeError):
        return False
    return bool(path)


def times(stated: Any, number: int | float, factor: int) -> Any:
    """What states `number`, on its own or in a command, with `factor` times as much."""
    if isinstance(stated, (int, float)):
        return stated * factor
    written = json.dumps(stated)
    if str(number) in written:
        return json.loads(written.replace(str(number), str(number * factor)))
    return str(int(number * factor)) if isinstance(stated, str) and stated[:1].isdigit() else stated


@cache
def stating(field: str, section: str) -> dict[str, tuple[Path, Any]]:
    """The samples whose plan has a number in `field` that the file states: where, and which."""
    found: dict[str, tuple[Path, Any]] = {}
    for name in SAMPLES:
        for plan in report(data_of(name)).plans:
            origin = plan.workload.origins.get(f"{section}.{field}")
            number = getattr(getattr(plan.workload, "serving" if section == "deployment" else section), field, None)
            if origin and origin.kind == "key" and number and holds(data_of(name), origin.path):
                found.setdefault(name, (origin.path, number))
    return found


def hardware_of(data: Any, part: str) -> Path | None:
    """Where a file states hardware."""
    origins = [
        plan.workload.origins.get(f"{'deployment' if part == 'serving' else part}.hardware")
        for plan in report(data).plans
    ]
    return next((each.path for each in origins if each and each.kind == "key" and holds(data, each.path)), None)


@cache
def open_to_hardware(part: str) -> dict[str, Any]:
    """The samples of which `part` is planned on hardware that the file does not state, or no more."""
    found = {}
    for name in SAMPLES:
        data = data_of(name)
        while (path := hardware_of(data, part)) is not None:
            data = without(data, path)
        if any(fit(plan, part) is not None for plan in report(data, size("80GiB")).plans):
            found[name] = data
    return found


def fit(plan: Plan, part: str) -> str | None:
    planned = getattr(plan, part)
    return planned.fits if planned is not None and planned.per_device.usable else None


def size(text: str) -> Hardware:
    found, wrong = parse_hardware_option(f"{text}:8")
    assert found, wrong
    return found


def rules(of: pipeline.Report, *codes: str) -> list[bool]:
    found = {each.rule for each in of.findings}
    return [code in found for code in codes]


def test_more_memory_of_a_device_proves_nothing_against_a_deployment() -> None:
    found = open_to_hardware("serving")
    for name, data in found.items():
        reports = [report(data, size(each)) for each in SIZES]
        weights, fits = ([rules(each, *codes) for each in reports] for codes in (("FIT001",), ("FIT001", "FIT002")))
        assert weights == sorted(weights, reverse=True), name
        assert list(map(any, fits)) == sorted(map(any, fits), reverse=True), name
        assert weights[-1] == [False], name
    assert len(found) >= 16


def test_nor_against_a_training_run() -> None:
    found = open_to_hardware("training")
    for name, data in found.items():
        reports = [report(data, size(each)) for each in SIZES]
        for code in ("FIT010", "FIT011"):
            failed = [rules(each, "FIT010", code) for each in reports]
            assert list(map(any, failed)) == sorted(map(any, failed), reverse=True), (name, code)
    assert len(found) >= 23


def needs(plan: Plan, section: str) -> int:
    """Bytes on a device of all parts."""
    if section == "deployment":
        assert plan.serving
        parts = plan.serving.per_device
        return sum(part or 0 for part in (parts.weights, parts.kv_cache, parts.activation, parts.runtime, parts.graph))
    assert plan.training
    return plan.training.per_device.peak or 0


@pytest.mark.parametrize(
    ("section", "field", "least"), [("deployment", "context", 15), ("training", "sequence_length", 22)]
)
def test_a_longer_context_takes_no_proof_back(section: str, field: str, least: int) -> None:
    found = stating(field, section)
    opened = open_to_hardware("serving" if section == "deployment" else section)
    planned = 0
    for name, (path, number) in found.items():
        data = changed(opened.get(name, data_of(name)), FIXED.get(name, {}))
        if not holds(data, path):
            continue
        for memory in ("24GiB", "80GiB"):
            longer = [
                report(put(data, path, times(value(data, path), number, factor)), size(memory)) for factor in (1, 2, 8)
            ]
            for code in ("FIT001", "FIT010"):
                proven = [rules(each, code) for each in longer]
                assert proven == sorted(proven), (name, code)
            needed = [
                needs(each.plans[0], section)
                for each in longer
                if getattr(each.plans[0], section.replace("deployment", "serving"))
            ]
            assert needed == sorted(needed), name
        planned += len(set(needed)) == 3
    assert planned >= least


def test_more_tokens_train_a_model_no_less() -> None:
    """A small budget excuses some: verdicts are compared from there on."""
    found = {**stating("steps", "training"), **stating("tokens", "training"), **stating("epochs", "training")}
    told = 0
    for name, (path, number) in found.items():
        data = data_of(name)
        more = [
            report(put(data, path, times(value(data, path), number, factor)), size("80GiB"))
            for factor in (1, 3, 50, 10_000)
        ]
        plans = [each.plans[0].tokens for each in more]
        judged = [plan for plan in plans if plan and plan.verdict not in UNJUDGED and (plan.flops or 0) >= SMALL_FLOPS]
        assert [plan.shortfall for plan in judged] == sorted((plan.shortfall for plan in judged), reverse=True), name
        ratios = [plan.per_parameter or 0 for plan in plans if plan and plan.verdict not in UNJUDGED]
        assert ratios == sorted(ratios), name
        tokens = [plan.planned or 0 for plan in plans if plan]
        assert tokens == sorted(tokens), name
        told += len(set(ratios)) > 1
    assert told >= 12


def test_fewer_bits_weigh_no_more() -> None:
    for name, steps in BITS.items():
        weights = [weight(changed(data_of(name), step)) for step in steps]
        assert weights == sorted(weights, reverse=True), name
        assert len(set(weights)) > 1, name


def changed(data: Any, step: dict[str, Any]) -> Any:
    for path, stated in step.items():
        keys = tuple(int(key) if key.isdigit() else key for key in path.split("/"))
        data = without(data, keys) if stated is None else put(data, keys, stated)
    return data


def weight(data: Any) -> int:
    (plan, *_) = report(data, size("80GiB")).plans
    if plan.serving and plan.serving.per_device.weights:
        return plan.serving.per_device.weights
    if plan.training and plan.training.per_device.weights:
        return plan.training.per_device.weights
    assert plan.model
    assert plan.model.weights_bytes
    return plan.model.weights_bytes


@pytest.mark.parametrize("name", SAMPLES)
def test_the_parts_are_the_whole(name: str) -> None:
    for hardware in (None, size("80GiB")):
        for plan in report(data_of(name), hardware).plans:
            model, training = plan.model, plan.training
            if model and model.parameters:
                parts = model.parameters
                assert parts.embedding + parts.attention + parts.ffn + parts.other == parts.total
            if training and training.per_device.peak is not None:
                held = training.per_device
                parts = (
                    held.weights,
                    held.gradients,
                    held.optimizer,
                    held.activations,
                    held.logits,
                    held.companions,
                    held.runtime,
                )
                assert sum(part or 0 for part in parts) == held.peak
                assert held.peak == max((each for _, each in training.phases), default=held.peak)


def test_of_more_devices_each_number_is_named_once() -> None:
    messages = [each.message for name in SAMPLES for each in report(data_of(name)).findings if each.rule == "REF003"]
    counts = [[int(count) for count in re.findall(r"on each of (\d+)", message)] for message in messages]
    assert [each for each in counts if each != sorted(set(each))] == []
    assert any(len(each) > 1 for each in counts)
