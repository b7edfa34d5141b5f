"""Evaluations of AI systems: the protocol, its registration and lock, deviations, the report."""
