"""Hunyuan 1, 3 and 4."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, deepseek, mixtures
from planner.model.families.indexed import FULL, SHARED, indexer_of, indexer_types
from planner.model.families.llama import biased
from planner.model.parts import hyper
from planner.model.parts.basic import linear
from planner.model.parts.latent import latent
from planner.model.parts.layer import layer, stack
from planner.model.parts.moe import Router
from planner.model.stack import Architecture, Layer, Tensor


def hunyuan(config: Config) -> Architecture:
    """Hunyuan dense: norms of query and key heads."""
    return common.architecture(config, common.dense(config, biased(config, "head")))


def hunyuan_moe(config: Config) -> Architecture:
    """Hunyuan with experts: a shared network as wide as one of them."""
    routed = mixtures.experts(config, "intermediate_size")
    networks = mixtures.network(config, routed, Router("mlp.gate.wg"), routed.width)
    ffns = (mixtures.SPARSE,) * config.layers()
    return common.architecture(config, common.sparse(config, ffns, networks, biased(config, "head")))


def hy_v3(config: Config) -> Architecture:
    """Hunyuan 3: the first layer dense."""
    routed = mixtures.experts(config)
    shared = config.count("num_shared_experts") * routed.width
    networks = mixtures.network(config, routed, Router("mlp.gate"), shared, config.flag("mlp_bias"))
    ffns = mixtures.listed(config, lambda index: index > 0)
    return common.architecture(config, common.sparse(config, ffns, networks, biased(config, "head")))


def hy_v4(config: Config) -> Architecture:
    """Hunyuan 4: GLM-5's attention with a gate and sinks, several residual streams."""
    hidden, shape, streams = config.size("hidden_size"), deepseek.shape_of(config), config.size("hc_mult")
    extra = (
        *linear("self_attn.gate_proj", hidden, shape.heads * shape.value, "attention"),
        Tensor("self_attn.sinks", (shape.heads,), "attention", "other"),
    )
    around = (*common.pre_norms(hidden), *hyper.connections(hidden, streams, 2 * streams, 2))
    ffns, network = deepseek.networks(config, 1)
    listed = config.words("indexer_types")
    default = tuple(FULL if index == 0 or (index - 1) % 4 == 0 else SHARED for index in range(config.layers()))
    indexers = indexer_types(config) if listed else default

    def build(kind: tuple[str, str]) -> Layer:
        indexer = indexer_of(config) if kind[0] == FULL else None
        mixer = latent(hidden, shape, config.flag("attention_bias"), indexer, extra)
        return layer(mixer, network[kind[1]], around)

    layers = stack(tuple(zip(indexers, ffns, strict=True)), build)
    return common.architecture(config, layers, outside=hyper.head(hidden, streams))


FAMILIES = {
    **dict.fromkeys(("hunyuan_v1_dense", "hunyuan_vl_text"), hunyuan),
    "hunyuan_v1_moe": hunyuan_moe,
    "hy_v3": hy_v3,
    **dict.fromkeys(("hy_v4", "hy_v4_vl_text"), hy_v4),
}
