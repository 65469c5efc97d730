"""One reader per library: from a section's or a checkpoint's keys to a scheme."""
