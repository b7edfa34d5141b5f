"""What lies beside the tables of an extract: dictionary, read-me, and the receipt's content."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

from ecluse.data.extraction.plans import TablePlan
from ecluse.domain import codec
from ecluse.domain.documents import ExtractionReceipt
from ecluse.domain.errors import Malformed, NotFound
from ecluse.trust import canonical, durable

RECEIPT: Final = "receipt.json"
DICTIONARY: Final = "dictionary.csv"
README: Final = "README.md"

_TEXT: Final = """\
# Extraction {order}

Permit {permit} · dataset {dataset} · snapshot {snapshot}

One Parquet file per table. `person_pseudonym` names a person, in every table, for this permit
alone: it meets no pseudonym of another project. Columns of role link, professional or facility
hold pseudonyms too: equal values stay equal in all tables of this extract, so joins hold. An empty
value was empty in the source. `dictionary.csv` describes each column, `receipt.json` counts what
was left out.

| step | persons |
|---|---:|
{attrition}

| table | rows | columns left in the secure zone |
|---|---:|---|
{tables}

Trying to name a person is forbidden (EHDS art. 61(3)). Nothing leaves this environment before two
checkers have approved it (EHDS art. 73(2)).
"""


def write_leaflet(folder: Path, receipt: ExtractionReceipt, plans: tuple[TablePlan, ...]) -> None:
    """Write the dictionary, the read-me and the receipt of an extract in `folder`."""
    durable.write(folder / DICTIONARY, _dictionary(plans))
    durable.write(folder / README, _readme(receipt).encode())
    durable.write(folder / RECEIPT, canonical.encode(codec.encode(receipt)))


def read_receipt(folder: Path) -> ExtractionReceipt:
    """Return what the finished extract in `folder` delivered. Raises NotFound, Malformed."""
    try:
        data = (folder / RECEIPT).read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{folder} holds no extract.") from None
    try:
        receipt = codec.decode(canonical.decode(data), ExtractionReceipt)
    except Malformed as error:
        raise Malformed(f"{folder / RECEIPT} was changed: {error}") from None
    return cast(ExtractionReceipt, receipt)


def _dictionary(plans: tuple[TablePlan, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("table", "column", "type", "role", "content", "title_fr", "title_en"))
    writer.writerows(_lines(plans))
    return text.getvalue().encode()


def _lines(plans: tuple[TablePlan, ...]) -> Iterator[tuple[str, ...]]:
    for plan in plans:
        for column in plan.delivered():
            is_named = column.role == "person" or plan.label(column) is not None
            content = ("text", "pseudonym") if is_named else (column.type, "value")
            yield (
                *(plan.schema.name, column.name, content[0], column.role, content[1]),
                *(column.title_fr, column.title_en),
            )


def _readme(receipt: ExtractionReceipt) -> str:
    return _TEXT.format(
        order=receipt.order_number,
        permit=receipt.permit_number,
        dataset=receipt.dataset,
        snapshot=receipt.snapshot,
        attrition="\n".join(f"| {s.step} | {s.person_count} |" for s in receipt.attrition),
        tables="\n".join(
            f"| {t.table} | {t.row_count_out} | {', '.join(t.columns_dropped) or '–'} |"
            for t in receipt.tables
        ),
    )
