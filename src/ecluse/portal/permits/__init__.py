"""Permits: what was granted, signed for the secure zone, and shown to the public."""
