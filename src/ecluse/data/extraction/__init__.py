"""Extraction: a signed order becomes read-only files for one study, or nothing at all."""

from ecluse.data.extraction.extracts import extract
from ecluse.data.extraction.leaflet import read_receipt
from ecluse.data.extraction.warrants import Warrant

__all__ = ["Warrant", "extract", "read_receipt"]
