"""Keys that most towers share: sizes that may be one number or two, and the patches that an image is cut into."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.parts.towers.encoder import Blocks


def pair(config: Config, key: str, default: int | None = None) -> tuple[int, int]:
    """Height and width; one number is both."""
    value = config.get(key)
    if not isinstance(value, (list, tuple)):
        side = config.size(key, default)
        return side, side
    sides = config.counts(key)
    if sides is None or len(sides) != 2 or min(sides) < 1:
        raise config.error(key, "must be one size ≥ 1, or height and width")
    return sides[0], sides[1]


def channels(config: Config) -> int:
    """Colours of an image, under any of the names in use."""
    for key in ("num_channels", "in_channels", "in_chans"):
        if config.get(key) is not None:
            return config.size(key)
    return 3


def patch(config: Config) -> int:
    """Values in one patch of one image."""
    height, width = pair(config, "patch_size")
    return channels(config) * height * width


def clip_patch(config: Config) -> int:
    """Values in one patch over the frames of a clip that it spans."""
    frames, _ = pair(config, "temporal_patch_size", 1)
    return frames * patch(config)


def grid(config: Config) -> int:
    """Patches of an image of the stated size."""
    (height, width), (down, right) = pair(config, "image_size"), pair(config, "patch_size")
    return (height // down) * (width // right)


def plain_blocks(config: Config) -> Blocks:
    """Layers under the common keys, everything with a bias."""
    return Blocks(config.size("hidden_size"), config.size("intermediate_size"), config.layers())
