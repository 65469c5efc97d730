"""Count the parameters of the configs in tests/model/families/measured.jsonl with transformers, and rewrite the file.

Run in an environment with transformers ≥ 5 and torch: `python scripts/measure_models.py [--check]`. A config holds a
model type and the keys in which it departs from the type's defaults; models are built on the meta device, which takes
no memory.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import torch
import transformers
from transformers.models.auto import configuration_auto, modeling_auto

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "model", "families", "measured.jsonl")
TASKS = (
    "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES", "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES", "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES",
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES", "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
)  # fmt: skip
ENCODERS = frozenset(
    [
        "bert",
        "roberta",
        "xlm-roberta",
        "camembert",
        "ernie",
        "electra",
        "mpnet",
        "nomic_bert",
        "gte",
        "distilbert",
        "modernbert",
        "deberta-v2",
    ]
)
"""Types that are encoders first, though some can decode too."""


def model_class(model_type: str) -> Any:
    """The class that a checkpoint of this type is loaded with."""
    tasks = TASKS[-1:] if model_type in ENCODERS else TASKS
    for task in tasks:
        names = getattr(modeling_auto, task, {}).get(model_type)
        if names:
            return getattr(transformers, names if isinstance(names, str) else names[0])
    raise LookupError(model_type)


def parameters(config: dict[str, Any]) -> int:
    """Parameters of the model that `config` describes; tied ones count once."""
    kind = config["model_type"]
    stated = {key: value for key, value in config.items() if key != "model_type"}
    with torch.device("meta"):
        model = model_class(kind)._from_config(configuration_auto.CONFIG_MAPPING[kind](**stated))
    return sum(parameter.numel() for parameter in model.parameters())


def main() -> int:
    """Rewrite the file; with --check only say what differs."""
    with open(FILE, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    counted = [{"parameters": parameters(row["config"]), "config": row["config"]} for row in rows]
    different = [(row, new) for row, new in zip(rows, counted, strict=True) if row != new]
    for row, new in different:
        print(f"{row['parameters']:,} is now {new['parameters']:,}: {json.dumps(row['config'])}")
    if "--check" not in sys.argv:
        with open(FILE, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in counted)
    return bool(different)


if __name__ == "__main__":
    raise SystemExit(main())
