"""Memory of a training step on one device: states, activations, logits, adapters, sharding; together by phase."""
