"""The keys of a secure zone: its own, those of its lake, those of extracts; sealed files."""
