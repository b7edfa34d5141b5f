"""A report at the second gate: an output like any other, whose rules can all be checked by machine.

What its tables show is judged by the policy, what its figures say by the counts, who made it by the
key of the zone. Its words come from a protocol that persons wrote, so persons read them: two
checkers decide, as for every text.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from ecluse.data.disclosure.identifiers import Identifiers
from ecluse.data.evaluation.reporting import consistency, verifying
from ecluse.data.evaluation.reporting.verifying import Verification
from ecluse.domain.disclosure.policy import DisclosurePolicy, finding, shortened, verdict
from ecluse.domain.documents import FileVerdict, Finding
from ecluse.trust import canonical
from ecluse.trust.keys import PublicKey

SUFFIX = ".zip"


def judge(
    name: str,
    path: Path,
    policy: DisclosurePolicy,
    *,
    believed: Iterable[PublicKey],
    identifiers: Identifiers,
    now: datetime,
) -> FileVerdict:
    """Return the verdict on a bundle: blocked with the reason, or left to two checkers.

    `believed` are the keys of the zone and of the hub; `identifiers` the pseudonyms of the extract,
    which no file may hold.
    """
    if path.stat().st_size > policy.maximum_bytes:
        text = f"{path.stat().st_size} bytes: at most {policy.maximum_bytes}"
        found: tuple[Finding, ...] = (finding("T1", "file", text, policy),)
        size, digest = path.stat().st_size, canonical.digest_file(path)
    else:
        data = path.read_bytes()
        proved = verifying.verify(data, believed=believed, now=now)
        found = shortened(
            [*_findings(proved, policy), *identifiers.check(name, data, policy)], policy
        )
        size, digest = len(data), canonical.digest(data)
    return FileVerdict(name=name, size=size, digest=digest, verdict=verdict(found), findings=found)


def _findings(proved: Verification, policy: DisclosurePolicy) -> list[Finding]:
    found = [
        finding("T2", check.name, "; ".join(check.told).rstrip("."), policy)
        for check in proved.checks
        if not check.passed and check.name != "disclosure"
    ]
    if not proved.signed_by:
        found.append(finding("T2", "file", "no key of this zone signed the report", policy))
    report = proved.report
    if report is None:
        return found
    shown = consistency.check_disclosure(report, least=policy.minimum_count)
    found.extend(finding("R1", "tables", told, policy) for told in shown)
    text = (
        f"a report of {len(report.tables)} tables and {len(report.figures)} figures, each checked"
    )
    return [*found, finding("T3", "words", f"{text}: its words are for persons to read", policy)]
