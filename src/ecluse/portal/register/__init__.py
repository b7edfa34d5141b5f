"""The public register: what was asked, decided and found; the figures of the report."""
