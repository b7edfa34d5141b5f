"""The register of the demonstration: one system keeps its word, the claim of another is denied."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ecluse.cli.demo_systems import DECLARED_BY, JUDGED_BY, SYSTEMS, register
from ecluse.cli.preparation import DEMO_ACCOUNTS
from ecluse.data.evaluation.demonstration import running
from ecluse.portal.accounts import actions as accounts
from ecluse.portal.aisystems import labels, reading
from ecluse.portal.aisystems.models import SystemRecord
from tests.sites import Signers


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    shown = running.show_all(tmp_path_factory.mktemp("evaluations"), now=datetime.now(UTC))
    return {one.name: (one.report, one.protocol) for one in shown}


@pytest.fixture
def registered(db: None, signers: Signers, evaluated: dict[str, Any]) -> dict[str, SystemRecord]:
    for account in DEMO_ACCOUNTS:
        if account.email in {DECLARED_BY, JUDGED_BY} and account.site == "public":
            accounts.create_account(
                account.email,
                full_name=account.full_name,
                organisation=account.organisation,
                roles=[account.role],
                password="a long password of the tests",
                by="set-up",
            )
    register(evaluated)
    return {one.latest.content["texts"]["provider"]: one for one in SystemRecord.objects.all()}


def test_both_are_published_with_what_their_reports_measured(
    registered: dict[str, SystemRecord],
) -> None:
    states = {one.state for one in registered.values()}
    kinds = [sorted(entry.kind for entry in one.added.all()) for one in registered.values()]

    assert states == {"published"}
    assert kinds == [["certificate", "claim", "deployment", "evaluation"]] * 2


def test_the_register_says_which_claim_its_report_does_not_bear(
    registered: dict[str, SystemRecord],
) -> None:
    today = datetime.now(UTC).date()
    told = {
        provider: [
            one.kind for one in reading.shown(record, record.latest, today=today).contradictions
        ]
        for provider, record in registered.items()
    }

    assert told["Éditeur de démonstration"] == ["claim"]
    assert told["Hub de démonstration"] == []


def test_a_set_up_that_was_killed_registers_nothing_twice(
    registered: dict[str, SystemRecord], evaluated: dict[str, Any]
) -> None:
    register(evaluated)

    assert SystemRecord.objects.count() == 2


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_answered_is_an_answer_of_the_form(name: str) -> None:
    facts = SYSTEMS[name].facts
    wrong = {
        key: value
        for key, value in facts.items()
        if key in labels.CHOICES and value not in labels.CHOICES[key][1]
    }

    assert wrong == {}
