"""Concepts of the converted dataset: standard ones, and ours for each national code.

Numbers above 2,000,000,000 are free for local concepts (OHDSI convention). A code keeps its number
from one conversion of the same dataset to the next.
"""

from collections.abc import Iterator
from typing import Final

import duckdb

from ecluse.data.conversion.feeds import (
    CERTIFICATES,
    CLAIM_LINES,
    FEEDS,
    PACKS,
    REGISTER,
    STAY_FAMILIES,
)
from ecluse.data.conversion.picking import code_of
from ecluse.data.lake import Snapshot, read

FIRST_LOCAL: Final = 2_000_000_001
ATC_LEVELS: Final = (1, 3, 4, 5, 7)
SHORTEST_PARENT: Final = 2

NUMBER: Final = """
CREATE TEMP TABLE numbered AS
WITH new AS (
    SELECT DISTINCT vocabulary, code FROM seen WHERE code IS NOT NULL
    EXCEPT SELECT vocabulary, code FROM former_codes
)
SELECT vocabulary, code, local_id FROM former_codes
UNION ALL
SELECT vocabulary, code,
       greatest($first - 1, (SELECT coalesce(max(local_id), 0) FROM former_codes))
       + row_number() OVER (ORDER BY vocabulary, code)
FROM new
"""
MATCH: Final = """
CREATE TEMP TABLE codes AS
WITH prefixes AS (
    SELECT numbered.vocabulary, code, unnest(range($shortest, length(code))) AS size
    FROM numbered JOIN vocabularies ON vocabulary_id = vocabulary WHERE is_hierarchical
), parents AS (
    SELECT p.vocabulary, p.code, max_by(maps.concept_id, p.size) AS concept_id
    FROM prefixes AS p
    JOIN maps ON maps.vocabulary = p.vocabulary AND maps.code = p.code[1:p.size]
    GROUP BY p.vocabulary, p.code
)
SELECT n.vocabulary, n.code, n.local_id, maps.description,
       coalesce(maps.concept_id, parents.concept_id, 0) AS concept_id,
       coalesce(nullif(maps.source_concept_id, 0), n.local_id) AS source_concept_id,
       maps.code IS NULL AND coalesce(parents.concept_id, 0) > 0 AS is_by_parent
FROM numbered AS n
LEFT JOIN maps ON maps.vocabulary = n.vocabulary AND maps.code = n.code
LEFT JOIN parents ON parents.vocabulary = n.vocabulary AND parents.code = n.code
"""
CONCEPT_ROWS: Final = """
WITH targets AS (
    SELECT DISTINCT concept_id FROM codes WHERE concept_id > 0
), standard AS (
    SELECT known.* EXCLUDE (rank) FROM known_concepts AS known WHERE known.rank = 1
       OR known.concept_id IN (SELECT concept_id FROM targets)
), unknown AS (
    SELECT targets.concept_id, any_value(vocabularies.domain_id ORDER BY codes.code) AS domain_id
    FROM targets JOIN codes USING (concept_id)
    JOIN vocabularies ON vocabulary_id = codes.vocabulary
    WHERE targets.concept_id NOT IN (SELECT concept_id FROM known_concepts)
    GROUP BY targets.concept_id
), local AS (
    SELECT codes.local_id AS concept_id,
           coalesce(packs.name, atc.name, codes.description, codes.code) AS concept_name,
           vocabularies.domain_id, codes.vocabulary AS vocabulary_id,
           codes.vocabulary AS concept_class_id, CAST(NULL AS VARCHAR) AS standard_concept,
           codes.code AS concept_code
    FROM codes JOIN vocabularies ON vocabulary_id = codes.vocabulary
    LEFT JOIN packs ON codes.vocabulary = 'CIP13' AND packs.code = codes.code
    LEFT JOIN atc ON codes.vocabulary = 'ATC' AND atc.code = codes.code
)
SELECT *, DATE '1970-01-01' AS valid_start_date, DATE '2099-12-31' AS valid_end_date,
       CAST(NULL AS VARCHAR) AS invalid_reason
FROM (
    SELECT * FROM standard
    UNION ALL BY NAME SELECT * FROM local
    UNION ALL BY NAME
    SELECT concept_id, 'Concept ' || concept_id AS concept_name, domain_id,
           'None' AS vocabulary_id, 'Undefined' AS concept_class_id, 'S' AS standard_concept,
           CAST(concept_id AS VARCHAR) AS concept_code
    FROM unknown
)
"""
MAP_ROWS: Final = """
SELECT code AS source_code, source_concept_id, vocabulary AS source_vocabulary_id,
       description AS source_code_description, codes.concept_id AS target_concept_id,
       coalesce(known.vocabulary_id, 'None') AS target_vocabulary_id,
       DATE '1970-01-01' AS valid_start_date, DATE '2099-12-31' AS valid_end_date
FROM codes LEFT JOIN known_concepts AS known ON known.concept_id = codes.concept_id
WHERE codes.vocabulary <> 'ATC'
"""
ANCESTOR_ROWS: Final = """
WITH classes AS (
    SELECT packs.code AS pack, atc.code AS atc, row_number() OVER (
        PARTITION BY packs.code ORDER BY length(atc.code) DESC) AS levels
    FROM packs JOIN atc ON starts_with(packs.atc, atc.code)
)
SELECT ancestor.local_id AS ancestor_concept_id, descendant.local_id AS descendant_concept_id,
       levels AS min_levels_of_separation, levels AS max_levels_of_separation
FROM classes
JOIN codes AS ancestor ON ancestor.vocabulary = 'ATC' AND ancestor.code = classes.atc
JOIN codes AS descendant ON descendant.vocabulary = 'CIP13' AND descendant.code = classes.pack
"""
VOCABULARY_ROWS: Final = """
SELECT vocabulary_id, vocabulary_name, 'Écluse, code maps of the conversion' AS
       vocabulary_reference, CAST(NULL AS VARCHAR) AS vocabulary_version,
       0 AS vocabulary_concept_id
FROM vocabularies
UNION ALL
SELECT DISTINCT known.vocabulary_id, known.vocabulary_id, 'OHDSI Athena', NULL, 0
FROM known_concepts AS known
WHERE known.vocabulary_id NOT IN (SELECT vocabulary_id FROM vocabularies)
"""
DOMAIN_ROWS: Final = """
SELECT DISTINCT domain_id, domain_id AS domain_name, 0 AS domain_concept_id FROM (
    SELECT domain_id FROM vocabularies UNION SELECT domain_id FROM known_concepts
)
"""
ROWS: Final = {
    "concept": CONCEPT_ROWS,
    "source_to_concept_map": MAP_ROWS,
    "concept_ancestor": ANCESTOR_ROWS,
    "vocabulary": VOCABULARY_ROWS,
    "domain": DOMAIN_ROWS,
}
"""The vocabulary tables, from what `number` leaves."""


def number(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, former: Snapshot | None
) -> None:
    """Put every code of the snapshot in `codes`, with its own concept and its standard one."""
    _packs(connection, snapshot)
    connection.execute("CREATE TEMP TABLE seen (vocabulary VARCHAR, code VARCHAR)")
    for found in _seen(connection, snapshot):
        found.distinct().insert_into("seen")
    _former(connection, former)
    connection.execute(NUMBER, {"first": FIRST_LOCAL})
    connection.execute(MATCH, {"shortest": SHORTEST_PARENT})


def _seen(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot
) -> Iterator[duckdb.DuckDBPyRelation]:
    """Yield the codes that each table has, those that filters leave out too."""
    columns = [(feed.table, feed.code, feed.vocabulary) for feed in FEEDS]
    columns += [
        (CLAIM_LINES, "PRS_NAT_REF", "PRS_NAT_REF"),
        (CLAIM_LINES, "PSE_SPE_COD", "PSE_SPE_COD"),
        (CLAIM_LINES, "BEN_SEX_COD", "BEN_SEX_COD"),
        (REGISTER, "BEN_SEX_COD", "BEN_SEX_COD"),
        (CERTIFICATES, "DCD_CIM_COD", "CIM10"),
    ]
    for table, column, vocabulary in columns:
        if table in snapshot.tables and column in snapshot.tables[table].columns:
            rows = read(connection, snapshot, table)
            yield rows.project(f"'{vocabulary}' AS vocabulary, {code_of(column)} AS code")
    for family in STAY_FAMILIES:
        yield connection.sql(f"SELECT 'PMSI' AS vocabulary, '{family.name}' AS code")
        stays = family.stays or ""
        if stays in snapshot.tables and "ENT_PRV" in snapshot.tables[stays].columns:
            rows = read(connection, snapshot, stays)
            origin = code_of("ENT_PRV")
            yield rows.project(f"'PMSI' AS vocabulary, '{family.name}/' || {origin} AS code")
    yield connection.table("packs").project("'CIP13' AS vocabulary, code")
    yield connection.table("atc").project("'ATC' AS vocabulary, code")


def _packs(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Put the packs of the register of drugs in `packs`, and their ATC classes in `atc`."""
    if PACKS in snapshot.tables:
        rows = read(connection, snapshot, PACKS)
        present = set(rows.columns)
        column = {
            name: f"min({name})" if name in present else "NULL"
            for name in ("PHA_MED_NOM", "PHA_ATC_C07", "PHA_ATC_L07", "PHA_GRD_CND")
        }
        rows.aggregate(
            f"{code_of('PHA_CIP_C13')} AS code, {column['PHA_MED_NOM']}::VARCHAR AS name, "
            f"nullif(upper(trim({column['PHA_ATC_C07']}::VARCHAR)), '') AS atc, "
            f"{column['PHA_ATC_L07']}::VARCHAR AS class_name, "
            f"coalesce({column['PHA_GRD_CND']}::VARCHAR = 'O', false) AS is_large",
            code_of("PHA_CIP_C13"),
        ).filter("code IS NOT NULL").create("packs")
    else:
        connection.execute(
            "CREATE TEMP TABLE packs (code VARCHAR, name VARCHAR, atc VARCHAR, "
            "class_name VARCHAR, is_large BOOLEAN)"
        )
    levels = ", ".join(map(str, ATC_LEVELS))
    classes = connection.table("packs").project(f"atc, class_name, unnest([{levels}]) AS size")
    classes.filter("length(atc) >= size").aggregate(
        "atc[1:size] AS code, min(class_name) FILTER (size = 7) AS name", "atc[1:size]"
    ).create("atc")


def _former(connection: duckdb.DuckDBPyConnection, former: Snapshot | None) -> None:
    """Put the numbers that codes had in the former conversion in `former_codes`."""
    connection.execute(
        "CREATE TEMP TABLE former_codes (vocabulary VARCHAR, code VARCHAR, local_id BIGINT)"
    )
    if former is None or "concept" not in former.tables:
        return
    rows = read(connection, former, "concept").filter(f"concept_id >= {FIRST_LOCAL}")
    rows.project("vocabulary_id, concept_code, concept_id").insert_into("former_codes")
