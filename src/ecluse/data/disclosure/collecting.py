"""The requests that a job left, decided on in turn: each is compared with those before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecluse.data.disclosure.budget import Purse
from ecluse.data.disclosure.checks import check_outputs
from ecluse.data.disclosure.deciding import as_release, decide, refused
from ecluse.data.disclosure.population import Population
from ecluse.data.disclosure.predicates import Released
from ecluse.data.results import SUFFIX
from ecluse.domain.disclosure import DisclosurePolicy, TableDeclaration
from ecluse.domain.documents import FileVerdict, Verdict
from ecluse.domain.errors import InvalidInput, SetupIncomplete

_THIS_JOB = "this job"


@dataclass(frozen=True, slots=True)
class CollectedResults:
    """The files that the engine made for a job, their verdicts, and who is behind each.

    `released`, by name of file, is to be remembered when that file leaves.
    """

    files: tuple[tuple[str, bytes], ...]
    verdicts: tuple[FileVerdict, ...]
    released: Mapping[str, Released]


def is_request(name: str) -> bool:
    """Say whether an output is a request to the engine: it never leaves the zone itself."""
    return name.casefold().endswith(SUFFIX)


def try_outputs(
    files: Sequence[tuple[str, Path]],
    declarations: Mapping[str, TableDeclaration],
    policy: DisclosurePolicy,
    *,
    made_in: Path,
) -> tuple[FileVerdict, ...]:
    """Judge the files of a trial on made-up data, and make in a folder what its requests ask for.

    Persons and earlier releases are not those of the zone: there the same study may be refused.
    """
    asked = [one for one in files if is_request(one[0])]
    made = decide_all(asked, policy, project="trial")
    made_in.mkdir(parents=True, exist_ok=True)
    for name, body in made.files:
        (made_in / name).write_bytes(body)
    others = [one for one in files if not is_request(one[0])]
    return (*check_outputs(others, declarations, policy), *made.verdicts)


def decide_all(
    requests: Sequence[tuple[str, Path]],
    policy: DisclosurePolicy,
    *,
    project: str,
    population: Population | None = None,
    earlier: Sequence[Released] = (),
    purse: Purse | None = None,
) -> CollectedResults:
    """Return what the requests of a job came to, each (name, path) in order; `purse` pays noise.

    A request that cannot be computed has a verdict that says why, and makes no file.
    """
    files: list[tuple[str, bytes]] = []
    verdicts: list[FileVerdict] = []
    released: dict[str, Released] = {}
    known = list(earlier)
    for name, path in requests:
        try:
            decided = decide(
                path.read_bytes(),
                policy,
                project=project,
                population=population,
                earlier=tuple(known),
                purse=purse,
            )
        except (InvalidInput, SetupIncomplete) as error:
            verdicts.append(refused(name, error, policy))
            continue
        files += decided.files
        verdicts += decided.verdicts
        released.update((file, decided.released) for file, _ in decided.files)
        if all(one.verdict is not Verdict.BLOCKED for one in decided.verdicts):
            known.append(as_release(decided.released, _THIS_JOB))
    return CollectedResults(tuple(files), tuple(verdicts), released)
