"""Commands of the requests for outputs, one a module."""
