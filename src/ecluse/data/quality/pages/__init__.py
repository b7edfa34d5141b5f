"""The report as one page, self-contained: no script, nothing fetched."""

from ecluse.data.quality.pages.page import page

__all__ = ["page"]
