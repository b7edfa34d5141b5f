"""Posture as data: what is seen of an installation, probes over it, frameworks, OSCAL."""
