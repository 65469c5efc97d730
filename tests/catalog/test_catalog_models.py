"""Models by name: what is a name, what is a guess."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import model_row, models
from planner.catalog.own import add
from planner.model import read
from planner.model.parameters import count


@pytest.fixture(autouse=True)
def _no_own_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The catalogue of whoever runs the tests is none of their business."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    model_row.forget()


@pytest.mark.parametrize(
    "name",
    [
        "", "gpt", "model", "llama", "mistral", "qwen", "base", "7b", "meta-llama", "AWQ", "4bit", "x" * 300, "a/b/c",
        "my-org/my-llama-finetune", "my-org/llama", "meta-llama/Llama-9-8B", "gpt-4", "llama3", "python:3.11",
        "nginx:latest",
        "mlabonne/Meta-Llama-3-120B-Instruct", "yuhuili/EAGLE3-LLaMA3.1-Instruct-8B", "org/Llama-3.1-8B-Instruct-lora",
        "RedHatAI/Llama-3.1-8B-Instruct-speculator.eagle3", "Qwen/Qwen3-8B-Reranker", "org/Llama-3.1-8B-pruned-50",
        "x/../y", "meta-llama/", "models--Qwen", "/hub/models--Qwen--/x", "Qwen/no-such-GGUF/model.gguf",
        'meta-llama/Llama-2-7b-hf"',
    ],
)  # fmt: skip
def test_what_is_no_plain_name_is_not_guessed(name: str) -> None:
    assert models.find(name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("meta-llama/Llama-2-7b-hf", "meta-llama/Llama-2-7b-hf", id="as on the Hub"),
        pytest.param("META-LLAMA/LLAMA-2-7B-HF", "meta-llama/Llama-2-7b-hf", id="in capitals"),
        pytest.param("Llama-2-7b-hf", "meta-llama/Llama-2-7b-hf", id="without the organisation"),
        pytest.param("NousResearch/Llama-2-7b-hf", "meta-llama/Llama-2-7b-hf", id="a mirror"),
        pytest.param("meta-llama/Meta-Llama-3.1-8B", "meta-llama/Llama-3.1-8B", id="renamed on the Hub"),
        pytest.param(
            "meta-llama/Meta-Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct", id="instruct, renamed"
        ),
        pytest.param("llama-3.1-8b", "meta-llama/Llama-3.1-8B", id="colloquial"),
        pytest.param("Llama 3 8B", "meta-llama/Meta-Llama-3-8B", id="as people write it"),
        pytest.param("mixtral-8x7b", "mistralai/Mixtral-8x7B-v0.1", id="without a version"),
        pytest.param("hf://google/gemma-7b", "google/gemma-7b", id="a hf:// address"),
        pytest.param("https://huggingface.co/google/gemma-7b/", "google/gemma-7b", id="the page's address"),
        pytest.param("gpt2", "openai-community/gpt2", id="before there were organisations"),
        pytest.param("deepseek-ai/DeepSeek-R1-0528", "deepseek-ai/DeepSeek-R1", id="a later release of equal shape"),
        pytest.param("CohereLabs/c4ai-command-r-v01", "CohereForAI/c4ai-command-r-v01", id="a renamed organisation"),
        pytest.param("Chinchilla 70B", "Chinchilla", id="a model that was never released"),
    ],
)
def test_other_names_lead_to_the_row(name: str, expected: str) -> None:
    found = models.find(name)
    assert found is not None
    assert expected in (found.id, found.base)


@pytest.mark.parametrize(
    ("name", "base", "method", "bits", "group"),
    [
        ("TheBloke/Llama-2-70B-Chat-AWQ", "meta-llama/Llama-2-70b-chat-hf", "awq", 4, 128),
        ("TheBloke/Mixtral-8x7B-Instruct-v0.1-GPTQ", "mistralai/Mixtral-8x7B-Instruct-v0.1", "gptq", 4, 128),
        ("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int8", "Qwen/Qwen2.5-72B-Instruct", "gptq", 8, 128),
        ("hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4", "meta-llama/Llama-3.1-8B-Instruct", "awq", 4, 128),
        ("TheBloke/Llama-2-7B-GPTQ-4bit-32g", "meta-llama/Llama-2-7b-hf", "gptq", 4, 32),
        ("neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8", "meta-llama/Llama-3.1-8B-Instruct", "fp8", 8, None),
        ("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "meta-llama/Llama-3.3-70B-Instruct", "fp8-dynamic", 8, None),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", "meta-llama/Llama-3.1-8B-Instruct", "w8a8", 8, None),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "meta-llama/Llama-3.1-8B-Instruct", "w4a16", 4, 128),
        ("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", "meta-llama/Llama-3.1-8B-Instruct", "bitsandbytes", 4, None),
        ("unsloth/Qwen3-14B-unsloth-bnb-4bit", "Qwen/Qwen3-14B", "bitsandbytes", 4, None),
        ("nvidia/Llama-3.3-70B-Instruct-NVFP4", "meta-llama/Llama-3.3-70B-Instruct", "nvfp4", 4, None),
        ("nvidia/Llama-3.1-405B-Instruct-FP4", "meta-llama/Llama-3.1-405B-Instruct", "nvfp4", 4, None),
        ("amd/Llama-3.3-70B-Instruct-MXFP4", "meta-llama/Llama-3.3-70B-Instruct", "mxfp4", 4, None),
        ("Intel/Qwen3-8B-int4-AutoRound", "Qwen/Qwen3-8B", "auto-round", 4, 128),
        ("mlx-community/Qwen3-8B-4bit", "Qwen/Qwen3-8B", "mlx", 4, 64),
        ("someone/Qwen3-8B-int4", "Qwen/Qwen3-8B", "int4", 4, None),
        ("turboderp/Llama-3-8B-Instruct-exl2 4.0bpw", "meta-llama/Meta-Llama-3-8B-Instruct", "exl2", 4, None),
        ("bartowski/Meta-Llama-3.1-8B-Instruct-GGUF", "meta-llama/Llama-3.1-8B-Instruct", "gguf", None, None),
        ("Llama 3.1 8B Instruct (FP8)", "meta-llama/Llama-3.1-8B-Instruct", "fp8", 8, None),
        ("microsoft/phi-4 (bnb-4bit, unsloth)", "microsoft/phi-4", "bitsandbytes", 4, None),
        ("amd/Qwen1.5-MoE-A2.7B-Chat-w-int8-a-int8-sym", "Qwen/Qwen1.5-MoE-A2.7B-Chat", "int8", 8, None),
        ("nm-testing/Qwen3-30B-A3B-MXFP4A16", "Qwen/Qwen3-30B-A3B", "mxfp4", 4, None),
        ("someone/Qwen3-32B-NVFP4-W4A4", "Qwen/Qwen3-32B", "nvfp4", 4, None),
        ("nvidia/Qwen3-32B-NVFP4-v2", "Qwen/Qwen3-32B", "nvfp4", 4, None),
        ("/hub/models--Qwen--Qwen3-8B-AWQ/snapshots/0123", "Qwen/Qwen3-8B", "awq", 4, 128),
    ],
)  # fmt: skip
def test_a_reupload_says_how_it_is_stored(
    name: str, base: str, method: str, bits: float | None, group: int | None
) -> None:
    found = models.find(name)
    own = models.find(base)
    assert found is not None
    assert own is not None
    assert found.quantization is not None
    scheme = found.quantization
    assert (found.base, scheme.method, scheme.bits, scheme.group_size) == (own.base or own.id, method, bits, group)
    assert "from the name" in found.note
    assert found.config == own.config


@pytest.mark.parametrize(
    "name",
    [
        "openai/gpt-oss-20b-MXFP4",
        "amd/gpt-oss-120b-w-mxfp4-a-fp8",
        "deepseek-ai/DeepSeek-R1 (FP8)",
        "x/DeepSeek-V4-Pro-FP8",
    ],
)
def test_a_name_that_repeats_the_scheme_of_the_release_changes_nothing(name: str) -> None:
    """DeepSeek-V4 is FP8 with experts in MXFP4: read as FP8 throughout it would weigh twice as much."""
    found = models.find(name)
    assert found is not None
    assert found.quantization is None
    assert found.config is not None
    assert "quantization_config" in found.config


@pytest.mark.parametrize(
    ("name", "mix"),
    [
        ("Qwen/Qwen3-8B-GGUF:Q4_K_M", "Q4_K_M"), ("someone/Qwen3-8B-Q6_K-GGUF", "Q6_K"), ("Qwen3-8B-Q8_0.gguf", "Q8_0"),
        ("qwen3-8b.IQ4_XS.gguf", "IQ4_XS"), ("qwen3-8b.fp16.gguf", "F16"), ("qwen3:8b-q5_K_M", "Q5_K_M"),
        ("qwen3:8b", "Q4_K_M"), ("qwen3:8b-fp16", "F16"), ("Qwen/Qwen3-8B-GGUF/qwen3-8b-q5_k_m.gguf", "Q5_K_M"),
        ("unsloth/Qwen3-8B-GGUF/BF16/Qwen3-8B-BF16.gguf", "BF16"),
    ],
)  # fmt: skip
def test_a_gguf_file_says_its_mix(name: str, mix: str) -> None:
    found = models.find(name)
    assert found is not None
    assert found.quantization is not None
    assert found.quantization.options == {"type": mix}
    assert found.base == "Qwen/Qwen3-8B"


def test_a_bf16_copy_of_a_quantized_release_is_not_quantized() -> None:
    native, copy = models.find("deepseek-ai/DeepSeek-V3"), models.find("unsloth/DeepSeek-V3-BF16")
    assert native is not None
    assert native.config is not None
    assert "quantization_config" in native.config
    assert copy is not None
    assert copy.config is not None
    assert "quantization_config" not in copy.config
    assert copy.quantization is None


def test_a_tag_of_a_checkpoint_that_is_quantized_itself_keeps_its_scheme() -> None:
    found = models.find("gpt-oss:20b")
    assert found is not None
    assert found.quantization is None
    assert found.config is not None
    assert found.config["quantization_config"]


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("PrimeIntellect/Qwen3-0.6B-Reverse-Text-SFT", "Qwen/Qwen3-0.6B"),
        ("huihui-ai/Qwen2.5-7B-Instruct-abliterated", "Qwen/Qwen2.5-7B-Instruct"),
        ("someone/Llama-3.1-8B-Instruct-DPO-GGUF", "meta-llama/Llama-3.1-8B-Instruct"),
        ("huihui-ai/Huihui-Qwen3-8B-abliterated-v2", "Qwen/Qwen3-8B"),
        ("coder3101/Qwen3-8B-heretic", "Qwen/Qwen3-8B"),
    ],
)
def test_a_fine_tune_that_keeps_its_bases_name_is_read_as_its_base(name: str, base: str) -> None:
    found = models.find(name)
    assert found is not None
    assert found.base == base
    assert base in found.note


PUBLISHED = [
    ("BAAI/bge-m3", 567_754_752), ("intfloat/e5-mistral-7b-instruct", 7_110_660_096),
    ("LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct", 2_405_327_360), ("princeton-nlp/Sheared-LLaMA-1.3B", 1_345_423_360),
    ("LiquidAI/LFM2-350M", 354_483_968), ("LGAI-EXAONE/EXAONE-3.0-7.8B-Instruct", 7_818_448_896),
    ("meta-llama/Llama-2-7b-hf", 6_738_415_616), ("meta-llama/Llama-2-70b-hf", 68_976_648_192),
    ("meta-llama/Llama-3.1-8B-Instruct", 8_030_261_248), ("meta-llama/Llama-3.3-70B-Instruct", 70_553_706_496),
    ("meta-llama/Llama-3.1-405B-Instruct", 405_853_388_800), ("meta-llama/Llama-3.2-1B", 1_235_814_400),
    ("mistralai/Mistral-7B-v0.1", 7_241_732_096), ("mistralai/Mixtral-8x7B-v0.1", 46_702_792_704),
    ("mistralai/Mistral-Nemo-Instruct-2407", 12_247_782_400), ("mistralai/Codestral-22B-v0.1", 22_247_282_688),
    ("Qwen/Qwen1.5-110B", 111_209_914_368), ("Qwen/Qwen2.5-0.5B", 494_032_768), ("Qwen/Qwen2.5-7B", 7_615_616_512),
    ("Qwen/Qwen2.5-72B-Instruct", 72_706_203_648), ("Qwen/Qwen2.5-VL-72B-Instruct", 73_410_777_344),
    ("Qwen/Qwen3-0.6B", 596_049_920), ("Qwen/Qwen3-32B", 32_762_123_264), ("Qwen/Qwen3-30B-A3B", 30_532_122_624),
    ("Qwen/Qwen3-235B-A22B", 235_093_634_560), ("google/gemma-2-27b", 27_227_128_320),
    ("google/gemma-3-27b-it", 27_432_406_640), ("microsoft/phi-2", 2_779_683_840), ("microsoft/phi-4", 14_659_507_200),
    ("01-ai/Yi-34B", 34_388_917_248), ("CohereForAI/c4ai-command-r-v01", 34_980_831_232),
    ("databricks/dbrx-instruct", 131_596_523_520), ("ibm-granite/granite-3.3-8b-instruct", 8_170_864_640),
    ("deepseek-ai/deepseek-coder-33b-instruct", 33_342_991_360), ("openai/gpt-oss-20b", 20_914_757_184),
    ("openai/gpt-oss-120b", 116_829_156_672), ("ByteDance-Seed/Seed-OSS-36B-Instruct", 36_151_104_512),
    ("allenai/OLMoE-1B-7B-0924", 6_919_161_856), ("nvidia/NVIDIA-Nemotron-Nano-9B-v2", 8_888_227_328),
    ("EleutherAI/gpt-neox-20b", 20_554_567_680), ("bigscience/bloom", 176_247_271_424),
    ("facebook/opt-6.7b", 6_658_473_984),
    ("google/flan-t5-xxl", 11_135_332_352), ("HuggingFaceTB/SmolLM3-3B", 3_075_098_624),
    ("mistralai/Ministral-3-3B-Instruct-2512", 3_849_090_048),
    ("mistralai/Ministral-3-14B-Reasoning-2512", 13_945_031_680),
    ("mistralai/Mistral-Medium-3.5-128B", 127_704_210_176), ("zai-org/GLM-4.6V-Flash", 10_292_777_472),
    ("poolside/Laguna-XS-2.1", 33_442_617_088), ("poolside/Laguna-S-2.1", 117_561_977_600),
    ("poolside/Laguna-M.1", 225_795_725_568), ("tiiuae/Falcon-H1-0.5B-Instruct", 521_411_104),
    ("tiiuae/Falcon-H1-1.5B-Deep-Base", 1_554_872_208), ("tiiuae/Falcon-H1-34B-Instruct", 33_642_516_224),
    ("LiquidAI/LFM2-2.6B", 2_569_272_320), ("LiquidAI/LFM2.5-230M", 229_693_184),
    ("LiquidAI/LFM2-8B-A1B", 8_339_929_856), ("ibm-granite/granite-4.0-h-micro", 3_191_396_096),
    ("ibm-granite/granite-4.0-h-small", 32_207_337_984), ("meta-models/Muse-Glimmer-30B", 29_776_626_688),
    ("inclusionAI/Ling-flash-2.0", 102_889_705_216), ("inclusionAI/Ling-1T", 999_705_328_640),
    ("arcee-ai/Trinity-Mini", 26_123_974_400), ("arcee-ai/Trinity-Nano-Preview", 6_120_003_328),
    ("arcee-ai/Trinity-Large-Thinking", 398_635_286_016), ("tencent/Hunyuan-0.5B-Instruct", 539_010_048),
    ("HuggingFaceTB/SmolVLM2-2.2B-Instruct", 2_246_784_880),
    ("OpenGVLab/InternVL3-1B-hf", 938_193_024), ("OpenGVLab/InternVL3-78B", 78_408_318_336),
    ("OpenGVLab/InternVL3_5-8B-HF", 8_528_318_464), ("OpenGVLab/InternVL3_5-241B-A28B-HF", 240_699_370_368),
    ("OpenGVLab/InternVL3_5-GPT-OSS-20B-A4B-Preview-HF", 21_232_768_704), ("LiquidAI/LFM2-VL-450M", 450_822_656),
    ("LiquidAI/LFM2-VL-3B", 2_998_975_216),
    ("nvidia/Nemotron-H-4B-Base-8K", 4_489_223_040), ("nvidia/NVIDIA-Nemotron-Nano-12B-v2-Base", 12_310_001_152),
    ("nvidia/NVIDIA-Nemotron-3-Nano-4B-BF16", 3_973_556_832), ("ibm-granite/granite-4.0-350m", 352_379_904),
    ("ibm-granite/granite-4.1-30b", 28_865_728_512), ("openbmb/MiniCPM5-2B", 2_516_756_480),
    ("mistral-community/pixtral-12b", 12_682_739_712), ("llava-hf/llava-v1.6-mistral-7b-hf", 7_566_747_648),
    ("llava-hf/llava-onevision-qwen2-7b-ov-hf", 8_030_807_584), ("lightonai/LightOnOCR-2-1B", 1_005_647_872),
    ("nomic-ai/nomic-embed-text-v1.5", 136_731_648),
    ("google-bert/bert-base-cased", 108_310_272), ("utter-project/EuroLLM-22B-Instruct-2512", 22_637_328_384),
    ("JetBrains/Mellum2-12B-A2.5B-Instruct", 12_149_923_072), ("intfloat/multilingual-e5-large-instruct", 559_890_432),
]  # fmt: skip
"""Totals of the safetensors files that the Hub shows on each model's page."""


@pytest.mark.parametrize(("name", "total"), PUBLISHED)
def test_the_config_has_as_many_parameters_as_the_published_weights(name: str, total: int) -> None:
    found = models.find(name)
    assert found is not None
    assert found.config is not None
    assert count(read(found.config)).total == total == found.parameters


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("meta-llama/Llama-2-7b-hf", 4096), ("meta-llama/Meta-Llama-3-8B", 8192), ("meta-llama/Llama-3.1-8B", 131072),
        ("mistralai/Mistral-7B-Instruct-v0.2", 32768), ("Qwen/Qwen2.5-7B-Instruct", 32768), ("Qwen/Qwen2.5-7B", 131072),
        ("google/gemma-2-9b", 8192), ("tiiuae/falcon-11B", 8192), ("moonshotai/Kimi-K2-Instruct-0905", 262144),
        ("stepfun-ai/Step-3.7-Flash", 262144), ("skt/A.X-K1", 131072), ("tencent/Hy3", 262144),
        ("zai-org/GLM-Z1-Rumination-32B-0414", 131072), ("internlm/internlm3-8b-instruct", 196608),
    ],
)  # fmt: skip
def test_the_config_has_the_published_context(name: str, context: int) -> None:
    found = models.find(name)
    assert found is not None
    assert found.config is not None
    assert read(found.config).max_context == context


@pytest.mark.parametrize(
    ("name", "parameters", "tokens"),
    [
        ("GPT-3", 175_000_000_000, 300_000_000_000), ("Gopher", 280_000_000_000, 300_000_000_000),
        ("Chinchilla", 70_000_000_000, 1_400_000_000_000), ("MT-NLG", 530_000_000_000, 270_000_000_000),
        ("PaLM", 540_350_000_000, 780_000_000_000),
    ],
)  # fmt: skip
def test_models_of_papers_are_known_by_size_and_tokens(name: str, parameters: int, tokens: int) -> None:
    found = models.find(name)
    assert found is not None
    assert found.config is None
    assert (found.parameters, found.training_tokens) == (parameters, tokens)


def test_search_wants_every_word() -> None:
    assert {row.id for row in models.search("qwen2.5 vl 72b")} == {"Qwen/Qwen2.5-VL-72B-Instruct"}
    assert models.search("no such thing") == []


def test_near_misses_are_offered() -> None:
    assert "meta-llama/Llama-3.1-8B-Instruct" in models.close("meta-llama/Lama-3.1-8B-Instruct")
    assert models.close("something else altogether") == []


def test_the_users_rows_come_first(tmp_path: Path) -> None:
    (tmp_path / "acme" / "tiny").mkdir(parents=True)
    config = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    (tmp_path / "acme" / "tiny" / "config.json").write_text(json.dumps(config))
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id":"meta-llama/Llama-2-7b-hf","parameters":7}\n')
    assert models.add_files([str(tmp_path / "acme"), str(rows)]) == []
    own, replaced = models.find("tiny"), models.find("meta-llama/Llama-2-7b-hf")
    assert own is not None
    assert own.config == config
    assert replaced is not None
    assert replaced.parameters == 7


@pytest.mark.parametrize("text", ["{", "[]", '{"parameters": 7}', "null", '{"id": 3}', "\udcff"])
def test_a_catalogue_that_cannot_be_read_is_said_and_passed_over(text: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    (problem,) = models.add_files([str(path)])
    assert str(path) in problem
    assert models.add_files([str(tmp_path / "missing.jsonl")])
    assert models.find("meta-llama/Llama-2-7b-hf") is not None


def test_an_added_config_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from planner.catalog.model_row import default_file

    folder = tmp_path / "our-7b"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama", "hidden_size": 4096}')
    assert add(str(folder), None, default_file())[0] == "our-7b"
    assert add(str(folder / "config.json"), "acme/our-7b", default_file())[0] == "acme/our-7b"
    model_row.forget()
    found = models.find("acme/our-7b")
    assert found is not None
    assert found.config == {"model_type": "llama", "hidden_size": 4096}
    assert models.find("our-7b") is not None


@pytest.mark.parametrize("row", list(models.all()), ids=lambda row: row.id)
def test_every_name_of_a_row_finds_it(row: models.ModelRow) -> None:
    for name in (row.id, *row.same, *row.aliases):
        found = models.find(name)
        assert found is not None, name
        assert row.id in (found.id, found.base), name


@given(st.text(max_size=60))
def test_no_text_breaks_the_lookup(name: str) -> None:
    found = models.find(name)
    assert found is None or found.id


@given(
    st.sampled_from(
        [
            "awq",
            "gptq",
            "fp8",
            "gguf",
            "4bit",
            "q4_k_m",
            "int4",
            "exl2",
            "bnb",
            "32g",
            "bf16",
            "-",
            ".",
            ":",
            "Qwen3",
            "8B",
        ]
    ),
    st.data(),
)
def test_no_heap_of_quantization_words_breaks_the_lookup(first: str, data: st.DataObject) -> None:
    words = data.draw(
        st.lists(st.sampled_from(["awq", "gptq", "8bit", "q4_0", "w4a16", "dynamic", "Qwen3-8B", "128g"]))
    )
    found = models.find("-".join([first, *words]))
    assert found is None or found.id


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("meta/llama3-8b-instruct", "meta-llama/Meta-Llama-3-8B-Instruct"),
        ("mistralai/mistral-7b-instruct-v03", "mistralai/Mistral-7B-Instruct-v0.3"),
        ("mistralai/mixtral-8x7b-instruct-v01", "mistralai/Mixtral-8x7B-Instruct-v0.1"),
        ("someone/Qwen-2.5-7B", "Qwen/Qwen2.5-7B"),
    ],
)
def test_nvidias_names_leave_hyphens_and_points_out(name: str, model: str) -> None:
    found = models.find(name)
    assert found is not None
    assert found.base == model
    assert "the same name" in (found.note or "")


@pytest.mark.parametrize("name", ["foo3-8b", "foo-3-8b", "qwen-9-8b", "mistral-7b-instruct-v99", "llama33-8b-instruct"])
def test_a_name_spelled_apart_still_has_to_be_one(name: str) -> None:
    assert models.find(name) is None


@pytest.mark.parametrize(
    ("name", "bits", "group"),
    [("x/Llama-2-7b-chat-hf_4bitgs64_HQQ", 4, 64), ("x/Llama-3.1-8B-Instruct_2bitgs16_hqq_calib", 2, 16)],
)
def test_hqq_by_its_authors(name: str, bits: int, group: int) -> None:
    found = models.find(name)
    assert found is not None
    assert found.quantization is not None
    assert (found.quantization.method, found.quantization.bits, found.quantization.group_size) == ("hqq", bits, group)
