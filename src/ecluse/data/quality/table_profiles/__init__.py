"""Profiles of tables: what a catalogue may say of them, with no figure about a few persons."""

from ecluse.data.quality.table_profiles.making import profile_files, profile_snapshot

__all__ = ["profile_files", "profile_snapshot"]
