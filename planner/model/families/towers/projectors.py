"""What leads from a vision tower into the language model: a few matrices, after patches are joined or not."""

from __future__ import annotations

from collections.abc import Callable

from planner.model.config import Config
from planner.model.families.towers import keys
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


def shuffled(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """One matrix from `scale_factor`² joined patches (Idefics-3)."""
    joined = vision.size("hidden_size") * config.size("scale_factor") ** 2
    return encoder.chain("connector.modality_projection", ("proj",), (joined, text.size("hidden_size")), bias=False)


def internvl(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """A norm over the joined patches, then two matrices."""
    ratio = config.number("downsample_ratio", 0.5)
    if not 0 < ratio <= 1:
        raise config.error("downsample_ratio", "must lie above 0 and at or below 1")
    joined, hidden = vision.size("hidden_size") * int(1 / ratio) ** 2, text.size("hidden_size")
    return (*encoder.layer_norm(f"{PREFIX}.layer_norm", joined), *encoder.chain(PREFIX, TWO, (joined, hidden, hidden)))


def radio(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Nemotron Omni: a norm over the joined patches, two matrices without biases."""
    ratio = config.number("downsample_ratio", 0.5)
    if not 0 < ratio <= 1:
        raise config.error("downsample_ratio", "must lie above 0 and at or below 1")
    joined = config.size("vision_hidden_size", vision.size("hidden_size")) * int(1 / ratio) ** 2
    widths = (joined, config.size("projector_hidden_size"), text.size("hidden_size"))
    return (*norm(f"{PREFIX}.layer_norm", joined), *encoder.chain(PREFIX, TWO, widths, bias=False))


def readout(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Two matrices (VideoLLaMA 3)."""
    hidden = text.size("hidden_size")
    return encoder.chain("projector.readout", ("0", "2"), (vision.size("hidden_size"), hidden, hidden))


def paddle(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """PaddleOCR-VL: a norm per patch, then two matrices on the joined ones."""
    inner = vision.size("hidden_size")
    joined = inner * vision.size("spatial_merge_size", 2) ** 2
    widths = (joined, joined, text.size("hidden_size"))
    return (*encoder.layer_norm("projector.pre_norm", inner), *encoder.chain("projector", TWO, widths))


def mistral(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Norm, merger of `spatial_merge_size`² patches, and two matrices."""
    inner, hidden = vision.size("hidden_size"), text.size("hidden_size")
    joined = inner * config.size("spatial_merge_size") ** 2
    return (
        *norm(f"{PREFIX}.norm", inner),
        *encoder.chain(f"{PREFIX}.patch_merger", ("merging_layer",), (joined, inner), bias=False),
        *encoder.chain(
            PREFIX, TWO, (inner * feature_layers(config), hidden, hidden), config.flag("multimodal_projector_bias")
        ),
    )


def halved(joined: int, inner: int, hidden: int) -> tuple[Tensor, ...]:
    """Two matrices with a gate between them that halves the width."""
    first = encoder.chain(PREFIX, ("linear_1",), (joined, inner))
    return (*first, *encoder.chain(PREFIX, ("linear_2",), (inner // 2, hidden)))


def downsampled(config: Config, vision: Config) -> int:
    """Elements of `downsample_factor`² joined patches."""
    return vision.size("hidden_size") * config.size("downsample_factor") ** 2


def cohere(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Command A Vision."""
    return halved(downsampled(config, vision), config.size("alignment_intermediate_size"), text.size("hidden_size"))


def aya(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Aya Vision: a norm before."""
    joined, hidden = downsampled(config, vision), text.size("hidden_size")
    inner = config.optional("alignment_intermediate_size") or hidden
    return (*encoder.layer_norm(f"{PREFIX}.layernorm", joined), *halved(joined, inner, hidden))


def lfm(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """LFM2-VL: a norm (`projector_use_layernorm`) and two matrices."""
    joined = downsampled(config, vision)
    widths = (joined, config.size("projector_hidden_size"), text.size("hidden_size"))
    return (
        *(encoder.layer_norm(f"{PREFIX}.layer_norm", joined) if config.flag("projector_use_layernorm", True) else ()),
        *encoder.chain(PREFIX, TWO, widths, config.flag("projector_bias", True)),
    )


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


def kimi(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Kimi K2.5: a norm per patch, then two matrices on the joined ones; K3 has its norm behind them."""
    width = vision.optional("vt_hidden_size") or vision.size("hidden_size")
    inner = vision.optional("mm_hidden_size") or config.optional("projection_hidden_size") or width
    down, right = keys.pair(vision, "merge_kernel_size", 2)
    joined = width * down * right
    widths = (joined, joined, text.size("hidden_size"))
    if vision.word("mm_projector_type") == "patchmergerv2":
        matrices = encoder.chain("mm_projector", ("linear_1", "linear_2"), widths, bias=False)
        return (*matrices, *norm("mm_projector.post_norm", widths[-1]))
    return (
        *encoder.layer_norm("mm_projector.pre_norm", inner),
        *encoder.chain("mm_projector", ("in_proj", "out_proj"), widths),
    )


def minimax(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Two matrices per patch, two on the joined patches."""
    inner, hidden = config.size("projector_hidden_size"), text.size("hidden_size")
    joined = hidden * vision.size("spatial_merge_size") ** 2
    return (
        *encoder.chain(PREFIX, TWO, (vision.size("hidden_size"), inner, hidden)),
        *encoder.chain(PREFIX, ("merge_linear_1", "merge_linear_2"), (joined, inner, hidden)),
    )


def muse(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """An adapter of two matrices on the joined patches, then one into the language model."""
    inner = config.size("projector_hidden_size")
    joined = config.size("out_hidden_size")
    return (
        *encoder.chain("vision_adapter", ("fc1", "fc2"), (joined, inner, inner), bias=False),
        *encoder.chain("", ("vision_projection",), (inner, text.size("hidden_size")), bias=False),
    )


def step(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """One matrix from the convolutions' four times wider output."""
    width = vision.size("width" if vision.states("width") else "hidden_size")
    return encoder.chain("", (PREFIX,), (4 * width, text.size("hidden_size")), config.flag("projector_bias"))
