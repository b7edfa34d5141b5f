"""Extractions: orders within a permit, and the receipts that answer them."""
