"""What a row refers to: other rows, concepts of the vocabulary, code lists, observation periods."""

from collections.abc import Iterator
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.quality.examinations import PREFIX, Examination, view
from ecluse.data.quality.reports import CheckResult, Unit
from ecluse.data.schemas import TableSchema

CONCEPTS: Final = PREFIX + "concepts_used"
CONCEPT: Final = "concept"
VISIT: Final = "visit_occurrence"
OBSERVATION: Final = "observation_period"
DAYS_FROM_VISIT: Final = 7
FACTS: Final = """
    c.concept_id IS NULL AS is_unknown,
    c.standard_concept IS DISTINCT FROM 'S' AS is_other,
    coalesce(c.invalid_reason, '') <> '' AS is_retired, c.domain_id
"""


def check(examination: Examination) -> Iterator[CheckResult]:
    """Give every check of references, for the tables and columns that the snapshot has."""
    has_concepts = _keep_concepts(examination)
    for schema in examination.schemas():
        yield from _rows_named(examination, schema)
        if has_concepts:
            yield from _concepts(examination, schema)
        yield from _unmapped(examination, schema)
        if examination.rules.table(schema.name).is_observed:
            yield from _observed(examination, schema)
            yield from _visited(examination, schema)
            yield from _persons_present(examination, schema)
    yield from _observations(examination)


def _rows_named(examination: Examination, schema: TableSchema) -> Iterator[CheckResult]:
    """Foreign keys: `column` names a row of another table."""
    for column, target in examination.rules.table(schema.name).references.items():
        table, _, name = target.partition(".")
        if not (examination.has(schema.name, column) and examination.has(table, name)):
            continue
        rows = f"SELECT {quoted(column)} AS id FROM {view(schema.name)}"  # noqa: S608 — quoted
        broken, examined = examination.row(
            f"""
            SELECT coalesce(sum(n) FILTER (known.id IS NULL), 0), coalesce(sum(n), 0)
            FROM (SELECT id, count(*) AS n FROM ({rows}) WHERE id IS NOT NULL GROUP BY id) AS used
            LEFT JOIN (SELECT DISTINCT {quoted(name)} AS id FROM {view(table)}) AS known USING (id)
            """  # noqa: S608 — every name is quoted
        )
        yield examination.judge(
            "broken-reference",
            table=schema.name,
            column=column,
            violations=int(broken),
            examined=int(examined),
        )


def _keep_concepts(examination: Examination) -> bool:
    """Keep each concept that a checked column uses, how often, and what the vocabulary says of it.

    The columns are counted first: the vocabulary, millions of concepts, is read once for all.
    """
    if not examination.has(
        CONCEPT, "concept_id", "domain_id", "standard_concept", "invalid_reason"
    ):
        return False
    used = [
        f"SELECT {rank:d} AS rank, {quoted(column)}::BIGINT AS concept_id, count(*) AS n "  # noqa: S608
        f"FROM {view(table)} WHERE {quoted(column)} > 0 GROUP BY {quoted(column)}"
        for rank, (table, column, _) in enumerate(_concept_columns(examination))
    ]
    if not used:
        return False
    examination.keep(
        CONCEPTS,
        f"""
        SELECT used.rank, used.n, {FACTS}
        FROM ({" UNION ALL ".join(used)}) AS used
        LEFT JOIN {view(CONCEPT)} AS c USING (concept_id)
        """,  # noqa: S608 — every name is quoted
    )
    return True


def _concept_columns(examination: Examination) -> list[tuple[str, str, str]]:
    """Return the columns of concepts: table, column, domain."""
    return [
        (schema.name, column, domain)
        for schema in examination.schemas()
        for column, domain in examination.rules.table(schema.name).concepts.items()
        if examination.has(schema.name, column)
    ]


def _concepts(examination: Examination, schema: TableSchema) -> Iterator[CheckResult]:
    for rank, (table, column, domain) in enumerate(_concept_columns(examination)):
        if table != schema.name:
            continue
        examined, *counts = examination.row(
            f"""
            SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (is_unknown), 0),
                   coalesce(sum(n) FILTER (NOT is_unknown AND is_other), 0),
                   coalesce(sum(n) FILTER (NOT is_unknown AND is_retired), 0),
                   coalesce(sum(n) FILTER (NOT is_unknown AND ? <> '' AND domain_id <> ?), 0)
            FROM {quoted(CONCEPTS)} WHERE rank = ?
            """,  # noqa: S608 — our own table
            [domain, domain, rank],
        )
        kinds = ("unknown-code", "non-standard-concept", "retired-concept", "wrong-domain")
        for check_id, violations in zip(kinds, counts, strict=True):
            yield examination.judge(
                check_id,
                table=table,
                column=column,
                violations=int(violations),
                examined=int(examined),
            )


def _unmapped(examination: Examination, schema: TableSchema) -> Iterator[CheckResult]:
    """Concepts 0: as rows, and as distinct codes of the source that found no counterpart."""
    for source, concept in examination.rules.table(schema.name).sources.items():
        if not examination.has(schema.name, concept):
            continue
        rows, none = examination.row(
            f"SELECT count({quoted(concept)}), count(*) FILTER ({quoted(concept)} = 0) "  # noqa: S608
            f"FROM {view(schema.name)}"
        )
        yield examination.judge(
            "unmapped-concept", table=schema.name, column=concept, violations=none, examined=rows
        )
        if not examination.has(schema.name, source):
            continue
        codes, lost = examination.row(
            f"SELECT count(DISTINCT {quoted(source)}), "  # noqa: S608 — every name is quoted
            f"count(DISTINCT {quoted(source)}) FILTER ({quoted(concept)} = 0) "
            f"FROM {view(schema.name)}"
        )
        yield examination.judge(
            "unmapped-source-value",
            table=schema.name,
            column=source,
            violations=lost,
            examined=codes,
            unit=Unit.CODES,
        )


def _observed(examination: Examination, schema: TableSchema) -> Iterator[CheckResult]:
    first, last = "observation_period_start_date", "observation_period_end_date"
    if not examination.has(OBSERVATION, "person_key", first, last):
        return
    dated = "t.person_key IS NOT NULL AND t.event_date IS NOT NULL"
    outside, examined = examination.row(
        f"""
        SELECT
          (SELECT count(*) FROM {view(schema.name)} AS t ANTI JOIN {view(OBSERVATION)} AS o
             ON o.person_key = t.person_key
             AND t.event_date BETWEEN o.{first} AND o.{last}
           WHERE {dated}),
          (SELECT count(*) FROM {view(schema.name)} AS t WHERE {dated})
        """  # noqa: S608 — every name is quoted
    )
    yield examination.judge(
        "outside-observation", table=schema.name, violations=outside, examined=examined
    )


def _visited(examination: Examination, schema: TableSchema) -> Iterator[CheckResult]:
    if schema.name == VISIT or not examination.has(schema.name, "visit_occurrence_id"):
        return
    if not examination.has(VISIT, "visit_occurrence_id", "visit_start_date", "visit_end_date"):
        return
    outside, examined = examination.row(
        f"""
        SELECT count(*) FILTER (t.event_date NOT BETWEEN v.visit_start_date - ?::INTEGER
                        AND coalesce(v.visit_end_date, v.visit_start_date) + ?::INTEGER), count(*)
        FROM {view(schema.name)} AS t JOIN {view(VISIT)} AS v USING (visit_occurrence_id)
        WHERE t.event_date IS NOT NULL AND v.visit_start_date IS NOT NULL
        """,  # noqa: S608 — every name is quoted
        [DAYS_FROM_VISIT, DAYS_FROM_VISIT],
    )
    yield examination.judge(
        "outside-visit", table=schema.name, violations=outside, examined=examined
    )


def _persons_present(examination: Examination, schema: TableSchema) -> Iterator[CheckResult]:
    persons = examination.snapshot.person_count
    (present,) = examination.row(
        f"SELECT count(DISTINCT person_key) FROM {view(schema.name)}"  # noqa: S608 — quoted
    )
    yield examination.judge(
        "person-without-row",
        table=schema.name,
        violations=max(0, persons - present),
        examined=persons,
        unit=Unit.PERSONS,
    )


def _observations(examination: Examination) -> Iterator[CheckResult]:
    first, last = "observation_period_start_date", "observation_period_end_date"
    if not examination.has(OBSERVATION, "person_key", first, last):
        return
    observed, periods, overlapping = examination.row(
        f"""
        SELECT count(DISTINCT person_key), count(*), count(*) FILTER ({first} <= former_end)
        FROM (SELECT person_key, {first}, max({last}) OVER (
                PARTITION BY person_key ORDER BY {first}, {last}
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS former_end
              FROM {view(OBSERVATION)} WHERE person_key IS NOT NULL)
        """  # noqa: S608 — every name is quoted
    )
    persons = examination.snapshot.person_count
    yield examination.judge(
        "person-without-observation",
        table=OBSERVATION,
        violations=max(0, persons - observed),
        examined=persons,
        unit=Unit.PERSONS,
    )
    yield examination.judge(
        "overlapping-observations", table=OBSERVATION, violations=overlapping, examined=periods
    )
