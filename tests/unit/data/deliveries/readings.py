"""Files written out in full and read as a load reads them, for the tests of reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ecluse.data.deliveries.finding import Delivery, find
from ecluse.data.deliveries.opened import Counts
from ecluse.data.deliveries.quarantine import Quarantine
from ecluse.data.deliveries.reading import open_rows
from ecluse.data.deliveries.sources.origins import TableSource
from ecluse.data.engines import connect
from ecluse.data.schemas import Model, model

SNDS = model("snds")
ILLNESSES = "BEN_NIR_PSA;BEN_RNG_GEM;MED_MTF_COD;IMB_ALD_DTD;IMB_ALD_NUM\n"


@dataclass(frozen=True)
class Reading:
    """The rows of one file by column, what was refused, and the counts."""

    rows: list[dict[str, object]]
    refused: list[str]
    counts: Counts
    warnings: tuple[str, ...]

    def column(self, name: str) -> list[object]:
        return [row[name] for row in self.rows]


def read(folder: Path, name: str, content: str | bytes, *, model: Model = SNDS) -> Reading:
    """Read a delivery of one file."""
    delivery = folder / "delivery"
    delivery.mkdir()
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    (delivery / name).write_bytes(data)
    return read_delivery(delivery, folder / "scratch", model=model)[name]


def read_delivery(
    source: Path | TableSource, scratch: Path, *, model: Model = SNDS
) -> Mapping[str, Reading]:
    """Read all files of a delivery, by name."""
    scratch.mkdir()
    delivery = find(source, model=model)
    return dict(_readings(delivery, scratch))


def _readings(delivery: Delivery, scratch: Path) -> list[tuple[str, Reading]]:
    found = []
    quarantine = Quarantine(scratch / "quarantine.csv")
    with connect(readable=delivery.readable, writable=[scratch]) as connection:
        for file in delivery.files:
            with open_rows(connection, file, scratch=scratch, quarantine=quarantine) as opened:
                relation = connection.sql(opened.query)
                names = relation.columns
                rows = relation.fetchall()
                counts = opened.finish(rows=len(rows))
                rows += connection.sql(counts.second).fetchall() if counts.second else []
            prefix = f"{file.name},"
            lines = quarantine.path.read_text().splitlines()
            refused = [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]
            by_name = [dict(zip(names, row, strict=True)) for row in rows]
            found.append((file.name, Reading(by_name, refused, counts, opened.warnings)))
    return found
