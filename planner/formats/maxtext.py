"""MaxText (Google): a config over base.yml, with a model by its name or by sizes that begin with `base_`.

The number of devices is that of the launch, and stands nowhere in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import decoder, training
from planner.formats.native import fields
from planner.workload import Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

SIZES = frozenset({"base_emb_dim", "base_num_decoder_layers"})
RUN = frozenset({"per_device_batch_size", "max_target_length", "model_name", "steps", "decoder_block"})
OWN = frozenset({"logical_axis_rules", "data_sharding", "enable_jax_profiler", "use_sft", "hf_path", "dataset_type"})
"""Keys of base.yml that no other config has beside `base_config`."""
PLAIN = frozenset({"llama2", "mistral", "mixtral", "gpt3", "deepseek", "qwen2", "qwen3", "qwen3_moe", "olmo2"})
"""Kinds of layers whose matrices the sizes tell."""
NAMES = {
    "llama3.1-8b": "meta-llama/Llama-3.1-8B", "llama3.1-70b": "meta-llama/Llama-3.1-70B",
    "llama3.1-405b": "meta-llama/Llama-3.1-405B", "llama3.3-70b": "meta-llama/Llama-3.3-70B-Instruct",
    "deepseek3-671b": "deepseek-ai/DeepSeek-V3", "deepseek2-16b": "deepseek-ai/DeepSeek-V2-Lite",
    "deepseek2-236b": "deepseek-ai/DeepSeek-V2", "gpt3-175b": "GPT-3",
}  # fmt: skip
"""Names of MaxText's own (src/maxtext/configs/models) that are not those of the Hub."""


def recognise(document: Document) -> bool:
    """Whether it lies over another of MaxText's configs, or states a model in its words."""
    data = document.data
    if not isinstance(data, dict):
        return False
    keys = data.keys()
    base = data.get("base_config")
    based = isinstance(base, str) and base.endswith((".yml", ".yaml")) and not (RUN | OWN).isdisjoint(keys)
    return based or keys >= SIZES or ("base_emb_dim" in keys and not RUN.isdisjoint(keys))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one model or run that it describes."""
    settings = training.Settings(document, context)
    yield settings.workload("maxtext", _model(settings), _training(settings), "run_name")


def _model(settings: Settings) -> Model:
    named, own = settings.word("model_name"), any(settings.has(key) for key in SIZES)
    if named and named != "default" and not own:
        return settings.named("model_name", instead=NAMES.get(named)) or Model()
    block = settings.word("decoder_block") or "llama2"
    wrong = "the model is named where the run is launched" if not own else ""
    if named not in ("", "default") or not settings.document.data.keys() >= SIZES:
        wrong = wrong or "a part of the sizes is that of the model it is named after"
    elif block not in PLAIN:
        wrong = f"layers of the kind {block} are not known"
    elif settings.flag(False, "use_multimodal"):
        wrong = "the encoder of images beside the decoder is not known"
    if wrong:
        settings.not_checked.append(NotChecked("model", wrong, "", "model"))
        return Model(named or None)
    return Model(None, decoder.config(_sizes(settings, block)), "inline")


def _sizes(settings: Settings, block: str) -> decoder.Decoder:
    activations = settings.value("mlp_activations")
    experts, latent = settings.size("num_experts", "num_experts"), settings.word("attention_type") == "mla"
    width = settings.size("moe_intermediate_size", "base_moe_mlp_dim")
    shared = settings.size("n_shared_experts", "shared_experts") or 0
    return decoder.Decoder(
        hidden=settings.size("hidden_size", "base_emb_dim"),
        layers=settings.size("num_hidden_layers", "base_num_decoder_layers"),
        heads=settings.size("num_attention_heads", "base_num_query_heads"),
        width=settings.size("intermediate_size", "base_mlp_dim"),
        vocabulary=settings.size("vocab_size", "vocab_size"),
        kv_heads=settings.size("num_key_value_heads", "base_num_kv_heads"),
        head_size=None if latent else settings.size("head_dim", "head_dim"),
        context=settings.size("max_position_embeddings", "max_position_embeddings", "max_target_length"),
        gated=not isinstance(activations, list) or len(activations) > 1,
        bias=block == "gpt3",
        qkv_bias=settings.flag(block in ("gpt3", "qwen2"), "attention_bias"),
        root_norm=block != "gpt3",
        learned=settings.has("trainable_position_size"),
        tied=settings.flag(False, "logits_via_embedding"),
        latent=_latent(settings) if latent else None,
        mixture=decoder.Mixture(
            experts, settings.size("num_experts_per_tok", "num_experts_per_tok"), width, shared * (width or 0),
            settings.size("first_k_dense_replace", "first_num_dense_layers") or 0,
        ) if experts and experts > 1 else None,
    )  # fmt: skip


def _latent(settings: Settings) -> decoder.Latent:
    return decoder.Latent(
        kv_rank=settings.size("kv_lora_rank", "kv_lora_rank"),
        query_rank=settings.size("q_lora_rank", "q_lora_rank"),
        plain=settings.size("qk_nope_head_dim", "qk_nope_head_dim"),
        rotary=settings.size("qk_rope_head_dim", "qk_rope_head_dim"),
        value=settings.size("v_head_dim", "v_head_dim"),
    )


def _training(settings: Settings) -> Training | None:
    if not settings.has("steps", "per_device_batch_size"):
        return None
    return Training(
        stage=_stage(settings),
        steps=settings.get("training.steps", fields.count, "steps"),
        sequence_length=settings.get("training.sequence_length", fields.context, "max_target_length"),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "per_device_batch_size"),
        gradient_accumulation=settings.get(
            "training.gradient_accumulation", fields.whole, "gradient_accumulation_steps"
        ),
        method="full",
        framework="maxtext",
        optimizer={"adamw": "adamw", "adam_pax": "adamw", "sgd": "sgd", "muon": "muon"}.get(settings.word("opt_type")),
        activation_checkpointing={"full": "full", "none": "none"}.get(settings.word("remat_policy")),
        hardware=settings.hardware(),
    )


def _stage(settings: Settings) -> str | None:
    """What the run is for; pre-training is not told from a test of speed by anything in the file."""
    if settings.has("use_sft") or settings.mapping("teacher_overrides"):
        return "finetune"
    if settings.has("use_dpo"):
        return "preference"
    if settings.has("use_grpo"):
        return "rl"
    return "continued-pretrain" if settings.has("load_parameters_path", "load_full_state_path") else None
