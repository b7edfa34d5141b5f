"""Attacks on significant findings: learn about whom one is, or who does not wish to know."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection

from ecluse.domain.documents import FindingAnswer, FindingReceipt, Signer
from ecluse.domain.errors import InvalidInput, OutOfScope, WrongSigner
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.findings import actions, wishes
from ecluse.portal.findings.models import FindingFile, Wish
from ecluse.portal.optouts import actions as register
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.models import OptOut
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.attacks.test_citizens import everything, rows
from tests.sites import NATIONAL_KEY
from tests.unit.portal.applications.road import DAY, NOW, at_now, road
from tests.unit.portal.findings.reporting import MANY, REPORT, Reporting, reporting
from tests.unit.portal.routes import signed_in

__all__ = ["at_now", "reporting", "road"]

pytestmark = pytest.mark.usefixtures("at_now")
Create = Callable[..., User]
JEANNE = synthetic_national_number(1)
OWN = pseudonymise_national_number(JEANNE, NATIONAL_KEY)
FILE = "/findings/CS-2026-00001/"


def told_by_the_zone(reporting: Reporting, unwilling: int | None) -> str:
    """What the project reads once the zone has answered with so many who do not wish to know."""
    reporting.answered(unwilling_count=unwilling, to_tell_count=52, not_found_count=17)
    return signed_in(reporting.road.camille).get(FILE).content.decode()


def test_an_administrator_of_the_database_learns_nobody_who_does_not_wish_to_know(
    reporting: Reporting, account: Create
) -> None:
    wishes.make(JEANNE, by=account(Role.CITIZEN), now=NOW)
    reporting.done()

    tables = everything()
    assert OWN not in tables
    assert JEANNE not in tables


def test_a_wish_is_not_linked_to_the_opt_out_of_the_same_person(
    signers: object, account: Create
) -> None:
    citizen = account(Role.CITIZEN)
    wishes.make(JEANNE, by=citizen, now=NOW)
    register.opt_out(Concerned(JEANNE), by=citizen, now=NOW + DAY)

    (wish,), (opposed,) = rows("findings_wish"), rows("optouts_optout")
    same = set(map(str, wish.values())) & set(map(str, opposed.values()))
    assert OptOut.objects.get().opt_out_id == OWN
    assert same <= {str(wish["id"]), "None", "declared", "self"}


def test_two_wishes_of_one_person_are_not_sealed_alike(signers: object, account: Create) -> None:
    citizen = account(Role.CITIZEN)
    wishes.make(JEANNE, by=citizen, now=NOW)
    wishes.take_back(JEANNE, by=citizen, now=NOW + DAY)
    wishes.make(JEANNE, by=citizen, now=NOW + 2 * DAY)

    first, last = Wish.objects.order_by("pk")[0], Wish.objects.order_by("-pk")[0]
    assert first.sealed != last.sealed


def test_no_account_is_kept_with_a_wish_nor_in_its_journal(
    signers: object, account: Create
) -> None:
    citizen = account(Role.CITIZEN, email="jeanne.petit@mail.example")
    wishes.make(JEANNE, by=citizen, now=NOW)

    written = str(rows("findings_wish"))
    journal = [str(one) for one in rows("audit_journalentry") if "wish" in str(one)]
    assert len(journal) == 1
    assert citizen.email not in written + journal[0]


def test_the_project_reads_the_same_whoever_does_not_wish_to_know(reporting: Reporting) -> None:
    """Else whoever reports a finding about one person would learn what that person wishes."""
    page = told_by_the_zone(reporting, 31)

    # Whole numbers: a form's random token has any two figures once in a while.
    assert not re.search(r"\b(31|17)\b", page)
    assert "laissées de côté" not in page


def test_the_zone_tells_no_small_count_so_the_tables_have_none(reporting: Reporting) -> None:
    reporting.done(replace(MANY, told=3, refused=1, not_found=0))

    (finding,), (recipient,) = rows("findings_findingfile"), rows("findings_recipient")
    assert (finding["unwilling_count"], finding["not_found_count"]) == (None, None)
    assert {recipient[name] for name in ("told_count", "refused_count", "not_found_count")} == {
        None
    }


def test_a_pseudonym_smuggled_into_the_words_is_kept_nowhere(reporting: Reporting) -> None:
    made = reporting.draft()
    smuggled = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    words = f"Voir {smuggled} dans les données."

    with pytest.raises(InvalidInput):
        actions.save(made, replace(REPORT, what=words), by=reporting.road.camille, now=NOW)
    with pytest.raises(InvalidInput):
        actions.withdraw(made, words, by=reporting.road.camille, now=NOW)
    assert smuggled not in everything()


def test_a_site_cannot_forge_what_the_zone_says(reporting: Reporting) -> None:
    reporting.searching()
    order, digest = reporting.order()
    answer = FindingAnswer(reporting.holder.slug, reporting.road.dataset.slug, "sha256:" + "e" * 64)
    forged = FindingReceipt(order.finding_number, digest, (answer,), 1, 1, 1)

    with pytest.raises(WrongSigner):
        reporting.road.deliver(forged, issuer=Signer.PORTAL)
    assert FindingFile.objects.get().state == "searching"


def test_an_answer_told_twice_changes_nothing(reporting: Reporting) -> None:
    reporting.answered()
    order, digest = reporting.order()
    answer = FindingAnswer(reporting.holder.slug, reporting.road.dataset.slug, "sha256:" + "e" * 64)
    again = FindingReceipt(order.finding_number, digest, (answer,), 11, 11, 11)

    with pytest.raises(OutOfScope):
        reporting.road.deliver(again, issuer=Signer.AGENT)
    assert FindingFile.objects.get().to_tell_count == 52


@pytest.mark.django_db
def test_no_table_of_findings_has_room_for_persons() -> None:
    columns = {
        column.name
        for table in ("findings_findingfile", "findings_recipient", "findings_hubjudgement")
        for column in connection.introspection.get_table_description(connection.cursor(), table)
    }

    assert not {name for name in columns if "pseudonym" in name or "person" in name}
