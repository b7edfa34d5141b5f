"""Gastrointestinal bleeding in new users of celecoxib or diclofenac: incidence by drug.

A new user enters on the day of the first exposure to either drug, inside an observation period,
without earlier bleeding; follow-up ends at the first bleeding, else with the observation.
"""

import csv
import os
from pathlib import Path

import duckdb

DATA, OUTPUTS = Path(os.environ["ECLUSE_DATA"]), Path(os.environ["ECLUSE_OUTPUTS"])
CELECOXIB, DICLOFENAC, BLEEDING = 1118084, 1124300, 192671

INCIDENCE = """
WITH exposure AS (
    SELECT person_pseudonym, drug_exposure_start_date AS day,
           CASE drug_concept_id WHEN $celecoxib THEN 'celecoxib' ELSE 'diclofenac' END AS drug
    FROM read_parquet($drugs) WHERE drug_concept_id IN ($celecoxib, $diclofenac)
), entry AS (
    SELECT person_pseudonym, min(day) AS day, arg_min(drug, (day, drug)) AS drug
    FROM exposure GROUP BY person_pseudonym
), bleeding AS (
    SELECT person_pseudonym, min(condition_start_date) AS day
    FROM read_parquet($conditions) WHERE condition_concept_id = $bleeding
    GROUP BY person_pseudonym
), followed AS (
    SELECT entry.drug, bleeding.day IS NOT NULL AND bleeding.day <= observation_period_end_date
           AS has_bled,
           least(coalesce(bleeding.day, observation_period_end_date), observation_period_end_date)
           - entry.day AS days
    FROM entry JOIN read_parquet($periods) USING (person_pseudonym)
    LEFT JOIN bleeding USING (person_pseudonym)
    WHERE entry.day BETWEEN observation_period_start_date AND observation_period_end_date
      AND (bleeding.day IS NULL OR bleeding.day > entry.day)
)
SELECT drug, count(*) AS persons, count(*) FILTER (has_bled) AS bleedings, sum(days) AS days
FROM followed GROUP BY drug ORDER BY drug
"""


def main() -> None:
    """Write the incidence table."""
    rows = duckdb.execute(
        INCIDENCE,
        {
            "celecoxib": CELECOXIB,
            "diclofenac": DICLOFENAC,
            "bleeding": BLEEDING,
            "drugs": str(DATA / "drug_exposure.parquet"),
            "conditions": str(DATA / "condition_occurrence.parquet"),
            "periods": str(DATA / "observation_period.parquet"),
        },
    ).fetchall()
    with (OUTPUTS / "incidence.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["drug", "persons", "bleedings", "person_years", "per_1000_person_years"])
        for drug, persons, bleedings, days in rows:
            years = round(days / 365.25)
            table.writerow([drug, persons, bleedings, years, round(1000 * bleedings / years, 1)])


main()
