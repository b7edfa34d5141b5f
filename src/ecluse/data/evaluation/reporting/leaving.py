"""A report at the second gate: an output like any other, whose rules can all be checked by machine.

What its tables show is judged by the policy, what its figures say by the counts, who made it by the
key of the zone. Its words come from a protocol that persons wrote, so persons read them: two
checkers decide, as for every text.
"""

from collections.abc import Iterable
from datetime import datetime

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
    data: bytes,
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
    if len(data) > policy.maximum_bytes:
        text = f"{len(data)} bytes: at most {policy.maximum_bytes}"
        found: tuple[Finding, ...] = (finding("T1", "file", text, policy),)
    else:
        proved = verifying.verify(data, believed=believed, now=now)
        found = shortened(
            [*_findings(proved, policy), *identifiers.check(name, data, policy)], policy
        )
    digest = canonical.digest(data)
    return FileVerdict(
        name=name, size=len(data), digest=digest, verdict=verdict(found), findings=found
    )


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
