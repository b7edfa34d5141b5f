"""What others said of a journal: witnesses who cosigned it, authorities who stamped it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ecluse.domain.errors import Refused
from ecluse.trust.journal import checkpoints, verification
from ecluse.trust.journal.cosignatures import Policy, split
from ecluse.trust.journal.stamps import Stamp, verify_stamp
from ecluse.trust.journal.verification import JournalReport
from ecluse.trust.keys import Keyring

_NOBODY: tuple[int, tuple[str, ...]] = (0, ())


@dataclass(frozen=True, slots=True)
class Said:
    """What is beside a journal: cosigned checkpoints, stamps, checkpoints seen elsewhere."""

    cosigned: Sequence[str] = ()
    stamps: Sequence[Stamp] = ()
    seen: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Attested:
    """How far a journal is vouched for by others, and what they contradict.

    `witnessed_size` is the most entries that a quorum cosigned; `stamped_at` the instant of the
    stamp over the most entries, `stamped_size`.
    """

    witnessed_size: int
    witness_names: tuple[str, ...]
    stamped_size: int
    stamped_at: datetime | None
    problems: tuple[str, ...]


def attest(
    report: JournalReport,
    said: Said,
    keyring: Keyring,
    *,
    policy: Policy,
    roots: Sequence[x509.Certificate] = (),
) -> Attested:
    """Return what others vouch for. Without `roots`, stamps are not looked at."""
    problems = [*_contradictions(report, said, keyring)]
    witnessed, names = _NOBODY
    stamped: list[tuple[int, datetime]] = []
    try:
        witnessed, names = _witnessed(said.cosigned, policy)
        stamped = [_stamped(one, roots) for one in said.stamps] if roots else []
    except Refused as error:
        problems.append(f"Journal {report.origin}: {error}")
    if policy.quorum and not names:
        problems.append(
            f"Journal {report.origin}: no checkpoint was cosigned by {policy.quorum} of "
            f"{len(policy.witnesses)} witnesses: show it to them."
        )
    size, at = max(stamped, default=(0, None))
    return Attested(witnessed, names, size, at, tuple(problems))


def _contradictions(report: JournalReport, said: Said, keyring: Keyring) -> Iterator[str]:
    """Yield why what others saw is not on the journal's tree."""
    notes = [*said.cosigned, *(one.note for one in said.stamps), *said.seen]
    try:
        seen = [checkpoints.verify_checkpoint(split(note)[0], keyring) for note in notes]
    except Refused as error:
        yield f"Journal {report.origin}: a checkpoint seen elsewhere fails: {error}"
        return
    others = {one.origin for one in seen} - {report.origin}
    yield from (f"A checkpoint of {other} lies beside {report.origin}." for other in others)
    own = {(one.size, one.root) for one in seen if one.origin == report.origin}
    yield from verification.missed(report, own)


def _witnessed(cosigned: Sequence[str], policy: Policy) -> tuple[int, tuple[str, ...]]:
    """Return the most entries that a quorum cosigned, and who did."""
    best = _NOBODY
    for note in cosigned:
        names = tuple(one.name for one in policy.witnesses_of(note))
        size = checkpoints.read_checkpoint(split(note)[0]).size
        if names and len(names) >= policy.quorum:
            best = max(best, (size, names))
    return best


def _stamped(one: Stamp, roots: Sequence[x509.Certificate]) -> tuple[int, datetime]:
    return checkpoints.read_checkpoint(one.note).size, verify_stamp(one, roots)
