"""What damage is done with: values, pieces of syntax, names of files and of keys that readers have a use for."""

from __future__ import annotations

import math
from typing import Any

SECRET = "kept-by-the-fuzzer"
"""What inputs have under the names of secrets."""
SECRET_KEYS = ("hf_token", "HF_TOKEN", "api-key", "password", "Authorization", "aws_secret_access_key")
VALUES: tuple[Any, ...] = (
    None, True, False, "", " ", "auto", "none", "all", "x" * 5000, "'", '"unclosed', "a" * 200 + " " * 200, "~",
    "${a}", "${..x}", "${oc.env:X,3}", "${multiply:${a},2}", "???", "{{ x }}", "$VAR", "$(cat x)", "`x`", "%s", "%(a)s",
    "::error::x", "##[error]x", "\x1b[31m", "a\nb", "\r::x", "\u202e", "é模🤖", "\0", "\ud800", "\u2028", "\ufeff",
    "../../etc/passwd", "/dev/zero", "/etc/passwd", "/", ".", "..", "~root", "a.yaml", "model.json", "http://[", "//",
    "hf://", "s3://x/y", "\\", "H100-80GB:8", "H100", "nvidia-l4", "p5.48xlarge", "int4", "fp8", "awq", "bfloat16",
    "x.gguf", "x.safetensors", "meta-llama/Llama-2-7b-hf", "a/b/c/d", "org/model@main", "org/model:Q4_K_M",
    [], {}, [[]], [{}], [None], [1, "a", {}], {"": None}, {"a": [1]}, {"a": {"b": {"c": [{"d": 1}]}}}, [[[[1]]]],
    ["--model"], ["a", "--b", "c"], "--model x --max-model-len", "vllm serve x --tensor-parallel-size 0 -",
    ["sh", "-c", "exec vllm serve $MODEL \\\n --max-model-len 9"], [{"name": "A", "value": "1"}], {"value": "1"},
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 3, 7, 8, 127, 4096, 8192, 2**31 - 1, 2**31, 2**63, -(2**63), 10**18, 10**30, -(10**30), 10**300,
    0.0, -0.0, 0.5, 0.9, 1.0, 1.1, -1.5, 1e-9, 1e-300, 5e-324, 1e15, 1e22, 1e300, 1.7e308,
    math.nan, math.inf, -math.inf,
    "0", "-1", "8", "+8", "08", "8.", ".5", "1e5", "1e-4", "1e400", "-1e400", "nan", ".inf", ".nan", "Infinity",
    "9" * 50, "9" * 5000, "0x10", "0o17", "0b1", "1_0", "1,000", "1 000", "1:30", "2001-99-99", "٣", "８", "²", "½",
    "1/0", "10ba", "1ep",
    "5%", "7B", "1e30B", "-7B", "0B", "80GiB", "-1GB", "1e400GB", "80 GB", "2T", "8K", "8k", "inf",
    "e", ".", "-",
)  # fmt: skip
TOKENS = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\x7f",
    b"\x1b[31m",
    b"\r", b"\r\n", b"\t", b"  ", b"\n\n", b"\n", b" ", b"---\n", b"...\n", b"--- ", b"- ", b"- - ", b": ", b":", b"? ",
    b"&a ", b"*a", b"&a [*a]", b"<<: *a\n", b"<<: [*a, *a]\n", b"!!int ", b"!!float ", b"!!str ", b"!!binary ",
    b"!!set ",
    b"!!python/object:x ", b"!x ", b"!!merge ", b"!<tag:x> ", b"%TAG ! x\n", b"%YAML 1.2\n", b"|-\n", b">+\n", b"|9\n",
    b"|2-\n", b"[", b"]", b"{", b"}", b"[[[[", b"'", b'"', b"''", b'"""', b"`", b"\\", b"\\x", b"\\ud800", b"#", b" #",
    b",", b"=", b"@", b"%", b"//", b"/*", b"*/", b"$", b"${", b"}}", b"{{", b"{{ x }}", b"{%- if x %}", b"$(",
    b"::error::",
    b"##[", b"# planner: ignore", b" # planner: ignore\n", b"# planner: ignore[", b"# planner: ignore[FIT001]\n",
    b"# planner: ignore-file\n", b"# planner: ignore-file[CFG001,TOK] x\n", b"# planner: hardware=H100:8\n",
    b"# planner: hardware=\n", b"# planner: hardware=9999GB:0\n", b"# planner: x\n", b"# planner:\n",
    b"# yaml-language-server: $schema=config\n", b'"$schema": "config.schema.json",', b"9" * 30, b"9" * 5000, b"-1",
    b"0",
    b"1e400", b".nan", b"null", b"~", b"true", b"no", b"0x", b"1:30", b"\xd9\xa3", b"1e", b"-", b"+",
)  # fmt: skip
FILES = (
    "a.yaml", "a.yml", "a.json", "a.toml", "a.modelfile", "Modelfile", "Modelfile.cpu", "modelfile.yaml", "config.json",
    "CONFIG.JSON", "params.json", "adapter_config.json", "generation_config.json", "tokenizer_config.json",
    "ds_config.json",
    "quantize_config.json", "hf_quant_config.json", "model_index.json", "model.safetensors.index.json", "package.json",
    "values.yaml", "values-prod.yaml", "Chart.yaml", "kustomization.yaml", "docker-compose.yml",
    "compose.override.yaml",
    "deployment.yaml", "templates/deployment.yaml", "conf/model/llama.yaml", "sft_trainer.yaml", "ppo_trainer.yaml",
    "config.yaml", "model.yaml", "task.yaml", "train.toml", "pyproject.toml", "planner.toml", "planner-baseline.json",
    ".pre-commit-config.yaml", ".yaml", "a", "a.gguf", "::a\n##[.yaml", "a\udcff.yml", "a b.yaml", "%2e.json", "-.yaml",
)  # fmt: skip
"""Names that readers, settings or printers may treat in a way of their own."""
SHELL = (
    "'", '"', "`", "$(", ")", "$(x)", "${", "}", "${A:-8}", "${A:?x}", "$A", "$((1+1))", "$", "\\", "\\\n", "\n", "&&",
    "||", ";", "|", ">", "<<EOF\n", "#", "&", "*", "!", "~", "--", "-", "=", " ", "\t", "exec ", "if x; then ", "fi",
    "set -e\n", "export A=1\n", "A=1 ", "nohup ", "bash -c ", "python -m ", "sh -lc '", "\u00a0", "--model", "--tp 2 ",
    "--max-model-len 1e9 ", "--hf-overrides {\"a\": ", "--config x.yaml ", "--quantization ", "--port=", "vllm serve ",
    "torchrun --nproc_per_node 8 x.py ", "accelerate launch ", "deepspeed ", "-m", "@file", "[", "{1..9}", "\\'", "''",
)  # fmt: skip
"""Pieces of a command line."""
