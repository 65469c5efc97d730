"""`params.json` of the makers' own checkpoints: Meta's (llama/model.py), Mistral's (mistral_inference/args.py) and the
`inference/configs` of DeepSeek (inference/model.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats.decoder import gated_width
from planner.formats.native import fields
from planner.workload import Model, NotChecked, Origin, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

SIZES = frozenset({"dim", "n_layers", "n_heads", "vocab_size"})
OWN = frozenset({"norm_eps", "multiple_of", "inter_dim", "moe_inter_dim", "rope_theta"})
FOREIGN = frozenset({"model_type", "model", "training", "optimizer", "vision_encoder", "multimodal"})
"""What such a file of a language model alone does not hold."""
BLOCK = {"quant_method": "fp8", "weight_block_size": [128, 128]}
"""DeepSeek's FP8: a scale for each block of 128 × 128 (inference/kernel.py)."""
NAMES = {
    "hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads", "vocab_size": "vocab_size",
    "num_key_value_heads": "n_kv_heads", "head_dim": "head_dim", "max_position_embeddings": "max_seq_len",
    "intermediate_size": "inter_dim", "moe_intermediate_size": "moe_inter_dim",
    "first_k_dense_replace": "n_dense_layers", "num_experts_per_tok": "n_activated_experts",
    **{key: key for key in (
        "n_routed_experts", "n_shared_experts", "q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim",
        "v_head_dim", "index_n_heads", "index_head_dim", "index_topk",
    )},
}  # fmt: skip
"""Keys of a config.json and what these files call them."""


def recognise(document: Document) -> bool:
    """Whether it has the sizes of a decoder under the makers' names, and nothing of a training config."""
    data = document.data
    if not isinstance(data, dict) or FOREIGN & data.keys():
        return False
    return data.keys() >= SIZES and bool(OWN & data.keys())


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one model that it describes."""
    data: Mapping[str, object] = document.data
    folder = os.path.dirname(document.file)
    name = os.path.basename(os.path.abspath(folder)) if folder else os.path.basename(document.file)
    origins = {"model": Origin("key", ()), "model.architecture": Origin("key", ())}
    origins.update(
        (f"model.architecture.{ours}", Origin("key", (theirs,))) for ours, theirs in NAMES.items() if theirs in data
    )
    unknown = tuple(_unknown(data))
    if unknown:
        yield Workload(document, "params-json", name, Model(name), origins=origins, not_checked=unknown)
        return
    latent = "kv_lora_rank" in data
    keys = _latent(data) if latent else _grouped(data)
    dtype = units.dtype(data.get("dtype"))
    if latent and data.get("dtype") == "fp8":
        keys, dtype = {**keys, "quantization_config": BLOCK}, "bfloat16"
    yield Workload(document, "params-json", name, Model(name, keys, "config.json", dtype=dtype), origins=origins)


def _unknown(data: Mapping[str, object]) -> Iterator[NotChecked]:
    """What these files leave to others."""
    if data.get("vocab_size") == -1:
        because = "vocab_size -1 leaves the vocabulary to the tokenizer"
        yield NotChecked("model", because, "write the tokenizer's number of entries", "model.architecture.vocab_size")
    elif "compress_ratios" in data or "hc_mult" in data:
        yield NotChecked("model", "its compressed attention is not read from this file", "give its config.json")


def _stated(data: Mapping[str, object]) -> dict[str, object]:
    return {ours: data[theirs] for ours, theirs in NAMES.items() if data.get(theirs) is not None}


def _latent(data: Mapping[str, object]) -> dict[str, object]:
    """DeepSeek-V2 and V3; `q_lora_rank: 0` is none."""
    kind = "deepseek_v32" if "index_topk" in data else "deepseek_v3"
    return {"n_shared_experts": 0, **_stated(data), "model_type": kind, "q_lora_rank": data.get("q_lora_rank") or None}


def _grouped(data: Mapping[str, object]) -> dict[str, object]:
    """Llama and Mistral; with `moe` as many experts as it says, each as wide as the network."""
    keys = {**_stated(data), "model_type": "llama", "intermediate_size": _width(data)}
    keys["tie_word_embeddings"] = data.get("tied_embeddings") is True
    moe = data.get("moe")
    if isinstance(moe, Mapping):
        keys |= {
            "model_type": "mixtral",
            "num_local_experts": moe.get("num_experts"),
            "num_experts_per_tok": moe.get("num_experts_per_tok"),
        }
    return keys


def _width(data: Mapping[str, object]) -> int | None:
    """Of the network: stated, or by `ffn_dim_multiplier` and `multiple_of`."""
    for key in ("hidden_dim", "intermediate_size"):
        if data.get(key) is not None:
            return fields.whole(data[key])
    dim, multiple = fields.whole(data.get("dim")), fields.whole(data.get("multiple_of"))
    if dim is None or multiple is None:
        return None
    return gated_width(dim, fields.above_zero(data.get("ffn_dim_multiplier")), multiple)
