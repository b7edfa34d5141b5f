"""The tamper-evident journal: entries under an RFC 6962 tree, and signed checkpoints of its root.

A checkpoint commits to everything before it. Each side keeps the checkpoints that it witnessed of
the other sides, so that nobody can edit, drop or fork a past that somebody else has seen.
"""
