"""Decoders that pass through some of their layers several times; each pass keeps a cache of its own."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.families.gated import per_element
from planner.model.families.llama import biased, gated
from planner.model.parts.layer import layer, stack
from planner.model.stack import Architecture, Layer, Tensor

MOST_PASSES = 1000


def again(layers: tuple[Layer, ...], passes: int) -> tuple[Layer, ...]:
    """What `passes` more through `layers` add: caches and states, no parameters."""
    return tuple(one._replace(tensors=()) for one in layers) * passes


def hrm_text(config: Config) -> Architecture:
    """Hierarchical reasoning model: two stacks that run in cycles; each run keeps a cache of its own."""
    hidden, per_stack = config.size("hidden_size"), config.optional("num_layers_per_stack")
    low, high = config.size("L_cycles", 1), config.size("H_cycles", 1)
    depth = per_stack or config.layers()
    shape, options = common.heads(config), biased(config)
    options = options._replace(gate=shape.query * shape.size, gate_bias=options.bias)
    network = gated(config)

    def build(run: int) -> Layer:
        first = layer(common.attend(config, common.FULL, options), network)
        return first if run == 0 else first._replace(tensors=())

    runs = [0 if index < 2 * depth else 1 for index in range(depth * high * (low + 1))]
    start = (Tensor("z_L_init", (hidden,), "other", "other"),)
    return common.architecture(config, stack(runs, build), outside=start, final_norm=())


def dory(config: Config) -> Architecture:
    """Dory: nGPT's learned scales instead of norms (Loshchilov et al. 2024), a gate, a section that recurs."""
    hidden, shape = config.size("hidden_size"), common.heads(config)
    inner = shape.query * shape.size
    around = (
        *(Tensor(f"self_attn.{name}", (inner,), "attention", "other") for name in ("sqk", "s_gate")),
        *(Tensor(name, (hidden,), "other", "other") for name in ("lambda_1", "lambda_2")),
    )
    network = gated(config)
    scales = (Tensor(f"mlp.suv_{name}", (network.width,), "ffn", "other") for name in ("gate", "up"))
    network = network._replace(tensors=(*network.tensors, *scales))
    kinds = common.layer_types(config, common.every(4))
    layers = common.dense(config, per_element(config, ""), network, kinds, around)
    vocab = config.size("vocab_size")
    outside = Tensor("lm_head.logit_scale", (vocab,), "embedding", "other")
    return common.architecture(config, (*layers, *_recurring(config, layers)), outside=(outside,), final_norm=())


def _recurring(config: Config, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Further passes through the layers between the first and the last ones, where each keeps a cache."""
    first, last = config.count("n_input_layers"), len(layers) - config.count("n_output_layers")
    if config.word("recurrent_kv_cache_mode") == "last_loop":
        return ()
    return again(layers[first:last], config.size("n_recurrent_loops", 1, MOST_PASSES) - 1)


FAMILIES = {"hrm_text": hrm_text, "dory": dory}
