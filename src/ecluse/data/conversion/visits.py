"""Visits: one per stay, and one per day, professional and kind of visit for claims."""

from typing import Final

from ecluse.data.conversion.feeds import (
    CLAIM_FACILITIES,
    CLAIM_LINES,
    CLAIMS,
    OUTPATIENT,
    STAY_FAMILIES,
    WARDS,
    StayFamily,
)
from ecluse.data.conversion.picking import code_of, pick
from ecluse.data.conversion.places import finess
from ecluse.data.conversion.workshop import Workshop

CLAIM_COLUMNS: Final = {
    "person_key": ("person_key", "INTEGER"),
    "event_date": ("event_date", "DATE"),
    "event_key": ("event_key", "UBIGINT"),
    "act": ("PRS_NAT_REF", "VARCHAR"),
    "professional": ("PFS_EXE_NUM", "VARCHAR"),
    "prescriber": ("PFS_PRE_NUM", "VARCHAR"),
    "prescribed_on": ("PRE_PRE_DTD", "DATE"),
    "regime": ("RGM_GRG_COD", "INTEGER"),
    "sex": ("BEN_SEX_COD", "VARCHAR"),
    "birth_year": ("BEN_NAI_ANN", "INTEGER"),
    "department": ("BEN_RES_DPT", "VARCHAR"),
}
STAY_COLUMNS: Final = {
    "event_key": ("event_key", "UBIGINT"),
    "origin": ("ENT_PRV", "VARCHAR"),
    "destination": ("SOR_DES", "VARCHAR"),
}
CREATE_STAYS: Final = """
CREATE OR REPLACE TEMP TABLE stays (
    family VARCHAR, type_concept BIGINT, person_key INTEGER, event_date DATE, ended_on DATE,
    event_key UBIGINT, facility VARCHAR, origin VARCHAR, destination VARCHAR, is_described BOOLEAN)
"""
INSERT_STAYS: Final = """
INSERT INTO stays
WITH described AS (
    SELECT event_key, min(origin) AS origin, max(destination) AS destination
    FROM stay_details GROUP BY event_key
)
SELECT $family, $type_concept, s.person_key, s.event_date,
       greatest(s.event_date, coalesce(s.ended_on, s.event_date)), s.event_key, s.facility,
       described.origin, described.destination,
       $is_one_table OR described.event_key IS NOT NULL
FROM stay_persons AS s LEFT JOIN described ON described.event_key = s.event_key
"""
JUDGE_STAYS: Final = """
CREATE OR REPLACE TEMP TABLE judged_stays AS
SELECT stays.*, codes.concept_id, codes.source_concept_id, codes.code, codes.is_by_parent,
       sites.care_site_id,
       CASE WHEN people.left_out IS NOT NULL THEN 'person-left-out'
            WHEN stays.event_date IS NULL THEN 'no-date'
            WHEN NOT is_described THEN 'stay-left-out' END AS left_out
FROM stays JOIN people USING (person_key)
LEFT JOIN sites USING (facility)
LEFT JOIN codes ON codes.vocabulary = 'PMSI'
     AND codes.code = stays.family || coalesce('/' || stays.origin, '')
"""
JUDGE_CLAIMS: Final = """
CREATE OR REPLACE TEMP TABLE judged_claims AS
SELECT claims.* EXCLUDE (professional, prescriber), codes.concept_id, codes.source_concept_id,
       codes.is_by_parent, performers.provider_id AS performer_id,
       prescribers.provider_id AS prescriber_id,
       sites.care_site_id,
       CASE WHEN people.left_out IS NOT NULL THEN 'person-left-out'
            WHEN event_date IS NULL THEN 'no-date'
            WHEN coalesce(codes.concept_id, 0) = 0 THEN 'act-without-visit' END AS left_out
FROM claims JOIN people USING (person_key)
LEFT JOIN codes ON codes.vocabulary = 'PRS_NAT_REF' AND codes.code = claims.act
LEFT JOIN providers AS performers ON performers.professional = claims.professional
LEFT JOIN providers AS prescribers ON prescribers.professional = claims.prescriber
LEFT JOIN claim_sites ON claim_sites.event_key = claims.event_key
LEFT JOIN sites ON sites.facility = claim_sites.facility
"""
VISITS: Final = f"""
CREATE OR REPLACE TEMP TABLE visits AS
WITH found AS (
    SELECT family, person_key, event_date, ended_on, type_concept, concept_id, source_concept_id,
           code, event_key, care_site_id, CAST(NULL AS BIGINT) AS performer_id, origin, destination
    FROM judged_stays WHERE left_out IS NULL
    UNION ALL BY NAME
    SELECT '{CLAIMS}' AS family, person_key, event_date, event_date AS ended_on,
           {OUTPATIENT} AS type_concept, concept_id, performer_id, min(act) AS code,
           min_by(source_concept_id, act) AS source_concept_id, min(care_site_id) AS care_site_id
    FROM judged_claims WHERE left_out IS NULL
    GROUP BY person_key, event_date, concept_id, performer_id
)
SELECT *, $before + row_number() OVER (
    ORDER BY person_key, event_date, family, event_key, concept_id, performer_id, code, ended_on
) AS visit_occurrence_id
FROM found
"""  # noqa: S608 - our own number and name
LINKS: Final = f"""
CREATE OR REPLACE TEMP TABLE links AS
SELECT family, event_key, min(visit_occurrence_id) AS visit_occurrence_id,
       min(event_date) AS began_on, max(ended_on) AS visit_ended_on,
       CAST(NULL AS BIGINT) AS performer_id, CAST(NULL AS BIGINT) AS prescriber_id,
       CAST(NULL AS DATE) AS prescribed_on
FROM visits WHERE event_key IS NOT NULL GROUP BY family, event_key
UNION ALL BY NAME
SELECT '{CLAIMS}' AS family, c.event_key, min(visit_occurrence_id) AS visit_occurrence_id,
       min(c.performer_id) AS performer_id, min(c.prescriber_id) AS prescriber_id,
       min(c.prescribed_on) AS prescribed_on
FROM judged_claims AS c LEFT JOIN visits AS v
     ON v.family = '{CLAIMS}' AND v.person_key = c.person_key AND v.event_date = c.event_date
     AND v.concept_id = c.concept_id AND v.performer_id IS NOT DISTINCT FROM c.performer_id
     AND c.left_out IS NULL
WHERE c.event_key IS NOT NULL GROUP BY c.event_key
"""  # noqa: S608 - our own name
VISIT_ROWS: Final = """
SELECT person_key, person_key AS person_id, visit_occurrence_id, concept_id AS visit_concept_id,
       event_date AS visit_start_date, ended_on AS visit_end_date,
       type_concept AS visit_type_concept_id, performer_id AS provider_id, care_site_id,
       code AS visit_source_value, coalesce(source_concept_id, 0) AS visit_source_concept_id,
       0 AS admitted_from_concept_id, origin AS admitted_from_source_value,
       0 AS discharged_to_concept_id, destination AS discharged_to_source_value
FROM visits
"""
LONGEST_STAY: Final = 3650
WARD_COLUMNS: Final = {
    "person_key": ("person_key", "INTEGER"),
    "event_key": ("event_key", "UBIGINT"),
    "ward": ("UM_ORD_NUM", "INTEGER"),
    "nights": ("PAR_DUR_SEJ", "INTEGER"),
    "kind": ("AUT_TYP1_UM", "VARCHAR"),
}
DETAILS: Final = """
CREATE OR REPLACE TEMP TABLE details AS
WITH judged AS (
    SELECT wards.*, links.visit_occurrence_id, began_on, visit_ended_on,
           CASE WHEN people.left_out IS NOT NULL THEN 'person-left-out'
                WHEN links.visit_occurrence_id IS NULL THEN 'stay-left-out' END AS left_out,
           coalesce(sum(length) OVER (PARTITION BY wards.event_key ORDER BY ward
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS nights_before
    FROM lengths AS wards JOIN people USING (person_key)
    LEFT JOIN links ON links.family = 'MCO' AND links.event_key = wards.event_key
)
SELECT judged.*, $before + row_number() OVER (
           PARTITION BY judged.left_out IS NULL
           ORDER BY judged.person_key, began_on, judged.visit_occurrence_id, ward, kind, nights
       ) AS visit_detail_id,
       least(visit_ended_on, began_on + CAST(nights_before AS INTEGER)) AS started_on,
       least(visit_ended_on, began_on + CAST(nights_before + length AS INTEGER))
           AS ended_on,
       visits.concept_id, visits.source_concept_id, visits.type_concept, visits.care_site_id
FROM judged LEFT JOIN visits ON visits.visit_occurrence_id = judged.visit_occurrence_id
"""
DETAIL_ROWS: Final = """
SELECT person_key, person_key AS person_id, visit_detail_id, visit_occurrence_id,
       coalesce(concept_id, 0) AS visit_detail_concept_id, started_on AS visit_detail_start_date,
       ended_on AS visit_detail_end_date, type_concept AS visit_detail_type_concept_id,
       care_site_id, kind AS visit_detail_source_value, 0 AS visit_detail_source_concept_id,
       0 AS admitted_from_concept_id, 0 AS discharged_to_concept_id
FROM details WHERE left_out IS NULL
"""
ROWS: Final = {"visit_occurrence": VISIT_ROWS, "visit_detail": DETAIL_ROWS}
ADD_USAGE: Final = """
INSERT INTO usage
SELECT 'visit_occurrence', 'PMSI', code, coalesce(concept_id, 0) > 0,
       coalesce(is_by_parent, false), count(*)
FROM judged_stays WHERE left_out IS NULL GROUP BY ALL
UNION ALL
SELECT 'visit_occurrence', 'PRS_NAT_REF', act, coalesce(concept_id, 0) > 0,
       coalesce(is_by_parent, false), count(*)
FROM judged_claims
WHERE left_out IS NULL OR left_out = 'act-without-visit' GROUP BY ALL
"""
COUNT_STAYS: Final = """
SELECT coalesce(left_out, 'written'), count(*) FROM judged_stays WHERE family = $family
GROUP BY ALL
"""
COUNT_CLAIMS: Final = """
SELECT coalesce(left_out, 'written'), count(*) FROM judged_claims GROUP BY ALL
"""
COUNT_DETAILS: Final = "SELECT coalesce(left_out, 'written'), count(*) FROM details GROUP BY ALL"


def take_claims(workshop: Workshop) -> None:
    """Put the claim lines of the block in `claims`, codes as the maps write them."""
    rows = workshop.take(CLAIM_LINES, CLAIM_COLUMNS, into="claims")
    connection = workshop.connection
    connection.execute(f"UPDATE claims SET act = {code_of('act')}")  # noqa: S608 - no value in it
    workshop.account(CLAIM_LINES, "visit_occurrence").rows_cleaned += rows
    if workshop.has(CLAIM_FACILITIES):
        found = workshop.cleaned(CLAIM_FACILITIES)
        site = f"event_key, min({finess(found, 'ETB_EXE_FIN')}) AS facility"
        workshop.keep(found.aggregate(site, "event_key"), "claim_sites")
    else:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE claim_sites (event_key UBIGINT, facility VARCHAR)"
        )


def gather(workshop: Workshop, *, visits_before: int, details_before: int) -> None:
    """Put the visits of the block in `visits` and `details`, and what rows lead to in `links`."""
    connection = workshop.connection
    connection.execute(CREATE_STAYS)
    families = [family for family in STAY_FAMILIES if workshop.has(family.persons)]
    for family in families:
        _take_stays(workshop, family)
    connection.execute(JUDGE_STAYS)
    connection.execute(JUDGE_CLAIMS)
    connection.execute(VISITS, {"before": visits_before})
    connection.execute(LINKS)
    connection.execute(ADD_USAGE)
    wards = workshop.take(WARDS, WARD_COLUMNS, into="wards")
    length = f"CASE WHEN nights BETWEEN 0 AND {LONGEST_STAY} THEN nights ELSE 0 END AS length"
    workshop.keep(connection.table("wards").project(f"*, {length}"), "lengths")
    connection.execute(DETAILS, {"before": details_before})
    for family in families:
        workshop.tell(family.persons, "visit_occurrence", COUNT_STAYS, family=family.name)
    workshop.tell(CLAIM_LINES, "visit_occurrence", COUNT_CLAIMS)
    workshop.tell(WARDS, "visit_detail", COUNT_DETAILS)
    workshop.account(WARDS, "visit_detail").rows_cleaned += wards
    _tell_lines_together(workshop)


def _take_stays(workshop: Workshop, family: StayFamily) -> None:
    found = workshop.cleaned(family.persons)
    facility = finess(found, family.facility)
    ended = [name for name in ("EXE_SOI_DTF", "SOR_DAT") if name in found.columns]
    day = f"TRY_CAST(coalesce({', '.join([*ended, 'NULL'])}) AS DATE)"
    key = "event_key" if "event_key" in found.columns else "CAST(NULL AS UBIGINT) AS event_key"
    rows = found.project(
        f"person_key, event_date, {key}, {day} AS ended_on, {facility} AS facility"
    )
    workshop.keep(rows, "stay_persons")
    workshop.account(family.persons, "visit_occurrence").rows_cleaned += workshop.count(
        "stay_persons"
    )
    is_one_table = family.stays is None or not workshop.has(family.stays)
    if family.stays is not None and not is_one_table:
        details = pick(workshop.cleaned(family.stays), STAY_COLUMNS)
        trimmed = f"event_key, {code_of('origin')} AS origin, destination"
        workshop.keep(details.project(trimmed), "stay_details")
    else:
        workshop.take("", STAY_COLUMNS, into="stay_details")
    workshop.connection.execute(
        INSERT_STAYS,
        {
            "family": family.name,
            "type_concept": family.type_concept,
            "is_one_table": is_one_table,
        },
    )


def _tell_lines_together(workshop: Workshop) -> None:
    """Count the claim lines that share a visit with another."""
    question = f"SELECT count(*) FROM visits WHERE family = '{CLAIMS}'"  # noqa: S608 - our own name
    ((visits,),) = workshop.connection.execute(question).fetchall()
    ((lines,),) = workshop.connection.execute(
        "SELECT count(*) FROM judged_claims WHERE left_out IS NULL"
    ).fetchall()
    account = workshop.account(CLAIM_LINES, "visit_occurrence")
    account.rows_written -= lines - visits
    account.left_out["same-visit"] += lines - visits
