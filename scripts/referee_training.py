"""Hold planner's training steps against real ones: models of transformers trained for two steps, peaks side by side.

    python scripts/referee_training.py                   # fake tensors, torch's memory tracker: any machine
    python scripts/referee_training.py --device cuda     # real tensors, torch.cuda.max_memory_allocated
    python scripts/referee_training.py --write           # the table of docs/accuracy.md too

Needs the extra `referee`. Fake tensors have no allocator and no kernels' workspaces, so they referee the arithmetic to
the byte; a card adds both.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "accuracy.md"
BEGIN, END = "<!-- referee_training: begin -->", "<!-- referee_training: end -->"
LLAMA: dict[str, Any] = {
    "hidden_size": 1024, "num_hidden_layers": 3, "vocab_size": 32000, "intermediate_size": 2816,
    "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": 64,
}  # fmt: skip
MODELS: dict[str, dict[str, Any]] = {
    "llama": LLAMA,
    "llama, 128k words, tied": {**LLAMA, "vocab_size": 128256, "tie_word_embeddings": True},
    "mistral": {**LLAMA, "sliding_window": None},
    "qwen2": LLAMA,
    "qwen3": LLAMA,
    "gemma2": {**LLAMA, "num_hidden_layers": 3, "vocab_size": 64000},
    "gpt2": {"n_embd": 1024, "n_layer": 3, "n_head": 16, "vocab_size": 50257, "n_positions": 2048},
}
"""Small, of real proportions: what a layer keeps depends on its widths alone."""
EAGER = ("gemma2",)
"""Whose scores are capped, for which transformers has no other attention."""


class Case(NamedTuple):
    """One step to run."""

    model: str
    batch: int
    length: int
    checkpointing: bool
    attention: str

    @property
    def setting(self) -> str:
        """Everything but the model."""
        kept = "checkpointed" if self.checkpointing else "everything kept"
        return f"{self.batch} × {self.length:,} tokens, {kept}, {self.attention}"


class Result(NamedTuple):
    """Bytes by category: planner's and what was measured."""

    case: Case
    ours: dict[str, int]
    measured: dict[str, int]

    def error(self, category: str) -> float | None:
        """Relative; None where it was not measured."""
        found = self.measured.get(category)
        return self.ours[category] / found - 1 if found else None


def cases() -> Iterator[Case]:
    """Each model with and without checkpointing, at a short and a long length; scores kept for one."""
    for name in MODELS:
        attention = "eager" if name in EAGER else "sdpa"
        for batch, length in ((1, 512), (2, 1024)):
            for checkpointing in (False, True):
                yield Case(name, batch, length, checkpointing, attention)
    yield Case("llama", 1, 1024, False, "eager")


def config_of(case: Case) -> Any:
    """The config of a case's model, as transformers has it."""
    from transformers import AutoConfig

    values = {**MODELS[case.model], "max_position_embeddings": 8192}
    return AutoConfig.for_model(case.model.partition(",")[0], **values, use_cache=False)


def predicted(case: Case) -> dict[str, int]:
    """What planner says of it."""
    from planner.memory.training.phases import peak
    from planner.memory.training.step import Step
    from planner.model import read

    step = Step(
        read(config_of(case).to_dict()), case.batch, case.length, fused=False,
        attention=case.attention, checkpointing="full" if case.checkpointing else "none",
    )  # fmt: skip
    found = peak(step)
    return {
        "weights": found.states.weights,
        "gradients": found.states.gradients,
        "optimizer states": found.states.optimizer,
        "peak": found.phase.total,
    }


def trained(case: Case, device: str) -> tuple[Any, Any, Callable[[], None]]:
    """A model in 16 bit, its optimizer, and the function that takes one step and keeps the outputs, as loops do."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device(device):
        model = AutoModelForCausalLM.from_config(
            config_of(case), attn_implementation=case.attention, dtype=torch.bfloat16
        ).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    if case.checkpointing:
        enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
        enable()
    optimizer = torch.optim.AdamW(model.parameters(), foreach=True)

    def step() -> None:
        tokens = torch.zeros((case.batch, case.length), dtype=torch.long, device=device)
        outputs = model(input_ids=tokens, labels=tokens)
        outputs.loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    return model, optimizer, step


def tracked(case: Case) -> dict[str, int]:
    """The second step under fake tensors, by torch's memory tracker."""
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.distributed._tools.mem_tracker import MemTracker

    with FakeTensorMode():
        model, optimizer, step = trained(case, "cpu")
        tracker = MemTracker()
        tracker.track_external(model, optimizer)
        with tracker:
            step()
            tracker.reset_mod_stats()
            step()
        found = tracker.get_tracker_snapshot("peak")[torch.device("cpu")]
        now = tracker.get_tracker_snapshot("current")[torch.device("cpu")]
    return {**_states(model, now), "peak": found["Total"]}


def _states(model: Any, snapshot: dict[Any, int]) -> dict[str, int]:
    """Categories that do not depend on the moment."""
    by_name = {str(getattr(key, "value", key)).lower(): size for key, size in snapshot.items()}
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    states = next((found for name, found in by_name.items() if "opt" in name), 0)
    return {"weights": size, "gradients": size, "optimizer states": states}


def run(case: Case) -> dict[str, int]:
    """The third step on a card, by what its allocator handed out."""
    import torch

    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    _, _, step = trained(case, "cuda")
    step()
    step()
    torch.cuda.reset_peak_memory_stats()
    step()
    return {"peak": torch.cuda.max_memory_allocated() - before}


def compare(device: str = "fake", chosen: Iterator[Case] | None = None) -> list[Result]:
    """Every case, worked out and measured."""
    measure = run if device == "cuda" else tracked
    return [Result(case, predicted(case), measure(case)) for case in chosen or cases()]


def table(results: list[Result]) -> str:
    """Error by category, then the peak of every model at its worst."""
    lines = ["| category | n | median error | largest |", "|---|---|---|---|"]
    for category in results[0].ours:
        errors = [abs(error) for result in results if (error := result.error(category)) is not None]
        if errors:
            lines.append(f"| {category} | {len(errors)} | {statistics.median(errors):.2%} | {max(errors):.2%} |")
    lines += ["", "| model | the step furthest off | error of the peak |", "|---|---|---|"]
    for name in MODELS:
        worst = max((r for r in results if r.case.model == name), key=lambda r: abs(r.error("peak") or 0))
        lines.append(f"| {name} | {worst.case.setting} | {worst.error('peak') or 0:+.2%} |")
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the table where docs/accuracy.md has its place for it."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("fake", "cuda"), default="fake")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    results = compare(options.device)
    for result in results:
        print(f"{result.error('peak') or 0:+8.2%}  {result.case.model}: {result.case.setting}")
    print(text := table(results))
    if options.write:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
