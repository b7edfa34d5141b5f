"""Pieces of the enclave."""
