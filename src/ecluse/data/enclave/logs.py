"""What a job prints: kept inside, up to a ceiling, and never quoted outside."""

from pathlib import Path

MARK = b"\n[log cut here: the ceiling was reached]\n"


class CappedLog:
    """A file that takes so many bytes, then a mark, then nothing."""

    def __init__(self, path: Path, cap: int) -> None:
        self._file = path.open("wb")
        self._left = cap

    def write(self, data: bytes) -> None:
        """Keep what still fits; say once that something did not."""
        if self._left <= 0:
            return
        self._file.write(data[: self._left])
        self._left -= len(data)
        if self._left < 0:
            self._file.write(MARK)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
