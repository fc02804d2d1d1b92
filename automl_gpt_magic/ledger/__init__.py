"""What was predicted here against what came: each prediction, and how each source has done."""
