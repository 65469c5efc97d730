"""Write rows of planner/catalog/models.jsonl from config.json files.

    python scripts/build_catalogue.py LIST [--folder FOLDER] [--to FILE]

LIST is a file of JSON lines, one per model: `id`, `source` (public: repository@commit:path, a page, a paper), `date`
and, where known, `file` (its config.json, relative to FOLDER), `parameters`, `active_parameters`, `training_tokens`,
`same` (checkpoints of equal shape), `aliases` (other names), `base` and `note`. Rows with the same id are replaced, all
others stay; the file is sorted by id. Only keys that change shapes, caches, context or dtype are kept. Check the result
with scripts/check_catalogue.py.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from planner.catalog.model_names import last, normal

CATALOGUE = os.path.join(os.path.dirname(__file__), "..", "planner", "catalog", "models.jsonl")

FIELDS = (
    "id", "names", "same", "aliases", "parameters", "active_parameters", "training_tokens", "base", "config", "note",
    "source", "date",
)  # fmt: skip
"""In the order in which they are written; a row has those that are known."""

DROPPED = re.compile(
    r"_(?!sliding).*|.*_tokens?_ids?|.*_token_index|.*_eps|eps|.*epsilon|.*dropout.*|.*pdrop|.*jitter.*|.*aux_loss.*"
    r"|initiali[sz]er_.*|init_.*|emb_init_.*|auto_map|transformers_version|transformers\.js_config|tokenizer_.*|chat_template"
    r"|id2label|label2id|task_specific_params|finetuning_task|problem_type|summary_.*|prompts|query|document|tile_tag"
    r"|use_cache|return_.*|output_(attentions|hidden_states|scores|router_logits|past)|cache_implementation|verbose"
    r"|pruned_heads|torchscript|tie_encoder_decoder|is_decoder|chunk_size_feed_forward|gradient_checkpointing|onnx_safe"
    r"|pretraining_tp|tf_legacy_loss|use_bfloat16|bf16|fp16|fp32|seq_aux|ep_size|z_loss_weight|moe_loss_weight"
    r"|(min|max)_length|default_.*_length|temperature|top_[kp]|typical_p|do_sample|early_stopping|prefix|num_beams"
    r"|num_beam_groups|num_return_sequences|repetition_penalty|length_penalty|diversity_penalty|no_repeat_ngram_size"
    r"|encoder_no_repeat_ngram_size|bad_words_ids|remove_invalid_values|exponential_decay_.*|(begin_)?suppress_tokens"
    r"|rope_theta|.*_rope_theta|rotary_base|rotary_emb_base|rope_local_base_freq|attention_softmax_in_fp32|attn_implementation"
    r"|logit_scale|query_pre_attn_scalar|.*softcapping|.*(?<!dim)_multiplier|scale_(emb|depth|attn.*|attention.*)"
    r"|routed_scaling_factor|norm_topk_prob|time_step_(?!rank).*|residual_in_fp32|rescale_.*|bias_dropout_fusion"
    r"|apply_query_key_layer_scaling|fp32_residual_connection|use_(mamba_kernels|flash_attn|associative_scan|logn_attn)"
    r"|use_dynamic_ntk|.*_placeholder|similarity_fn_name|candidate_resolutions|image_grid_pinpoints"
)
"""Keys that change neither shapes nor caches nor context nor dtype. `architectures` stays: it tells of the head."""

QUANTIZATION_DROPPED = ("producer", "global_compression_ratio", "quantization_status", "sparsity_config", "version")
LAYER = re.compile(r"(.*\blayers\.)(\d+)(\..*|$)")
EXPERT = re.compile(r"(.*\bexperts\.)(\d+)(\..*|$)")


def kept(config: Mapping[str, object]) -> dict[str, object]:
    """The keys of a config.json that matter, those of its towers too."""
    found: dict[str, object] = {}
    layers = config.get("num_hidden_layers") or mapping(config.get("text_config")).get("num_hidden_layers")
    for key, value in config.items():
        if key == "quantization_config":
            found[key] = quantization(mapping(value), layers if isinstance(layers, int) else 0)
        elif not DROPPED.fullmatch(key) or (key == "id2label" and "Classification" in str(config.get("architectures"))):
            found[key] = kept(mapping(value)) if isinstance(value, dict) and key.endswith("_config") else value
    return found


def mapping(value: object) -> Mapping[str, object]:
    """`value` if it is one."""
    return value if isinstance(value, dict) else {}


def quantization(config: Mapping[str, object], layers: int) -> dict[str, object]:
    """A quantization_config with its long lists of modules written as globs where a whole stack is named."""
    found: dict[str, object] = {}
    for key, value in config.items():
        if key in QUANTIZATION_DROPPED or (key == "config_groups" and "quantized_layers" in config):
            continue
        if isinstance(value, list) and len(value) > 8 and all(isinstance(entry, str) for entry in value):
            found[key] = globs(value, layers)
        elif key == "quantized_layers":
            found[key] = by_template(mapping(value))
        else:
            found[key] = value
    return found


def globs(modules: Iterable[str], layers: int) -> list[str]:
    """One `layers.*` for entries that name the same module in every layer from some early one to the last."""
    stacks: dict[tuple[str, str], set[int]] = {}
    others = []
    for module in modules:
        match = LAYER.fullmatch(module)
        if match:
            stacks.setdefault((match[1], match[3]), set()).add(int(match[2]))
        else:
            others.append(module)
    for (before, after), numbers in stacks.items():
        whole = layers > 4 and min(numbers) <= 3 and set(range(min(numbers), layers)) <= numbers
        others += [f"{before}*{after}"] if whole else [f"{before}{number}{after}" for number in sorted(numbers)]
    return others


def by_template(modules: Mapping[str, object]) -> dict[str, object]:
    """The same for {module: how it is quantized}, which is complete: equal modules may be told apart only by how."""
    found: dict[str, object] = {}
    clash: set[str] = set()
    for module, how in modules.items():
        template = EXPERT.sub(r"\1*\3", LAYER.sub(r"\1*\3", module))
        if found.setdefault(template, how) != how:
            clash.add(template)
    if clash:
        raise SystemExit(f"modules of one kind are quantized differently: {sorted(clash)}")
    return found


def row(entry: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """One line of the catalogue."""
    values = dict(entry)
    if "file" in values:
        with open(os.path.join(folder, str(values["file"])), encoding="utf-8") as file:
            values["config"] = kept(json.load(file))
    missing = [key for key in ("id", "source", "date") if not values.get(key)]
    if missing or not (values.get("config") or values.get("parameters") or values.get("base")):
        raise SystemExit(f"{values.get('id')}: {', '.join(missing) or 'config, parameters or base'} missing")
    known = [str(values["id"]), *(str(name) for name in values.get("same") or ())]
    plain = {normal(last(name)) for name in known}
    values["names"] = sorted(plain | {name.removesuffix("-bf16") for name in plain})
    return {key: values[key] for key in FIELDS if values.get(key)}


def read(path: str) -> dict[str, dict[str, Any]]:
    """The rows of a file of JSON lines by id."""
    with open(path, encoding="utf-8") as file:
        return {entry["id"]: entry for entry in map(json.loads, filter(str.strip, file))}


def main() -> None:
    """Merge the list into the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list")
    parser.add_argument("--folder", default=".")
    parser.add_argument("--to", default=CATALOGUE)
    options = parser.parse_args()
    rows = read(options.to) if os.path.exists(options.to) else {}
    rows |= {identifier: row(entry, options.folder) for identifier, entry in read(options.list).items()}
    lines = (json.dumps(rows[key], separators=(",", ":")) for key in sorted(rows, key=str.lower))
    with open(options.to, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    print(f"{len(rows)} models in {options.to}")


if __name__ == "__main__":
    main()
