"""Secrets in the hands of this process: in memory, in a security module, behind a PIN."""
