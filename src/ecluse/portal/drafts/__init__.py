"""What surrounds a file while it is written: attached files, team, basket, a version under way."""
