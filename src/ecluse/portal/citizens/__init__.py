"""Rights of persons over their data: choices, receipts, history, the desk, "my data"."""
