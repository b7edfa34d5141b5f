"""What is asked of a zone on one person, and answered: sizes that say nothing."""

import pytest

from ecluse.domain import codec
from ecluse.domain.memberships import Memberships, Subject
from ecluse.trust import canonical

EIGHT = tuple(f"{number:080}" for number in range(8))


def size(value: Subject | Memberships) -> int:
    return len(canonical.encode(codec.encode(value.padded())))


@pytest.mark.parametrize("identifiers", [("A",), ("A", "B"), EIGHT[:3], EIGHT])
def test_all_questions_have_one_size(identifiers: tuple[str, ...]) -> None:
    assert size(Subject(identifiers)) == size(Subject(("A" * 64,)))


@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("count", [0, 1, 63, 64])
def test_answers_of_up_to_64_projects_have_one_size(count: int, is_listed: bool) -> None:
    projects = tuple(f"FR-2026-{number:04}" for number in range(count))

    assert size(Memberships(projects, is_listed)) == size(Memberships((), is_listed=True))


@pytest.mark.parametrize("identifiers", [(), (*EIGHT, "9"), ("B", "A"), ("A", "A"), ("A" * 81,)])
def test_a_question_is_of_one_person(identifiers: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"person has|characters"):
        Subject(identifiers)
