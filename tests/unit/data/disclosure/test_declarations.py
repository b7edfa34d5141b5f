"""`outputs.toml`."""

import pytest

from ecluse.data.disclosure import read_declarations
from ecluse.domain.disclosure import Percentile, Ratio, TableDeclaration
from ecluse.domain.errors import InvalidInput


def test_a_declaration_says_what_columns_hold() -> None:
    data = b"""
[file."incidence.csv"]
counts = ["persons", "events"]
parts = {events = "persons"}
sensitive = ["diagnosis"]
labels = ["year"]
ratios = {rate = {of = "persons", per = 1000}}
percentiles = {p90 = {of = "persons", rank = 90}}
amounts = {cost = "controls.csv"}
"""

    assert read_declarations(data) == {
        "incidence.csv": TableDeclaration(
            counts=("persons", "events"),
            parts={"events": "persons"},
            sensitive=("diagnosis",),
            labels=("year",),
            ratios={"rate": Ratio(of="persons", per=1000)},
            percentiles={"p90": Percentile(of="persons", rank=90)},
            amounts={"cost": "controls.csv"},
        )
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file = 1", 'holds only [file."name"] tables'),
        ("other = 1", 'holds only [file."name"] tables'),
        ('[file."a.csv"]\ncount = []', "'count' is unknown"),
        ('[file."a.csv"]\ncounts = "n"', "is a list of column names"),
        ('[file."a.csv"]\ncounts = [1]', "a column is named by a text"),
        ('[file."a.csv"]\nratios = {r = "n"}', "write column"),
        ('[file."a.csv"]\nratios = {r = {of = "n", per = 0}}', "`per` is an integer from 1"),
        ('[file."a.csv"]\npercentiles = {p = {of = "n", rank = 100}}', "rank 1 to 99"),
        ("[", "is not TOML"),
    ],
)
def test_a_declaration_that_cannot_be_used_says_why(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_declarations(text.encode())

    assert message in str(refusal.value)
