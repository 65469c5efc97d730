"""Builders of tensors, caches and states from plain integers, shared by all families."""
