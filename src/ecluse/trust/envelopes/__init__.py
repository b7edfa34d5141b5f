"""Envelopes: objects sealed for hosts, the key that seals them, and who holds what opens that key.

root key of a holder → purpose key → data key (one per dataset, wrapped for each holder) → object
"""
