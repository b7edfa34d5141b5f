"""The tamper-evident journal: entries under an RFC 6962 tree, and signed checkpoints of its root.

A checkpoint commits to everything before it. Others keep what they saw of it: the other sides as
entries of their own, witnesses by a cosignature, an authority by a stamp, a host by its copy.
So nobody can edit, drop or fork a past that somebody else has seen.
"""
