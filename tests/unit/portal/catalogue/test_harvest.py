"""Harvests: known by (source, identifier), the same twice changes nothing, broken loses nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from ecluse.portal.catalogue.harvest import actions
from ecluse.portal.catalogue.models import Dataset, HarvestRecord, HarvestRun, Source
from tests.sites import Signers
from tests.unit.portal.catalogue.rdf_documents import BOTH, HEART, LUNG, PREFIXES

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def source(signers: Signers) -> Source:
    """A source of files."""
    return actions.add_source("chu", name="CHU", kind=Source.Kind.FILE, by="set-up")[0]


def harvest(source: Source, document: str, *, now: datetime = NOW) -> HarvestRun:
    return actions.harvest(source, now=now, data=document.encode())


def titles() -> list[str]:
    return [dataset.title_fr for dataset in Dataset.objects.described()]


def test_a_first_harvest_adds_what_the_source_says(source: Source) -> None:
    run = harvest(source, BOTH)

    assert (run.state, run.counts) == ("done", {"added": 2})
    assert titles() == ["Registre du cœur", "Registre du poumon"]
    assert Dataset.objects.get(title_fr="Registre du cœur").holder == "CHU d’Exemple"


def test_the_same_harvest_twice_changes_nothing(source: Source) -> None:
    harvest(source, BOTH)
    before = list(Dataset.objects.values())

    run = harvest(source, BOTH, now=LATER)

    assert run.counts == {"unchanged": 2}
    assert list(Dataset.objects.values()) == before
    assert source.records.count() == 2


def test_a_change_of_address_or_title_is_a_change_of_the_same_dataset(source: Source) -> None:
    harvest(source, BOTH)
    slug = Dataset.objects.get(title_fr="Registre du cœur").slug

    run = harvest(source, BOTH.replace("ex:heart", "ex:coeur").replace("du cœur", "cardiaque"))

    assert run.counts == {"changed": 1, "unchanged": 1}
    assert Dataset.objects.get(slug=slug).title_fr == "Registre cardiaque"


def test_what_the_source_says_no_more_is_withdrawn_and_comes_back_as_it_was(
    source: Source,
) -> None:
    harvest(source, BOTH)
    slug = Dataset.objects.get(title_fr="Registre du poumon").slug

    gone = harvest(source, HEART)
    shown_meanwhile = titles()
    back = harvest(source, BOTH)

    assert (gone.counts, back.counts) == (
        {"unchanged": 1, "withdrawn": 1},
        {"changed": 1, "unchanged": 1},
    )
    assert shown_meanwhile == ["Registre du cœur"]
    assert Dataset.objects.described().filter(slug=slug).exists()


@pytest.mark.parametrize(
    "broken", [f"{HEART} ex:heart", "", PREFIXES], ids=["cut off", "empty", "no dataset"]
)
def test_a_source_that_breaks_off_loses_nothing(source: Source, broken: str) -> None:
    harvest(source, BOTH)

    run = harvest(source, broken)

    assert run.state == "failed"
    assert run.reason
    assert titles() == ["Registre du cœur", "Registre du poumon"]


def test_two_sources_may_say_one_address_and_one_identifier_of_two_things(source: Source) -> None:
    other = actions.add_source("ars", name="ARS", kind=Source.Kind.FILE, by="set-up")[0]
    harvest(source, HEART)

    run = harvest(other, HEART.replace("du cœur", "du cœur régional"))

    assert run.counts == {"added": 1}
    assert titles() == ["Registre du cœur", "Registre du cœur régional"]


def test_a_dataset_without_identifier_is_known_by_its_address(source: Source) -> None:
    document = f'{PREFIXES} ex:x a dcat:Dataset ; dct:title "X" .'

    counts = [harvest(source, document).counts for _ in range(2)]

    assert counts == [{"added": 1}, {"unchanged": 1}]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ('[] a dcat:Dataset ; dct:title "Sans nom" .', "no dct:identifier"),
        ('ex:x a dcat:Dataset ; dct:identifier "X" .', "no dct:title"),
        ('ex:x a dcat:Dataset ; dct:identifier "X" ; dct:title "a\\u0000b" .', "NUL"),
    ],
)
def test_a_rejected_record_keeps_a_report_and_the_others_are_taken(
    source: Source, document: str, reason: str
) -> None:
    run = harvest(source, f"{HEART}\n{document}")

    rejected = source.records.get(state=HarvestRecord.State.REJECTED)
    assert run.counts == {"added": 1, "rejected": 1}
    assert reason in rejected.report["reason"]
    assert rejected.dataset is None


def test_a_rejected_change_leaves_what_was_published(source: Source) -> None:
    harvest(source, BOTH)

    run = harvest(source, HEART + 'ex:lung a dcat:Dataset ; dct:identifier "LUNG-1" .')

    assert run.counts == {"rejected": 1, "unchanged": 1}
    assert titles() == ["Registre du cœur", "Registre du poumon"]


def test_one_identifier_for_two_things_is_refused_the_second_time(source: Source) -> None:
    run = harvest(source, HEART + LUNG.replace("LUNG-1", "HEART-1"))

    assert run.counts == {"added": 1, "rejected": 1}


def test_the_report_tells_what_was_mended_and_what_was_not_understood(source: Source) -> None:
    harvest(source, f'{HEART} ex:heart ex:colour "red" ; healthdcatap:minTypicalAge "18" .')

    report = source.records.get().report
    assert report["changes"] == {"type-mended": 1}
    assert report["left"] == {"https://source.example/colour": 1}
