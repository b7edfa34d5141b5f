"""The synthetic country says which traps it laid; the filters must find those, row for row.

The country counts what it injected while it writes it, and never runs a filter; the filters read
the lake that was loaded from its delivery, and never see the truth.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from ecluse.data.engines import connect
from ecluse.data.filters import FilterCount, Switches, counts
from tests.unit.data.synthetic.countries import Loaded

TRAPS = (
    "regularisations",
    "surcharges",
    "information_lines",
    "public_direct_billing",
    "private_stays",
    "doubled_facilities",
    "error_groups",
    "anonymous_abortions",
    "ghs_9999",
    "inter_facility_services",
    "return_codes",
    "unusable_pseudonyms",
    "repeated_rha",
    "outpatient_return_codes",
    "outpatient_pseudonyms",
    "late_claims",
    "regime_entry",
    "missing_dates",
    "ald_renewals",
)
RARE = (
    "ght_99",
    "home_care_return_codes",
    "psychiatry_exclusions",
    "psychiatry_return_codes",
)
"""Laid too, in tables so small here that one may be missing."""


@dataclass(frozen=True)
class Country:
    """What the country says of each trap, and what the filters find, by trap."""

    told: dict[str, dict[str, Any]]
    found: dict[str, FilterCount]


@pytest.fixture(scope="module")
def country(small_country: Loaded) -> Country:
    truth = small_country.written.made.truth_path / "traps.json"
    told = json.loads(truth.read_text(encoding="utf-8"))
    snapshot = small_country.snapshot
    switches = Switches(flux_until=date.fromisoformat(told["late_claims"]["flux_until"]))
    with connect(readable=[snapshot.folder]) as connection:
        found = {
            (count.table, count.name): count
            for table in {told[trap]["table"] for trap in (*TRAPS, *RARE)}
            for count in counts(connection, snapshot, table, switches=switches)
        }
    return Country(
        told,
        {trap: found[told[trap]["table"], told[trap]["filter"]] for trap in (*TRAPS, *RARE)},
    )


@pytest.mark.parametrize("trap", [*TRAPS, *RARE])
def test_a_filter_leaves_exactly_the_rows_that_the_trap_did_not_touch(
    country: Country, trap: str
) -> None:
    told, found = country.told[trap], country.found[trap]

    assert (found.rows_before, found.rows_after) == (told["rows_before"], told["rows_after"])
    assert found.lacks is None


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_was_laid(country: Country, trap: str) -> None:
    told = country.told[trap]

    assert 0 < told["rows_after"] < told["rows_before"]
