"""What the automatic checks say of files, in words that the author and the checkers can use."""

from pathlib import Path

import pytest

from ecluse.data.disclosure import check_outputs, read_declarations
from ecluse.domain.disclosure import DisclosurePolicy, for_author, for_checker
from ecluse.domain.documents import FileVerdict, Verdict

DECLARATIONS = b"""
[file."incidence.csv"]
counts = ["persons"]
parts = {events = "persons"}
"""


class Desk:
    """A place to put a file down and have it checked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self, name: str, text: str, policy: DisclosurePolicy | None = None) -> FileVerdict:
        """The verdict on a file of this name and text."""
        (self.folder / name).write_text(text)
        (verdict,) = check_outputs(
            [(name, self.folder / name)],
            read_declarations(DECLARATIONS),
            policy or DisclosurePolicy(),
        )
        return verdict


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_table_of_large_groups_has_nothing_against_it(desk: Desk) -> None:
    verdict = desk.check("incidence.csv", "age,persons,events\n0-19,500,40\n20-39,700,90\n")

    assert verdict.verdict is Verdict.PASS
    assert verdict.findings == ()


def test_a_small_group_blocks_the_file_and_says_why(desk: Desk) -> None:
    verdict = desk.check("incidence.csv", "age,persons,events\n0-19,500,40\n20-39,700,7\n")

    assert verdict.verdict is Verdict.BLOCKED
    (finding,) = verdict.findings
    assert finding.place == "row 2, column events"
    assert for_checker(finding).explanation == "7 persons < 11, rule R1, policy SNDS-2026."


def test_the_author_is_told_the_place_and_not_the_number(desk: Desk) -> None:
    (finding,) = desk.check("incidence.csv", "age,persons,events\n0-19,500,7\n").findings

    assert for_author(finding).explanation == "… persons < 11, rule R1, policy SNDS-2026."


def test_the_digest_names_the_bytes_that_were_checked(desk: Desk) -> None:
    verdict = desk.check("notes.txt", "abc")

    assert verdict.size == 3
    assert verdict.digest == (
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_table_that_was_not_declared_needs_eyes(desk: Desk) -> None:
    assert desk.check("other.csv", "age,n\n0-19,500\n").verdict is Verdict.REVIEW


def test_a_table_in_json_is_checked_like_a_table(desk: Desk) -> None:
    verdict = desk.check("other.json", '[{"age": "0-19", "n": 7}]')

    assert verdict.verdict is Verdict.BLOCKED
    assert [finding.rule for finding in verdict.findings] == ["D1", "R1"]


def test_a_text_needs_eyes_and_a_pseudonym_in_it_blocks_it(desk: Desk) -> None:
    assert desk.check("notes.md", "# Results\n").verdict is Verdict.REVIEW
    assert desk.check("notes.md", "# Results\n" + "ab" * 32).verdict is Verdict.BLOCKED


def test_a_file_larger_than_the_policy_allows_is_blocked_unread(desk: Desk) -> None:
    verdict = desk.check("incidence.csv", "x" * 100, DisclosurePolicy(maximum_bytes=99))

    assert verdict.verdict is Verdict.BLOCKED
    assert verdict.size == 100
    assert [finding.rule for finding in verdict.findings] == ["T1"]
