"""Commands of the webhooks."""
