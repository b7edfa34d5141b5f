"""Leaderboards on held-out sets: who may submit, what was sent, what the secure zone told."""
