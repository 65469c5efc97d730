"""Gated DeltaNet in three layers of four, gated attention in the fourth: Qwen3-Next and Qwen3.5; OLMo-Hybrid."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, hybrid, mixtures
from planner.model.parts import attention, ffn
from planner.model.parts.attention import Options
from planner.model.parts.basic import linear, norms
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.parts.moe import moe, shared
from planner.model.parts.recurrent_delta import DeltaHeads, gated_delta
from planner.model.stack import Architecture, Layer, Tensor

NORMS = ("input_layernorm", "post_attention_layernorm")


def kinds(config: Config) -> tuple[str, ...]:
    """As `layer_types` lists them; else attention in one layer of `full_attention_interval`."""
    return hybrid.kinds(config, hybrid.periodic(config.size("full_attention_interval", 4)))


def delta_heads(config: Config) -> DeltaHeads:
    """Heads of the delta rule."""
    return DeltaHeads(
        keys=config.size("linear_num_key_heads"),
        key_size=config.size("linear_key_head_dim"),
        values=config.size("linear_num_value_heads"),
        value_size=config.size("linear_value_head_dim"),
        kernel=config.size("linear_conv_kernel_dim"),
    )


def gated_attention(config: Config) -> Mixer:
    """Attention with norms per head and an output gate, which checkpoints keep in the query projection (2·a·d rows)."""
    shape, bias = common.heads(config), config.flag("attention_bias")
    options = Options(bias=bias, out_bias=bias, norm="head")
    mixer = attention.grouped(config.size("hidden_size"), shape, options)
    return mixer._replace(tensors=tuple(_doubled(tensor) for tensor in mixer.tensors))


def _doubled(tensor: Tensor) -> Tensor:
    if tensor.name not in ("self_attn.q_proj", "self_attn.q_proj.bias"):
        return tensor
    return tensor._replace(shape=(2 * tensor.shape[0], *tensor.shape[1:]))


def experts(config: Config) -> FeedForward:
    """Routed experts, and one for every token behind a gate."""
    hidden, always = config.size("hidden_size"), config.count("shared_expert_intermediate_size")
    routed = mixtures.experts(config)
    return moe(
        hidden, routed, shared_width=always, further=shared(hidden, always, gate=True, prefix="mlp.shared_expert")
    )


def dense(config: Config) -> FeedForward:
    """A gated network."""
    return ffn.gated(config.size("hidden_size"), config.size("intermediate_size"))


def decoder(config: Config, layout: str, sparse: tuple[bool, ...]) -> Architecture:
    """Layers by their kind and whether their network is sparse."""
    hidden = config.size("hidden_size")

    def build(kind: tuple[str, bool]) -> Layer:
        mixer = gated_attention(config) if kind[0] == common.FULL else gated_delta(hidden, delta_heads(config), layout)
        return layer(mixer, experts(config) if kind[1] else dense(config), norms(hidden, *NORMS))

    layers = stack(tuple(zip(kinds(config), sparse, strict=True)), build)
    return common.architecture(config, layers, stored_only=predictor(config, sparse[-1]))


def predictor(config: Config, sparse: bool) -> tuple[Tensor, ...]:
    """Layers for predicting further tokens (`mtp_num_hidden_layers`): checkpoints hold them, few engines load them."""
    count = config.count("mtp_num_hidden_layers", most=64)
    if not count:
        return ()
    hidden = config.size("hidden_size")
    one = layer(gated_attention(config), experts(config) if sparse else dense(config), norms(hidden, *NORMS))
    names = ("norm", "pre_fc_norm_embedding", "pre_fc_norm_hidden")
    joint = (*linear("fc", 2 * hidden, hidden, "other"), *norms(hidden, *names))
    return tuple(tensor._replace(name=f"mtp.{tensor.name}") for tensor in (*joint, *one.tensors * count))


def qwen3_next(config: Config) -> Architecture:
    """Qwen3-Next: experts in every `decoder_sparse_step`-th layer that is not among `mlp_only_layers`."""
    ffns = mixtures.listed(config, mixtures.stepped(config))
    sparse = tuple(kind == mixtures.SPARSE for kind in ffns)
    return decoder(config, "fused", sparse)


def qwen3_5(config: Config) -> Architecture:
    """Qwen3.5's dense text model."""
    return decoder(config, "joined", (False,) * config.layers())


def qwen3_5_moe(config: Config) -> Architecture:
    """Qwen3.5's text model with experts in every layer."""
    return decoder(config, "joined", (True,) * config.layers())


def olmo_hybrid(config: Config) -> Architecture:
    """OLMo-Hybrid: norms before the delta rule, after attention and its network."""
    hidden, query = config.size("hidden_size"), config.size("num_attention_heads")
    keys = config.optional("linear_num_key_heads") or query
    key_size = config.optional("linear_key_head_dim") or int(0.75 * hidden / keys)
    heads = DeltaHeads(
        keys,
        key_size,
        config.optional("linear_num_value_heads") or query,
        config.optional("linear_value_head_dim") or 2 * key_size,
        config.size("linear_conv_kernel_dim"),
    )
    bias = config.flag("attention_bias")

    def build(kind: str) -> Layer:
        if kind == common.FULL:
            mixer = common.attend(config, kind, Options(bias=bias, out_bias=bias, norm="heads"))
            return layer(mixer, dense(config), norms(hidden, "post_attention_layernorm", "post_feedforward_layernorm"))
        return layer(gated_delta(hidden, heads, "split", "o_norm", "o_proj"), dense(config), norms(hidden, *NORMS))

    found = hybrid.kinds(config, hybrid.periodic(4))
    if config.words("layer_types") is None and common.FULL not in found:
        found = (*found[:-1], common.FULL)
    return common.architecture(config, stack(found, build))


LARA_PERIOD = (hybrid.LINEAR, common.SLIDING, hybrid.LINEAR, common.FULL, common.SLIDING)


def lara_mini(config: Config) -> Architecture:
    """Lara Mini: the delta rule, windows and full attention in turn, experts and a shared one without a gate."""
    hidden, always = config.size("hidden_size"), config.count("shared_expert_intermediate_size")
    extra = shared(hidden, always, prefix="mlp.shared_expert")
    network = moe(hidden, mixtures.experts(config), shared_width=always, further=extra)
    bias = config.flag("attention_bias")
    options = Options(bias=bias, out_bias=bias, norm="head")

    def build(kind: str) -> Layer:
        linear_kind = kind == hybrid.LINEAR
        mixer = (
            gated_delta(hidden, delta_heads(config), "joined") if linear_kind else common.attend(config, kind, options)
        )
        return layer(mixer, network, norms(hidden, *NORMS))

    found = hybrid.kinds(config, lambda index: LARA_PERIOD[index % len(LARA_PERIOD)])
    return common.architecture(config, stack(found, build))


FAMILIES = {
    "qwen3_next": qwen3_next, "qwen3_5_text": qwen3_5, "qwen3_5_moe_text": qwen3_5_moe, "olmo_hybrid": olmo_hybrid,
    "lara_mini": lara_mini,
}  # fmt: skip
