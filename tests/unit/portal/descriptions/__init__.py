"""The holders’ desk."""
