"""Maps from national codes to standard concepts: ours, few, and those that the operator supplies.

A map is a text file with a header, separated by commas, semicolons or tabs, as Usagi and Athena
export them: `source_code`, `source_vocabulary_id`, `target_concept_id`, and if known
`source_concept_id`, `source_code_description`. The operator's lines come before ours. `CONCEPT.csv`
of an Athena download may lie beside them: it says which concepts exist, and in which domain.
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from ecluse.data.conversion.accounts import Mapped
from ecluse.data.engines import literal_path
from ecluse.data.schemas import EventSource, Model, model
from ecluse.data.schemas.coding import source_from
from ecluse.domain.errors import InvalidInput

NAME: Final = "snds-omop"
CONCEPTS: Final = "concept.csv"
SEPARATORS: Final = ("\t", ";", ",")
ALIASES: Final = {
    "source_vocabulary": "source_vocabulary_id",
    "description": "source_code_description",
}
NEEDED: Final = ("source_code", "source_vocabulary_id", "target_concept_id")
CONCEPT_COLUMNS: Final = (
    "concept_id",
    "concept_name",
    "domain_id",
    "vocabulary_id",
    "concept_class_id",
    "standard_concept",
    "concept_code",
)
MAP_SCHEMA: Final = pa.schema(
    [
        ("rank", pa.int64()),
        ("vocabulary", pa.string()),
        ("code", pa.string()),
        ("concept_id", pa.int64()),
        ("source_concept_id", pa.int64()),
        ("description", pa.string()),
    ]
)
KNOWN: Final = """
CREATE TEMP TABLE known_concepts AS
SELECT DISTINCT ON (concept_id) * FROM offered_concepts ORDER BY concept_id, rank
"""
CHOSEN: Final = """
CREATE TEMP TABLE maps AS
WITH fitting AS (
    SELECT lines.* FROM map_lines AS lines
    JOIN vocabularies ON vocabularies.vocabulary_id = lines.vocabulary
    LEFT JOIN known_concepts AS known ON known.concept_id = lines.concept_id
    WHERE lines.concept_id = 0
       OR coalesce(known.domain_id, vocabularies.domain_id) = vocabularies.domain_id
)
SELECT vocabulary, code, min_by(concept_id, rank) AS concept_id,
       min_by(source_concept_id, rank) AS source_concept_id,
       min_by(description, rank) AS description, count(DISTINCT concept_id) AS targets,
       count(*) AS line_count
FROM fitting GROUP BY vocabulary, code
"""
COUNT: Final = """
SELECT (SELECT count(*) FROM map_lines),
       (SELECT count(*) FROM maps WHERE targets > 1),
       (SELECT count(*) FROM map_lines WHERE vocabulary IN (SELECT vocabulary_id FROM vocabularies))
       - (SELECT coalesce(sum(line_count), 0) FROM maps)
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a map; `source_concept_id` 0 when it is not told."""

    vocabulary: str
    code: str
    concept_id: int
    source_concept_id: int
    description: str


def converted_model() -> Model:
    """Return the model `omop`, with the event sources by national code."""
    found = model("omop")
    national = {source.name: source for source in _sources()}
    return replace(found, sources={**found.sources, **national})


def load(connection: duckdb.DuckDBPyConnection, folder: Path | None) -> Mapped:
    """Put the maps in `maps`, the concepts in `known_concepts`, and count them.

    Raises:
        InvalidInput: a file of `folder` is not a map; says which, and where.
    """
    own = _packaged()
    supplied = sorted(folder.iterdir()) if folder and folder.is_dir() else []
    maps = [file for file in supplied if file.suffix == ".csv" and file.name.lower() != CONCEPTS]
    if folder and not supplied:
        raise InvalidInput(
            f"{folder} is not a folder with maps: put some there, or leave --mappings out."
        )
    lines = [line for file in (*maps, own / "map.csv") for line in _lines(file)]
    connection.from_arrow(_arrow(lines)).create("map_lines")
    _vocabularies(connection, own / "vocabularies.csv")
    concepts = [file for file in supplied if file.name.lower() == CONCEPTS]
    _concepts(connection, own / "concepts.csv", concepts)
    connection.execute(KNOWN)
    connection.execute(CHOSEN)
    ((count, several, other),) = connection.execute(COUNT).fetchall()
    return Mapped(int(count), int(several), int(other))


def normalised(code: str) -> str:
    """Return a code as codes are compared: no dot, no space around, upper case."""
    return code.strip().upper().replace(".", "")


def _packaged() -> Traversable:
    return files("ecluse") / "schemas" / "mappings" / NAME


def _sources() -> tuple[EventSource, ...]:
    found = tomllib.loads((_packaged() / "sources.toml").read_text(encoding="utf-8"))
    return tuple(source_from("omop", item) for item in found["sources"])


def _lines(file: Traversable) -> Iterator[Line]:
    rows = _rows(file)
    for number, row in enumerate(rows, start=2):
        try:
            yield Line(
                row["source_vocabulary_id"].strip(),
                normalised(row["source_code"]),
                int(row["target_concept_id"] or 0),
                int(row.get("source_concept_id") or 0),
                (row.get("source_code_description") or "").strip(),
            )
        except (AttributeError, TypeError, ValueError):
            raise InvalidInput(
                f"{file.name}, line {number}: give a code, its vocabulary and a concept number."
            ) from None


def _rows(file: Traversable) -> list[dict[str, str]]:
    """Return the lines of a map by column, under the names of the CDM."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"{file.name} is not written in UTF-8: convert it first.") from None
    head = text.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    titles = [title.strip().strip('"').lower() for title in head.strip().split(separator)]
    named = [ALIASES.get(title, title) for title in titles]
    lacking = [name for name in NEEDED if name not in named]
    if lacking:
        raise InvalidInput(
            f"{file.name} is not a map: its first line lacks {', '.join(lacking)}. "
            f"It must name {', '.join(NEEDED)}."
        )
    lines = text.splitlines()[1:]
    return [
        dict(zip(named, line, strict=False))
        for line in csv.reader(lines, delimiter=separator)
        if any(line)
    ]


def _arrow(lines: Iterable[Line]) -> pa.Table:
    rows = [
        {
            "rank": rank,
            "vocabulary": line.vocabulary,
            "code": line.code,
            "concept_id": line.concept_id,
            "source_concept_id": line.source_concept_id,
            "description": line.description or None,
        }
        for rank, line in enumerate(lines)
    ]
    return pa.Table.from_pylist(rows, schema=MAP_SCHEMA)


def _vocabularies(connection: duckdb.DuckDBPyConnection, file: Traversable) -> None:
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    found = connection.from_arrow(pa.Table.from_pylist(rows))
    found.project(
        "vocabulary_id, domain_id, vocabulary_name, is_hierarchical = '1' AS is_hierarchical"
    ).create("vocabularies")


def _concepts(
    connection: duckdb.DuckDBPyConnection, own: Traversable, supplied: Iterable[Path]
) -> None:
    """Gather the concepts that are known: those supplied first, only where a map names them."""
    rows = list(csv.DictReader(own.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    columns = ", ".join(f"nullif({name}, '') AS {name}" for name in CONCEPT_COLUMNS[1:])
    head = "CAST(concept_id AS BIGINT) AS concept_id"
    ours = connection.from_arrow(pa.Table.from_pylist(rows))
    ours.project(f"1 AS rank, {head}, {columns}").create("offered_concepts")
    for file in supplied:
        found = connection.read_csv(
            literal_path(file),
            hive_partitioning=False,
            header=True,
            sep="\t",
            quotechar="",
            escapechar="",
            all_varchar=True,
        )
        lacking = [name for name in CONCEPT_COLUMNS if name not in found.columns]
        if lacking:
            raise InvalidInput(f"{file.name} has no column {', '.join(lacking)}: see Athena.")
        wanted = connection.table("map_lines").project("concept_id AS wanted_id").distinct()
        typed = found.project(f"0 AS rank, {head}, {columns}")
        typed.join(wanted, "concept_id = wanted_id", how="semi").insert_into("offered_concepts")
