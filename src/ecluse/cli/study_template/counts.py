"""Counts the persons of the cohort; cells under the minimum are left out before writing."""

import csv
from pathlib import Path

import duckdb

COHORT = Path("/inputs/cohort/cohort.parquet")
OUTPUTS = Path("/outputs")
MINIMUM_COUNT = 11

persons = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(COHORT)]).fetchall()[0][0]
with (OUTPUTS / "counts.csv").open("w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["population", "persons"])
    if persons >= MINIMUM_COUNT:
        table.writerow(["cohort", persons])
