"""What touches persons: the secure zone. Never Django; obeys signed documents alone."""
