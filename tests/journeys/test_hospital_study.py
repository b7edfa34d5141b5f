"""A real study through the public doors: from the application to the released incidence table.

The data are Eunomia's (2,694 synthetic persons in OMOP 5.3), loaded in the lake of the running
demonstration as a hospital would deliver them; the released table must be the one that plain
Python computes on the source files.
"""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.cli.database import start_server
from ecluse.cli.demo import Demo
from ecluse.cli.serve import Site, in_site, site_environment
from ecluse.cli.studies import Study
from ecluse.cli.tour import open_road
from ecluse.cli.visitor import Visitor
from ecluse.data.lake import Lake
from ecluse.data.loading import load_delivery
from tests.agreement.studies import gibleed_truth as truth

FOLDER = Path(truth.__file__).parent / "gibleed"
DATASET = "hospital-omop"

pytestmark = pytest.mark.skipif(
    not truth.EUNOMIA.is_dir(), reason=f"the Eunomia sample is not at {truth.EUNOMIA}"
)


def describe() -> None:
    """Put the hospital's dataset in the catalogue, in a process of the public site."""
    from ecluse.portal.catalogue import actions  # noqa: PLC0415 - Django is set up there alone

    description = actions.Description(
        title_fr="Entrepôt hospitalier, format OMOP",
        title_en="Hospital warehouse in OMOP",
        summary_fr="Séjours, diagnostics et médicaments d’un hôpital d’exemple.",
        summary_en="Stays, diagnoses and drugs of an example hospital.",
        holder="Hôpital d’Exemple",
        category="a",
        coverage_fr="2 694 personnes",
        coverage_en="2,694 persons",
        conditions_fr="Sur autorisation.",
        conditions_en="Under permit.",
    )
    actions.describe(DATASET, description, by="set-up", now=datetime.now(UTC))


def study() -> Study:
    """The study as its authors write it in the forms."""
    return Study(
        dataset=DATASET,
        title="Hémorragies digestives sous célécoxib ou diclofénac",
        summary="Incidence des hémorragies digestives chez les nouveaux utilisateurs.",
        tables={
            "person": ("gender_concept_id", "year_of_birth"),
            "drug_exposure": ("drug_concept_id", "drug_exposure_start_date"),
            "condition_occurrence": ("condition_concept_id", "condition_start_date"),
            "observation_period": (
                "observation_period_start_date",
                "observation_period_end_date",
            ),
        },
        care_from="1900-01-01",
        care_to="2019-12-31",
        criteria={
            "source_1": "drug_concept",
            "codes_1": " ".join(truth.concepts()),
            "match_1": "exact",
            "dates_1": "1",
        },
        folder=FOLDER,
        entry="analysis.py",
        released="incidence.csv",
    )


def test_the_released_incidence_table_is_the_one_of_the_source_files(demo: Demo) -> None:
    now = datetime.now(UTC)
    lake = Lake(demo.home.lake)
    load_delivery(truth.EUNOMIA, lake=lake, dataset=DATASET, model="omop", now=now)
    server = start_server(demo.home)
    in_site(site_environment(demo.home, Site.PUBLIC, server_url=server), describe)
    road = replace(open_road(demo), study=study())
    with Visitor(road.public_url) as anyone:
        anyone.wait_for(f"/catalogue/{DATASET}/", lambda page: "sha256:" in page.text, seconds=60)

    stages = list(road.walk())

    header, *lines = list(csv.reader(road.result.decode().splitlines()))
    assert len(stages) == 13
    assert header == truth.HEADER
    assert lines == truth.incidence()
