"""Options of the engines that take no value."""

from __future__ import annotations

VLLM = frozenset((
    "allow_credentials", "async_scheduling", "calculate_kv_scales", "data_parallel_external_lb",
    "data_parallel_hybrid_lb", "disable_async_output_proc", "disable_cascade_attn", "disable_custom_all_reduce",
    "disable_fastapi_docs", "disable_frontend_multiprocessing", "disable_hybrid_kv_cache_manager",
    "disable_log_requests", "disable_log_stats", "disable_mm_preprocessor_cache", "disable_sliding_window",
    "disable_uvicorn_access_log", "enable_auto_tool_choice", "enable_chunked_prefill", "enable_dbo", "enable_eplb",
    "enable_expert_parallel", "enable_force_include_usage", "enable_log_outputs", "enable_log_requests", "enable_lora",
    "enable_lora_bias", "enable_mm_embeds", "enable_prefix_caching", "enable_prompt_adapter", "enable_prompt_embeds",
    "enable_prompt_tokens_details", "enable_reasoning", "enable_request_id_headers", "enable_server_load_tracking",
    "enable_sleep_mode", "enable_ssl_refresh", "enable_tokenizer_info_endpoint", "enforce_eager", "fully_sharded_loras",
    "generate_config", "headless", "kv_sharing_fast_prefill", "language_model_only", "multi_step_stream_outputs",
    "ray_workers_use_nsight", "return_tokens_as_token_ids", "scheduler_delay", "skip_tokenizer_init",
    "trust_remote_code", "use_tqdm_on_load", "use_v2_block_manager", "worker_use_ray",
    "disable_nccl_for_dp_synchronization",
))  # fmt: skip
"""vllm/engine/arg_utils.py and vllm/entrypoints/openai/cli_args.py, 0.5 to 0.33; older ones take true or false too."""

SGLANG = frozenset((
    "trust_remote_code", "enable_dp_attention", "disable_cuda_graph", "disable_radix_cache", "enable_metrics",
    "enable_torch_compile", "enable_ep_moe", "enable_deepep_moe", "skip_tokenizer_init", "is_embedding",
    "enable_p2p_check", "disable_custom_all_reduce", "disable_overlap_schedule", "enable_mixed_chunk",
    "enable_hierarchical_cache", "enable_lora", "log_requests", "enable_multimodal", "show_time_cost",
    "disable_chunked_prefix_cache", "enable_two_batch_overlap", "enable_cache_report", "disable_shared_experts_fusion",
))  # fmt: skip
"""sglang/srt/server_args.py."""

TGI = frozenset(("trust_remote_code", "json_output", "disable_custom_kernels", "env", "ngrok"))
"""launcher/src/main.rs."""

LLAMA_CPP = frozenset((
    "jinja", "cont_batching", "cb", "mlock", "no_mmap", "embedding", "embeddings", "metrics", "verbose", "v",
    "no_webui", "swa_full", "kv_unified", "kvu", "reranking", "no_kv_offload", "nkvo", "cpu_moe", "cmoe", "slots",
    "props",
))  # fmt: skip
"""common/arg.cpp."""
