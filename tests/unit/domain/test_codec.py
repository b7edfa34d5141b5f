"""Documents to JSON and back: strict, and without a second spelling."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.codec import decode, encode, format_instant, parse_instant
from ecluse.domain.cohorts import AllOf, AtLeast, Cohort, Events, Not
from ecluse.domain.documents import (
    Document,
    OptOutList,
    Signer,
    TableScope,
    from_json,
    to_json,
)
from ecluse.domain.errors import Malformed

UUID = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Sample:
    name: str
    count: int
    on: date | None
    tables: tuple[TableScope, ...]


SAMPLE = Sample("été", 3, date(2026, 1, 5), (TableScope("ER_PHA_F", ("PHA_PRS_C13",)),))


def test_a_value_is_read_as_it_was_written() -> None:
    assert decode(encode(SAMPLE), Sample) == SAMPLE


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"count": True}, "document.count"),
        ({"count": "3"}, "document.count"),
        ({"on": "05/01/2026"}, "document.on"),
        ({"on": "20260105"}, "document.on"),
        ({"tables": {}}, "document.tables"),
        ({"tables": [{"table": "T"}]}, "document.tables[0]"),
        ({"surprise": 1}, "surprise"),
        ({"name": None}, "document.name"),
    ],
)
def test_another_shape_is_refused_naming_the_place(change: dict[str, object], place: str) -> None:
    json = encode(SAMPLE)
    assert isinstance(json, dict)

    with pytest.raises(Malformed, match=place.replace("[", r"\[").replace("]", r"\]")):
        decode({**json, **change}, Sample)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "text",
    ["2026-01-05T10:00:00Z", "2026-01-05T10:00:00.000+00:00", "2026-01-05T10:00:00.000", "now"],
)
def test_an_instant_has_one_spelling(text: str) -> None:
    with pytest.raises(Malformed):
        parse_instant(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_instants_keep_their_milliseconds(instant: datetime) -> None:
    text = format_instant(instant)

    assert format_instant(parse_instant(text)) == text


def test_a_float_never_enters_a_document() -> None:
    with pytest.raises(TypeError, match="float"):
        encode((1.5,))


def cohorts() -> st.SearchStrategy[Cohort]:
    codes = st.lists(st.from_regex(r"[A-Z][0-9]{2}", fullmatch=True), min_size=1, max_size=3)
    events = st.builds(Events, st.just("drug_atc"), codes.map(tuple))
    leaf = st.builds(AtLeast, events, st.integers(1, 5))
    return st.recursive(
        leaf, lambda inner: st.builds(Not, inner) | st.builds(lambda p: AllOf((p, p)), inner),
        max_leaves=6,
    )  # fmt: skip


@given(cohorts())
def test_every_cohort_travels_unchanged(cohort: Cohort) -> None:
    json = encode(AllOf((cohort,)))

    assert decode(json, AllOf) == AllOf((cohort,))


def test_an_invalid_body_cannot_be_read() -> None:
    body = OptOutList("FR-1", datetime(2026, 1, 5, tzinfo=UTC), ("aa", "bb"))
    document = Document(UUID, Signer.REGISTER, ("agent:zone-1",), body.as_of, None, body)
    json = to_json(document)
    assert from_json(json) == document

    json["body"]["opt_out_ids"] = ["bb", "aa"]  # type: ignore[index, call-overload]

    with pytest.raises(Malformed, match="not sorted"):
        from_json(json)


@pytest.mark.parametrize("change", [{"kind": "Gift"}, {"version": 2}, {"issuer": "me"}, {"x": 1}])
def test_an_unknown_kind_version_or_issuer_is_refused(change: dict[str, object]) -> None:
    body = OptOutList("FR-1", datetime(2026, 1, 5, tzinfo=UTC), ())
    json = to_json(Document(UUID, Signer.REGISTER, (), body.as_of, None, body))

    with pytest.raises(Malformed):
        from_json({**json, **change})  # type: ignore[dict-item]
