"""What is done to a label, by whom, and what is kept of it."""

from datetime import date, timedelta

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, NotAllowed, Refused
from ecluse.domain.metadata.label import Answer, Basis
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.label import actions, daily, reading
from ecluse.portal.label.models import LabelAct, QualityLabel
from tests.unit.portal.label.labelling import ANSWERS, NOW, TODAY, Labelling

pytestmark = pytest.mark.usefixtures("at_now")


def test_a_label_declared_and_granted_holds_for_a_year(labelling: Labelling) -> None:
    label = labelling.granted()

    assert (label.letter, label.percent) == ("C", 67)
    assert (label.granted_on, label.expires_on) == (date(2029, 4, 2), date(2030, 4, 1))
    shown = reading.shown_of(labelling.dataset)
    assert shown is not None
    assert (shown.letter, shown.picture) == ("C", f"/label/{label.pk}.svg")
    assert reading.letters_of() == {labelling.dataset.pk: "C"}


def test_every_act_is_a_row_and_an_entry_of_the_journal(labelling: Labelling) -> None:
    label = labelling.revoked()

    rows = LabelAct.objects.filter(label=label).order_by("pk").values_list("action", "by__email")
    assert list(rows) == [
        ("open", "anne@chu.example"),
        ("submit", "anne@chu.example"),
        ("grant", labelling.preparer.email),
        ("revoke", labelling.preparer.email),
    ]
    entries = JournalEntry.objects.filter(action__startswith="label.").order_by("sequence")
    assert [entry.action for entry in entries] == [
        *("label.open", "label.submit", "label.grant", "label.revoke")
    ]


def test_a_revoked_label_is_not_shown_and_keeps_its_reason(labelling: Labelling) -> None:
    label = labelling.revoked()

    assert reading.shown_of(labelling.dataset) is None
    assert (label.state, label.reason) == ("revoked", "Contrôles inexacts.")


def test_a_label_past_its_last_day_ends_once(labelling: Labelling) -> None:
    label = labelling.granted()
    last = date(2030, 4, 1)

    on_the_last_day = daily.expire_labels(now=NOW + timedelta(days=364), today=last)
    day_after = last + timedelta(days=1)
    ended = [daily.expire_labels(now=NOW + timedelta(days=365), today=day_after) for _ in "ab"]

    label.refresh_from_db()
    assert (on_the_last_day, ended, label.state) == (0, [1, 0], "expired")


def test_a_label_holds_no_more_after_its_last_day_even_before_the_daily_run(
    labelling: Labelling,
) -> None:
    labelling.granted()

    assert QualityLabel.objects.in_force(on=date(2030, 4, 1)).exists()
    assert not QualityLabel.objects.in_force(on=date(2030, 4, 2)).exists()


def test_a_new_label_takes_the_place_of_the_one_that_held(labelling: Labelling) -> None:
    former = labelling.granted()
    again = actions.start(labelling.dataset, by=labelling.anne, now=NOW)

    labelling.act(again, "submit", by=labelling.anne)
    labelling.act(again, "grant", by=labelling.preparer)

    former.refresh_from_db()
    assert former.state == "expired"
    assert QualityLabel.objects.in_force(on=TODAY).get().pk == again.pk


def test_signed_evidence_measures_what_was_declared(labelling: Labelling) -> None:
    label = labelling.declared()

    actions.attach(label, labelling.evidence(), by=labelling.anne, now=NOW)

    answers = label.every_answer()
    assert answers["completeness"] == Answer(3, Basis.MEASURED, "sha256:" + "a" * 64)
    assert answers["timeliness"].level == 0
    assert answers["uniqueness"].basis is Basis.DECLARED
    # Section b: 3 + 2 + 2 + 3 + 0 + 2 of 18.
    assert label.assessment().marks[1].percent == 67


@pytest.mark.parametrize("change", [b"x", b'"sha256:b'])
def test_evidence_that_was_changed_is_refused(labelling: Labelling, change: bytes) -> None:
    data = labelling.evidence().replace(b'"sha256:a', change, 1)

    with pytest.raises(Refused):
        actions.attach(labelling.declared(), data, by=labelling.anne, now=NOW)


def test_evidence_of_another_dataset_or_of_another_signer_is_refused(
    labelling: Labelling,
) -> None:
    label = labelling.declared()

    with pytest.raises(InvalidInput, match="no quality evidence of claims"):
        actions.attach(label, labelling.evidence(dataset="other"), by=labelling.anne, now=NOW)
    with pytest.raises(Refused):
        actions.attach(label, labelling.evidence(signer=Signer.PORTAL), by=labelling.anne, now=NOW)


def test_a_label_that_lacks_an_element_of_the_law_is_not_submitted(labelling: Labelling) -> None:
    some = {code: answer for code, answer in ANSWERS.items() if code != "source"}
    label = actions.declare(labelling.started(), some, is_publicly_funded=False, by=labelling.anne)

    with pytest.raises(InvalidInput, match=r"1 elements of EHDS art. 78\(3\).*source"):
        labelling.act(label, "submit", by=labelling.anne)


def test_once_submitted_nothing_of_it_changes(labelling: Labelling) -> None:
    label = labelling.submitted()

    with pytest.raises(NotAllowed):
        actions.declare(label, {}, is_publicly_funded=False, by=labelling.anne)
    with pytest.raises(NotAllowed):
        actions.attach(label, labelling.evidence(), by=labelling.anne, now=NOW)


def test_who_speaks_for_the_holder_never_decides_and_the_hub_never_declares(
    labelling: Labelling,
) -> None:
    label = labelling.submitted()

    with pytest.raises(NotAllowed):
        labelling.act(label, "grant", by=labelling.anne)
    with pytest.raises(NotAllowed):
        labelling.act(label, "grant", by=labelling.bob)
    with pytest.raises(NotAllowed):
        labelling.act(label, "withdraw", by=labelling.preparer)
    with pytest.raises(NotAllowed):
        actions.start(labelling.dataset, by=labelling.bob, now=NOW)


def test_an_officer_who_speaks_for_the_holder_does_not_decide(labelling: Labelling) -> None:
    label = labelling.submitted()
    labelling.holder.persons.create(subject=labelling.preparer.subject)

    with pytest.raises(NotAllowed, match="decides on its own label"):
        labelling.act(label, "grant", by=labelling.preparer)


def test_a_returned_label_is_written_and_submitted_again(labelling: Labelling) -> None:
    label = labelling.act(
        labelling.submitted(), "return", by=labelling.preparer, reason="Page 3 absente."
    )

    actions.declare(label, ANSWERS, is_publicly_funded=True, by=labelling.anne)

    assert labelling.act(label, "submit", by=labelling.anne).state == "submitted"


def test_two_labels_of_one_dataset_are_never_open_together(labelling: Labelling) -> None:
    first = labelling.started()

    assert actions.start(labelling.dataset, by=labelling.anne, now=NOW).pk == first.pk
