"""Data access applications: drafted by data users, completed, assessed, then decided."""
