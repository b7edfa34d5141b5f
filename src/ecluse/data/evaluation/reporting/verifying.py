"""What a bundle proves, offline: whose it is, that no byte changed, that its numbers are right.

Every check is made and named, so that a reader sees what holds beside what does not. Where the
bytes themselves are not a bundle there is nothing further to check.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ecluse.data.evaluation.reporting import consistency, crates, pages, summaries
from ecluse.data.evaluation.reporting.building import SOFTWARE
from ecluse.data.evaluation.reporting.crates import Crate
from ecluse.data.evaluation.reporting.words import LANGUAGES
from ecluse.domain.documents import EvaluationLock, from_json
from ecluse.domain.errors import EcluseError, Malformed
from ecluse.domain.evaluations import locks
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Basis, EvaluationReport
from ecluse.domain.parameters import MINIMUM_COUNT
from ecluse.trust import canonical, documents, protocols
from ecluse.trust.keys import Keyring, PublicKey

PRESENTED: Final = ("protocol", "lock", "model", "data", "code", "predictions")
"""What a reader may bring beside the bundle: each is compared with the digest in the report."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what is wrong, and of how many things it was made."""

    name: str
    told: tuple[str, ...] = ()
    count: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.told


@dataclass(frozen=True, slots=True)
class Verification:
    """All checks of a bundle; `signed_by` is empty where no key that is believed signed it."""

    checks: tuple[Check, ...]
    signed_by: str
    report: EvaluationReport | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong. Whether the signer is believed is `signed_by`."""
        return all(check.passed for check in self.checks)

    def count(self, name: str) -> int:
        """Return how many things a check looked at, 0 where it was not made."""
        return sum(check.count for check in self.checks if check.name == name)


@dataclass(frozen=True, slots=True)
class _Opened:
    crate: Crate
    report: EvaluationReport
    protocol: Protocol


def verify(
    data: bytes,
    *,
    believed: Iterable[PublicKey] = (),
    presented: Mapping[str, str] | None = None,
    now: datetime,
) -> Verification:
    """Return every check of a bundle; never raises for what is wrong with it.

    `believed` are the public keys of zones and hubs that the reader trusts. Without any, the key in
    the bundle shows that nothing changed since it was signed, not by whom. `presented` are digests
    of files that the reader holds, by what they are (`PRESENTED`).
    """
    trusted = tuple(believed)
    try:
        crate = crates.unpack(data)
        ring = Keyring(trusted) if trusted else Keyring((crates.own_key(crate),))
        key = crates.check_signature(crate, ring)
    except EcluseError as error:
        return Verification((Check("bundle", (str(error),)),), "")
    bundle = Check("bundle", count=len(crate.files))
    signer = key.key_id if trusted else ""
    try:
        opened = _open(crate, ring, now=now)
    except EcluseError as error:
        return Verification((bundle, Check("report", (str(error),))), signer)
    checks = (bundle, Check("report", count=1), *_checks(opened, ring, now, presented or {}))
    return Verification(checks, signer, opened.report)


def _open(crate: Crate, ring: Keyring, *, now: datetime) -> _Opened:
    body = documents.verify(crate.file(crates.REPORT), ring, now=now).document.body
    report = crates.report_of(body)
    protocol = protocols.decode(crate.file(crates.PROTOCOL))
    return _Opened(crate, report, protocol)


def _checks(
    opened: _Opened, ring: Keyring, now: datetime, presented: Mapping[str, str]
) -> Iterator[Check]:
    report, protocol = opened.report, opened.protocol
    found = consistency.recompute(report, protocol)
    attested = [figure for figure in report.figures if figure.basis is Basis.ATTESTED]
    yield _check("digests", _digests(opened, presented), len(PRESENTED))
    yield _check("lock", _lock(opened, ring, now), 1)
    yield _check("figures from counts", consistency.check_counts(report, found), len(found))
    yield _check("attested figures", consistency.check_attested(report), len(attested))
    yield _check("draws", consistency.check_draws(report, protocol), len(report.replicates))
    yield _check("findings", consistency.check_findings(report, protocol), len(report.findings))
    least = MINIMUM_COUNT.value
    tables = sum(map(len, (report.tables, report.windows, report.lives, report.labels)))
    yield _check("disclosure", consistency.check_disclosure(report, least=least), tables)
    yield _check("pages", _pages(opened), 2 * len(LANGUAGES))


def _check(name: str, problems: Iterator[str], count: int) -> Check:
    told = tuple(problems)
    return Check(name, told, count)


def _digests(opened: _Opened, presented: Mapping[str, str]) -> Iterator[str]:
    stated = opened.report.digests
    inside = {
        "protocol": opened.crate.files.get(crates.PROTOCOL),
        "lock": opened.crate.files.get(crates.LOCK),
        "data": opened.crate.files.get(crates.MANIFEST),
    }
    for name, content in inside.items():
        if content is not None and canonical.digest(content) != getattr(stated, name):
            yield f"the {name} in the bundle is not the one that the report names"
    for name, digest in presented.items():
        is_of_run = name == "predictions"
        if digest != (opened.report.run.predictions if is_of_run else getattr(stated, name)):
            yield f"the {name} given is not the one that was evaluated"


def _lock(opened: _Opened, ring: Keyring, now: datetime) -> Iterator[str]:
    try:
        lock = read_lock(opened.crate.file(crates.LOCK), ring, now=now)
        locks.check_protocol(lock, opened.protocol)
        stated = opened.report.digests
        seen = locks.Presented(
            protocol=stated.protocol, model=stated.model, dataset=stated.data, code=stated.code
        )
        locks.check_presented(lock, seen)
    except EcluseError as error:
        yield str(error)
        return
    if lock.locked_at > opened.report.made_at:
        yield "the lock is younger than the report: data were opened before it"


def read_lock(data: bytes, ring: Keyring, *, now: datetime) -> EvaluationLock:
    """Return the lock, its signature checked where the reader believes a key of the hub."""
    envelope = canonical.decode(data)
    content = envelope.get("document") if isinstance(envelope, dict) else None
    document = from_json(content)
    if any(key.signer == document.issuer for key in ring.keys.values()):
        document = documents.verify(data, ring, now=now).document
    if not isinstance(document.body, EvaluationLock):
        raise Malformed(f"{crates.LOCK} is a {document.kind}, not a lock.")
    return document.body


def _pages(opened: _Opened) -> Iterator[str]:
    """Make the pages again from the report: what is read is what was signed."""
    if opened.report.software != SOFTWARE:
        return  # Another version drew them; their digests were checked all the same.
    for language in LANGUAGES:
        made = {
            crates.PAGES[language]: pages.page(opened.report, opened.protocol, language),
            crates.LAY[language]: summaries.summary(opened.report, opened.protocol, language),
        }
        for name, text in made.items():
            if opened.crate.files.get(name) != text.encode():
                yield f"{name} does not say what the report says"
