"""What leads from a vision tower into the language model, patch by patch: a few matrices."""

from __future__ import annotations

from collections.abc import Callable

from planner.model.config import Config
from planner.model.parts.basic import norm
from planner.model.parts.towers import encoder
from planner.model.stack import Tensor

Projector = Callable[[Config, Config, Config], tuple[Tensor, ...]]
"""From wrapper, language model and tower."""

PREFIX = "multi_modal_projector"
TWO = ("linear_1", "linear_2")


def nothing(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """The tower ends in the language model's width."""
    return ()


def feature_layers(config: Config) -> int:
    """Layers of the tower whose outputs are joined: `vision_feature_layer` is one or a list."""
    layers = config.get("vision_feature_layer")
    return max(len(layers), 1) if isinstance(layers, (list, tuple)) else 1


def llava(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Two matrices (Liu et al. 2023)."""
    widths = (vision.size("hidden_size") * feature_layers(config), *(text.size("hidden_size"),) * 2)
    return encoder.chain(PREFIX, TWO, widths, config.flag("multimodal_projector_bias", True))


def llava_newline(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """The same, and an embedding for the end of a row of patches."""
    return (*encoder.table("image_newline", 1, text.size("hidden_size")), *llava(config, text, vision))


def vipllava(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """A norm over all joined layers, then two matrices."""
    joined, hidden = vision.size("hidden_size") * feature_layers(config), text.size("hidden_size")
    return (
        *encoder.layer_norm(f"{PREFIX}.projector_layernorm", joined),
        *encoder.chain(PREFIX, TWO, (joined, hidden, hidden)),
    )


def paligemma(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """One matrix to `projection_dim`."""
    outer = vision.optional("projection_dim") or config.size("projection_dim")
    return encoder.chain(PREFIX, ("linear",), (vision.size("hidden_size"), outer))


def gemma3(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """A norm and one matrix."""
    inner = vision.size("hidden_size")
    matrix = encoder.chain(PREFIX, ("mm_input_projection_weight",), (inner, text.size("hidden_size")), bias=False)
    return (*norm(f"{PREFIX}.mm_soft_emb_norm", inner), *matrix)


def readout(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Two matrices (VideoLLaMA 3)."""
    hidden = text.size("hidden_size")
    return encoder.chain("projector.readout", ("0", "2"), (vision.size("hidden_size"), hidden, hidden))


def mllama(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """One matrix from all tapped layers."""
    return encoder.chain("", (PREFIX,), (vision.size("vision_output_dim"), text.size("hidden_size")))


def llama4(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """One matrix."""
    widths = (vision.size("vision_output_dim"), text.size("hidden_size"))
    return encoder.chain(PREFIX, ("linear_1",), widths, bias=False)


def gemma4(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """One matrix; the norm before it has no scale."""
    widths = (vision.size("hidden_size"), text.size("hidden_size"))
    return encoder.chain("embed_vision", ("embedding_projection",), widths, bias=False)


def gemma4_patches(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Gemma 4 12B: the same, as wide as its patches (`output_proj_dims`, as wide as the language model)."""
    hidden = text.size("hidden_size")
    widths = (vision.size("output_proj_dims", hidden), hidden)
    return encoder.chain("embed_vision.multimodal_embedder", ("embedding_projection",), widths, bias=False)


def hyperclova(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """One matrix behind the tower's own merger."""
    return encoder.chain("", ("projector",), (vision.size("out_hidden_size"), text.size("hidden_size")))


def phi4_image(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Phi-4-multimodal: two matrices, and rows that part the crops of an image."""
    inner, hidden, prefix = vision.size("hidden_size"), text.size("hidden_size"), "embed_tokens_extend.image_embed"
    return (
        *encoder.table(f"{prefix}.feature_extensor", 2, inner),
        *encoder.chain(prefix, ("img_projection_up", "img_projection_down"), (inner, hidden, hidden)),
    )
