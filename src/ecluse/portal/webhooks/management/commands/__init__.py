"""Commands of the webhooks, one a module."""
