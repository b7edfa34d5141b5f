"""A report, signed, with its pages, its protocol and its lock: the files of one bundle."""

from collections.abc import Mapping
from typing import Final

from ecluse.data.evaluation.reporting import crates, pages, summaries
from ecluse.data.evaluation.reporting.words import LANGUAGES
from ecluse.domain.documents import CHECKING_SITE, PUBLIC_SITE, Signer
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import EvaluationReport
from ecluse.trust import documents, protocols
from ecluse.trust.keys import SigningKey

AUDIENCE: Final = (PUBLIC_SITE, CHECKING_SITE)


def bundle(
    report: EvaluationReport,
    protocol: Protocol,
    *,
    lock: bytes,
    manifest: bytes,
    key: SigningKey,
    paper: bytes = b"",
) -> bytes:
    """Return the bundle of a report. Raises Malformed for what has no canonical spelling.

    `lock` is the signed document that fixed what was evaluated, `manifest` what it says of the
    data; `paper` a PDF of the French page, if one was made.
    """
    document = documents.new_document(
        report, issuer=Signer.AGENT, audience=AUDIENCE, now=report.made_at
    )
    files: dict[str, bytes] = {
        crates.REPORT: documents.sign(document, key),
        crates.PROTOCOL: protocols.encode(protocol),
        crates.LOCK: lock,
        crates.MANIFEST: manifest,
        **page_files(report, protocol),
    }
    if paper:
        files[crates.PAPER] = paper
    return crates.pack(files, report, key)


def page_files(report: EvaluationReport, protocol: Protocol) -> Mapping[str, bytes]:
    """Return the pages of a report by the names that they have in a bundle."""
    made = {crates.PAGES[one]: pages.page(report, protocol, one).encode() for one in LANGUAGES}
    lay = {crates.LAY[one]: summaries.summary(report, protocol, one).encode() for one in LANGUAGES}
    return {**made, **lay}
