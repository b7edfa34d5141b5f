"""Decisions as documents: letters issued, sealed, opened, and checked by anybody."""
