"""Commands of the catalogue, one a module."""
