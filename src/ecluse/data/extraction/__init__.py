"""Extraction: a signed order becomes read-only files for one study, or nothing at all."""

from ecluse.data.extraction.extracts import extract
from ecluse.data.extraction.files import ExtractFiles, Seals, open_files
from ecluse.data.extraction.leaflet import read_receipt
from ecluse.data.extraction.warrants import Warrant

__all__ = ["ExtractFiles", "Seals", "Warrant", "extract", "open_files", "read_receipt"]
