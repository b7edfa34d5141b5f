"""A cohort travels as JSON: every node comes back equal, and nothing else is let in."""

import copy
import json
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from ecluse.domain.codec import decode, encode
from ecluse.domain.cohorts import AtLeast, Cohort, Events, Known, Step, Where, cohort_of, nodes
from ecluse.domain.document_schemas import envelope_schema
from ecluse.domain.errors import Malformed
from tests.cohort_strategies import cohorts

SCHEMA: Mapping[str, Any] = envelope_schema("ExtractionOrder")
COHORT = Draft202012Validator({"$ref": "#/$defs/Cohort", "$defs": SCHEMA["$defs"]})
TREATED: Any = encode(cohort_of(AtLeast(Events("drug_atc", ("A10",)), 3)))


@settings(max_examples=50, deadline=None)
@given(cohort=cohorts())
def test_what_is_written_is_read_back_equal_and_is_valid(cohort: Cohort) -> None:
    written = json.loads(json.dumps(encode(cohort)))

    assert decode(written, Cohort) == cohort
    assert list(COHORT.iter_errors(written)) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("sql",), "1=1"),
        (("steps",), []),
        (("steps", 0, "label"), ""),
        (("steps", 0, "keep", "type"), "Everyone"),
        (("steps", 0, "keep", "distinct_dates"), "3"),
        (("steps", 0, "keep", "distinct_dates"), True),
        (("steps", 0, "keep", "distinct_dates"), 0),
        (("steps", 0, "keep", "events", "type"), "AtLeast"),
        (("steps", 0, "keep", "events", "source"), "drug_atc; --"),
        (("steps", 0, "keep", "events", "codes"), "A10"),
        (("steps", 0, "keep", "events", "codes"), ["A10' OR '1'='1"]),
        (("steps", 0, "keep", "events", "match"), "regex"),
        (("steps", 0, "keep", "events", "where"), [{"column": "A"}]),
        (("index",), {"type": "FixedDay", "day": "2022-02-30"}),
        (("index",), {"type": "FixedDay", "day": "20220101"}),
        (("matching",), {"per_case": 1}),
        (("variables",), None),
    ],
)
def test_a_malformed_tree_is_refused(place: tuple[str | int, ...], value: object) -> None:
    changed = copy.deepcopy(TREATED)
    reduce(getitem, place[:-1], changed)[place[-1]] = value

    with pytest.raises(Malformed):
        decode(changed, Cohort)


def test_a_member_that_is_left_out_is_refused() -> None:
    changed = copy.deepcopy(TREATED)
    del changed["steps"][0]["keep"]["events"]["but_not"]

    with pytest.raises(Malformed, match="but_not"):
        decode(changed, Cohort)


def test_every_kind_of_node_is_drawn_by_the_random_cohorts() -> None:
    """Else the properties above and the agreement of engines would say nothing of it."""
    seen: set[str] = set()

    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    @given(cohort=cohorts())
    def look(cohort: Cohort) -> None:
        seen.update(type(node).__name__ for node in nodes(cohort))

    look()

    plain = {Cohort.__name__, Step.__name__, Where.__name__, Known.__name__, "Matching", "Variable"}
    named = {name.removesuffix("Node") for name in SCHEMA["$defs"] if name.endswith("Node")}
    assert seen >= named | plain
