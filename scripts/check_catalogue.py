"""Check every row of planner/catalog/models.jsonl: planner reads its config and counts the parameters that it states.

Where transformers and torch are installed, each config is also built on the meta device and its parameters compared;
rows of types that transformers has no class for are listed as not compared. Exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from planner.catalog import models
from planner.model import read
from planner.model.config import ConfigError
from planner.model.parameters import count

APART = {
    "t5": "transformers ≥ 5 ties the head, the checkpoints do not",
    "phi3_v": "only the language model is counted",
    "gemma3n_text": "only the language model is counted",
    "step3p7": "transformers reads no keys outside text_config",
    "longcat_flash": "transformers allocates the zero experts",
}
"""Types whose count differs from transformers', and why that is right."""


def wrong(row: models.ModelRow) -> Iterator[str]:
    """What is wrong with a row by planner's own count."""
    if row.config is None:
        if row.parameters is None:
            yield "neither config nor parameters"
        return
    try:
        total = count(read(row.config)).total
    except ConfigError as error:
        yield str(error)
        return
    if row.parameters is not None and row.parameters != total:
        yield f"states {row.parameters:,} parameters, its config has {total:,}"


def referee(config: Mapping[str, Any]) -> int | str:
    """Parameters of the model that transformers builds, or why it builds none."""
    import torch
    import transformers as tr

    values = {key: value for key, value in config.items() if key not in ("quantization_config", "model_type")}
    classes = [tr.AutoModelForCausalLM, tr.AutoModelForImageTextToText, tr.AutoModelForSeq2SeqLM, tr.AutoModel]
    if "ConditionalGeneration" in str(config.get("architectures")) or "vision_config" in config:
        classes = [classes[1], classes[2], classes[0], classes[3]]
    names = str(config.get("architectures"))
    if "ForMaskedLM" in names:
        classes = [tr.AutoModelForMaskedLM]
    elif config["model_type"] == "bert" or names.endswith("Model']"):
        classes = [tr.AutoModel]
    reasons = []
    for auto in classes:
        built = parameters(auto, torch, lambda: tr.AutoConfig.for_model(config["model_type"], **values))
        if isinstance(built, int):
            return built
        reasons.append(built)
    return reasons[0]


def parameters(auto: Any, torch: Any, config: Callable[[], Any]) -> int | str:
    """Those of the model that one of transformers' classes builds."""
    try:
        with torch.device("meta"):
            built = auto.from_config(config())
        return sum(parameter.numel() for parameter in built.parameters())
    except Exception as error:
        return str(error).partition("\n")[0][:90]


def main() -> None:
    """Check all rows, or those whose name has QUERY in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("query", nargs="*")
    rows = models.search(" ".join(parser.parse_args().query))
    compare = importlib.util.find_spec("transformers") is not None and importlib.util.find_spec("torch") is not None
    failed = compared = 0
    for row in rows:
        problems = list(wrong(row))
        if compare and row.config is not None and row.config.get("model_type") not in APART:
            total = referee(row.config)
            if isinstance(total, str):
                print(f"{row.id}: not compared: {total}")
            elif total != count(read(row.config)).total:
                problems.append(f"transformers has {total:,} parameters, planner {count(read(row.config)).total:,}")
            compared += isinstance(total, int)
        for problem in problems:
            print(f"{row.id}: {problem}")
        failed += bool(problems)
    print(f"{len(rows)} rows, {compared} compared with transformers, {failed} wrong")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
