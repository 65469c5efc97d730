"""The hardware of a run from the file beside it that starts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import discover, pipeline
from planner.finding import Finding
from planner.plan.types import Plan

RUN = """
base_model: meta-llama/Llama-3.1-8B
datasets: [{path: x}]
adapter: lora
lora_r: 8
lora_target_linear: true
sequence_len: 2048
micro_batch_size: 16
gradient_accumulation_steps: 2
bf16: true
"""
SKY = "resources: {accelerators: A10G:2}\nnum_nodes: 2\nrun: |\n  axolotl train "
SLURM = "#!/bin/bash\n#SBATCH --nodes=2\n#SBATCH --gres=gpu:a100:4\nsrun axolotl train "


def checked(folder: Path, **files: str) -> tuple[Plan, dict[str, Finding]]:
    """The plan and findings of recipes/run.yaml with other files around it."""
    (folder / "recipes").mkdir()
    (folder / ".git").mkdir()
    for name, text in files.items():
        (folder / name.replace("__", "/").replace("_yaml", ".yaml").replace("_sh", ".sh")).write_text(text)
    path = folder / "recipes" / "run.yaml"
    path.write_text(RUN)
    report = pipeline.run(discover.find([str(path)]), pipeline.Options())
    return report.plans[0], {finding.rule: finding for finding in report.findings}


@pytest.mark.parametrize(
    "files",
    [
        {"recipes__sky_yaml": SKY + "other-run.yaml"},
        {"recipes__sky_yaml": SKY + "run.yaml.bak/x"},
        {"sky_yaml": SKY + "run.yaml"},
        {"recipes__a_yaml": SKY + "run.yaml", "recipes__b_sh": SLURM + "run.yaml"},
        {"recipes__notes_yaml": "run: run.yaml\nabout: accelerators"},
    ],
    ids=["another run", "a longer name", "elsewhere", "two of them", "no resources"],
)
def test_what_does_not_clearly_start_it_says_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    plan, _ = checked(tmp_path, **files)
    assert plan.workload.training is not None and plan.workload.training.hardware is None


@pytest.mark.parametrize(
    ("files", "name", "count"),
    [
        ({"recipes__sky_yaml": SKY + "run.yaml"}, "A10G", 4),
        ({"sky_yaml": SKY + "./recipes/run.yaml"}, "A10G", 4),
        ({"recipes__go_sh": SLURM + "run.yaml"}, "a100 (40 or 80 GB)", 8),
    ],
    ids=["a task", "from the root", "a batch script"],
)
def test_what_starts_it_says_on_what(tmp_path: Path, files: dict[str, str], name: str, count: int) -> None:
    plan, findings = checked(tmp_path, **files)
    assert plan.workload.training is not None and plan.workload.training.hardware is not None
    assert (plan.workload.training.hardware.name, plan.workload.training.hardware.count) == (name, count)
    assert "REF003" not in findings


def test_cures_are_named_in_the_formats_own_words(tmp_path: Path) -> None:
    _, findings = checked(
        tmp_path, recipes__sky_yaml=SKY.replace("A10G:2", "A10G:1").replace("2\nrun", "1\nrun") + "run.yaml"
    )
    help = findings["FIT011"].help
    assert "gradient_checkpointing: true" in help
    assert "activation_checkpointing" not in help and "gradient_accumulation:" not in help


def test_without_hardware_it_says_what_is_needed_and_what_has_it(tmp_path: Path) -> None:
    _, findings = checked(tmp_path)
    assert findings["REF003"].level == "info"
    assert "a training step needs" in findings["REF003"].message
    assert "no common accelerator has that much" in findings["REF003"].help
    assert set(findings) == {"REF003"}
