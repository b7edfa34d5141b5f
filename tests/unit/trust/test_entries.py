from datetime import timedelta

import pytest

from ecluse.domain.errors import Malformed
from ecluse.trust.journal.entries import Entry, document_details
from tests.unit.trust.build import NOW, entry, permit_document

LINE = (
    b'{"action":"job.finished","actor":"agent","at":"2026-01-05T10:01:00.000Z",'
    b'"details":{"exit_code":0},"digest":null,"sequence":1,"subject":"FR-2026-0001-J1"}'
)


def test_an_entry_is_one_line_of_canonical_json() -> None:
    assert entry(1).line() == LINE


def test_a_line_is_read_back_as_its_entry() -> None:
    assert Entry.parse(LINE) == entry(1)


def test_a_document_in_the_journal_bears_its_kind_and_issuer() -> None:
    assert document_details(permit_document()) == {"issuer": "portal", "kind": "Permit"}


@pytest.mark.parametrize("details", [{"a": None}, {"a": 1.5}, {"a": True}, {"a": []}], ids=repr)
def test_a_detail_is_text_or_an_integer(details: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        entry(1, details=details).line()


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(b'"sequence":1', b'"sequence":0'),
        LINE.replace(b'"sequence":1', b'"sequence":"1"'),
        LINE.replace(b'"sequence":1', b'"sequence":true'),
        LINE.replace(b'"actor":"agent"', b'"actor":null'),
        LINE.replace(b'"digest":null', b'"digest":1'),
        LINE.replace(b'{"exit_code":0}', b"[]"),
        LINE.replace(b'{"exit_code":0}', b'{"exit_code":null}'),
        LINE.replace(b".000Z", b"Z"),
        LINE.replace(b'"action":"job.finished",', b""),
        LINE.replace(b":0}", b": 0}"),
        b"[]",
    ],
    ids=range(11),
)
def test_a_line_of_another_shape_is_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        Entry.parse(line)


def test_an_entry_of_another_time_zone_is_written_in_utc() -> None:
    east = (NOW + timedelta(minutes=1)).astimezone()

    assert entry(1, at=east).line() == LINE
