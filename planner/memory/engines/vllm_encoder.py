"""What vLLM's profile run gives an encoder of images and video that takes them at their own resolution.

Qwen2-VL and 2.5-VL: the largest image, 12,845,056 pixels, is 65,536 patches (16,384 tokens); a video has as many for
every two frames (vllm/model_executor/models/qwen2_vl.py). Other towers are small or unknown: the plan says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memo import by_identity

if TYPE_CHECKING:
    from planner.memory.engines import Setup
    from planner.model.stack import Architecture

OWN_RESOLUTION = frozenset({"qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text"})
PATCHES, TOKENS = 1 << 16, 1 << 14
"""Of the largest image, and of two frames of the largest video."""
WHOLE, SHARED = 13_900, 26_400
"""Bytes per patch at the peak: on every rank, and shared by all; from 4.93 GiB for image and video on one device
(Qwen2.5-VL-7B) and 2.51 GiB on four (72B)."""
FULL_VIDEO_SINCE = (0, 12)
"""The dummy video is as long as the context admits, 14 frames at most; before, as one batch does: two frames."""
MOST_PAIRS = 7
LEAST_TOKENS = 5120
"""The first engine profiles so many tokens at least of models that take images (vllm/config.py)."""


@by_identity
def towers(architecture: Architecture | None) -> bool:
    """Whether the model has an encoder of images, video or sound."""
    outside = architecture.outside if architecture else ()
    return any(tensor.name.startswith(("vision", "visual", "audio")) for tensor in outside)


def encoder_bytes(setup: Setup, version: tuple[int, ...], together: bool) -> int:
    """Peak of the encoder; 0 where it is not known or takes no input (`limit_mm_per_prompt`, `language_model_only`).

    `together`: the image and the video are profiled in one pass, as the first engine does; the second takes the larger.
    """
    options = setup.options
    if setup.architecture is None or setup.architecture.model_type not in OWN_RESOLUTION:
        return 0
    if options.get("skip_mm_profiling") is True or options.get("language_model_only") is True:
        return 0
    images, videos = (not _denied(options.get("limit_mm_per_prompt"), kind) for kind in ("image", "video"))
    pairs = min(MOST_PAIRS, max(1, (setup.context or 0) // TOKENS)) if version >= FULL_VIDEO_SINCE else 1
    items = (1 if images else 0, pairs if videos else 0)
    patches = PATCHES * (sum(items) if together else max(items))
    return patches * (WHOLE + SHARED // setup.tensor_parallel)


def _denied(limits: object, kind: str) -> bool:
    """Whether `limit_mm_per_prompt` allows none: {"video": 0}, {"video": {"count": 0}}, the JSON of it, or video=0."""
    if isinstance(limits, dict):
        stated = limits.get(kind)
        return (stated.get("count") if isinstance(stated, dict) else stated) in (0, "0")
    written = str(limits or "").replace(" ", "").replace("'", "").replace('"', "")
    return any(f"{kind}{sign}0" in written for sign in (":", "=", ":{count:"))
