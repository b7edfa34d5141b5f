"""A description from its first word to its withdrawal: who does what, and what it changes."""

import pytest

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.metadata import TableGroup
from ecluse.domain.metadata.answers import answers_of
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import ActRow
from ecluse.portal.catalogue.actions import describe
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.descriptions import actions, writing
from ecluse.portal.descriptions.models import DescriptionFile
from tests.unit.portal.build import CLAIMS
from tests.unit.portal.descriptions.desk import DAY, NOW, SQL, Desk, check_clock


def variables(file: DescriptionFile) -> list[str]:
    """The names of the variables that are described."""
    return [one.name.words for _, one in file.said().every_variable() if one.name]


def test_a_new_description_knows_its_holder_and_how_to_reach_it(desk: Desk) -> None:
    answers = answers_of(desk.started().said())

    assert (answers["holder_name"], answers["contact_email"], answers["access"]) == (
        "CHU d’Exemple",
        "dim@chu.example",
        "NON_PUBLIC",
    )


def test_two_datasets_of_one_title_have_two_addresses(desk: Desk) -> None:
    first, second = desk.started(), desk.started()

    assert (first.slug, second.slug) == (
        "infarctus-du-chu-dexemple",
        "infarctus-du-chu-dexemple-2",
    )


def test_a_name_that_the_catalogue_uses_itself_is_no_address(desk: Desk) -> None:
    file = writing.start(desk.holder, "SPARQL", by=desk.anne, now=NOW)

    assert file.slug == "sparql-2"


def test_nobody_describes_in_the_name_of_another_holder(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="Only the persons of CHU"):
        writing.start(desk.holder, "Essai", by=desk.bob, now=NOW)


def test_the_way_from_draft_to_catalogue_is_four_acts_in_rows_and_in_the_journal(
    desk: Desk,
) -> None:
    file = desk.published()

    acts = list(ActRow.objects.filter(item=file.item).order_by("pk").values_list("action", "role"))
    entries = JournalEntry.objects.filter(subject=file.number).order_by("sequence")
    assert acts == [
        ("submit", "data-holder"),
        ("validate", "preparer"),
        ("publish", "preparer"),
    ]
    assert [entry.action for entry in entries] == [
        "description.opened",
        "description.submit",
        "description.validate",
        "description.publish",
    ]


def test_the_catalogue_shows_what_was_submitted_once_it_is_published(desk: Desk) -> None:
    file = desk.published()

    dataset = Dataset.objects.described().get(slug=file.slug)
    assert dataset.title_fr == "Infarctus du CHU d’Exemple"
    assert dataset.record.description() == file.versions.get().said()
    assert desk.holder.datasets.filter(pk=dataset.pk).exists()


def test_nothing_is_in_the_catalogue_before(desk: Desk) -> None:
    file = desk.validated()

    assert not Dataset.objects.filter(slug=file.slug).exists()


def test_a_description_with_an_answer_missing_is_not_submitted(desk: Desk) -> None:
    file = desk.written()
    desk.save(file, "what", {"summary_fr": ""})

    with pytest.raises(InvalidInput, match=r"1 answers are missing or wrong \(summary_fr\)"):
        actions.submit(file, "", by=desk.anne, now=NOW)


def test_what_is_submitted_stays_as_it_was_while_the_draft_goes_on(desk: Desk) -> None:
    file = desk.submitted()
    actions.act(file, "ask-changes", by=desk.preparer, now=NOW, reason="Précisez la période.")
    desk.save(file, "what", {"title_fr": "Autre titre"})

    frozen = answers_of(file.versions.get().said())
    assert frozen["title_fr"] == "Infarctus du CHU d’Exemple"


def test_a_submitted_description_is_written_no_more(desk: Desk) -> None:
    file = desk.submitted()

    with pytest.raises(NotAllowed, match="save-draft is possible while"):
        desk.save(file, "what", {"title_fr": "Autre titre"})


def test_the_hub_says_why_it_sends_a_description_back(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="needs a reason"):
        actions.act(desk.submitted(), "ask-changes", by=desk.preparer, now=NOW)


def test_an_officer_who_speaks_for_the_holder_does_not_judge_its_description(desk: Desk) -> None:
    file = desk.submitted()
    desk.holder.persons.create(subject=desk.preparer.subject)

    with pytest.raises(NotAllowed, match="judges its own description"):
        actions.act(file, "validate", by=desk.preparer, now=NOW)


def test_who_submitted_and_left_the_holder_still_does_not_validate(desk: Desk) -> None:
    desk.holder.persons.create(subject=desk.preparer.subject)
    file = actions.submit(desk.written(), "", by=desk.preparer, now=NOW)
    desk.holder.persons.filter(subject=desk.preparer.subject).delete()

    with pytest.raises(NotAllowed, match="does not validate it"):
        actions.act(file, "validate", by=desk.preparer, now=NOW)


def test_an_assessor_does_not_publish(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match=r"description\.judge is for: preparer"):
        actions.act(desk.validated(), "publish", by=desk.assessor, now=NOW)


def test_a_new_version_is_written_while_the_catalogue_shows_the_former(desk: Desk) -> None:
    file = desk.published()
    actions.act(file, "revise", by=desk.remi, now=NOW)
    desk.save(file, "what", {"title_fr": "Infarctus et suites"}, by=desk.remi)

    assert Dataset.objects.get(slug=file.slug).title_fr == "Infarctus du CHU d’Exemple"


def test_a_second_version_replaces_the_first_under_the_same_address(desk: Desk) -> None:
    file = desk.published()
    actions.act(file, "revise", by=desk.remi, now=NOW)
    desk.save(file, "what", {"title_fr": "Infarctus et suites"}, by=desk.remi)
    actions.submit(file, "Titre précisé.", by=desk.remi, now=NOW)
    actions.act(file, "validate", by=desk.preparer, now=NOW)
    after = actions.act(file, "publish", by=desk.preparer, now=NOW + DAY)

    assert Dataset.objects.get(slug=file.slug).title_fr == "Infarctus et suites"
    assert Dataset.objects.count() == 1
    assert (after.shown.rank, after.shown.note) == (2, "Titre précisé.")  # type: ignore[union-attr]


def test_changes_that_are_dropped_leave_what_the_catalogue_shows(desk: Desk) -> None:
    file = desk.published()
    actions.act(file, "revise", by=desk.anne, now=NOW)
    desk.save(file, "what", {"title_fr": "Essai"})
    after = actions.act(file, "drop-changes", by=desk.anne, now=NOW)

    assert (after.state, answers_of(after.said())["title_fr"]) == (
        "published",
        "Infarctus du CHU d’Exemple",
    )


def test_changes_to_nothing_published_cannot_be_dropped(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="Nothing of this description is published"):
        actions.act(desk.written(), "drop-changes", by=desk.anne, now=NOW)


def test_a_withdrawn_description_leaves_the_catalogue_and_its_check_ends(desk: Desk) -> None:
    file = desk.published()
    after = actions.act(file, "withdraw", by=desk.anne, now=NOW + DAY)

    assert after.state == "withdrawn"
    assert not Dataset.objects.described().filter(slug=file.slug).exists()
    assert check_clock(file).voided_on == (NOW + DAY).date()


def test_a_description_of_the_catalogue_is_taken_up_as_it_is(desk: Desk) -> None:
    dataset = describe("claims", CLAIMS, by="set-up", now=NOW)
    desk.holder.datasets.add(dataset)
    file = writing.take_up(desk.holder, dataset, by=desk.anne, now=NOW)

    assert (file.slug, file.said()) == ("claims", dataset.record.description())


def test_what_was_taken_up_and_let_go_stays_in_the_catalogue(desk: Desk) -> None:
    dataset = describe("claims", CLAIMS, by="set-up", now=NOW)
    desk.holder.datasets.add(dataset)
    file = writing.take_up(desk.holder, dataset, by=desk.anne, now=NOW)
    actions.act(file, "withdraw", by=desk.anne, now=NOW)

    assert Dataset.objects.described().filter(slug="claims").exists()


def test_a_dataset_of_somebody_else_is_not_taken_up(desk: Desk) -> None:
    dataset = describe("claims", CLAIMS, by="set-up", now=NOW)

    with pytest.raises(NotAllowed, match="does not hold claims"):
        writing.take_up(desk.holder, dataset, by=desk.anne, now=NOW)


def test_two_persons_on_one_page_overwrite_nothing_unseen(desk: Desk) -> None:
    file = desk.started()
    drawn = writing.seen(file, "who")
    desk.save(file, "who", {"holder_name": "CHU d’Anne"})
    after, differing = desk.save(
        file, "who", {"holder_name": "CHU de Rémi"}, by=desk.remi, seen=drawn
    )

    assert differing == ("holder_name",)
    assert answers_of(after.said())["holder_name"] == "CHU d’Anne"


def test_an_answer_that_is_not_understood_is_kept_as_typed(desk: Desk) -> None:
    file = desk.started()
    desk.save(file, "population", {"person_count": "environ 5000"})

    again = actions.again(file)
    assert writing.page_answers(again, "population")["person_count"] == "environ 5000"
    assert again.said().person_count is None


def test_an_answer_understood_at_last_is_no_longer_kept_as_typed(desk: Desk) -> None:
    file = desk.started()
    desk.save(file, "population", {"person_count": "environ 5000"})
    desk.save(file, "population", {"person_count": "5 000"})

    again = actions.again(file)
    assert (again.unread, again.said().person_count) == ({}, 5000)


def test_tables_of_a_schema_become_variables_and_the_data_are_structured(desk: Desk) -> None:
    file, count = writing.import_tables(desk.started(), "schema.sql", SQL, by=desk.anne, now=NOW)

    assert (count, variables(file)) == (1, ["id_patient", "date_entree", "diagnostic"])
    assert file.said().is_structured is True


def test_the_same_file_again_replaces_its_tables(desk: Desk) -> None:
    file = desk.started()
    writing.import_tables(file, "schema.sql", SQL, by=desk.anne, now=NOW)
    shorter = b"CREATE TABLE sejour (id_patient BIGINT);"
    after, _ = writing.import_tables(file, "schema.sql", shorter, by=desk.anne, now=NOW)

    assert variables(after) == ["id_patient"]


def test_a_group_of_tables_is_taken_out_alone(desk: Desk) -> None:
    file = desk.started()
    writing.import_tables(file, "schema.sql", SQL, by=desk.anne, now=NOW)
    writing.import_tables(file, "autre.csv", b"age;sexe\n", by=desk.anne, now=NOW)
    after = writing.drop_tables(file, 1, by=desk.anne, now=NOW)

    groups: tuple[TableGroup, ...] = after.said().variables
    assert [one.titles[0].words for one in groups] == ["autre.csv"]
