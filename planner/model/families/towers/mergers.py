"""What leads from a vision tower into the language model where several patches are joined into one token."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers import keys
from planner.model.families.towers.projectors import PREFIX, TWO, feature_layers
from planner.model.parts.basic import norm
from planner.model.parts.towers import encoder
from planner.model.stack import Tensor


def shuffled(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """One matrix from `scale_factor`² joined patches (Idefics-3)."""
    joined = vision.size("hidden_size") * config.size("scale_factor") ** 2
    return encoder.chain("connector.modality_projection", ("proj",), (joined, text.size("hidden_size")), bias=False)


def unshuffled(config: Config) -> int:
    """Patches that `downsample_ratio` joins: 0.5 joins four."""
    ratio = config.number("downsample_ratio", 0.5)
    if not 0 < ratio <= 1:
        raise config.error("downsample_ratio", "must lie above 0 and at or below 1")
    return int(1 / ratio) ** 2


def internvl(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """A norm over the joined patches, then two matrices."""
    patches = unshuffled(config)
    joined, hidden = vision.size("hidden_size") * patches, text.size("hidden_size")
    return (*encoder.layer_norm(f"{PREFIX}.layer_norm", joined), *encoder.chain(PREFIX, TWO, (joined, hidden, hidden)))


def radio(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """Nemotron Omni: a norm over the joined patches, two matrices without biases."""
    patches = unshuffled(config)
    joined = config.size("vision_hidden_size", vision.size("hidden_size")) * patches
    widths = (joined, config.size("projector_hidden_size"), text.size("hidden_size"))
    return (*norm(f"{PREFIX}.layer_norm", joined), *encoder.chain(PREFIX, TWO, widths, bias=False))


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


def hunyuan(config: Config, text: Config, vision: Config) -> tuple[Tensor, ...]:
    """HunyuanOCR: a convolution over neighbours, two matrices, and rows that begin, part and end images."""
    width, hidden, side = vision.size("hidden_size"), text.size("hidden_size"), vision.size("spatial_merge_size")
    prefix = "vit.perceive"
    return (
        *encoder.patches(f"{prefix}.proj_conv", 2 * width, side * side * width),
        *encoder.chain(prefix, ("proj_out", "mlp"), (2 * width, 4 * width, hidden)),
        *encoder.table(f"{prefix}.image_newline", 1, 4 * width),
        *encoder.table(f"{prefix}.image_marks", 3, hidden),
        *norm(f"{prefix}.before_rms", width),
        *norm(f"{prefix}.after_rms", hidden),
    )
