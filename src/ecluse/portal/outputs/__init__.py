"""The second gate: requests to take outputs out, two independent votes, signed releases."""
