"""Latent attention: DeepSeek V1 (without) to V3 and those who build on them."""

from __future__ import annotations

from planner.model.config import MOST_LAYERS, Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased, gated
from planner.model.parts import ffn, moe, mtp
from planner.model.parts.basic import norm
from planner.model.parts.latent import Latent, latent
from planner.model.parts.layer import FeedForward, layer, stack
from planner.model.parts.moe import Experts, Router
from planner.model.stack import Architecture, Layer, Tensor


def shape_of(config: Config, prefix: str = "") -> Latent:
    """Ranks and head sizes; an explicit `q_lora_rank: null` (or 0) is no compression of queries."""
    heads = config.size(f"{prefix}num_attention_heads")
    return Latent(
        heads,
        config.optional(f"{prefix}q_lora_rank") or None,
        config.size(f"{prefix}kv_lora_rank"),
        config.count(f"{prefix}qk_nope_head_dim"),
        config.count(f"{prefix}qk_rope_head_dim"),
        config.size(f"{prefix}v_head_dim", config.size("hidden_size") // heads or 1),
    )


def routed_experts(config: Config) -> Experts:
    """The routed experts under DeepSeek's keys."""
    return mixtures.experts(config, count="n_routed_experts")


def shared_width(config: Config) -> int:
    """Summed width of the shared experts."""
    return config.count("n_shared_experts") * config.size("moe_intermediate_size")


def has_experts(config: Config) -> bool:
    """Whether there are routed experts at all."""
    return bool(config.optional("n_routed_experts")) and bool(config.optional("moe_intermediate_size"))


def networks(config: Config, first: int = 0) -> tuple[tuple[str, ...], dict[str, FeedForward]]:
    """The kind of each layer's network, and the networks by kind; `first` layers are dense unless the config says."""
    sparse = mixtures.dense_first(config, first) if has_experts(config) else lambda index: False
    kinds = mixtures.listed(config, sparse)
    found = {}
    if mixtures.DENSE in kinds:
        found[mixtures.DENSE] = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"))
    if mixtures.SPARSE in kinds:
        routed = routed_experts(config)
        found[mixtures.SPARSE] = moe.moe(config.size("hidden_size"), routed, shared_width=shared_width(config))
    return kinds, found


def latent_moe(config: Config, first: int = 0) -> Architecture:
    """Latent attention, the first `first_k_dense_replace` layers dense, the others with experts."""
    hidden, bias = config.size("hidden_size"), config.flag("attention_bias")
    kinds, network = networks(config, first)
    mixer = latent(hidden, shape_of(config), bias)
    layers = stack(kinds, lambda kind: layer(mixer, network[kind], common.pre_norms(hidden)))
    return common.architecture(config, layers, stored_only=predicted(config, layers))


def predicted(config: Config, layers: tuple[Layer, ...]) -> tuple[Tensor, ...]:
    """Multi-token prediction layers as DeepSeek and GLM store them."""
    count = config.count("num_nextn_predict_layers", most=100) if config.states("num_nextn_predict_layers") else 0
    return mtp.predictors(layers[-1], config.size("hidden_size"), config.size("vocab_size"), count)


def glm_lite(config: Config) -> Architecture:
    """GLM-4.7-Flash: one dense layer unless `mlp_layer_types` says otherwise."""
    return latent_moe(config, 1)


def latent_dense(config: Config) -> Architecture:
    """MiniCPM-3 and Youtu: latent attention and dense networks."""
    hidden, bias = config.size("hidden_size"), config.flag("attention_bias")
    mixer = latent(hidden, shape_of(config), bias)
    one = layer(mixer, gated(config), common.pre_norms(hidden))
    return common.architecture(config, (one,) * config.layers())


def deepseek(config: Config) -> Architecture:
    """DeepSeekMoE 16B: fine-grained experts behind ordinary attention."""
    kinds, network = networks(config)
    return common.architecture(config, common.sparse(config, kinds, lambda kind: network[kind], biased(config)))


def axk1(config: Config) -> Architecture:
    """A.X K1: one more norm behind the experts."""
    hidden = config.size("hidden_size")
    kinds, network = networks(config, 1)
    after = norm("mlp.post_mlp_layernorm", hidden)
    mixer = latent(hidden, shape_of(config), config.flag("attention_bias"))

    def build(kind: str) -> Layer:
        around = common.pre_norms(hidden)
        return layer(mixer, network[kind], (*around, *(after if kind == mixtures.SPARSE else ())))

    return common.architecture(config, stack(kinds, build))


def longcat(config: Config) -> Architecture:
    """LongCat-Flash: two attentions and two dense networks in a layer, experts beside; some experts do nothing."""
    hidden, bias = config.size("hidden_size"), config.flag("attention_bias")
    routed = routed_experts(config)
    outputs = routed.number + config.count("zero_expert_num")
    route = Router("mlp.router.classifier", outputs, config.flag("router_bias"))
    mixture = moe.moe(hidden, routed, route, further=())
    mixer = latent(hidden, shape_of(config), bias)
    dense = ffn.gated(hidden, config.size("intermediate_size"), prefix="mlps")
    twice = tuple(tensor._replace(copies=2) for tensor in (*mixer.tensors, *dense.tensors, *common.pre_norms(hidden)))
    one = layer(mixer._replace(tensors=twice, caches=mixer.caches * 2), mixture._replace(shared_width=dense.width))
    halves = config.states("num_hidden_layers") and not config.states("num_layers")
    count = max(1, config.layers() // 2) if halves else config.size("num_layers", most=MOST_LAYERS)
    return common.architecture(config, (one,) * count)


FAMILIES = {
    "deepseek": deepseek,
    **dict.fromkeys(("deepseek_v2", "deepseek_v3", "kimi_k2", "mistral4", "sarvam_mla"), latent_moe),
    "glm4_moe_lite": glm_lite,
    **dict.fromkeys(("minicpm3", "youtu"), latent_dense),
    "axk1": axk1,
    "longcat_flash": longcat,
}
