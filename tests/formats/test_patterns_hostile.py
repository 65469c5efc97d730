"""No text makes a pattern of a format go back and forth for long."""

from __future__ import annotations

import json
import time

import pytest

from planner import pipeline
from planner.discover import Found

TEXTS = [
    "a", "-", "_", ".", "1", " ", "--", "1 ", "1_", "1.", "7b-", "c", "{", "${", "${a:-", "$(", "{{", "`", "a=", "a b ",
    "8x7b-", "H100-", "q4_", "GB", "..", "\\ ", "\n", "1,", "x:", "v0.1.", "/", "../", "'", '\\"', "token=",
]  # fmt: skip
CONFIGS = {
    "native": "model: {{name: {0}, dtype: {0}}}\n"
    "deployment: {{engine: {{name: vllm, version: {0}}}, context: {0}, hardware: {{accelerator: {0}, memory: {0}}}}}\n",
    "training": "model: {{name: {0}, parameters: 7B}}\n"
    "training: {{stage: {0}, tokens: 1B, sequence_length: 4096, micro_batch_size: 4, hardware: {{memory: 80GB}}}}\n",
    "a comment": "model: {{parameters: 7B}}\n# planner: hardware={1}\ndeployment: {{engine: vllm, context: 4096}}\n",
    "dstack": "type: service\nimage: vllm/vllm-openai\ncommands: [vllm serve {1}]\nresources: {{gpu: {0}}}\n",
    "a shell": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
    "  - {{image: vllm/vllm-openai, command: [bash, -{1}, {0}], args: [{0}, --model, {0}, --max-model-len, {0}]}}\n",
    "compose": "services:\n  a: {{image: vllm/vllm-openai, command: {0}, environment: [{0}]}}\n",
    "sky": "resources: {{accelerators: {0}, instance_type: {0}}}\nrun: vllm serve a/b\n",
    "axolotl": "base_model: {0}\nmicro_batch_size: {0}\nsequence_len: {0}\ndatasets: [{{path: {0}}}]\noptimizer: {0}\n"
    "adapter: lora\nlora_target_modules: [{0}]\nunfrozen_parameters: [{0}]\ngradient_accumulation_steps: 1\n",
    "OLMo": "model: {{d_model: 64, n_layers: 2, vocab_size: 9}}\nmax_duration: {0}\nglobal_train_batch_size: 4\n"
    "device_train_microbatch_size: {0}\n",
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", CONFIGS)
def test_it_is_soon_read(name: str, text: str) -> None:
    long = text * (20_000 // len(text)) + "!"
    config = CONFIGS[name].format(json.dumps(long), long.replace("\n", " ").strip() or "x")
    begin = time.process_time()
    pipeline.run([Found("-", True)], pipeline.Options(stdin=config.encode(), stdin_name="a.yaml"))
    assert time.process_time() - begin < 1
