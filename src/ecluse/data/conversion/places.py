"""Care sites, professionals and departments: numbered once for the whole dataset."""

from typing import Final

from duckdb import DuckDBPyRelation

from ecluse.data.conversion.feeds import (
    CLAIM_FACILITIES,
    CLAIM_LINES,
    REGISTER,
    STAY_FAMILIES,
)
from ecluse.data.conversion.picking import pick
from ecluse.data.conversion.workshop import Workshop

FINESS_LENGTH: Final = 8
"""Claims write the number of a facility without its ninth digit, a check digit."""
NOBODY: Final = ("", "0", "00000000", "99999999")

SITES: Final = """
CREATE TEMP TABLE sites AS
SELECT facility, row_number() OVER (ORDER BY facility) AS care_site_id
FROM (SELECT DISTINCT facility FROM seen_facilities WHERE facility IS NOT NULL)
"""
PROVIDERS: Final = """
CREATE TEMP TABLE providers AS
SELECT professional, max(specialty) AS specialty,
       row_number() OVER (ORDER BY professional) AS provider_id
FROM seen_professionals WHERE professional IS NOT NULL GROUP BY professional
"""
LOCATIONS: Final = """
CREATE TEMP TABLE locations AS
SELECT department, row_number() OVER (ORDER BY department) AS location_id
FROM (SELECT DISTINCT department FROM seen_departments WHERE department IS NOT NULL)
"""
CARE_SITE_ROWS: Final = """
SELECT care_site_id, facility AS care_site_source_value, 0 AS place_of_service_concept_id
FROM sites ORDER BY care_site_id
"""
PROVIDER_ROWS: Final = """
SELECT provider_id, professional AS provider_source_value,
       coalesce(codes.concept_id, 0) AS specialty_concept_id, specialty AS specialty_source_value,
       coalesce(codes.source_concept_id, 0) AS specialty_source_concept_id,
       0 AS gender_concept_id, 0 AS gender_source_concept_id
FROM providers LEFT JOIN codes
     ON codes.vocabulary = 'PSE_SPE_COD' AND codes.code = providers.specialty
ORDER BY provider_id
"""
LOCATION_ROWS: Final = """
SELECT location_id, department AS county, department AS location_source_value,
       0 AS country_concept_id
FROM locations ORDER BY location_id
"""
ROWS: Final = {
    "care_site": CARE_SITE_ROWS,
    "provider": PROVIDER_ROWS,
    "location": LOCATION_ROWS,
}


def number(workshop: Workshop) -> None:
    """Put facilities in `sites`, professionals in `providers`, departments in `locations`."""
    facilities = [(family.persons, family.facility) for family in STAY_FAMILIES]
    _see(workshop, "seen_facilities", "facility", [*facilities, (CLAIM_FACILITIES, "ETB_EXE_FIN")])
    connection = workshop.connection
    connection.execute(
        "CREATE TEMP TABLE seen_professionals (professional VARCHAR, specialty VARCHAR)"
    )
    if workshop.has(CLAIM_LINES):
        for number_, specialty in (("PFS_EXE_NUM", "PSE_SPE_COD"), ("PFS_PRE_NUM", "PSP_SPE_COD")):
            columns = {
                "professional": (number_, "VARCHAR"),
                "specialty": (specialty, "VARCHAR"),
            }
            found = pick(workshop.raw(CLAIM_LINES), columns).distinct()
            found.filter(f"professional NOT IN {NOBODY}").insert_into("seen_professionals")
    departments = [(REGISTER, "BEN_RES_DPT"), (CLAIM_LINES, "BEN_RES_DPT")]
    _see(workshop, "seen_departments", "department", departments)
    for question in (SITES, PROVIDERS, LOCATIONS):
        connection.execute(question)


def finess(rows: DuckDBPyRelation, column: str) -> str:
    """Return the SQL expression of a facility's number as both sides write it."""
    text = f"left(trim(CAST({column} AS VARCHAR)), {FINESS_LENGTH})"
    return f"nullif({text}, '')" if column in rows.columns else "CAST(NULL AS VARCHAR)"


def _see(workshop: Workshop, into: str, name: str, columns: list[tuple[str, str]]) -> None:
    workshop.connection.execute(f"CREATE TEMP TABLE {into} ({name} VARCHAR)")
    for table, column in columns:
        if workshop.has(table):
            rows = workshop.raw(table)
            value = (
                finess(rows, column)
                if name == "facility"
                else f"nullif(trim(CAST({column} AS VARCHAR)), '')"
                if column in rows.columns
                else "NULL"
            )
            rows.project(f"{value} AS {name}").distinct().insert_into(into)
