"""Linkage by national number, in three hands: none sees an identity beside a health datum.

    holder       draws a link for each subject, gives (link, national number) to the third party
                 and (link, data) to the hub, and keeps neither the links nor an answer
    third party  turns each number into the pseudonym of the register with its own key; it has no
                 health data and no key of the hub
    hub          finds the person of each pseudonym in the lake and gives the project the data
                 under the project's pseudonyms

(CNIL's circuits for the national number, 2020: a temporary identifier that is kept by nobody.)
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ecluse.data.lake import Snapshot, read_persons
from ecluse.data.pseudonyms import PERSON_PSEUDONYM, Label, ProjectPseudonyms
from ecluse.domain.errors import InvalidInput
from ecluse.trust.pseudonyms.national_numbers import KEY_BYTES, pseudonymise_national_number

LINK: Final = "link_id"
NUMBER: Final = "national_number"
NAME: Final = "register_pseudonym"
PERSON: Final = "person_id"
LINK_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the holder sends: `numbers` to the third party, `data` to the hub. Never printed."""

    numbers: pa.Table
    data: pa.Table

    def __repr__(self) -> str:
        return f"<{len(self.numbers)} subjects, {len(self.data)} rows>"


@dataclass(frozen=True, slots=True)
class Linked:
    """What the project receives, and what became of each subject.

    `subjects` = `linked` + `unnamed` (no usable number) + `not_found` (not in the lake) +
    `ambiguous` (two subjects for one person, or two persons for one number) + `opted_out`.
    """

    rows: pa.Table
    subjects: int
    linked: int
    unnamed: int
    not_found: int
    ambiguous: int
    opted_out: int

    def __repr__(self) -> str:
        return f"<{self.linked} of {self.subjects} subjects linked>"


def prepare(cohort: pa.Table, *, subject: str, number: str) -> Prepared:
    """Return a cohort cut in two, under links drawn at random; its own subject names are gone.

    `cohort` has any rows a subject; `subject` and `number` name its columns. Rows come in the
    order of the links, which tells nothing of theirs.

    Raises:
        InvalidInput: a column is missing, a subject has no name, or has two numbers.
    """
    missing = {subject, number} - set(cohort.column_names)
    if missing or {LINK, PERSON_PSEUDONYM} & set(cohort.column_names):
        raise InvalidInput(
            f"The cohort needs the columns {subject} and {number}, and none called {LINK} or "
            f"{PERSON_PSEUDONYM}."
        )
    names = cohort.column(subject).cast(pa.string()).combine_chunks()
    if names.null_count:
        raise InvalidInput(f"{names.null_count} rows have no {subject}: give each row its subject.")
    subjects = pc.unique(names)
    links = pa.array([secrets.token_hex(LINK_BYTES) for _ in range(len(subjects))], pa.string())
    of_rows = pc.take(links, pc.index_in(names, value_set=subjects))
    numbers = pa.table({LINK: of_rows, NUMBER: cohort.column(number).cast(pa.string())})
    once = numbers.group_by([LINK, NUMBER]).aggregate([]).sort_by(LINK)
    if len(once) > len(subjects):
        raise InvalidInput(f"{len(once) - len(subjects)} subjects have two numbers: correct them.")
    data = cohort.drop_columns([subject, number]).add_column(0, LINK, of_rows)
    return Prepared(once.select([LINK, NUMBER]), data.sort_by(LINK))


def name_links(numbers: pa.Table, national_key: bytes) -> pa.Table:
    """Return the pseudonym of the register for each link, null where a number cannot be used.

    The third party's work, with its key: that of the opt-out register and of the lake's persons.

    Raises:
        InvalidInput: a key shorter than 32 bytes.
    """
    if len(national_key) < KEY_BYTES:
        raise InvalidInput(f"The national number key needs {KEY_BYTES} bytes.")
    named = [_name(number, national_key) for number in numbers.column(NUMBER).to_pylist()]
    return pa.table({LINK: numbers.column(LINK), NAME: pa.array(named, pa.string())})


def join_links(
    names: pa.Table,
    data: pa.Table,
    snapshot: Snapshot,
    *,
    project: ProjectPseudonyms,
    opt_out_ids: Collection[str],
    connection: duckdb.DuckDBPyConnection,
) -> Linked:
    """Return the holder's data under the project's pseudonyms, for the persons of the lake.

    Persons who opted out are left out (EHDS art. 71), and whoever is not told apart from another.
    `connection` reads the dataset's folder.

    Raises:
        InvalidInput: the links of both messages are not the same.
    """
    _check_same_links(names, data)
    persons = read_persons(connection, snapshot).project(f"{PERSON}, opt_out_id")
    named = names.filter(pc.is_valid(names.column(NAME)))
    found = connection.from_arrow(named).join(persons, f"{NAME} = opt_out_id").to_arrow_table()
    told_apart = _unique_in(_unique_in(found, NAME), LINK)
    opted_out = pa.array(sorted(opt_out_ids), pa.string())
    is_opposed = pc.is_in(told_apart.column(NAME), value_set=opted_out)
    kept = told_apart.filter(pc.invert(is_opposed))
    found_links = len(pc.unique(found.column(LINK)))
    return Linked(
        rows=_under_pseudonyms(data, kept, project),
        subjects=len(names),
        linked=len(kept),
        unnamed=len(names) - len(named),
        not_found=len(named) - found_links,
        ambiguous=found_links - len(told_apart),
        opted_out=len(told_apart) - len(kept),
    )


def _name(number: str | None, key: bytes) -> str | None:
    try:
        return None if number is None else pseudonymise_national_number(number, key)
    except InvalidInput:
        return None


def _check_same_links(names: pa.Table, data: pa.Table) -> None:
    links = set(names.column(LINK).to_pylist())
    if len(links) != len(names) or links != set(data.column(LINK).to_pylist()):
        raise InvalidInput(
            "The holder's message and the third party's are not of one sending: their links "
            "differ. Have the holder send both again."
        )


def _unique_in(rows: pa.Table, column: str) -> pa.Table:
    """Return the rows whose value in `column` no other row has."""
    counts = rows.group_by(column).aggregate([(column, "count")])
    once = counts.filter(pc.equal(counts.column(f"{column}_count"), 1)).column(column)
    return rows.filter(pc.is_in(rows.column(column), value_set=once.combine_chunks()))


def _under_pseudonyms(data: pa.Table, kept: pa.Table, project: ProjectPseudonyms) -> pa.Table:
    pseudonyms = project.of(Label.PERSON, kept.column(PERSON))
    places = pc.index_in(data.column(LINK), value_set=kept.column(LINK).combine_chunks())
    named = data.set_column(0, PERSON_PSEUDONYM, pc.take(pseudonyms, places))
    return named.filter(pc.is_valid(named.column(PERSON_PSEUDONYM))).sort_by(PERSON_PSEUDONYM)
