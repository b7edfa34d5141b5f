"""Results that an analysis asked of the engine: made when its job ends, remembered when they leave.

Who is behind each number waits in the zone, beside no output; the memory of releases takes it when
the file is released, after a last comparison: what left meanwhile counts too.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ecluse.data.agent.rooms import Room
from ecluse.data.agent.tabulations import ANSWERS
from ecluse.data.disclosure import (
    CollectedResults,
    Ledger,
    Purse,
    Releases,
    as_release,
    compare,
    decide_all,
    is_request,
    policies,
)
from ecluse.data.disclosure.population import population_of
from ecluse.data.disclosure.predicates import decoded, encoded
from ecluse.data.enclave.jobs import JobResult
from ecluse.data.engines import connect
from ecluse.domain.disclosure import DisclosurePolicy, for_author
from ecluse.domain.documents import ExtractionReceipt, FileVerdict, Finding, OutputFile, Release
from ecluse.domain.errors import OutOfScope
from ecluse.trust import durable

WAITING: Final = "results"
MEMORY: Final = "2GiB"


@dataclass(frozen=True, slots=True)
class MadeResults:
    """What a job left once its requests are answered, and the verdicts of what was made.

    `findings` say why requests made nothing.
    """

    result: JobResult
    verdicts: tuple[FileVerdict, ...] = ()
    findings: tuple[Finding, ...] = ()


def make(
    room: Room,
    job_number: str,
    result: JobResult,
    *,
    extract: ExtractionReceipt,
    policy: DisclosurePolicy,
) -> MadeResults:
    """Return the outputs of a job with the files that the engine makes in place of its requests.

    A file of the analysis that bears the name of one that the engine made is left behind. Doing it
    again after a crash makes the same files.

    Raises:
        NotFound: the snapshot of the extract is gone.
    """
    asked = [file for file in result.outputs if is_request(file.name)]
    if not asked:
        return MadeResults(result)
    room.on_progress("job: results")
    requests = [(file.name, _blob(result.blobs, file.digest)) for file in asked]
    ledger = Ledger(room.zone.path / ANSWERS / extract.dataset, policy)
    purse = Purse(ledger, extract.permit_number, job_number)
    collected = _decided(room, requests, extract, purse)
    made = []
    for name, body in collected.files:
        file = OutputFile(name, len(body), f"sha256:{hashlib.sha256(body).hexdigest()}")
        durable.write(_blob(result.blobs, file.digest), body)
        waiting = _waiting(room, job_number, file.digest)
        waiting.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.write(waiting, encoded(collected.released[name]))
        made.append(file)
    names = {file.name for file in made}
    others = tuple(
        file for file in result.outputs if file.name not in names and not is_request(file.name)
    )
    return MadeResults(
        replace(result, outputs=(*others, *made)),
        tuple(one for one in collected.verdicts if one.name in names),
        tuple(_reasons(one for one in collected.verdicts if one.name not in names)),
    )


def policy_of(room: Room, *, minimum_count: int) -> DisclosurePolicy:
    """Return the figures of the zone, with the minimum count of a permit. Raises NotFound."""
    return replace(policies.policy(room.zone.settings.policy), minimum_count=minimum_count)


def remember(room: Room, release: Release, *, dataset: str, policy: DisclosurePolicy) -> None:
    """Keep who is behind the files of a release, before it leaves; once, however often it is asked.

    Raises:
        OutOfScope: with what left since the checks, a file tells of fewer persons than allowed.
    """
    waiting = [_waiting(room, release.job_number, file.digest) for file in release.files]
    found = [decoded(path.read_bytes()) for path in waiting if path.is_file()]
    if not found:
        return
    with Releases(room.zone.path / ANSWERS).of(dataset) as releases:
        number = release.request_number
        earlier = [one for one in releases.earlier() if one.release != number]
        for released in found:
            told = list(compare(released, earlier, policy))
            if told:
                raise OutOfScope(
                    f"{released.file}: {for_author(told[0]).explanation} It was released "
                    "meanwhile: reject the request."
                )
        for released in found:
            releases.remember(as_release(released, number))


def _reasons(verdicts: Iterable[FileVerdict]) -> Iterator[Finding]:
    for verdict in verdicts:
        for found in verdict.findings:
            yield replace(found, place=f"{verdict.name}, {found.place}")


def _decided(
    room: Room,
    requests: list[tuple[str, Path]],
    extract: ExtractionReceipt,
    purse: Purse,
) -> CollectedResults:
    snapshot = room.zone.lake.snapshot(extract.dataset, extract.snapshot)
    (room.zone.path / ANSWERS).mkdir(mode=0o700, exist_ok=True)
    with (
        Releases(room.zone.path / ANSWERS).of(extract.dataset) as releases,
        connect(memory_limit=MEMORY, readable=[snapshot.folder]) as connection,
    ):
        population, answered = population_of(
            connection,
            snapshot,
            room.zone.pseudonym_keys(),
            project=extract.permit_number,
            releases=releases,
        )
        return decide_all(
            requests,
            purse.ledger.policy,
            project=extract.permit_number,
            population=population,
            earlier=(*releases.earlier(), *answered),
            purse=purse,
        )


def _blob(blobs: Path, digest: str) -> Path:
    return blobs / digest.removeprefix("sha256:")


def _waiting(room: Room, job_number: str, digest: str) -> Path:
    return _blob(room.zone.path / WAITING / job_number, digest)
