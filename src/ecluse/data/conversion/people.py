"""Persons: who they are, when they are observed, when they died."""

from typing import Final

from ecluse.data.conversion.feeds import CERTIFICATE as DEATH_CERTIFICATE
from ecluse.data.conversion.feeds import (
    CERTIFICATES,
    ENROLMENT,
    REGISTER,
    REGISTRY,
)
from ecluse.data.conversion.picking import code_of
from ecluse.data.conversion.workshop import HERE, Workshop
from ecluse.data.lake.manifests import PERSONS

FACTS: Final = {
    "person_key": ("person_key", "INTEGER"),
    "sex": ("BEN_SEX_COD", "VARCHAR"),
    "birth_year": ("BEN_NAI_ANN", "INTEGER"),
    "birth_month": ("BEN_NAI_MOI", "INTEGER"),
    "department": ("BEN_RES_DPT", "VARCHAR"),
    "told_on": ("MAX_TRT_DTD", "DATE"),
    "died_on": ("BEN_DCD_DTE", "DATE"),
}
DEATHS: Final = {
    "person_key": ("person_key", "INTEGER"),
    "died_on": ("BEN_DCD_DTE", "DATE"),
    "cause": ("DCD_CIM_COD", "VARCHAR"),
}
CERTIFIED: Final = """
CREATE OR REPLACE TEMP TABLE certified AS
SELECT person_key, min(died_on) AS died_on, min_by(cause, (died_on, cause)) AS cause
FROM certificates WHERE died_on IS NOT NULL GROUP BY person_key
"""
PEOPLE: Final = """
CREATE OR REPLACE TEMP TABLE people AS
WITH told AS (
    SELECT * FROM register
    UNION ALL BY NAME
    SELECT person_key, sex, birth_year, department, event_date AS told_on FROM claims
    WHERE person_key NOT IN (SELECT person_key FROM registered)
), facts AS (
    SELECT person_key, min(sex) FILTER (sex IN ('1', '2')) AS sex,
           min(birth_year) FILTER (birth_year BETWEEN 1850 AND 2200) AS birth_year,
           min_by(birth_month, birth_year) FILTER (birth_month BETWEEN 1 AND 12) AS birth_month,
           max_by(department, (coalesce(told_on, DATE '1900-01-01'), department))
               FILTER (department IS NOT NULL) AS department,
           min(died_on) AS died_on
    FROM told GROUP BY person_key
), entries AS (
    SELECT person_key, min(coalesce(entered_on, $first)) AS entered_on
    FROM (SELECT DISTINCT person_key, regime FROM claims WHERE regime IS NOT NULL)
    LEFT JOIN regimes USING (regime) GROUP BY person_key
), known AS (
    SELECT here.person_key, facts.* EXCLUDE (person_key, died_on),
           coalesce(facts.died_on, certified.died_on) AS died_on, certified.cause,
           certified.died_on IS NOT NULL AS is_certified,
           greatest($first, make_date(facts.birth_year, coalesce(facts.birth_month, 1), 1),
                    entries.entered_on) AS observed_from,
           least($last, coalesce(facts.died_on, certified.died_on)) AS observed_to,
           CASE WHEN facts.person_key IS NULL
                     AND here.person_key IN (SELECT person_key FROM registered)
                THEN 'unusable-number'
                WHEN facts.birth_year IS NULL THEN 'no-birth-year' END AS left_out
    FROM here LEFT JOIN facts USING (person_key) LEFT JOIN certified USING (person_key)
    LEFT JOIN entries USING (person_key)
)
SELECT * EXCLUDE (left_out),
       coalesce(left_out, CASE WHEN observed_from > observed_to THEN 'never-observed' END)
           AS left_out
FROM known
"""
PERSON_ROWS: Final = """
SELECT people.person_key, people.person_key AS person_id,
       coalesce(codes.concept_id, 0) AS gender_concept_id, birth_year AS year_of_birth,
       birth_month AS month_of_birth, 0 AS race_concept_id, 0 AS ethnicity_concept_id,
       locations.location_id, here.opt_out_id AS person_source_value,
       sex AS gender_source_value, coalesce(codes.source_concept_id, 0) AS gender_source_concept_id,
       0 AS race_source_concept_id, 0 AS ethnicity_source_concept_id
FROM people JOIN here USING (person_key)
LEFT JOIN codes ON codes.vocabulary = 'BEN_SEX_COD' AND codes.code = people.sex
LEFT JOIN locations ON locations.department = people.department
WHERE left_out IS NULL
"""
PERIOD_ROWS: Final = f"""
SELECT person_key, person_key AS person_id, person_key AS observation_period_id,
       observed_from AS observation_period_start_date,
       observed_to AS observation_period_end_date, {ENROLMENT} AS period_type_concept_id
FROM people WHERE left_out IS NULL
"""  # noqa: S608 - our own number
DEATH_ROWS: Final = f"""
SELECT person_key, person_key AS person_id, died_on AS death_date,
       CASE WHEN is_certified THEN {DEATH_CERTIFICATE} ELSE {REGISTRY} END AS death_type_concept_id,
       coalesce(codes.concept_id, 0) AS cause_concept_id, people.cause AS cause_source_value,
       coalesce(codes.source_concept_id, 0) AS cause_source_concept_id
FROM people
LEFT JOIN codes ON codes.vocabulary = 'CIM10' AND codes.code = people.cause
WHERE left_out IS NULL AND died_on IS NOT NULL
"""  # noqa: S608 - our own numbers
ROWS: Final = {
    "person": PERSON_ROWS,
    "observation_period": PERIOD_ROWS,
    "death": DEATH_ROWS,
}
"""The tables of persons, from what `gather` leaves."""

ADD_USAGE: Final = """
INSERT INTO usage
SELECT 'death', 'CIM10', people.cause, codes.concept_id > 0, codes.is_by_parent, count(*)
FROM people JOIN codes ON codes.vocabulary = 'CIM10' AND codes.code = people.cause
WHERE left_out IS NULL GROUP BY ALL
"""
COUNT_PEOPLE: Final = """
SELECT coalesce(left_out, 'written'), count(*) FROM people GROUP BY ALL
"""
COUNT_PERIODS: Final = """
SELECT CASE WHEN left_out IS NULL THEN 'written' ELSE 'person-left-out' END, count(*)
FROM people GROUP BY ALL
"""
COUNT_DEATHS: Final = """
SELECT CASE WHEN left_out IS NOT NULL THEN 'person-left-out'
            WHEN died_on IS NULL THEN 'no-death' ELSE 'written' END, count(*)
FROM people GROUP BY ALL
"""
COUNT_CERTIFICATES: Final = """
WITH ranked AS (
    SELECT people.left_out, certificates.died_on,
           row_number() OVER (PARTITION BY person_key ORDER BY certificates.died_on) AS rank
    FROM certificates JOIN people USING (person_key)
)
SELECT CASE WHEN left_out IS NOT NULL THEN 'person-left-out'
            WHEN died_on IS NULL THEN 'no-date'
            WHEN rank > 1 THEN 'same-person' ELSE 'written' END, count(*)
FROM ranked GROUP BY ALL
"""
TOLD: Final = {
    "person": COUNT_PEOPLE,
    "observation_period": COUNT_PERIODS,
    "death": COUNT_DEATHS,
}


def gather(workshop: Workshop) -> None:
    """Put the persons of the block in `people`, from the register, else from their claims."""
    connection = workshop.connection
    workshop.take(REGISTER, FACTS, into="register")
    registered = workshop.raw(REGISTER) if workshop.has(REGISTER) else connection.table("register")
    keys = registered.project("person_key").join(
        connection.table(HERE).project("person_key AS wanted"), "person_key = wanted", how="semi"
    )
    workshop.keep(keys.distinct(), "registered")
    rows = workshop.take(CERTIFICATES, DEATHS, into="certificates")
    cause = f"UPDATE certificates SET cause = {code_of('cause')}"  # noqa: S608 - no value in it
    connection.execute(cause)
    connection.execute(CERTIFIED)
    first, last = connection.table("period").fetchall()[0]
    connection.execute(PEOPLE, {"first": first, "last": last})
    workshop.tell(CERTIFICATES, "death", COUNT_CERTIFICATES)
    workshop.account(CERTIFICATES, "death").rows_cleaned += rows
    connection.execute(ADD_USAGE)
    for target, question in TOLD.items():
        workshop.tell(PERSONS, target, question)
        workshop.account(PERSONS, target).rows_cleaned += workshop.count("people")
