"""T5 (Raffel et al. 2019) and its kin: encoder and decoder with relative positions, RMSNorm and no bias.

The encoder's layers come before the decoder's; they keep nothing. A decoder layer keeps its own keys and values, and
those of the encoded text.
"""

from __future__ import annotations

from planner.model.config import MOST_LAYERS, Config
from planner.model.families import common
from planner.model.parts import attention, embeddings, ffn
from planner.model.parts.attention import Heads, Names, Options
from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.parts.moe import Experts, Router, moe
from planner.model.stack import Architecture, Cache, Layer, Tensor


def heads(config: Config) -> Heads:
    """As many KV heads as query heads, of d_kv elements."""
    number = config.size("num_heads")
    return Heads(number, number, config.size("d_kv"))


def self_attention(config: Config, encoder: bool) -> Mixer:
    """Attention within a text; the encoder keeps no cache."""
    options = Options(names=Names("SelfAttention", "q", "k", "v", "o"))
    mixer = attention.grouped(config.size("d_model"), heads(config), options)
    return mixer._replace(caches=()) if encoder else mixer


def with_cross_attention(config: Config, mixer: Mixer) -> Mixer:
    """Attention to the encoded text beside the decoder's own."""
    shape, options = heads(config), Options(names=Names("EncDecAttention", "q", "k", "v", "o"))
    further = attention.projections(config.size("d_model"), shape, options)
    cache = Cache(shape.kv, 2 * shape.size, kind="cross")
    return mixer._replace(tensors=(*mixer.tensors, *further), caches=(*mixer.caches, cache))


def dense(config: Config) -> FeedForward:
    """Two matrices, or three where `feed_forward_proj` begins with "gated"."""
    hidden, width = config.size("d_model"), config.size("d_ff")
    if not config.word("feed_forward_proj", "relu").startswith("gated"):
        return ffn.plain(hidden, width, up="DenseReluDense.wi", down="DenseReluDense.wo")
    rising = (
        *linear("DenseReluDense.wi_0", hidden, width, "ffn"),
        *linear("DenseReluDense.wi_1", hidden, width, "ffn"),
    )
    return FeedForward("gated", (*rising, *linear("DenseReluDense.wo", width, hidden, "ffn")), width)


def bias(config: Config) -> tuple[Tensor, ...]:
    """A weight per head for each bucket of distances."""
    shape = (config.size("relative_attention_num_buckets"), config.size("num_heads"))
    return (Tensor("SelfAttention.relative_attention_bias", shape, "attention", "other"),)


def half(
    config: Config, encoder: bool, networks: tuple[FeedForward, ...], further: tuple[Tensor, ...] = ()
) -> tuple[Layer, ...]:
    """Encoder or decoder, one layer for each of `networks`; `further` stands in each layer."""
    hidden = config.size("d_model")
    mixer = self_attention(config, encoder)
    if not encoder:
        mixer = with_cross_attention(config, mixer)
    mixer = mixer._replace(tensors=(*mixer.tensors, *further))
    norms = tuple(t for index in range(2 if encoder else 3) for t in norm(f"layer.{index}.layer_norm", hidden))
    return stack(networks, lambda network: layer(mixer, network, norms))


def depths(config: Config) -> tuple[int, int]:
    """Layers of encoder and decoder; as many where the decoder's are not stated."""
    first = config.size("num_layers", most=MOST_LAYERS)
    return first, config.optional("num_decoder_layers", MOST_LAYERS) or first


def whole(config: Config, layers: tuple[Layer, ...], outside: tuple[Tensor, ...], tied: bool) -> Architecture:
    """Both halves, with one embedding and a final norm for each."""
    hidden, vocab = config.size("d_model"), config.size("vocab_size")
    frame = (
        *embeddings.embedding(vocab, hidden, "shared"),
        *outside,
        *norm("encoder.final_layer_norm", hidden),
        *norm("decoder.final_layer_norm", hidden),
        *embeddings.head(vocab, hidden, tied),
    )
    return common.framed(config, layers, frame, tied=tied)


def t5(config: Config) -> Architecture:
    """T5, mT5: the first layer of each half holds the distances' weights; T5 1.1 and Flan have a head of their own."""
    encoder, decoder = depths(config)
    network = dense(config)
    layers = (*half(config, True, (network,) * encoder), *half(config, False, (network,) * decoder))
    tied = config.get("tie_word_embeddings") is not False
    return whole(config, layers, bias(config) * 2, tied)


def umt5(config: Config) -> Architecture:
    """UMT5: every layer has weights of its own for distances."""
    encoder, decoder = depths(config)
    network, own = dense(config), bias(config)
    layers = (*half(config, True, (network,) * encoder, own), *half(config, False, (network,) * decoder, own))
    return whole(config, layers, (), config.get("tie_word_embeddings") is not False)


def longt5(config: Config) -> Architecture:
    """LongT5: with transient global attention, the encoder has a further norm and further distances."""
    encoder, decoder = depths(config)
    network, outside, own = dense(config), bias(config) * 2, ()
    further: tuple[Tensor, ...] = own
    if config.word("encoder_attention_type", "local") == "transient-global":
        outside += bias(config)
        further = norm("TransientGlobalSelfAttention.global_input_layer_norm", config.size("d_model"))
    layers = (*half(config, True, (network,) * encoder, further), *half(config, False, (network,) * decoder))
    return whole(config, layers, outside, config.get("tie_word_embeddings") is not False)


def switched(config: Config, depth: int, sparse: int) -> tuple[FeedForward, ...]:
    """`sparse` of `depth` networks are mixtures of one expert per token, evenly spread."""
    hidden, width = config.size("d_model"), config.size("d_ff")
    plain = ffn.plain(hidden, width, up="mlp.wi", down="mlp.wo")
    experts = Experts(config.size("num_experts"), 1, width, gated=False)
    mixture = moe(hidden, experts, Router("mlp.router.classifier", bias=config.flag("router_bias")))
    step = max(depth // sparse, 1) if sparse else 0
    chosen = {index for index in range(depth) if step and (index % step == 1 or step == 1)}
    return tuple(mixture if index in chosen else plain for index in range(depth))


def switch(config: Config) -> Architecture:
    """Switch Transformers (Fedus et al. 2021)."""
    encoder, decoder = depths(config)
    before = switched(config, encoder, config.count("num_sparse_encoder_layers"))
    after = switched(config, decoder, config.count("num_sparse_decoder_layers"))
    layers = (*half(config, True, before), *half(config, False, after))
    return whole(config, layers, bias(config) * 2, config.flag("tie_word_embeddings", True))


FAMILIES = {"t5": t5, "mt5": t5, "umt5": umt5, "longt5": longt5, "switch_transformers": switch}
