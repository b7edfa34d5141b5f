"""A report at the second gate: blocked with the reason, or for two checkers to read."""

import dataclasses

import pyarrow as pa
import pytest

from ecluse.data.disclosure.identifiers import Identifiers
from ecluse.data.evaluation.reporting import leaving
from ecluse.domain.documents import FileVerdict, Verdict
from tests.unit.data.evaluation.reporting import small

PLAN = small.protocol()
HUB, ZONE = small.hub_key(), small.zone_key()
LOCK = small.lock(PLAN, HUB)
BELIEVED = (HUB.public(), ZONE.public())


@pytest.fixture(scope="module")
def bundle() -> bytes:
    return small.pack(small.report(PLAN, LOCK), PLAN, LOCK, ZONE)


def judged(data: bytes, *, least: int = 11, names: tuple[str, ...] = ("C1",)) -> FileVerdict:
    return leaving.judge(
        "report.zip",
        data,
        dataclasses.replace(small.POLICY, minimum_count=least),
        believed=BELIEVED,
        identifiers=Identifiers.among(pa.chunked_array([list(names)])),
        now=small.LATER,
    )


def rules(found: FileVerdict) -> list[str]:
    return [one.rule for one in found.findings]


def test_an_honest_report_is_left_to_two_checkers(bundle: bytes) -> None:
    found = judged(bundle)

    assert found.verdict is Verdict.REVIEW
    assert rules(found) == ["T3"]


def test_a_changed_report_is_blocked(bundle: bytes) -> None:
    found = judged(bundle[:-1])

    assert found.verdict is Verdict.BLOCKED
    assert set(rules(found)) == {"T2"}


def test_a_report_that_another_zone_signed_is_blocked() -> None:
    data = small.pack(small.report(PLAN, LOCK), PLAN, LOCK, small.zone_key())

    assert judged(data).verdict is Verdict.BLOCKED


def test_counts_under_a_stricter_policy_are_blocked(bundle: bytes) -> None:
    # The smallest count of the small study is 20.
    found = judged(bundle, least=25)

    assert found.verdict is Verdict.BLOCKED
    assert "R1" in rules(found)


def test_a_report_that_holds_the_name_of_a_case_is_blocked(bundle: bytes) -> None:
    # A digest that every report states, taken for the pseudonym of a person.
    name = small.report(PLAN, LOCK).digests.lock.removeprefix("sha256:")
    found = judged(bundle, names=("C1", name))

    assert found.verdict is Verdict.BLOCKED
    assert "P1" in rules(found)
