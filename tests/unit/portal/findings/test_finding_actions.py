"""A finding from its project to the holder: who does what, what is signed, what is kept of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ecluse.domain.documents import AGENT, FindingRecipient, WishList
from ecluse.domain.errors import InvalidInput, NotAllowed, OutOfScope
from ecluse.domain.findings import Certainty, Judgement
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.findings import actions, wishes
from ecluse.portal.findings.models import FindingFile
from ecluse.portal.holders.models import Holder
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.messages.actions import announce
from ecluse.portal.messages.models import Notice
from ecluse.trust import keys
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from ecluse.trust.zone import sealed_lines
from tests.sites import NATIONAL_KEY
from tests.unit.portal.applications.road import DAY, NOW
from tests.unit.portal.findings.reporting import (
    MANY,
    QUESTION,
    REASONS,
    REPORT,
    SIGNIFICANT,
    USELESS,
    Reporting,
)

JEANNE = synthetic_national_number(1)


def told() -> set[tuple[str, str]]:
    """Announce what waits: which message, to whom."""
    announce(now=NOW + DAY)
    return {
        (one.dispatch.name, one.account.email)
        for one in Notice.objects.filter(dispatch__name__startswith="finding")
    }


def test_a_person_of_the_permit_reports_and_the_assessors_are_told(reporting: Reporting) -> None:
    found = reporting.reported()

    assert (found.state, found.number) == ("reported", "CS-2026-00001")
    assert ("finding-reported", reporting.road.assessor.email) in told()


def test_the_other_person_of_the_project_may_write_and_report_it_too(
    reporting: Reporting,
) -> None:
    found = actions.save(reporting.draft(), REPORT, by=reporting.road.louis, now=NOW)

    assert actions.send_report(found, by=reporting.road.louis, now=NOW).state == "reported"


def test_nobody_else_reports_under_the_permit(reporting: Reporting) -> None:
    with pytest.raises(NotAllowed):
        actions.start(reporting.permit, by=reporting.road.stranger, now=NOW)


@pytest.mark.parametrize(
    "words",
    [
        "La personne " + "a1" * 32 + " prend les deux médicaments.",
        "La personne 1 85 05 78 006 084 prend les deux médicaments.",
        "La personne née le 12/03/1960 prend les deux médicaments.",
        "Écrire à jeanne.petit@mail.example pour l’avertir du risque.",
    ],
    ids=["pseudonym", "national number", "day of birth", "address"],
)
def test_words_that_could_name_somebody_are_not_kept_even_in_a_draft(
    reporting: Reporting, words: str
) -> None:
    made = actions.start(reporting.permit, by=reporting.road.camille, now=NOW)

    with pytest.raises(InvalidInput):
        actions.save(made, replace(REPORT, basis=words), by=reporting.road.camille, now=NOW)
    assert actions.again(made).basis == ""


def test_an_empty_finding_is_not_reported(reporting: Reporting) -> None:
    made = actions.start(reporting.permit, by=reporting.road.camille, now=NOW)

    with pytest.raises(InvalidInput):
        actions.send_report(made, by=reporting.road.camille, now=NOW)


def test_the_hub_asks_and_the_project_answers(reporting: Reporting) -> None:
    asked = reporting.asked()
    more = replace(REPORT, basis="Quatre mois en moyenne, deux au moins ; relu par un tiers.")
    written = actions.save(asked, more, by=reporting.road.camille, now=NOW)
    again = actions.send_report(written, by=reporting.road.camille, now=NOW)

    assert (asked.state, again.state) == ("asked", "reported")
    assert ("finding-precision-asked", reporting.road.camille.email) in told()
    assert again.item.acts.get(action="ask-precision").reason == QUESTION


@pytest.mark.parametrize(
    "judged",
    [
        Judgement(is_relevant=False, is_actionable=True, certainty=Certainty.CONFIRMED),
        Judgement(is_relevant=True, is_actionable=False, certainty=Certainty.CONFIRMED),
        Judgement(is_relevant=True, is_actionable=True, certainty=Certainty.POSSIBLE),
    ],
    ids=["of no matter", "nothing to do", "only possible"],
)
def test_what_lacks_one_of_the_three_is_not_significant(
    reporting: Reporting, judged: Judgement
) -> None:
    found = reporting.reported()

    with pytest.raises(InvalidInput):
        actions.qualify(found, judged, REASONS, by=reporting.road.assessor, now=NOW)
    assert actions.again(found).state == "reported"


def test_a_finding_set_aside_goes_to_nobody_and_its_project_reads_why(
    reporting: Reporting,
) -> None:
    found = reporting.reported()
    aside = actions.set_aside(found, USELESS, REASONS, by=reporting.road.assessor, now=NOW)

    assert aside.state == "set-aside"
    assert aside.judgements.get().reasons == REASONS
    assert ("finding-set-aside", reporting.road.louis.email) in told()
    assert not OutgoingDocument.objects.filter(kind="FindingOrder").exists()


def test_a_significant_finding_is_not_set_aside(reporting: Reporting) -> None:
    found = reporting.reported()

    with pytest.raises(InvalidInput):
        actions.set_aside(found, SIGNIFICANT, REASONS, by=reporting.road.assessor, now=NOW)


def test_only_an_assessor_judges(reporting: Reporting) -> None:
    found = reporting.reported()

    with pytest.raises(NotAllowed):
        actions.qualify(found, SIGNIFICANT, REASONS, by=reporting.road.decider, now=NOW)


def test_the_order_to_the_zone_names_the_holder_and_nobody(reporting: Reporting) -> None:
    found = reporting.searching()
    order, digest = reporting.order()

    assert order.recipients == (FindingRecipient("chu-dexemple", "snds-synthetic"),)
    assert (order.permit_number, order.reason) == (reporting.permit.number, REASONS)
    assert found.order_digest == digest


def test_the_wishes_that_go_with_it_open_in_the_zone_alone(
    reporting: Reporting, account: Callable[..., User]
) -> None:
    wishes.make(JEANNE, by=account(Role.CITIZEN), now=NOW)
    reporting.searching()
    order, _digest = reporting.order()

    row = OutgoingDocument.objects.get(kind="WishList")
    listed = body_of(row, WishList)
    purpose = f"ecluse wishes not to be told {order.finding_number}"
    sealed_key = keys.from_base64url(listed.sealed_key)
    key = sealed_lines.open_key(sealed_key, reporting.zone, purpose=purpose)
    file = blobs.find_for(listed.file_digest, AGENT)
    (identifier,) = sealed_lines.open_lines(file, key, name=purpose)
    assert row.digest == order.wish_list_digest
    assert file.stat().st_size == listed.size
    assert identifier == pseudonymise_national_number(JEANNE, NATIONAL_KEY)
    assert identifier.encode() not in bytes(row.data) + file.read_bytes()


def test_it_is_sent_to_no_holder_of_other_data(reporting: Reporting) -> None:
    registry = Holder.objects.get(name="Registre")

    with pytest.raises(InvalidInput):
        actions.send(
            reporting.qualified(),
            [(registry, reporting.road.dataset)],
            by=reporting.road.assessor,
            now=NOW,
        )


def test_the_answer_of_the_zone_brings_it_to_the_holder(reporting: Reporting) -> None:
    found = reporting.answered()

    assert (found.state, found.to_tell_count, found.unwilling_count) == ("with-holder", 52, None)
    assert found.recipients.get().answer_digest == "sha256:" + "c" * 64
    assert ("finding-sent", "anne@chu.example") in told()
    assert "bob@registre.example" not in {email for _name, email in told()}


def test_an_answer_for_other_holders_is_not_believed(reporting: Reporting) -> None:
    with pytest.raises(OutOfScope):
        reporting.answered(answers=())
    assert FindingFile.objects.get().state == "searching"


def test_a_refusal_of_the_zone_gives_it_back_to_the_hub_which_sends_again(
    reporting: Reporting,
) -> None:
    refused = reporting.refused()
    chosen = [(reporting.holder, reporting.road.dataset)]
    again = actions.send(refused, chosen, by=reporting.road.assessor, now=NOW)

    assert (refused.state, again.state) == ("qualified", "searching")
    assert again.recipients.count() == 1
    assert again.item.acts.get(action="record-refusal").reason == "No list was left."


def test_the_holder_tells_what_it_did_and_the_finding_is_closed(reporting: Reporting) -> None:
    found = reporting.done()
    row = found.recipients.get()

    assert found.state == "done"
    assert (row.told_count, row.refused_count, row.not_found_count) == (40, 12, 11)
    assert ("finding-done", reporting.road.camille.email) in told()


def test_counts_of_a_few_and_of_nobody_are_not_kept(reporting: Reporting) -> None:
    row = reporting.done(replace(MANY, told=10, refused=1, not_found=0)).recipients.get()

    assert (row.told_count, row.refused_count, row.not_found_count) == (None, None, None)


def test_nobody_tells_for_another_holder(reporting: Reporting) -> None:
    row = reporting.answered().recipients.get()

    with pytest.raises(NotAllowed):
        actions.tell_outcome(row, MANY, by=reporting.bob, now=NOW)


def test_a_holder_tells_once(reporting: Reporting) -> None:
    row = reporting.done().recipients.get()

    with pytest.raises(NotAllowed):
        actions.tell_outcome(row, MANY, by=reporting.anne, now=NOW)


def test_a_finding_of_two_holders_waits_for_both(reporting: Reporting) -> None:
    registry = Holder.objects.get(name="Registre")
    registry.datasets.add(reporting.road.dataset)
    row = reporting.answered().recipients.get()
    row.finding.recipients.create(
        holder=registry, dataset=reporting.road.dataset, answer_digest="sha256:" + "d" * 64
    )

    first = actions.tell_outcome(row, MANY, by=reporting.anne, now=NOW)
    last = first.recipients.get(holder=registry)
    closed = actions.tell_outcome(last, MANY, by=reporting.bob, now=NOW)

    assert (first.state, closed.state) == ("with-holder", "done")


def test_the_project_takes_back_what_proves_wrong(reporting: Reporting) -> None:
    reason = "Une erreur de code : les deux délivrances étaient celles de deux personnes."
    found = actions.withdraw(reporting.reported(), reason, by=reporting.road.louis, now=NOW)

    assert found.state == "withdrawn"
    assert not found.item.clock_rows.filter(completed_on=None, voided_on=None).exists()


def test_the_journal_has_each_act_and_no_word_of_the_finding(reporting: Reporting) -> None:
    reporting.done()

    entries = JournalEntry.objects.filter(subject="CS-2026-00001").order_by("pk")
    assert [one.action for one in entries] == [
        "finding.opened",
        "significant-finding.report-finding",
        "significant-finding.qualify",
        "significant-finding.send-finding",
        "significant-finding.record-search",
        "significant-finding.tell-outcome",
        "significant-finding.close-finding",
    ]
    assert "saignements" not in str(list(entries.values()))
