"""AI systems used in health: what is declared of one, and all that is computed of it."""
