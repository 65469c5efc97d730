"""A GGUF file's metadata as Hugging Face config.json keys, for architectures whose shape the keys say plainly."""

from __future__ import annotations

from collections.abc import Mapping

MODEL_TYPES = {
    "llama": "llama", "qwen2": "qwen2", "qwen3": "qwen3", "qwen2moe": "qwen2_moe", "qwen3moe": "qwen3_moe",
    "gemma": "gemma", "gemma2": "gemma2", "gemma3": "gemma3_text", "phi3": "phi3", "phi2": "phi",
    "starcoder2": "starcoder2", "command-r": "cohere", "cohere2": "cohere2", "olmo2": "olmo2", "gpt-oss": "gpt_oss",
    "stablelm": "stablelm", "falcon": "falcon", "granite": "granite", "nemotron": "nemotron", "smollm3": "smollm3",
}  # fmt: skip
"""`model_type` by `general.architecture`."""

_KEYS = {
    "block_count": "num_hidden_layers",
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.key_length": "head_dim",
    "attention.sliding_window": "sliding_window",
    "context_length": "max_position_embeddings",
    "expert_used_count": "num_experts_per_tok",
    "expert_feed_forward_length": "moe_intermediate_size",
    "expert_shared_feed_forward_length": "shared_expert_intermediate_size",
}
EMBEDDING, HEAD = "token_embd.weight", "output.weight"


def config_of(metadata: Mapping[str, object], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, object] | None:
    """Keys of a config.json; None for architectures that are not read, and where a key differs from layer to layer."""
    name = metadata.get("general.architecture")
    model_type = MODEL_TYPES.get(name) if isinstance(name, str) else None
    if model_type is None or not shapes:
        return None
    config: dict[str, object] = {"model_type": model_type}
    for theirs, ours in _KEYS.items():
        value = metadata.get(f"{name}.{theirs}")
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            return None
        config[ours] = value
    vocab = shapes.get(EMBEDDING, (0, 0))[-1] or metadata.get("tokenizer.ggml.tokens")
    if not isinstance(vocab, int) or not vocab:
        return None
    return _completed(config, int(vocab), metadata.get(f"{name}.expert_count"), shapes)


def _completed(
    config: dict[str, object], vocab: int, experts: object, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, object]:
    config |= {"vocab_size": vocab, "tie_word_embeddings": HEAD not in shapes}
    if isinstance(experts, int) and not isinstance(experts, bool) and experts > 0:
        config |= {"num_experts": experts, "num_local_experts": experts}
        if config["model_type"] == "llama":
            config["model_type"] = "mixtral"
    return config
