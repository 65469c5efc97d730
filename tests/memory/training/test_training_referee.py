"""A step of real models of transformers, watched by torch's memory tracker: the same bytes. Skipped without torch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers", minversion="5.0")
SCRIPT = Path(__file__).parents[3] / "scripts" / "referee_training.py"


@pytest.fixture(scope="module")
def referee() -> ModuleType:
    spec = importlib.util.spec_from_file_location("referee_training", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("model", "checkpointing"),
    [
        pytest.param("llama", False, id="everything kept"),
        pytest.param("llama", True, id="checkpointed"),
        pytest.param("qwen3", False, id="norms of queries and keys"),
        pytest.param("gpt2", True, id="learned positions, tied"),
    ],
)
def test_a_real_step_takes_what_planner_says(referee: ModuleType, model: str, checkpointing: bool) -> None:
    [result] = referee.compare(chosen=iter([referee.Case(model, 1, 512, checkpointing, "sdpa")]))
    for category in result.ours:
        assert result.error(category) == pytest.approx(0, abs=0.002), category
