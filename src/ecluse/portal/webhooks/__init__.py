"""Webhooks: what happens on a file, told to the address that a person or a machine subscribed."""
