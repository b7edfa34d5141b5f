"""The API of results inside a job."""
