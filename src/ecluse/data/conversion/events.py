"""Clinical events: each code of a feed becomes a row, with its visit, concepts and dates."""

from typing import Final

from ecluse.data.conversion.feeds import CLAIMS, FEEDS, Feed
from ecluse.data.conversion.picking import code_of, pick
from ecluse.data.conversion.workshop import Workshop

DAYS_OF_A_PACK: Final = 30
DAYS_OF_A_LARGE_PACK: Final = 90
MOST_DAYS: Final = 365
LONGEST_STAY: Final = 3650
"""Days. A delay after admission that is longer, or negative, is an error: it counts for none."""

COLUMNS: Final = {
    "quantity": "DOUBLE",
    "unit_quantity": "DOUBLE",
    "ended_on": "DATE",
    "delay": "INTEGER",
    "modifier": "VARCHAR",
    "ward": "INTEGER",
}
CREATE: Final = """
CREATE OR REPLACE TEMP TABLE events (
    person_key INTEGER, started_on DATE, ended_on DATE, code VARCHAR, vocabulary VARCHAR,
    concept_id BIGINT, source_concept_id BIGINT, is_by_parent BOOLEAN, type_concept BIGINT,
    status VARCHAR, status_concept BIGINT, quantity DOUBLE, unit_quantity DOUBLE, modifier VARCHAR,
    provider_id BIGINT, visit_occurrence_id BIGINT, visit_detail_id BIGINT, prescribed_on DATE)
"""
JUDGE: Final = """
CREATE OR REPLACE TEMP TABLE judged AS
SELECT stem.*, codes.concept_id, codes.source_concept_id, codes.is_by_parent,
       links.visit_occurrence_id, links.performer_id, links.prescriber_id, links.prescribed_on,
       CASE WHEN people.left_out IS NOT NULL THEN 'person-left-out'
            WHEN $is_stay AND links.visit_occurrence_id IS NULL THEN 'stay-left-out'
            WHEN stem.event_date IS NULL THEN 'no-date'
            WHEN stem.code IS NULL THEN 'no-code' END AS left_out
FROM stem JOIN people USING (person_key)
LEFT JOIN links ON links.family = $family AND links.event_key = stem.event_key
LEFT JOIN codes ON codes.vocabulary = $vocabulary AND codes.code = stem.code
"""
ADD: Final = """
INSERT INTO events
SELECT j.person_key,
       j.event_date + CASE WHEN j.delay BETWEEN 0 AND $most_days THEN j.delay ELSE 0 END,
       -- greatest() and least() pass over NULL: an open end stays open.
       CASE WHEN j.ended_on IS NOT NULL THEN greatest(j.ended_on, j.event_date) END,
       j.code, $vocabulary, coalesce(j.concept_id, 0),
       coalesce(j.source_concept_id, 0), coalesce(j.is_by_parent, false), $type_concept, $status,
       $status_concept, j.quantity, j.unit_quantity, j.modifier,
       CASE WHEN $is_prescribed THEN coalesce(j.prescriber_id, j.performer_id)
            ELSE j.performer_id END,
       j.visit_occurrence_id, wards.visit_detail_id, j.prescribed_on
FROM judged AS j
LEFT JOIN (
    SELECT visit_occurrence_id, ward, min(visit_detail_id) AS visit_detail_id
    FROM details WHERE left_out IS NULL GROUP BY ALL
) AS wards ON wards.visit_occurrence_id = j.visit_occurrence_id AND wards.ward = j.ward
WHERE j.left_out IS NULL
"""
COUNT: Final = "SELECT coalesce(left_out, 'written'), count(*) FROM judged GROUP BY ALL"
NUMBERED: Final = """
SELECT *, $before + row_number() OVER (
    ORDER BY person_key, started_on, vocabulary, code, status, visit_occurrence_id,
             visit_detail_id, type_concept, modifier, quantity, unit_quantity, ended_on
) AS event_id FROM events
"""
CREATE_USAGE: Final = """
CREATE TEMP TABLE usage (
    target VARCHAR, vocabulary VARCHAR, code VARCHAR, is_mapped BOOLEAN, is_by_parent BOOLEAN,
    row_count BIGINT)
"""
ADD_USAGE: Final = """
INSERT INTO usage
SELECT $target, vocabulary, code, concept_id > 0, is_by_parent, count(*)
FROM events GROUP BY ALL
"""
DRUGS: Final = f"""
SELECT *,
       CASE WHEN vocabulary = 'CIP13' AND quantity > 0 AND coalesce(unit_quantity, 0) = 0
            THEN CAST(least({MOST_DAYS}, quantity * CASE WHEN packs.is_large
                 THEN {DAYS_OF_A_LARGE_PACK} ELSE {DAYS_OF_A_PACK} END) AS INTEGER) END AS days,
       CASE WHEN $by_prescription THEN coalesce(least(prescribed_on, started_on), started_on)
            ELSE started_on END AS began_on
FROM numbered LEFT JOIN (SELECT code, is_large FROM packs) AS packs USING (code)
"""  # noqa: S608 - our own numbers

PREFIXES: Final = {
    "condition_occurrence": "condition",
    "drug_exposure": "drug",
    "procedure_occurrence": "procedure",
    "measurement": "measurement",
    "device_exposure": "device",
}
OWN: Final = {
    "condition_occurrence": {
        "condition_start_date": "started_on",
        "condition_end_date": "ended_on",
        "condition_status_concept_id": "status_concept",
        "condition_status_source_value": "status",
    },
    "drug_exposure": {
        "drug_exposure_start_date": "began_on",
        "drug_exposure_end_date": "began_on + CAST(greatest(coalesce(days, 1), 1) - 1 AS INTEGER)",
        "quantity": "coalesce(nullif(unit_quantity, 0), quantity)",
        "days_supply": "days",
        "route_concept_id": "0",
    },
    "procedure_occurrence": {
        "procedure_date": "started_on",
        "quantity": "quantity",
        "modifier_concept_id": "0",
        "modifier_source_value": "modifier",
    },
    "measurement": {"measurement_date": "started_on", "value_source_value": "NULL"},
    "device_exposure": {
        "device_exposure_start_date": "started_on",
        "quantity": "quantity",
    },
}
"""What each target has of its own: {CDM column: expression on a numbered event}."""


def gather(workshop: Workshop, target: str, *, before: int) -> None:
    """Put the rows of one clinical table of the block, with the columns of the CDM, in `rows`."""
    connection = workshop.connection
    connection.execute(CREATE)
    for feed in FEEDS:
        if feed.target == target and workshop.has(feed.table):
            _take(workshop, feed)
    connection.execute(ADD_USAGE, {"target": target})
    connection.execute(f"CREATE OR REPLACE TEMP TABLE numbered AS {NUMBERED}", {"before": before})
    if target == "drug_exposure":
        by_prescription = workshop.choices.drug_start == "prescription"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE dispensed AS {DRUGS}",
            {"by_prescription": by_prescription},
        )
    table = connection.table("dispensed" if target == "drug_exposure" else "numbered")
    workshop.keep(table.project(_columns(target)), "rows")


def _columns(target: str) -> str:
    """Return the projection of numbered events on the columns of the CDM."""
    prefix = PREFIXES[target]
    columns = {
        "person_key": "person_key",
        "person_id": "person_key",
        f"{target}_id": "event_id",
        f"{prefix}_concept_id": "concept_id",
        f"{prefix}_type_concept_id": "type_concept",
        f"{prefix}_source_value": "code",
        f"{prefix}_source_concept_id": "source_concept_id",
        "provider_id": "provider_id",
        "visit_occurrence_id": "visit_occurrence_id",
        "visit_detail_id": "visit_detail_id",
        **OWN[target],
    }
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _take(workshop: Workshop, feed: Feed) -> None:
    found = workshop.cleaned(feed.table)
    columns = {name: (feed.columns.get(name), kind) for name, kind in COLUMNS.items()}
    own = {
        "person_key": ("person_key", "INTEGER"),
        "event_date": ("event_date", "DATE"),
        "event_key": ("event_key", "UBIGINT"),
        "code": (feed.code, "VARCHAR"),
    }
    stem = pick(found, {**own, **columns})
    workshop.keep(stem.project(f"* REPLACE ({code_of('code')} AS code)"), "stem")
    connection = workshop.connection
    is_stay = feed.family not in {None, CLAIMS}
    judging = {"family": feed.family, "vocabulary": feed.vocabulary, "is_stay": is_stay}
    connection.execute(JUDGE, judging)
    connection.execute(
        ADD,
        {
            "most_days": LONGEST_STAY,
            "vocabulary": feed.vocabulary,
            "type_concept": feed.type_concept,
            "status": feed.status,
            "status_concept": feed.status_concept,
            "is_prescribed": feed.target in {"drug_exposure", "measurement", "device_exposure"},
        },
    )
    workshop.account(feed.name, feed.target).rows_cleaned += workshop.count("stem")
    workshop.tell(feed.name, feed.target, COUNT)
