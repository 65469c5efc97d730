"""What `planner plan` worked out, for programs (schemas/plan.schema.json). Unknown is null, bytes are integers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from planner.report.by_plan import split
from planner.report.json_text import dump
from planner.report.lint_json import VERSION, finding_object
from planner.report.plan_json_tokens import tokens_object

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report
    from planner.plan.types import DeviceMemory, ModelPlan, Plan, ServingPlan, TrainingMemory, TrainingPlan
    from planner.report.style import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """Every plan, with its findings, as one JSON object."""
    owned, _ = split(report)
    plans = [plan_object(plan, findings) for plan, findings in zip(report.plans, owned, strict=True)]
    yield dump({"version": VERSION, "plans": plans})


def plan_object(plan: Plan, findings: Sequence[Finding]) -> dict[str, object]:
    """One plan under the names of the schema."""
    document = plan.workload.document
    return {
        "file": document.file,
        "document": document.index,
        "line": document.line,
        "format": plan.workload.format,
        "name": plan.workload.name,
        "model": _model(plan.model) if plan.model else None,
        "serving": _serving(plan.serving) if plan.serving else None,
        "training": _training(plan.training) if plan.training else None,
        "tokens": tokens_object(plan.tokens) if plan.tokens else None,
        "not_checked": [{"what": item.what, "because": item.because, "mend": item.mend} for item in plan.not_checked],
        "findings": [finding_object(finding) for finding in findings],
    }


def _model(model: ModelPlan) -> dict[str, object]:
    parts = model.parameters
    return {
        "name": model.name,
        "source": model.source,
        "parameters": {
            "total": model.total,
            "active": model.active,
            "embedding": parts.embedding if parts else None,
            "attention": parts.attention if parts else None,
            "ffn": parts.ffn if parts else None,
            "other": parts.other if parts else None,
        },
        "dtype": model.dtype,
        "quantization": model.quantization,
        "weights_bytes": model.weights_bytes,
        "max_context": model.max_context,
        "bits_per_parameter": model.bits_per_parameter,
        "notes": list(model.notes),
        "adapter_parameters": model.adapter_parameters,
    }


def _serving(serving: ServingPlan) -> dict[str, object]:
    return {
        "engine": serving.engine,
        "engine_version": serving.engine_version,
        "context": serving.context,
        "concurrency": serving.concurrency,
        "kv_cache_dtype": serving.kv_cache_dtype,
        "kv_cache_bytes_per_token": serving.kv_cache_bytes_per_token,
        "state_bytes_per_sequence": serving.state_bytes_per_sequence,
        "kv_cache_bytes": serving.kv_cache_bytes,
        "sequence_bytes": serving.sequence_bytes,
        "devices": serving.devices,
        "per_device": _device(serving.per_device),
        "kv_capacity_tokens": serving.kv_capacity_tokens,
        "max_context_that_fits": serving.max_context_that_fits,
        "max_concurrency": serving.max_concurrency,
        "equal_context": serving.equal_context,
        "needed_bytes": serving.needed_bytes,
        "fits": serving.fits,
        "fits_basis": serving.fits_basis,
        "fixes": [fix._asdict() for fix in serving.fixes],
        "accelerators_that_fit": list(serving.accelerators_that_fit),
        "assumptions": list(serving.assumptions),
    }


def _device(device: DeviceMemory) -> dict[str, object]:
    return {
        "usable_bytes": device.usable,
        "usable_max_bytes": device.usable_max,
        "budget_bytes": device.budget,
        "weights_bytes": device.weights,
        "kv_cache_bytes": device.kv_cache,
        "activation_bytes": device.activation,
        "runtime_bytes": device.runtime,
        "graph_bytes": device.graph,
        "kv_available_bytes": None if device.kv_available is None else max(0, device.kv_available),
    }


def _training(training: TrainingPlan) -> dict[str, object]:
    return {
        "stage": training.stage,
        "devices": training.devices,
        "per_device": _training_device(training.per_device),
        "fits": training.fits,
        "fits_basis": training.fits_basis,
        "fixes": [fix._asdict() for fix in training.fixes],
        "assumptions": list(training.assumptions),
        "phases": [{"name": name, "bytes": size} for name, size in training.phases],
        "accelerators_that_fit": list(training.accelerators_that_fit),
    }


def _training_device(device: TrainingMemory) -> dict[str, object]:
    return {
        "usable_bytes": device.usable,
        "usable_max_bytes": device.usable_max,
        "weights_bytes": device.weights,
        "gradient_bytes": device.gradients,
        "optimizer_bytes": device.optimizer,
        "activation_bytes": device.activations,
        "logits_bytes": device.logits,
        "companion_bytes": device.companions,
        "runtime_bytes": device.runtime,
        "peak_bytes": device.peak,
        "states_low_bytes": device.states_low,
        "phase": device.phase,
    }
