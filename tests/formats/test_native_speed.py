"""What reading a clean native config costs: no more than parsing it, and no heavy module."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

from planner import source
from planner.formats import native
from planner.formats.context import Context

CLEAN = """\
model:
  name: ours
  dtype: bfloat16
  architecture:
    model_type: llama
    hidden_size: 4096
    intermediate_size: 11008
    num_hidden_layers: 32
    num_attention_heads: 32
    num_key_value_heads: 32
    max_position_embeddings: 4096
    vocab_size: 32000
deployment:
  engine: {name: vllm, version: 0.20.2}
  context: 8192
  concurrency: 16
  kv_cache_dtype: auto
  tensor_parallel: 1
  memory_utilization: 0.90
  engine_args:
    max_num_seqs: 256
    enforce_eager: false
  hardware: {memory: 80GiB, count: 1}
training:
  stage: pretrain
  tokens: 140B
  sequence_length: 4096
  micro_batch_size: 4
  gradient_accumulation: 8
  global_batch_size: 1024
  method: full
  framework: transformers
  optimizer: adamw
  attention: flash
  precision: bf16-mixed
  activation_checkpointing: full
  sharding: zero3
  hardware: {memory: 80GiB, count: 64}
"""


def test_a_clean_file_needs_no_help_to_be_judged() -> None:
    probe = (
        "import sys\nfrom planner import source\n"
        "from planner.formats import native\nfrom planner.formats.context import Context\n"
        "found = source.read('a.yaml', sys.stdin.buffer.read())\n"
        "[workload] = native.read(found.documents[0], Context(source.read))\n"
        "assert not workload.problems and workload.serving and workload.training\n"
        "helpers = {'jsonschema', 'difflib', 'referencing', 'planner.schema.explain', 'planner.catalog.models'}\n"
        "print(helpers & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], input=CLEAN, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_reading_costs_about_what_parsing_does() -> None:
    """The two together are what a file costs beyond start-up: 0.15 ms each on one core of 2024."""

    def best(work: Callable[[], object]) -> float:
        times = []
        for _ in range(30):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
        return min(times)

    found = source.read("a.yaml", CLEAN.encode())
    assert found is not None
    context = Context(source.read)
    parsing = best(lambda: source.read("a.yaml", CLEAN.encode()))
    reading = best(lambda: list(native.read(found.documents[0], context)))
    assert reading < 3 * parsing
