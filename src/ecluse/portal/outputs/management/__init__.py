"""Commands of the requests for outputs."""
