"""Parts of a page that ask the server again until what they wait for is there."""

from typing import Final

STOP_READING: Final = 286
"""The status by which htmx ends a live reading."""
