"""Disclosure control: what is checked before anything leaves."""
