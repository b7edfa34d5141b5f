"""Messages: what the acts of a file tell whom, read in the portal and announced by mail."""
