"""Copies of a dataset from host to host: what they hold, how they are made, proved and erased."""
