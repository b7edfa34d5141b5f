"""What follows a decision: versions of a permit, conditions, deletion, redress, declarations."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ecluse.domain.documents import AuthorisedPerson, Revocation
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.actions import perform
from ecluse.portal.cases.models import ClockRow, Dispatch, Item
from ecluse.portal.extractions import actions as extractions
from ecluse.portal.lives import actions, following, reading, versions
from ecluse.portal.lives.versions import Changed
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.permits.models import PermitRecord, State
from tests.unit.portal.applications.road import CAMILLE, KEY, NOW, REQUEST, TODAY
from tests.unit.portal.lives.road import AMENDED, MR_004, RENEWED, Lives


def last(number: str) -> OutgoingDocument:
    return OutgoingDocument.objects.filter(number=number).order_by("-sequence")[0]


def fresh(permit: PermitRecord) -> PermitRecord:
    return PermitRecord.objects.select_related("item__case").get(pk=permit.pk)


def clock(rule: str) -> ClockRow:
    return ClockRow.objects.filter(rule=rule).latest("pk")


def test_an_amendment_signs_another_version_under_its_own_number(lives: Lives) -> None:
    former = lives.road.permit()

    made = lives.amended(former)

    assert (made.number, made.valid_until) == ("FR-2026-0002", former.valid_until)
    assert made.terms().environment == "Seize cœurs."
    assert made.terms().datasets == former.terms().datasets
    assert made.terms().decided_by == "paul.lefevre@hub.example"


def test_the_version_replaced_is_ended_in_the_secure_zone(lives: Lives) -> None:
    former = lives.road.permit()

    lives.amended(former)

    ended = last(former.number)
    assert (ended.kind, body_of(ended, Revocation).reason) == (
        "Revocation",
        "Replaced by FR-2026-0002.",
    )
    assert fresh(former).state(today=TODAY) is State.REPLACED


def test_the_next_version_has_its_own_list_of_opt_outs(lives: Lives) -> None:
    made = lives.amended(lives.road.permit())

    listed = OutgoingDocument.objects.get(kind="OptOutList", number=made.number)
    assert made.opt_out_list_digest == listed.digest


def test_nothing_is_ordered_under_a_version_that_was_replaced(lives: Lives) -> None:
    former = lives.road.permit()
    lives.amended(former)

    with pytest.raises(NotAllowed):
        extractions.order(fresh(former), REQUEST, key=KEY, by=lives.road.camille, now=NOW)


def test_an_order_goes_on_under_the_next_version(lives: Lives) -> None:
    made = lives.amended(lives.road.permit())
    following.accept_all(made, by=lives.road.camille, now=NOW)

    ordered = extractions.order(made, REQUEST, key=KEY, by=lives.road.camille, now=NOW)

    assert ordered.number == "FR-2026-0002-E1"


def test_who_leaves_the_list_orders_nothing_under_the_next_version(lives: Lives) -> None:
    former = lives.road.permit()
    alone = replace(AMENDED, persons=former.terms().persons[:1])

    made = versions.grant(lives.amendment(former), alone, by=lives.road.decider, now=NOW)

    assert [one.subject for one in made.terms().persons] == [CAMILLE]
    assert not PermitRecord.objects.naming(lives.road.louis).filter(pk=made.pk).exists()
    with pytest.raises(NotAllowed):
        extractions.order(made, REQUEST, key=KEY, by=lives.road.louis, now=NOW)


def test_nobody_without_an_account_enters_the_list(lives: Lives) -> None:
    former = lives.road.permit()
    ghost = AuthorisedPerson("fantome@univ.example", "Fantôme", is_principal_investigator=False)
    more = replace(AMENDED, persons=(*former.terms().persons, ghost))

    with pytest.raises(InvalidInput, match="no account"):
        versions.grant(lives.amendment(former), more, by=lives.road.decider, now=NOW)


def test_only_the_applicant_asks_for_a_change(lives: Lives) -> None:
    permit = lives.road.permit()

    with pytest.raises(NotAllowed):
        actions.open_change(permit, Kind.AMENDMENT, by=lives.road.louis, now=NOW)


def test_a_change_that_is_not_written_is_not_submitted(lives: Lives) -> None:
    matter = actions.open_change(
        lives.road.permit(), Kind.AMENDMENT, by=lives.road.camille, now=NOW
    )

    with pytest.raises(InvalidInput, match="2 answers are missing"):
        lives.do(matter, "submit", lives.road.camille)


def test_who_assessed_a_change_does_not_decide_it(lives: Lives) -> None:
    matter = lives.amendment(lives.road.permit())

    with pytest.raises(NotAllowed):
        versions.grant(matter, AMENDED, by=lives.road.assessor, now=NOW)


def test_a_change_under_assessment_waits_on_the_desk(lives: Lives) -> None:
    permit = lives.road.permit()

    lives.asked(permit, Kind.AMENDMENT, {"what": "Plus.", "why": "Lent."})

    case = fresh(permit).item.case
    assert (case.turn, case.due_rule, case.due_on) == ("assessor", "decision", date(2026, 4, 7))


def test_an_extension_runs_from_the_end_of_the_period_that_it_extends(lives: Lives) -> None:
    permit = lives.road.permit()
    changed = Changed("Titre", "Bulle.", (), date(2029, 1, 4))

    made = versions.grant(lives.renewal(permit), changed, by=lives.road.decider, now=NOW)

    assert (made.valid_from, made.valid_until) == (TODAY, date(2029, 1, 4))
    assert clock("permit-extension").due_on == date(2029, 1, 4)


def test_an_extension_gives_no_day_beyond_what_was_asked(lives: Lives) -> None:
    matter = lives.renewal(lives.road.permit())
    changed = Changed("Titre", "Bulle.", (), date(2029, 1, 5))

    with pytest.raises(InvalidInput):
        versions.grant(matter, changed, by=lives.road.decider, now=NOW)


def test_a_permit_is_extended_once(lives: Lives) -> None:
    changed = Changed("Titre", "Bulle.", (), date(2029, 1, 4))
    matter = lives.renewal(lives.road.permit())
    made = versions.grant(matter, changed, by=lives.road.decider, now=NOW)
    again = actions.open_change(fresh(made), Kind.RENEWAL, by=lives.road.camille, now=NOW)
    answers = {**RENEWED, "until_on": "2030-01-04"}
    actions.save(again, answers, by=lives.road.camille, now=NOW)

    with pytest.raises(NotAllowed, match="extended once"):
        lives.do(again, "submit", lives.road.camille)


def test_an_extension_is_asked_a_month_before_the_end(lives: Lives) -> None:
    permit = lives.road.permit()
    matter = actions.open_change(permit, Kind.RENEWAL, by=lives.road.camille, now=NOW)
    actions.save(matter, RENEWED, by=lives.road.camille, now=NOW)
    late = datetime(2027, 12, 20, 10, tzinfo=UTC)

    with pytest.raises(NotAllowed, match="asked by"):
        lives.do(matter, "submit", lives.road.camille, now=late)


def test_finishing_starts_both_delays_and_tells_the_secure_zone(lives: Lives) -> None:
    permit = versions.finish(lives.road.permit(), by=lives.road.camille, now=NOW)

    assert permit.state(today=TODAY) is State.EXPIRED
    assert last(permit.number).kind == "Revocation"
    assert clock("deletion").due_on == date(2026, 7, 6)
    assert clock("results-public").due_on == date(2027, 7, 5)


def test_two_persons_certify_the_deletion(lives: Lives) -> None:
    permit = lives.closing()
    text = "Volume et copies effacés."
    following.state_deletion(permit, text, by=lives.road.preparer, now=NOW)

    following.state_deletion(fresh(permit), text, by=lives.second, now=NOW)

    assert fresh(permit).item.state == "deleted"
    assert clock("deletion").completed_on == TODAY
    assert Dispatch.objects.filter(name="deletion-certificate").exists()
    certified = JournalEntry.objects.get(action="permit.certify-deletion")
    assert certified.digest == following.certificate_digest(permit)


def test_one_person_does_not_certify_alone(lives: Lives) -> None:
    permit = lives.closing()
    following.state_deletion(permit, "Effacé.", by=lives.road.preparer, now=NOW)

    with pytest.raises(NotAllowed, match="stated it already"):
        following.state_deletion(permit, "Effacé.", by=lives.road.preparer, now=NOW)


def test_the_second_statement_is_of_who_prepares_data(lives: Lives) -> None:
    permit = lives.closing()
    following.state_deletion(permit, "Effacé.", by=lives.road.preparer, now=NOW)

    with pytest.raises(NotAllowed, match="another who prepares data"):
        following.state_deletion(permit, "Effacé.", by=lives.road.auditor, now=NOW)


def test_the_auditor_may_witness_first(lives: Lives) -> None:
    permit = lives.closing()
    following.state_deletion(permit, "Vu effacer.", by=lives.road.auditor, now=NOW)

    following.state_deletion(permit, "Effacé.", by=lives.road.preparer, now=NOW)

    assert fresh(permit).item.state == "deleted"


def test_nothing_is_certified_while_the_workspace_is_open(lives: Lives) -> None:
    permit = lives.road.permit()

    with pytest.raises(NotAllowed, match="not closed"):
        following.state_deletion(permit, "Effacé.", by=lives.road.preparer, now=NOW)


def test_a_condition_is_accepted_dated_late_then_met(lives: Lives) -> None:
    permit, camille = lives.road.signed(), lives.road.camille
    following.accept(permit, 1, by=camille, now=NOW)
    following.set_due(permit, 1, date(2026, 2, 1), by=lives.road.assessor, now=NOW)
    late = reading.conditions(permit, today=date(2026, 2, 2))

    following.meet(permit, 1, "Publié, doi:10.1/x", by=camille, now=NOW + timedelta(days=30))

    met = reading.conditions(permit, today=date(2026, 2, 5))
    assert [one.state for one in late] == ["overdue", "to-accept"]
    assert [one.state for one in met] == ["met-late", "to-accept"]


def test_a_condition_that_is_not_accepted_is_not_met(lives: Lives) -> None:
    permit = lives.road.signed()

    with pytest.raises(NotAllowed, match="accept it first"):
        following.meet(permit, 1, "Publié.", by=lives.road.camille, now=NOW)


def test_what_was_accepted_stays_accepted_in_the_next_version(lives: Lives) -> None:
    permit = lives.road.signed()
    following.accept(permit, 1, by=lives.road.camille, now=NOW)

    made = lives.amended(permit)

    states = [(one.text, one.state) for one in reading.conditions(made, today=TODAY)]
    assert states == [("Publier.", "accepted"), ("Rendre compte chaque année.", "to-accept")]


def test_an_appeal_upheld_opens_the_decision_again(lives: Lives) -> None:
    appeal = lives.appeal()

    lives.do(appeal, "uphold", lives.road.auditor, "Jugement 2600001.")

    unit = Item.objects.get(case=appeal.case, item_id="unit-1")
    assert (actions.again(appeal).state, unit.state) == ("upheld", "deciding")


def test_who_decided_does_not_enter_the_judgement(lives: Lives) -> None:
    appeal = lives.appeal()

    with pytest.raises(NotAllowed):
        lives.do(appeal, "uphold", lives.road.decider, "Jugement.")


def test_a_complaint_about_an_opt_out_goes_to_the_authority(lives: Lives) -> None:
    complaint = lives.complaint(is_about_opt_out=True)

    with pytest.raises(NotAllowed, match="authority"):
        lives.do(complaint, "inform-progress", lives.desk)

    assert lives.do(complaint, "transmit", lives.desk).state == "transmitted"


def test_a_complaint_is_answered_by_the_desk(lives: Lives) -> None:
    complaint = lives.complaint(is_about_opt_out=False)
    lives.do(complaint, "inform-progress", lives.desk)

    assert lives.do(complaint, "answer", lives.desk, "Voici pourquoi.").state == "decided"


def test_a_declaration_that_keeps_to_its_methodology_is_registered(lives: Lives) -> None:
    matter = lives.declaration(MR_004)

    registered = lives.do(matter, "register", lives.road.assessor)

    assert registered.state == "registered"
    assert clock("methodology-report").due_on == date(2029, 1, 6)


def test_a_declaration_that_breaks_one_rule_needs_the_full_procedure(lives: Lives) -> None:
    matter = lives.declaration({**MR_004, "rule_forbidden": True})

    with pytest.raises(NotAllowed, match="full procedure"):
        lives.do(matter, "register", lives.road.assessor)

    redirected = lives.do(matter, "redirect", lives.road.assessor, "Finalité interdite.")
    assert redirected.state == "redirected"


def test_a_holder_is_designated_then_reviewed(lives: Lives) -> None:
    matter = lives.designation()
    lives.do(matter, "assess", lives.road.assessor)
    lives.do(matter, "designate", lives.road.decider)

    assert [one.name for one in reading.trusted_holders()] == ["CHU d’Exemple"]

    lives.do(matter, "review", lives.road.assessor)
    lives.do(matter, "assess-review", lives.road.assessor)
    lives.do(matter, "end", lives.road.decider, "Environnement fermé.")
    assert reading.trusted_holders() == []


def test_a_revoked_permit_is_closed_and_deleted_too(lives: Lives) -> None:
    permit = lives.on_permit(lives.road.permit(), "revoke", "Manquement.")

    perform(permit.item, "close-enclave", by=lives.road.preparer, now=NOW)

    assert fresh(permit).item.state == "closing"
