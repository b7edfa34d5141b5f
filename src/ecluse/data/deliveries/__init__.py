"""Deliveries: what a holder sent, found file by file and read row by row, whatever its format."""
