"""CFG011, CFG012, REF005: what readers of training configs and of their parts report themselves."""

from __future__ import annotations

from planner.rules.registry import reported

reported(
    "CFG011",
    "contradictory-settings",
    "error",
    """Settings that the framework refuses together.

    ## What it does
    Reports what the framework itself checks when it starts, read from its source: DeepSpeed with `fp16` and `bf16` enabled, or with a
    `train_batch_size` that no number of devices makes out of micro-batch and accumulation; Axolotl's `load_in_4bit` without an
    adapter; DeepSpeed and FSDP at once; a micro-batch that differs from that of the DeepSpeed config it is started with.

    ## Why
    The run stops after the image is pulled and the model is loaded, on devices that cost money.

    ## Example
    ```yaml
    # planner: hardware=H100-80GB:1
    base_model: meta-llama/Llama-3.1-8B
    load_in_4bit: true
    datasets: [{path: data.jsonl, type: alpaca}]
    sequence_len: 2048
    micro_batch_size: 1
    num_epochs: 1
    bf16: true
    ```

    ## Use instead
    ```yaml
    # planner: hardware=H100-80GB:1
    base_model: meta-llama/Llama-3.1-8B
    adapter: qlora
    load_in_4bit: true
    datasets: [{path: data.jsonl, type: alpaca}]
    sequence_len: 2048
    micro_batch_size: 1
    num_epochs: 1
    bf16: true
    ```
    """,
)

reported(
    "CFG012",
    "setting-without-effect",
    "warning",
    """A setting that the framework leaves out without a word.

    ## What it does
    Reports offloading that needs a higher ZeRO stage (parameters stage 3, optimizer states stage 1), and quantization that a
    framework does not apply to this kind of training.

    ## Why
    What was meant to save memory saves none.

    ## Example
    ```yaml
    zero_optimization: {stage: 2, offload_param: {device: cpu}}
    bf16: {enabled: true}
    train_micro_batch_size_per_gpu: 1
    ```

    ## Use instead
    ```yaml
    zero_optimization: {stage: 3, offload_param: {device: cpu}}
    bf16: {enabled: true}
    train_micro_batch_size_per_gpu: 1
    ```
    """,
)

reported(
    "REF005",
    "part-not-found",
    "info",
    """A training config refers to a DeepSpeed or accelerate config that is not there.

    ## What it does
    Looks for the file beside the config and below the folders above it, up to the repository's root. Where it is not found, its name
    tells what it can ("zero3", "ds_z2_offload"), and the rest is left open.

    ## Why
    How states are sharded and what is offloaded decides what a device must hold.

    ## Example
    ```yaml
    # planner: hardware=H100-80GB:8
    base_model: meta-llama/Llama-3.1-8B
    datasets: [{path: data.jsonl, type: alpaca}]
    sequence_len: 2048
    micro_batch_size: 1
    num_epochs: 1
    bf16: true
    deepspeed: deepspeed_configs/zero3.json
    ```

    ## Use instead
    The same with the file at that path, in the repository.
    """,
)
