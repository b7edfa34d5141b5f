"""Evaluation: figures that others published, and what is refused instead of being guessed."""
