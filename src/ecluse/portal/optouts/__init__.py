"""The register of opt-outs: a right without reason, reversible at any time (EHDS art. 71)."""
