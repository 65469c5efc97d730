"""Write planner/model/defaults.jsonl: the class defaults of every model type in the installed transformers.

Run in an environment with transformers ≥ 5: `python scripts/build_model_defaults.py`. A line holds one model type: its
defaults that bear on shapes, the other names of its keys ("aliases": canonical → own) and what its nested configs are
("nested": key → model type and the defaults that the outer class gives it); "even_heads" where the code refuses a
hidden size that is no multiple of the heads. Types that transformers has no class for stand
in scripts/model_defaults_extra.jsonl, each with its source, and are copied as they are.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import transformers.models
from transformers import PreTrainedConfig
from transformers.models.auto import configuration_auto, modeling_auto

from planner.model.families import find_module

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "planner", "model", "defaults.jsonl")
EXTRA = os.path.join(HERE, "model_defaults_extra.jsonl")

NOT_A_SHAPE = re.compile(
    r"token_id|token_index|^id2|2id$|(?:boi|eoi|eoa|boa)_"
    r"|(?<!layer_)(?:start|end|newline|patch|lang|mask|unk|insert_layer)_(?:id|index)$"
    r"|dropout|pdrop|drop_?path|layerdrop|initializer|init_(?!layer)|_init$|_std$|_eps|^eps$|_epsilon|norm_eps"
    r"|coef|_loss|loss_|jitter|_noise|multiplier$(?<!ffn_dim_multiplier)|temperature"
    r"|_scale$|^scale_(?!factor)|_scaling$|softcap|soft_cap|_clip|_threshold|_alpha$|_beta$|_min$|_max$"
    r"|_theta|^rope_|rotary|use_cache|return_dict|^output_(?!size|hidden_size|dim|gate|emb)|^architectures"
    r"|chunk_size_feed|problem_type|^summary_|^classifier_(?!proj)|^forced_|^max_length|^num_beams|length_penalty"
    r"|time_step_(?!rank)|_kernel$(?<!conv_kernel)|kernel_?init|^mask_(?:time|feature)|^langs|^languages"
    r"|sampling|^freeze_|^use_(?:mambapy|mamba_kernels|associative|mem_eff|weighted)|^is_encoder_decoder$"
    r"|norm_topk_prob|^n_group$|topk_group|early_stopping|transformers_version"
    r"|projector_hidden_act|vision_feature_select|pretraining_tp|scoring_func|topk_method|num_logits_to_keep"
    r"|residual_in|rescale_pre"
)
"""Keys that say nothing of shapes."""
REFUSES = re.compile(
    r"hidden_size % (?:self|config)\.num_attention_heads"
    r"|divisible by .?(?:num_heads|num_attention_heads|`num_heads|n_head)|self\.head_dim \* self\.num_heads\) != self\."
)
"""In the code of a type that cannot be built with heads of uneven size."""
TASKS = (
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES", "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES",
    "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES", "MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES",
    "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES",
)  # fmt: skip
"""Auto classes whose model types are language models, and the encoders beside them."""


def classes() -> dict[str, type[PreTrainedConfig]]:
    """Configuration classes by model type; parts of another config that have no type of their own are left out."""
    found: dict[str, type[PreTrainedConfig]] = {}
    root = transformers.models.__path__[0]
    for folder in sorted(os.listdir(root)):
        for name in sorted(os.listdir(os.path.join(root, folder)) if os.path.isdir(os.path.join(root, folder)) else ()):
            if folder != "auto" and name.startswith("configuration_") and name.endswith(".py"):
                module = importlib.import_module(f"transformers.models.{folder}.{name[:-3]}")
                for value in vars(module).values():
                    if isinstance(value, type) and issubclass(value, PreTrainedConfig) and value.model_type:
                        found.setdefault(value.model_type, value)
    found.update({name: configuration_auto.CONFIG_MAPPING[name] for name in configuration_auto.CONFIG_MAPPING})
    return found


def plain(value: object) -> bool:
    """Whether a default can stand in the file and can bear on a shape."""
    if isinstance(value, (list, tuple)):
        return all(plain(entry) for entry in value)
    return value is None or isinstance(value, (bool, int, float, str))


def defaults(cls: type[PreTrainedConfig]) -> Iterator[tuple[str, object]]:
    """Key and default of every field of `cls` that bears on shapes."""
    for field in dataclasses.fields(cls):
        value: Any = field.default
        if field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        if (
            field.name != "dtype"
            and field.name != "output_hidden_states"
            and not NOT_A_SHAPE.search(field.name)
            and plain(value)
        ):
            yield field.name, value


def nested(cls: type[PreTrainedConfig]) -> dict[str, dict[str, object]]:
    """Nested configs of `cls`: model type, and the keys that `cls` sets where the config has none."""
    found = {}
    for key, spec in getattr(cls, "sub_configs_defaults", {}).items():
        own = {name: value for name, value in spec.init_kwargs.items() if not NOT_A_SHAPE.search(name) and plain(value)}
        if spec.model_type:
            found[key] = {"model_type": spec.model_type, **own}
    return found


def refuses(cls: type[PreTrainedConfig]) -> bool:
    """Whether the code of `cls` raises where the hidden size is no multiple of the heads."""
    if getattr(cls, "head_dim", None):
        return False
    for module in (cls.__module__, cls.__module__.replace(".configuration_", ".modeling_")):
        spec = importlib.util.find_spec(module)
        if spec is not None and spec.origin is not None:
            with open(spec.origin, encoding="utf-8") as source:
                if REFUSES.search(source.read()):
                    return True
    return False


def line(name: str, cls: type[PreTrainedConfig]) -> dict[str, object]:
    """The record of one model type."""
    aliases = {ours: theirs for ours, theirs in cls.attribute_map.items() if not NOT_A_SHAPE.search(ours)}
    inner = nested(cls)
    record: dict[str, object] = {"model_type": name, **{k: v for k, v in defaults(cls) if k not in inner}}
    if "num_attention_heads" in record | aliases and refuses(cls):
        record["even_heads"] = True
    return {**record, **({"aliases": aliases} if aliases else {}), **({"nested": inner} if inner else {})}


def wanted(known: dict[str, type[PreTrainedConfig]]) -> set[str]:
    """Language models, encoders, and whatever is nested in one of them."""
    names = {name for task in TASKS for name in getattr(modeling_auto, task, ())}
    todo = [name for name in names if name in known]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [str(inner["model_type"]) for inner in nested(known[name]).values() if inner["model_type"] in known]
    return found


def main() -> None:
    """Write the file."""
    known = classes()
    lines = {name: json.dumps(line(name, known[name]), separators=(",", ":")) for name in wanted(known)}
    with open(EXTRA, encoding="utf-8") as extra:
        for text in extra.read().splitlines():
            lines.setdefault(json.loads(text)["model_type"], json.dumps(json.loads(text), separators=(",", ":")))
    with open(OUT, "w", encoding="utf-8", newline="\n") as out:
        out.writelines(f"{lines[name]}\n" for name in sorted(lines, key=str.lower))
    unread = sorted(name for name in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES if find_module(name) is None)
    print(f"transformers {transformers.__version__}; decoders that no family reads: {' '.join(unread)}")


if __name__ == "__main__":
    main()
