"""How people spell models: in other cases and separators, as fine-tunes, as tags of Ollama's library."""

from __future__ import annotations

import re

_TUNED = (
    r"[-_](?:sft|dpo|kto|orpo|simpo|ppo|grpo|rlhf|rlvr|rl|ft|fine-?tuned?|abliterated|uncensored|merged|function-calling|tool-use"
    r"|reverse-text)$"
)
_TAG = r"(\d+(?:\.\d+)?[mbt](?:-a\d+(?:\.\d+)?b)?|\d+x\d+b|e\d+b|latest|mini|medium|small|scout|maverick)(-.*)?"
_MIX = r"-(q\d(?:_[0-9a-z]+)*|fp16|bf16)$"


def normal(name: str) -> str:
    """Lower case, hyphens between words, no "meta-" before and no "-hf" behind: "Llama 3 8B" is llama-3-8b."""
    slug = "-".join(name.lower().replace("_", " ").replace("/", " ").split()).strip("-")
    return slug.removeprefix("meta-").removesuffix("-hf")


def respelled(name: str) -> str | None:
    """`name` with a hyphen and a point where NVIDIA's NIMs and many services leave them out; None where none is.

    llama3-8b-instruct, mistral-7b-instruct-v03: docs.nvidia.com/nim/large-language-models/1.1.0/models.html.
    """
    found = re.sub(r"-v0(\d)$", r"-v0.\1", re.sub(r"^([a-z]{3,})(?=\d)", r"\1-", name))
    return None if found == name else found


def last(name: str) -> str:
    """The part behind the organisation."""
    return name.rstrip("/").rpartition("/")[2]


def untuned(name: str) -> str | None:
    """`name` without the last word that says how it was fine-tuned; None where it has none."""
    match = re.search(_TUNED, name.lower())
    return name[: match.start()] if match and match.start() else None


def ollama(name: str) -> tuple[str, str | None] | None:
    """(model:size, mix) of a tag: ("llama3.1:8b", "q4_k_m") of "llama3.1:8b-instruct-q4_K_M"; None if it is none."""
    if ":" not in name:
        return None
    model, colon, tag = name.strip().lower().removeprefix("library/").rpartition(":")
    match = re.fullmatch(_TAG, tag)
    if not colon or "/" in model or match is None:
        return None
    mix = re.search(_MIX, match[2] or "")
    return f"{model}:{match[1]}", mix[1].replace("fp16", "f16") if mix else None
