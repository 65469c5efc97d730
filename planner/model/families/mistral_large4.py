"""Mistral Large 4."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, deepseek
from planner.model.families.indexed import FULL, indexer_of, indexer_types
from planner.model.parts.basic import norm
from planner.model.parts.latent import Indexer, latent
from planner.model.parts.layer import layer, stack
from planner.model.stack import Architecture, Layer, Tensor


def mistral_large4(config: Config) -> Architecture:
    """Mistral Large 4: queries not compressed, scaled softmax, layers without positions, layers that reuse a cache."""
    hidden, bias, indexer = config.size("hidden_size"), config.flag("attention_bias"), indexer_of(config)
    count, interval = config.layers(), config.size("no_rope_layer_interval", 4)
    ropes = config.counts("no_rope_layers") or tuple((index + 1) % interval for index in range(count))
    sources = config.counts("kv_source_layers") or tuple(range(count))
    for key, entries in (("no_rope_layers", ropes), ("kv_source_layers", sources)):
        if len(entries) < count:
            raise config.error(key, f"has {len(entries)} entries for {count} layers")
    ffns, network = deepseek.networks(config, 1)
    kinds = tuple(
        (bool(ropes[i]), sources[i] != i, indexers == FULL, ffns[i]) for i, indexers in enumerate(indexer_types(config))
    )

    def build(kind: tuple[bool, bool, bool, str]) -> Layer:
        shape = deepseek.shape_of(config)._replace(query_rank=None)
        turned = shape if kind[0] else shape._replace(nope=shape.nope + shape.rope, rope=0)
        scaling = Tensor("self_attn.softmax_scaling", (2, shape.heads), "attention", "other")
        mixer = latent(hidden, turned, bias, indexer if kind[2] else None, (scaling,))
        extra = _large4_indexer(hidden, indexer) if kind[2] else ()
        dropped = ("kv_a_proj_with_mqa", "kv_a_layernorm") if kind[1] else ()
        kept = tuple(tensor for tensor in mixer.tensors if not any(name in tensor.name for name in dropped))
        caches = mixer.caches[1:] if kind[1] else mixer.caches
        return layer(mixer._replace(tensors=(*kept, *extra), caches=caches), network[kind[3]], common.pre_norms(hidden))

    turns = Tensor("rotary_emb.alpha", (config.size("qk_rope_head_dim") // 2,), "other", "other")
    return common.architecture(config, stack(kinds, build), outside=(turns,))


def _large4_indexer(hidden: int, indexer: Indexer) -> tuple[Tensor, ...]:
    """A norm of what the indexer's queries read, and its own scaled softmax."""
    return (
        *norm("self_attn.indexer.q_input_norm", hidden, bias=True),
        Tensor("self_attn.indexer.softmax_scaling", (2, indexer.heads), "attention", "other"),
    )


FAMILIES = {
    "mistral_large4_text": mistral_large4,
}
