"""Workspaces of the secure zone: what a permit opened, its extracts, the analyses sent to them."""
