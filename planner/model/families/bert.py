"""BERT (Devlin et al. 2018) and its kin: encoders, which keep no cache.

What stands behind the layers depends on the task that `architectures` names: a pooler, a head for masked words, a
classifier. Without a name it is the head for masked words.
"""

from __future__ import annotations

from functools import partial

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import attention, embeddings, ffn
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import linear, norm, norms
from planner.model.parts.layer import FeedForward, layer
from planner.model.stack import Architecture, Layer, Tensor
from planner.record import NamedTuple

BIASED = Options(bias=True, out_bias=True, names=Names("attention", "query", "key", "value", "output"))
PLAIN = Options()
QUERIES = Options(bias=True, out_bias=True)


class Kin(NamedTuple):
    """Where the relatives differ."""

    pooler: bool = True
    positions: bool = True
    token_types: bool = True
    options: Options = BIASED
    gated: bool = False
    ffn_bias: bool = True
    down_bias: bool = True
    buckets: bool = False
    """Weights per head for distances."""


def network(config: Config, kin: Kin) -> FeedForward:
    """Two matrices, or three."""
    hidden, width = config.size("hidden_size"), config.size("intermediate_size")
    if not kin.gated:
        return ffn.plain(hidden, width, kin.ffn_bias, "intermediate.dense", "output.dense")
    found = ffn.gated(hidden, width, kin.ffn_bias)
    extra = Tensor("mlp.down_proj.bias", (hidden,), "ffn", "bias")
    return found._replace(tensors=(*found.tensors, extra)) if kin.down_bias and not kin.ffn_bias else found


def encoder_layer(config: Config, kin: Kin) -> Layer:
    """A layer with a norm behind its attention and one behind its network."""
    hidden = config.size("hidden_size")
    mixer = attention.grouped(hidden, common.heads(config), kin.options)._replace(caches=())
    return layer(mixer, network(config, kin), norms(hidden, "attention.norm", "output.norm", bias=True))


def dense(name: str, width_in: int, width_out: int) -> tuple[Tensor, ...]:
    """A matrix of a head, with its bias."""
    return linear(name, width_in, width_out, "other", True)


def labels(config: Config) -> int:
    """Classes of a classifier; two unless stated."""
    return config.optional("num_labels") or len(config.mapping("id2label")) or 2


def masked_words(config: Config, width: int) -> tuple[Tensor, ...]:
    """A matrix, a norm and the tied output embedding with its bias."""
    hidden, vocab = config.size("hidden_size"), config.size("vocab_size")
    tied = config.flag("tie_word_embeddings", True)
    return (
        *dense("cls.predictions.transform.dense", hidden, width),
        *norm("cls.predictions.transform.norm", width, True),
        *embeddings.head(vocab, width, tied, True, "cls.predictions.decoder"),
    )


def behind(config: Config, pooler: bool, width: int) -> tuple[Tensor, ...]:
    """What the task needs behind the layers."""
    hidden = config.size("hidden_size")
    pooled = dense("pooler.dense", hidden, hidden)
    named = [name for name in (config.list("architectures") or ()) if isinstance(name, str)]
    task = named[0] if named else "ForMaskedLM"
    if task.endswith("ForPreTraining") and pooler:
        return (*pooled, *masked_words(config, width), *dense("cls.seq_relationship", hidden, 2))
    if task.endswith("ForPreTraining"):
        return (*dense("discriminator.dense", hidden, hidden), *dense("discriminator.prediction", hidden, 1))
    if task.endswith(("ForMaskedLM", "LMHeadModel", "ForCausalLM")):
        return masked_words(config, width)
    if task.endswith("ForSequenceClassification"):
        return (*pooled, *dense("classifier", hidden, labels(config)))
    if task.endswith(("ForTokenClassification", "ForQuestionAnswering")):
        return dense("classifier", hidden, labels(config) if "Token" in task else 2)
    return pooled if pooler else ()


def embedded(config: Config, kin: Kin, width: int) -> tuple[Tensor, ...]:
    """Words, positions and token types, normed."""
    positions = config.size("max_position_embeddings") if kin.positions else 0
    return (
        *embeddings.embedding(config.size("vocab_size"), width, "embeddings.word_embeddings"),
        *embeddings.positions(positions, width, "embeddings.position_embeddings"),
        *embeddings.positions(
            config.count("type_vocab_size") if kin.token_types else 0, width, "embeddings.token_type_embeddings"
        ),
        *norm("embeddings.norm", width, True),
    )


def bert(config: Config, kin: Kin) -> Architecture:
    """Embeddings (narrower ones of `embedding_size` pass a matrix), layers and what the task needs."""
    hidden = config.size("hidden_size")
    width = config.optional("embedding_size") or hidden
    distances = (
        (config.size("relative_attention_num_buckets"), config.size("num_attention_heads")) if kin.buckets else ()
    )
    outside = (
        *embedded(config, kin, width),
        *(dense("embeddings_project", width, hidden) if width != hidden else ()),
        *((Tensor("encoder.relative_attention_bias", distances, "attention", "other"),) if distances else ()),
        *behind(config, kin.pooler, width),
    )
    layers = (encoder_layer(config, kin),) * config.layers()
    return common.framed(config, layers, outside, tied=config.flag("tie_word_embeddings", True))


def distilbert(config: Config) -> Architecture:
    """DistilBERT under its own keys."""
    return bert(config.with_values(intermediate_size=config.get("hidden_dim")), Kin(pooler=False, token_types=False))


KIN = {
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "camembert", "ernie", "data2vec-text"), Kin()),
    "electra": Kin(pooler=False),
    "mpnet": Kin(token_types=False, buckets=True),
    "nomic_bert": Kin(positions=False, options=PLAIN, gated=True, ffn_bias=False, down_bias=False, pooler=False),
    "gte": Kin(positions=False, options=QUERIES, gated=True, ffn_bias=False, pooler=False),
}

FAMILIES = {
    "distilbert": distilbert,
    **{name: partial(bert, kin=kin) for name, kin in KIN.items()},
}
