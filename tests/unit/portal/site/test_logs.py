"""Logs: an object a line, an answer by its route, and nothing of who asked nor of what."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from ecluse.portal.site.logs import CodesOnly, ObjectLines
from ecluse.portal.site.settings import environment
from tests.sites import Signers

NUMBER = "1850599000042"
RECEIPT = "NPS-ABCD-EFGH-JKLM"


class Kept(logging.Handler):
    """What was logged, as the site would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(ObjectLines().format(record))
        self.texts.append(CodesOnly().format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Everything that a site logs during a test."""
    handler, loggers = Kept(), [logging.getLogger(name) for name in ("", "django")]
    requests = logging.getLogger("ecluse.requests")
    before = requests.level
    requests.setLevel(logging.INFO)
    for one in loggers:
        one.addHandler(handler)
    yield handler
    for one in loggers:
        one.removeHandler(handler)
    requests.setLevel(before)


def test_each_answer_is_an_object_with_its_route(
    signers: Signers, client: Client, kept: Kept
) -> None:
    answer = client.get("/health/live")

    told = json.loads(kept.lines[-1])
    assert (told["method"], told["route"], told["status"]) == ("GET", "/health/live", 200)
    assert told["request"] == answer["X-Request-Id"]
    assert 0 < told["duration_ms"] < 60_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["at"])


@pytest.mark.parametrize(
    "address",
    [
        f"/findings/wish/receipts/{RECEIPT}/?who={NUMBER}",
        f"/nowhere/{RECEIPT}/{NUMBER}/",
        f"/api/v1/applications/{RECEIPT}",
    ],
)
def test_no_log_has_an_address_a_query_or_a_body(
    signers: Signers, client: Client, kept: Kept, address: str
) -> None:
    client.get(address)
    client.post(address, {"number": NUMBER, "receipt": RECEIPT})

    written = "\n".join((*kept.lines, *kept.texts))
    assert kept.lines
    assert NUMBER not in written
    assert RECEIPT not in written


def test_a_defect_is_told_by_its_type_and_places(
    signers: Signers, client: Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_key: object) -> None:
        raise ValueError(NUMBER)

    monkeypatch.setattr("ecluse.portal.site.views.identity.keyring", lambda: fail(None))
    client.raise_request_exception = False
    client.get("/keys.json")

    defect = next(one for one in map(json.loads, kept.lines) if "exception" in one)
    assert (defect["exception"], defect["event"]) == ("ValueError", "500 /keys.json")
    assert any("test_logs.py" in place for place in defect["places"])
    assert NUMBER not in "\n".join((*kept.lines, *kept.texts))


def test_a_setting_that_is_none_of_its_values_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ECLUSE_LOGS", "xml")

    with pytest.raises(ImproperlyConfigured, match="text, json"):
        environment.one_of("ECLUSE_LOGS", ("text", "json"))
