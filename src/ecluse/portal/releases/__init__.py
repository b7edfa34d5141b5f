"""Releases: results that two checkers let out, for the data users of the permit alone."""
