"""The files of an evaluation, prepared in the zone, found again by their digests alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecluse.data.agent import Zone, evaluation_files
from ecluse.data.agent.evaluation_files import GivenFiles
from ecluse.data.evaluation.privacy.trials import Persons
from ecluse.domain.errors import InvalidInput, NotFound, Refused
from ecluse.trust import canonical
from tests.unit.data.agent.evaluation_worlds import files

PERMIT = "FR-2026-0001"
OTHER = "sha256:" + "0" * 64


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path / "zone")


@pytest.fixture
def given(tmp_path: Path) -> GivenFiles:
    return files(tmp_path / "given")


def test_what_is_prepared_is_found_by_its_digests(zone: Zone, given: GivenFiles) -> None:
    made = evaluation_files.prepare(zone, PERMIT, given)

    found = evaluation_files.find(zone, PERMIT, manifest=made.manifest, model=made.model)

    assert made.case_count == 400
    assert canonical.digest(found.manifest) == made.manifest
    assert found.table("labels").read_bytes() == given.labels.read_bytes()
    assert found.model.read_bytes() == given.model.read_bytes()


def test_the_same_files_twice_are_kept_once(zone: Zone, given: GivenFiles) -> None:
    first = evaluation_files.prepare(zone, PERMIT, given)

    assert evaluation_files.prepare(zone, PERMIT, given) == first
    assert len(list((zone.evaluations(PERMIT) / "prepared").iterdir())) == 1


def test_damaged_inputs_are_part_of_the_manifest(zone: Zone, given: GivenFiles) -> None:
    bare = evaluation_files.prepare(zone, PERMIT, given)
    more = evaluation_files.prepare(
        zone, PERMIT, replace(given, perturbed={"missing": given.inputs})
    )

    found = evaluation_files.find(zone, PERMIT, manifest=more.manifest, model=more.model)

    assert more.manifest != bare.manifest
    assert list(found.perturbed()) == ["missing"]


def test_labels_changed_since_are_refused(zone: Zone, given: GivenFiles) -> None:
    made = evaluation_files.prepare(zone, PERMIT, given)
    (labels,) = zone.evaluations(PERMIT).glob("prepared/*/labels.parquet")
    labels.write_bytes(given.inputs.read_bytes() + b" ")

    with pytest.raises(Refused, match=r"labels\.parquet"):
        evaluation_files.find(zone, PERMIT, manifest=made.manifest, model=made.model)


def test_labels_and_inputs_that_change_places_are_refused(zone: Zone, given: GivenFiles) -> None:
    made = evaluation_files.prepare(zone, PERMIT, given)
    (labels,) = zone.evaluations(PERMIT).glob("prepared/*/labels.parquet")
    labels.write_bytes(given.inputs.read_bytes())

    with pytest.raises(Refused, match=r"labels\.parquet"):
        evaluation_files.find(zone, PERMIT, manifest=made.manifest, model=made.model)


def test_files_of_another_permit_are_not_found(zone: Zone, given: GivenFiles) -> None:
    made = evaluation_files.prepare(zone, PERMIT, given)

    with pytest.raises(NotFound, match="model"):
        evaluation_files.find(zone, "FR-2026-0002", manifest=made.manifest, model=made.model)
    with pytest.raises(NotFound, match="data"):
        evaluation_files.find(zone, PERMIT, manifest=OTHER, model=made.model)


def test_an_unknown_perturbation_is_not_prepared(zone: Zone, given: GivenFiles) -> None:
    wrong = replace(given, perturbed={"../labels": given.inputs})

    with pytest.raises(InvalidInput, match="perturbation"):
        evaluation_files.prepare(zone, PERMIT, wrong)
    assert not zone.evaluations(PERMIT).exists()


def trained_on(given: GivenFiles) -> GivenFiles:
    """The same files, with the persons to attack the model on."""
    return replace(given, persons=Persons(given.labels, given.inputs, "outcome"))


def test_those_to_attack_a_model_on_lie_beside_it_and_change_no_manifest(
    zone: Zone, given: GivenFiles
) -> None:
    bare = evaluation_files.prepare(zone, PERMIT, given)
    more = evaluation_files.prepare(zone, PERMIT, trained_on(replace(given, recipe=given.model)))

    found = evaluation_files.find(zone, PERMIT, manifest=more.manifest, model=more.model)

    assert more == bare
    assert found.persons is not None
    assert found.recipe is not None
    assert found.persons.outcome == "outcome"
    assert found.persons.members.read_bytes() == given.labels.read_bytes()
    assert found.persons.others.read_bytes() == given.inputs.read_bytes()


def test_persons_changed_since_are_refused(zone: Zone, given: GivenFiles) -> None:
    made = evaluation_files.prepare(zone, PERMIT, trained_on(given))
    (members,) = zone.evaluations(PERMIT).glob("models/*-persons/members.parquet")
    members.write_bytes(members.read_bytes() + b" ")
    found = evaluation_files.find(zone, PERMIT, manifest=made.manifest, model=made.model)

    with pytest.raises(Refused, match=r"members\.parquet is not the file"):
        _ = found.persons


def test_a_recipe_without_persons_is_not_prepared(zone: Zone, given: GivenFiles) -> None:
    with pytest.raises(InvalidInput, match="the persons who trained"):
        evaluation_files.prepare(zone, PERMIT, replace(given, recipe=given.model))
