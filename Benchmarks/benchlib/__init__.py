"""The measured promises: how each is measured, and against what."""
