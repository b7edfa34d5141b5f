"""Écluse: permits in, checked results out. Three planes over one domain."""

__version__ = "0.1.0"
