"""The delivered tables in other forms than Parquet, when the order asks for them."""

from collections.abc import Collection
from pathlib import Path

import pyarrow.csv as pc
import pyarrow.parquet as pq

from ecluse.data.extraction.xport import write_xport
from ecluse.domain.documents import FileFormat
from ecluse.trust import durable


def write_formats(folder: Path, formats: Collection[FileFormat]) -> None:
    """Write each Parquet file of `folder` in these forms too, rows in the same order."""
    for path in sorted(folder.glob("*.parquet")):
        if FileFormat.CSV in formats:
            _write_csv(path, path.with_suffix(".csv"))
        if FileFormat.XPORT in formats:
            write_xport(path, path.with_suffix(".xpt"))


def _write_csv(source: Path, target: Path) -> None:
    """Write commas, UTF-8, quotes around every text; an empty cell is an absent value."""
    with (
        pq.ParquetFile(source) as file,
        durable.replacing(target) as out,
        pc.CSVWriter(out, file.schema_arrow) as writer,
    ):
        for batch in file.iter_batches():
            writer.write_batch(batch)
