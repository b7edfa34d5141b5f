"""The delivered tables in other forms than Parquet, when the order asks for them."""

from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import pyarrow.csv as pc
import pyarrow.parquet as pq

from ecluse.data.extraction.files import ExtractFiles
from ecluse.data.extraction.xport import write_xport
from ecluse.domain.documents import FileFormat


def write_formats(files: ExtractFiles, formats: Collection[FileFormat]) -> None:
    """Write each Parquet file in these forms too, rows in the same order."""
    for path in (Path(name) for name in files.names() if name.endswith(".parquet")):
        if FileFormat.CSV in formats:
            with files.open(path.name) as source, files.replacing(f"{path.stem}.csv") as out:
                _write_csv(source, out)
        if FileFormat.XPORT in formats:
            with files.open(path.name) as source, files.replacing(f"{path.stem}.xpt") as out:
                write_xport(source, out, table=path.stem)


def _write_csv(source: BinaryIO, out: BinaryIO) -> None:
    """Write commas, UTF-8, quotes around every text; an empty cell is an absent value."""
    with pq.ParquetFile(source) as file, pc.CSVWriter(out, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            writer.write_batch(batch)
