"""How people spell models: in other cases and separators, as fine-tunes, as tags of Ollama's library."""

from __future__ import annotations

import re

_TUNED = (
    r"[-_](?:sft|dpo|kto|orpo|simpo|ppo|grpo|rlhf|rlvr|rl|ft|fine-?tuned?|merged|function-calling|tool-use|reverse-text"
    r"|(?:abliterated|heretic|obliterated|uncensored)(?:-v\d+(?:\.\d+)?)?)$"
)
_CACHED = r"(?:^|/)models--([^/]+?)--([^/]+)"
_TAG = r"(\d+(?:\.\d+)?[mbt](?:-a\d+(?:\.\d+)?b)?|\d+x\d+b|e\d+b|latest|mini|medium|small|scout|maverick)(-.*)?"
_MIX = r"-(q\d(?:_[0-9a-z]+)*|fp16|bf16)$"


def plain(name: str) -> str:
    """ORG/NAME of its page's address and of its folder in the Hub's cache ("…/models--ORG--NAME/snapshots/…")."""
    cached = re.search(_CACHED, name) if "models--" in name else None
    if cached:
        return f"{cached[1]}/{cached[2]}"
    return name.strip().removeprefix("hf://").removeprefix("https://huggingface.co/").rstrip("/")


def normal(name: str) -> str:
    """Lower case, hyphens between words, no "meta-" before and no "-hf" behind: "Llama 3 8B" is llama-3-8b."""
    slug = "-".join(name.lower().replace("_", " ").replace("/", " ").split()).strip("-")
    return slug.removeprefix("meta-").removesuffix("-hf")


def respelled(name: str) -> str | None:
    """`name` with a hyphen and a point where NVIDIA's NIMs and many services leave them out, else without the hyphen.

    llama3-8b-instruct, mistral-7b-instruct-v03: docs.nvidia.com/nim/large-language-models/1.1.0/models.html. People
    write qwen-2.5-7b as well. None where there is nothing to change.
    """
    found = re.sub(r"-v0(\d)$", r"-v0.\1", re.sub(r"^([a-z]{3,})(?=\d)", r"\1-", name))
    if found == name:
        found = re.sub(r"^([a-z]{3,})-(?=\d)", r"\1", name)
    return None if found == name else found


def last(name: str) -> str:
    """The part behind the organisation."""
    return name.rstrip("/").rpartition("/")[2]


def untuned(name: str) -> str | None:
    """`name` without the last word that says how it was fine-tuned, and without who did; None where it has none."""
    match = re.search(_TUNED, name.lower())
    if not match or not match.start():
        return None
    return re.sub(r"(^|/)huihui-", r"\1", name[: match.start()], flags=re.IGNORECASE)


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
