"""What the form asks and what the shapes of HealthDCAT-AP ask: the same, found by both."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.errors import InvalidInput
from ecluse.domain.metadata.answers import PAGE_OF, Answer
from ecluse.portal.catalogue.actions import judge
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.descriptions import actions, judging
from ecluse.portal.descriptions.models import DescriptionFile
from tests.agreement.healthdcat import FOLDER, PRESENT
from tests.unit.portal.descriptions.desk import NOW, Desk, desk

__all__ = ["desk"]

pytestmark = PRESENT


@pytest.fixture(autouse=True)
def shapes(settings: Settings, tmp_path: Path) -> None:
    """A site that has the shapes."""
    settings.ECLUSE_SHAPES = str(FOLDER)
    settings.ECLUSE_HOME = tmp_path


def judged(file: DescriptionFile) -> judging.Judgement:
    """What the shapes say of what is written now."""
    found = judging.judge(actions.again(file))
    assert found is not None
    return found


def mended_at(file: DescriptionFile) -> set[str]:
    """The questions that mend the rules broken."""
    told = judging.told(judged(file))
    return {one.question for one in told if one.line.severity == "à corriger"}


def test_a_description_written_by_the_form_alone_obeys_the_shapes(desk: Desk) -> None:
    assert judged(desk.written()).found == ()


def test_what_was_judged_before_publication_is_judged_alike_in_the_catalogue(desk: Desk) -> None:
    file = desk.published()

    verdict = judge(Dataset.objects.get(slug=file.slug).record, now=NOW)
    assert (verdict.level, verdict.findings) == (judged(file).level, ())


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("title_fr", ""),
        ("summary_fr", ""),
        ("categories", ()),
    ],
)
def test_an_answer_taken_away_is_found_by_the_shapes_at_its_question(
    desk: Desk, question: str, answer: Answer
) -> None:
    file = desk.written()
    english = {"title_fr": "title_en", "summary_fr": "summary_en"}.get(question)
    taken: dict[str, Answer] = {question: answer, **({english: ""} if english else {})}
    desk.save(file, PAGE_OF[question], taken)

    assert mended_at(file) == {question}


def test_what_the_shapes_find_leads_to_the_control_that_mends_it(
    desk: Desk, client: Client
) -> None:
    file = desk.written()
    desk.save(file, "what", {"categories": ()})
    client.force_login(desk.anne)
    text = client.get(f"/descriptions/{file.number}/judgement/").content.decode()

    assert f'href="/descriptions/{file.number}/page/what/#id_categories_0"' in text
    assert "1 constat à corriger" in text


def test_the_hub_does_not_validate_what_breaks_a_rule(desk: Desk) -> None:
    file = desk.submitted()
    held = actions.again(file)
    del held.content["health_categories"]
    held.save(update_fields=["content"])

    with pytest.raises(InvalidInput, match="1 rules of the standard are broken"):
        actions.act(file, "validate", by=desk.preparer, now=NOW)


def test_the_same_words_are_judged_once(desk: Desk, settings: Settings) -> None:
    file = desk.written()
    first = judged(file)
    DescriptionFile.objects.update(judged_level="kept")

    assert (first.level, judged(file).level) == ("non-public", "kept")
