"""Pieces of the automatic checks."""
