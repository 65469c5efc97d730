"""Builders of vision and audio towers. All their tensors are of part "other"; copies of a tensor are its layers."""
