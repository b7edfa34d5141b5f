"""The routes of the API v1, by subject."""
