"""Opt-outs across the gate: who is out, how an extract proves it, what is asked about a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Basis(StrEnum):
    """The right under which a person is out.

    `ehds-71`: secondary use, in every dataset (EHDS art. 71). `national-copy`: the copy of the
    French national health data (SNDS) that the hub keeps, and what is made of it (GDPR art. 21,
    loi 78-17 art. 74, CSP art. R1461-9). Kept and applied apart: the exception of art. 71(4) lifts
    the first alone.
    """

    EHDS = "ehds-71"
    NATIONAL_COPY = "national-copy"


@dataclass(frozen=True)
class ListFile:
    """The identifiers of one basis, too many for a document: one a line, sorted, each once.

    `size` in bytes; the lines end with a line feed and are ASCII.
    """

    basis: Basis
    digest: str
    size: int
    count: int


@dataclass(frozen=True)
class OptOutList:
    """Who was out at the decision (EHDS art. 71): identifiers that the data holder knows.

    `opt_out_ids` (art. 71) and `national_copy_ids` are sorted without repetition; identifiers are
    already pseudonyms of national numbers, made with the trusted third party's key. Where they are
    too many, the basis has a file in `files` instead.
    """

    permit_number: str
    as_of: datetime
    opt_out_ids: tuple[str, ...]
    national_copy_ids: tuple[str, ...] = ()
    files: tuple[ListFile, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a list that could be written in two ways."""
        for identifiers in (self.opt_out_ids, self.national_copy_ids):
            if list(identifiers) != sorted(set(identifiers)):
                raise ValueError("The opt-out identifiers are not sorted and unique.")
        bases = [file.basis for file in self.files]
        if bases != sorted(set(bases)) or any(self.ids(basis) for basis in bases):
            raise ValueError("The identifiers of one basis are given twice.")

    def ids(self, basis: Basis) -> tuple[str, ...]:
        """Return the identifiers of a basis that the document itself holds."""
        return self.opt_out_ids if basis is Basis.EHDS else self.national_copy_ids

    def file(self, basis: Basis) -> ListFile | None:
        """Return the file that holds those of a basis, if one does."""
        return next((file for file in self.files if file.basis is basis), None)

    def count(self, basis: Basis) -> int:
        """Return how many identifiers a basis has."""
        file = self.file(basis)
        return len(self.ids(basis)) if file is None else file.count


BOTH: Final = "both"
UNNAMED: Final = "unnamed"
REASONS: Final = (UNNAMED, Basis.EHDS.value, Basis.NATIONAL_COPY.value, BOTH)
"""Why a person is left out: the register cannot name them, or they are out under a basis."""


@dataclass(frozen=True)
class RemovedPersons:
    """Persons of the cohort left out for one of `REASONS`; None where too few to be said."""

    reason: str
    person_count: int | None

    def __post_init__(self) -> None:
        """Refuse a reason that nobody would understand."""
        if self.reason not in REASONS:
            raise ValueError(f"{self.reason!r} is no reason to leave a person out.")


@dataclass(frozen=True)
class ListCommitment:
    """The list of one basis that was applied: a salted digest that binds every identifier."""

    basis: Basis
    commitment: str


@dataclass(frozen=True)
class SourceOptOuts:
    """Whom a data holder leaves out at source, for one call: who was out at the decision.

    The first of two applications of an opt-out (EHDS art. 71); the second is at extraction.
    `opt_out_list_digest` is that of the list of the decision, `as_of` its instant. The identifiers
    are in a file of digest `file_digest` and `size` bytes, sealed to the holder; `lists` binds what
    it holds for each basis: none for one that the decision does not apply.
    """

    call_number: str
    permit_number: str
    holder: str
    as_of: datetime
    opt_out_list_digest: str
    lists: tuple[ListCommitment, ...]
    file_digest: str
    size: int


@dataclass(frozen=True)
class OptOutEvidence:
    """How opt-outs were applied to one extract, and what it is bound to (`trust.commitments`).

    `person_count` persons were in the cohort, less those `removed`. `lists` binds the lists applied
    and `persons` the identifiers of the persons delivered: without the zone's key for this extract,
    nobody can tell from them who is in either. `is_exception`: art. 71(4) was applied.
    """

    as_of: datetime
    is_exception: bool
    person_count: int | None
    removed: tuple[RemovedPersons, ...]
    lists: tuple[ListCommitment, ...]
    persons: str


@dataclass(frozen=True)
class MembershipQuestion:
    """Which projects used data about one person? For the zone alone.

    `sealed` (base64url) holds the identifiers of one person and opens with the zone's key;
    `reply_to` (base64url) is a key made for this question, to which the answer is sealed: neither
    this document nor its answer says anything of anybody.
    """

    question_number: str
    sealed: str
    reply_to: str


@dataclass(frozen=True)
class MembershipAnswer:
    """The answer to one question, sealed (base64url) to the key that the question gave."""

    question_number: str
    question_digest: str
    sealed: str
