"""Where copies may be, as the hub's own file says, and what leaving costs."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.hosting.placement import Placement
from ecluse.hosting.replicas.costs import Cost, Prices, exit_cost
from tests.unit.hosting.replicas import dataset, planned, sealed

HOSTS = """
[policy]
copies = 2
proved_within_days = 30
countries = ["FR", "DE"]
qualifications = ["SecNumCloud"]

[hosts.new]
address = "s3+https://s3.example.eu/bucket"
country = "FR"
operator = "Example SAS"
operator_country = "FR"
egress_euros_per_gigabyte = "0.01"
[[hosts.new.qualifications]]
name = "SecNumCloud"
number = "2026-001"
expires_on = 2028-01-31

[hosts.old]
address = "file:///srv/old"
layout = "paths"
country = "IE"
operator = "Example Inc."
operator_country = "US"
"""


def placement(folder: Path, text: str = HOSTS) -> Placement:
    (folder / "hosts.toml").write_text(text, encoding="utf-8")
    return Placement.load(folder / "hosts.toml")


@pytest.mark.parametrize("today", [date(2026, 3, 2), date(2028, 1, 31)])
def test_a_host_qualified_up_to_today_may_keep_a_copy(tmp_path: Path, today: date) -> None:
    found = placement(tmp_path)

    assert found.policy.refusals(found.host("new"), today=today) == ()


def test_a_host_is_refused_the_day_after_its_qualification_ends(tmp_path: Path) -> None:
    found = placement(tmp_path)

    with pytest.raises(NotAllowed, match="new has no SecNumCloud in date"):
        found.policy.check(found.host("new"), today=date(2028, 2, 1))


def test_every_reason_against_a_host_is_given(tmp_path: Path) -> None:
    found = placement(tmp_path)

    assert found.policy.refusals(found.host("old"), today=date(2026, 3, 2)) == (
        "old is in IE",
        "old is operated from US",
        "old has no SecNumCloud in date",
    )


@pytest.mark.parametrize(
    ("told", "instead"),
    [
        ("copies = 2", "copies = 0"),
        ('country = "FR"', ""),
        ("2028-01-31", '"soon"'),
        ('layout = "paths"', 'layout = "heap"'),
        ('"0.01"', '"cheap"'),
        ("[policy]", "[policy"),
    ],
)
def test_a_file_that_does_not_describe_hosts_is_refused(
    tmp_path: Path, told: str, instead: str
) -> None:
    with pytest.raises(InvalidInput, match=r"hosts\.toml does not describe hosts"):
        placement(tmp_path, HOSTS.replace(told, instead, 1))


def test_a_host_that_is_not_described_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="new, old"):
        placement(tmp_path).host("escrow")


def test_leaving_costs_each_content_once_rounded_up_to_the_cent(tmp_path: Path) -> None:
    files = {"a": sealed(1000, 1), "b": sealed(500, 2), "same as b": sealed(500, 2)}
    files = {name.replace(" ", "-"): data for name, data in files.items()}
    manifest = planned(dataset(tmp_path, files))

    cost = exit_cost(manifest, Prices(Decimal(90), Decimal(4)), bytes_per_second=100)

    # 1,500 bytes at 90 euros per 10⁹ and 2 reads at 4 euros per 1,000: 0.000135 + 0.008.
    assert cost == Cost(2, 1500, Decimal("0.01"), timedelta(seconds=15))
