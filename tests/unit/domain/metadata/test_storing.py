"""A description is kept without its empty members, and read back whole."""

import pytest

from ecluse.domain.errors import Malformed
from ecluse.domain.metadata import Agent, DatasetDescription, Period, Text
from ecluse.domain.metadata.storing import from_json, to_json

DESCRIBED = DatasetDescription(
    titles=(Text("Registre", "fr"),),
    holders=(Agent(names=(Text("CHU"),), is_trusted_holder=False),),
    minimum_age=0,
    retention=Period(start=Text("2020-01-01", kind="date")),
)
WRITTEN = {
    "titles": [{"words": "Registre", "language": "fr"}],
    "holders": [{"names": [{"words": "CHU"}], "is_trusted_holder": False}],
    "minimum_age": 0,
    "retention": {"start": {"words": "2020-01-01", "kind": "date"}},
}


def test_only_what_was_said_is_written_and_no_and_zero_are_said() -> None:
    assert to_json(DESCRIBED) == WRITTEN


def test_what_was_written_is_read_back() -> None:
    assert from_json(WRITTEN, DatasetDescription) == DESCRIBED


@pytest.mark.parametrize(
    "json",
    [
        [],
        {"colour": "red"},
        {"titles": {"words": "x"}},
        {"titles": [{"language": "fr"}]},
        {"minimum_age": "0"},
        {"minimum_age": True},
    ],
)
def test_anything_else_is_refused(json: object) -> None:
    with pytest.raises(Malformed):
        from_json(json, DatasetDescription)  # type: ignore[arg-type]
