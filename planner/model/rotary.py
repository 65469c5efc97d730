"""Tables of rotary positions, which engines keep: a cosine and a sine for each position and pair of dimensions."""

from __future__ import annotations

from collections.abc import Mapping

from planner.memo import by_identity
from planner.model.config import Config, ConfigError

WITHOUT = frozenset(
    {
        "bart", "bert", "bigbird", "biogpt", "bloom", "distilbert", "galactica", "gpt2", "gpt_bigcode", "gpt_neo",
        "imagegpt", "jais", "mpt", "openai-gpt", "opt", "roberta", "t5", "whisper", "xglm", "xlm-roberta",
    }
)  # fmt: skip
"""Types with learned, sinusoidal or no positions, or biases instead of them."""
STRETCHED = frozenset({"linear", "dynamic", "ntk"})
"""Scalings after which the table has factor × max_position_embeddings rows."""
FROM_ORIGINAL = frozenset({"yarn", "deepseek_yarn"})
"""Scalings after which it has factor × the original length."""
OF_IMAGES = 4
"""Multiples of max_position_embeddings for positions in time, height and width (vLLM's MRotaryEmbedding)."""


@by_identity
def table_elements(config: Mapping[str, object]) -> int:
    """Elements of all tables that a model's config asks for: positions × rotated dimensions for each kind of layer.

    As in vllm/model_executor/layers/rotary_embedding: one table per head size and scaling, in the model's dtype,
    a copy on each device. 131,072 positions of 128 dimensions are 32 MiB; those of Llama 4 Scout 2.5 GiB.
    """
    try:
        text = _text(Config(config))
        return 0 if text.model_type in WITHOUT else sum(_tables(text))
    except ConfigError:
        return 0


def _text(config: Config) -> Config:
    for key in ("text_config", "llm_config", "language_config"):
        nested = config.nested(key)
        if nested is not None:
            return nested
    return config


def _tables(config: Config) -> list[int]:
    """Elements of each different table."""
    longest = config.count("max_position_embeddings")
    scaling = config.mapping("rope_scaling") or config.mapping("rope_parameters")
    kinds = [value for value in scaling.values() if isinstance(value, Mapping)]
    width = _width(config)
    if kinds:
        different = {str(sorted(kind.items(), key=str)): kind for kind in kinds}.values()
        return [_rows(longest, {str(key): value for key, value in kind.items()}) * width for kind in different]
    tables = [_rows(longest, scaling) * width]
    if config.states("rope_local_base_freq") or config.get("rope_local_base_freq") is not None:
        tables.append(longest * width)
    return tables


def _width(config: Config) -> int:
    """Dimensions of a head that are rotated."""
    rope = config.count("qk_rope_head_dim")
    if rope:
        return rope
    heads = config.count("num_attention_heads")
    head = config.count("head_dim") or (config.count("hidden_size") // heads if heads else 0)
    share = next((key for key in ("partial_rotary_factor", "rotary_pct") if config.get(key) is not None), None)
    return int(head * min(1.0, config.number(share, 1.0))) if share else config.count("rotary_dim") or head


def _rows(longest: int, scaling: Mapping[str, object]) -> int:
    """Positions in a table (get_rope of vLLM)."""
    kind = str(scaling.get("rope_type") or scaling.get("type") or "default")
    if "mrope_section" in scaling or kind == "mrope":
        return longest * OF_IMAGES
    factor, original = scaling.get("factor"), scaling.get("original_max_position_embeddings")
    stretch = factor if isinstance(factor, (int, float)) and not isinstance(factor, bool) and 1 <= factor <= 1e4 else 1
    first = original if isinstance(original, int) and 0 < original <= longest else None
    if kind in STRETCHED:
        return int(longest * stretch)
    if kind in FROM_ORIGINAL:
        return int((first or longest) * stretch)
    return longest + (first or 0) if kind in ("longrope", "su") else longest
