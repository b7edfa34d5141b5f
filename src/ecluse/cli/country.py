"""The synthetic country of the demonstration: drawn, loaded in the lake, told to visitors."""

import os
import secrets
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ecluse.cli.home import Home
from ecluse.cli.quality import measure_load

DATASET = "snds-synthetic"
HOSPITAL = "hospital-synthetic"
MAIN_BASE = "snds"
SEED = 1
YEARS = (2021, 2022, 2023)
NATIONAL_KEY_BYTES = 32

DESCRIPTIONS = {
    DATASET: {
        "title_fr": "Pays synthétique au format du SNDS",
        "title_en": "Synthetic country in the shape of the SNDS",
        "summary_fr": (
            "Remboursements de ville, séjours hospitaliers, affections de longue durée et décès "
            "d’une population inventée, tirée au sort avec les mêmes tables, les mêmes codes et "
            "les mêmes pièges que le Système national des données de santé. Personne de réel n’y "
            "figure."
        ),
        "summary_en": (
            "Ambulatory claims, hospital stays, long-term illnesses and deaths of an invented "
            "population, drawn at random with the tables, the codes and the traps of the French "
            "national health data system. No real person is in it."
        ),
        "holder": "Écluse",
        "category": "e",
        "coverage_fr": "Toute la population d’un pays inventé, de 2021 à 2023.",
        "coverage_en": "The whole population of an invented country, from 2021 to 2023.",
        "conditions_fr": "Sur autorisation, dans l’environnement sécurisé, pour apprendre.",
        "conditions_en": "Under permit, in the secure processing environment, for learning.",
    },
    HOSPITAL: {
        "title_fr": "Entrepôt hospitalier synthétique (OMOP)",
        "title_en": "Synthetic hospital warehouse (OMOP)",
        "summary_fr": (
            "Les mêmes personnes inventées, telles que les connaît un groupe d’hôpitaux : séjours, "
            "diagnostics, actes, médicaments, résultats de laboratoire et comptes rendus. Personne "
            "de réel n’y figure."
        ),
        "summary_en": (
            "The same invented persons as a group of hospitals knows them: visits, diagnoses, "
            "procedures, drugs, laboratory results and reports. No real person is in it."
        ),
        "holder": "Écluse",
        "category": "a",
        "coverage_fr": "Les patients de quatre hôpitaux d’un pays inventé, de 2021 à 2023.",
        "coverage_en": "The patients of four hospitals of an invented country, from 2021 to 2023.",
        "conditions_fr": "Sur autorisation, dans l’environnement sécurisé, pour apprendre.",
        "conditions_en": "Under permit, in the secure processing environment, for learning.",
    },
}


def draw_national_key(home: Home) -> Path:
    """Return the file of the trusted third party's key, drawn at the first call.

    The opt-out desk and the country's pseudonyms use the same key, as the SNDS does.
    """
    path = home.keys(home.portal) / "national.key"
    if not path.exists():
        new = path.with_suffix(f".new-{os.getpid()}")
        new.touch(mode=0o600)
        new.write_bytes(secrets.token_bytes(NATIONAL_KEY_BYTES))
        new.replace(path)
    return path


def load_country(home: Home, *, persons: int, now: datetime) -> None:
    """Have the country and its hospitals in the lake, loaded as any delivery would be."""
    from ecluse.data.lake import Lake
    from ecluse.data.loading import load_delivery
    from ecluse.data.synthetic import Country, write_country
    from ecluse.data.synthetic.neighbours import write_neighbours

    lake = Lake(home.lake)
    if {DATASET, HOSPITAL} <= set(lake.datasets()):
        return
    country = Country(persons=persons, years=YEARS, seed=SEED)
    key = draw_national_key(home).read_bytes()
    with TemporaryDirectory(prefix="country-", dir=home.zone) as folder:
        report = write_country(country, Path(folder), national_key=key)
        write_neighbours(country, Path(folder), national_key=key)
        for dataset, model, source in (
            (DATASET, "snds", report.delivery_path),
            (HOSPITAL, "omop", Path(folder) / "hospital"),
        ):
            measure_load(
                load_delivery(source, lake=lake, dataset=dataset, model=model, now=now).snapshot
            )


def describe_country(now: datetime) -> None:
    """Have them and the SNDS in the catalogue, in a process with the public site's settings."""
    from ecluse.portal.catalogue import actions, packaged
    from ecluse.portal.catalogue.models import Dataset

    if not Dataset.objects.described().filter(slug=MAIN_BASE).exists():
        actions.publish(MAIN_BASE, packaged.packaged(MAIN_BASE), by="set-up", now=now)
    for dataset, description in DESCRIPTIONS.items():
        if not Dataset.objects.described().filter(slug=dataset).exists():
            actions.describe(dataset, actions.Description(**description), by="set-up", now=now)
