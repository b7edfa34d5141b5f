"""The bundle of a report: an RO-Crate 1.1 in a zip of which one spelling exists, with a signature.

Every file is listed with its SHA-256 in `ro-crate-metadata.json`, whose detached Ed25519 signature
lies beside it. A zip can be spelled in many ways; of ours one is written, and only that is read, so
that no byte of the file can change unseen.

Sources: RO-Crate 1.1, https://w3id.org/ro/crate/1.1. ZIP: PKWARE APPNOTE 6.3.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature

from ecluse.domain import codec
from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, Malformed
from ecluse.domain.evaluations.reports import EvaluationReport
from ecluse.trust import canonical, keys
from ecluse.trust.keys import Keyring, PublicKey, SigningKey

METADATA: Final = "ro-crate-metadata.json"
SIGNATURE: Final = "ro-crate-metadata.json.sig"
KEY: Final = "agent.pub"
REPORT: Final = "report.json"
PROTOCOL: Final = "protocol.json"
LOCK: Final = "lock.json"
MANIFEST: Final = "manifest.json"
PAGES: Final[Mapping[str, str]] = {"fr": "report-fr.html", "en": "report-en.html"}
LAY: Final[Mapping[str, str]] = {"fr": "summary-fr.html", "en": "summary-en.html"}
PAPER: Final = "report.pdf"
MOST_BYTES: Final = 64 * 1024 * 1024
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
FORMATS: Final = {
    "json": "application/json",
    "html": "text/html",
    "pdf": "application/pdf",
    "pub": "application/json",
}
DESCRIPTIONS: Final = {
    REPORT: "The report: stored counts, figures, findings; a signed document",
    PROTOCOL: "The protocol, fixed before data were opened",
    LOCK: "The lock: digests of protocol, model, data and code; a signed document",
    MANIFEST: "The manifest of the data: digests, no row",
    PAGES["fr"]: "The report, to read, in French",
    PAGES["en"]: "The report, to read, in English",
    LAY["fr"]: "One page for everybody, in French",
    LAY["en"]: "One page for everybody, in English",
    PAPER: "The report, to print",
    KEY: "The public key of who made the report",
}
"""What each file of a bundle is. No other name is accepted."""


@dataclass(frozen=True, slots=True)
class Crate:
    """The files of a bundle whose spelling, list and digests were checked."""

    files: Mapping[str, bytes]

    def file(self, name: str) -> bytes:
        """Return a file. Raises Malformed naming the one that lacks."""
        if name not in self.files:
            raise Malformed(f"The bundle has no {name}: ask the sender for the original file.")
        return self.files[name]


def pack(files: Mapping[str, bytes], report: EvaluationReport, key: SigningKey) -> bytes:
    """Return the bundle of these files, listed and signed; the same files give the same bytes."""
    parts = {**files, KEY: key.public().line()}
    metadata = canonical.encode(_metadata(parts, report))
    signature = {
        "algorithm": "Ed25519",
        "key": key.key_id,
        "signature": keys.to_base64url(key.sign(metadata)),
    }
    return _zip({**parts, METADATA: metadata, SIGNATURE: canonical.encode(signature)})


def unpack(data: bytes) -> Crate:
    """Return the files of a bundle. Raises Malformed naming the file that was changed."""
    files = _unzip(data)
    crate = Crate(files)
    listed = _listed(crate.file(METADATA))
    for name in sorted(listed.keys() | (files.keys() - {METADATA, SIGNATURE})):
        if name not in files or name not in listed:
            raise Malformed(f"{name} is in the bundle or in its list, not in both.")
        if canonical.digest(files[name]) != f"sha256:{listed[name]}":
            raise Malformed(f"{name} is not the file that was listed: a byte of it was changed.")
    if _zip(files) != data:
        raise Malformed("The zip is not spelled as bundles are: a byte between files was changed.")
    return crate


def check_signature(crate: Crate, keyring: Keyring) -> PublicKey:
    """Return the key that signed the list of files. Raises UnknownKey, BadSignature, Malformed."""
    found = canonical.decode(crate.file(SIGNATURE))
    if not isinstance(found, dict) or found.keys() != {"algorithm", "key", "signature"}:
        raise Malformed("The signature of the bundle has not the members of one.")
    if found["algorithm"] != "Ed25519":
        raise Malformed("The signature of the bundle is not by Ed25519.")
    key = keyring.find(str(found["key"]))
    if key.signer is not Signer.AGENT:
        raise BadSignature(f"{key.key_id} is not a key of a zone: a zone signs reports.")
    signature = keys.from_base64url(str(found["signature"]))
    try:
        key.verifier().verify(signature, crate.file(METADATA))
    except InvalidSignature:
        raise BadSignature(
            f"The list of files is not what {key.key_id} signed: ask for the original bundle."
        ) from None
    return key


def own_key(crate: Crate) -> PublicKey:
    """Return the key that lies in the bundle: it shows that nothing changed, not who signed."""
    return PublicKey.parse(crate.file(KEY))


def _metadata(files: Mapping[str, bytes], report: EvaluationReport) -> dict[str, codec.JSON]:
    root: dict[str, codec.JSON] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Evaluation {report.evaluation_number}, protocol {report.protocol_version}",
        "description": "Report of an evaluation of an AI system, with what proves its figures",
        "datePublished": report.made_at.date().isoformat(),
        "license": {"@id": "https://spdx.org/licenses/CC-BY-4.0"},
        "hasPart": [{"@id": name} for name in sorted(files)],
    }
    descriptor: dict[str, codec.JSON] = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }
    parts: list[codec.JSON] = [_part(name, files[name]) for name in sorted(files)]
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [descriptor, root, *parts],
    }


def _part(name: str, data: bytes) -> dict[str, codec.JSON]:
    return {
        "@id": name,
        "@type": "File",
        "name": DESCRIPTIONS[name],
        "encodingFormat": FORMATS[name.rpartition(".")[2]],
        "contentSize": str(len(data)),
        "sha256": canonical.digest(data).removeprefix("sha256:"),
    }


def _listed(metadata: bytes) -> dict[str, str]:
    """Return the SHA-256 of each file that the list names. Raises Malformed."""
    found = canonical.decode(metadata)
    graph = found.get("@graph") if isinstance(found, dict) else None
    if not isinstance(graph, list):
        raise Malformed(f"{METADATA} has no list of files.")
    parts = [part for part in graph if isinstance(part, dict) and part.get("@type") == "File"]
    return {str(part.get("@id")): str(part.get("sha256")) for part in parts}


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Return a zip without compression, names in order, dates of 1980: one spelling."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _unzip(data: bytes) -> dict[str, bytes]:
    """Return the files of a zip that holds nothing else than a bundle may. Raises Malformed."""
    if len(data) > MOST_BYTES:
        raise Malformed(f"{len(data)} bytes is more than the {MOST_BYTES} of a bundle.")
    known = {*DESCRIPTIONS, METADATA, SIGNATURE}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(set(names)) != len(names) or not known.issuperset(names):
                raise Malformed("The bundle holds a file twice, or one that bundles have not.")
            if any(entry.compress_type or entry.flag_bits for entry in archive.infolist()):
                raise Malformed("The bundle is compressed or encrypted: ours never are.")
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError):
        raise Malformed("This is not a bundle of a report, or a file of it was changed.") from None


def report_of(body: object) -> EvaluationReport:
    """Return the body of a document as a report. Raises Malformed."""
    if not isinstance(body, EvaluationReport):
        raise Malformed(f"{REPORT} is a {type(body).__name__}, not a report.")
    return body
