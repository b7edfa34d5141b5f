"""Descriptions taken from the catalogues of others, each known by what its source calls it."""
