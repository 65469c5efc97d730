"""How keys of a config.json are read."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from planner.model.config import Config, ConfigError


@pytest.mark.parametrize(
    "value",
    [-1, 10**30, math.nan, math.inf, -math.inf, "4096", "", [4096], {"a": 1}, True, 0.5, -0.5],
    ids=repr,
)
def test_what_is_no_size_is_an_error_that_names_its_key(value: object) -> None:
    with pytest.raises(ConfigError) as raised:
        Config({"hidden_size": value}).size("hidden_size")
    assert raised.value.key == "hidden_size"
    assert str(raised.value).startswith("hidden_size is ")


def test_a_size_is_not_zero() -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        Config({"hidden_size": 0}).size("hidden_size")


def test_a_whole_number_may_be_written_as_a_float() -> None:
    assert Config({"hidden_size": 4096.0}).size("hidden_size") == 4096


def test_a_missing_key_is_the_default_of_its_type() -> None:
    assert Config({"model_type": "deepseek_v2"}).optional("q_lora_rank") == 1536


def test_an_explicit_null_is_no_default() -> None:
    assert Config({"model_type": "deepseek_v2", "q_lora_rank": None}).optional("q_lora_rank") is None


@pytest.mark.parametrize(
    ("config", "key", "value"),
    [
        ({"model_type": "gpt2", "n_embd": 1600}, "hidden_size", 1600),
        ({"model_type": "gpt2", "hidden_size": 1600}, "n_embd", 1600),
        ({"model_type": "dbrx", "n_heads": 48}, "num_attention_heads", 48),
        ({"model_type": "deepseek_v3", "num_local_experts": 8}, "n_routed_experts", 8),
        ({"d_model": 512}, "hidden_size", 512),
        ({"n_kv_heads": 4}, "num_key_value_heads", 4),
    ],
    ids=[
        "a type's own name of a common key",
        "the common name of a type's own key",
        "n_heads in DBRX",
        "experts by either name",
        "d_model where no type is stated",
        "n_kv_heads where no type is stated",
    ],
)
def test_keys_are_found_under_their_other_names(config: dict[str, object], key: str, value: int) -> None:
    assert Config(config).size(key) == value


def test_the_name_as_written_is_the_one_that_errors_speak_of() -> None:
    with pytest.raises(ConfigError) as raised:
        Config({"model_type": "gpt2", "n_embd": -1}).size("hidden_size")
    assert raised.value.key == "n_embd"


def test_other_names_do_not_hold_for_a_type_that_has_its_own() -> None:
    assert Config({"model_type": "llama", "d_model": 512}).size("hidden_size") == 4096


def test_a_nested_config_has_the_defaults_of_its_type_and_its_place_in_errors() -> None:
    text = Config({"model_type": "gemma3", "text_config": {"hidden_size": "x"}}).nested("text_config")
    assert text is not None
    assert text.model_type == "gemma3_text"
    with pytest.raises(ConfigError, match=r"^text_config\.hidden_size is 'x'"):
        text.size("hidden_size")


def test_a_nested_config_that_is_missing_is_the_one_of_its_outer_class() -> None:
    vision = Config({"model_type": "llava"}).nested("vision_config")
    assert vision is not None
    assert vision.size("image_size") == 336


def test_a_nested_config_of_unknown_type_is_read_as_what_it_stands_for() -> None:
    text = Config({"model_type": "gemma3", "text_config": {"model_type": "nonsense"}}).nested("text_config")
    assert text is not None
    assert text.model_type == "gemma3_text"


def test_configs_within_configs_end_somewhere() -> None:
    config: Config | None = Config({})
    with pytest.raises(ConfigError, match="too deeply"):
        for _ in range(20):
            assert config is not None
            config = Config({"text_config": {}}, prefix=config.prefix).nested("text_config")


@pytest.mark.parametrize(
    "read",
    [
        lambda c: c.flag("key"),
        lambda c: c.word("key"),
        lambda c: c.list("key"),
        lambda c: c.counts("key"),
        lambda c: c.words("key"),
        lambda c: c.number("key", 1.0),
        lambda c: c.nested("key"),
    ],
    ids=["flag", "word", "list", "counts", "words", "number", "nested"],
)
def test_every_reader_refuses_an_object_it_cannot_read(read: Callable[[Config], object]) -> None:
    with pytest.raises(ConfigError):
        read(Config({"key": object()}))


def test_a_list_holds_no_strings_where_counts_belong() -> None:
    with pytest.raises(ConfigError, match="whole number"):
        Config({"moe_layers": [1, "2"]}).counts("moe_layers")


def test_a_huge_value_is_not_printed_in_full() -> None:
    with pytest.raises(ConfigError) as raised:
        Config({"hidden_size": "9" * 100_000}).size("hidden_size")
    assert len(str(raised.value)) < 120
