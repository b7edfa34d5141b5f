"""Descriptions of datasets by their holders: written, checked, published, checked each year."""
