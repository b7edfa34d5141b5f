"""The hub's seal on its letters: PAdES baseline B-B, the same bytes for the same letter.

The seal is a key and its certificate, kept beside the keys of the site: `seal.key` and `seal.pem`
(the certificate first, then those above it), or `seal.p12`. A demonstration makes its own. RSA with
PKCS #1 v1.5 alone: its signatures hold no random part, so that a letter can be made again.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ecluse.domain.errors import InvalidInput, SetupIncomplete
from ecluse.trust import durable

KEY, CERTIFICATE, BUNDLE = "seal.key", "seal.pem", "seal.p12"
FIELD: Final = "Cachet"
DIGEST: Final = "sha256"
MECHANISM: Final = "sha256_rsa"
RSA_BITS: Final = 3072
DEMONSTRATION: Final = timedelta(days=3650)
PRIVATE_MODE: Final = 0o600
PUBLIC_MODE: Final = 0o644


@dataclass(frozen=True, slots=True)
class Seal:
    """The key that seals and its certificates, its own first. Never printed."""

    key: rsa.RSAPrivateKey = field(repr=False, compare=False)
    chain: tuple[x509.Certificate, ...]


def load_seal(folder: Path, *, passphrase: str = "") -> Seal:
    """The seal kept in `folder`.

    Raises:
        SetupIncomplete: there is none.
        InvalidInput: its key is not RSA, is readable by others, or not the certificate's.
    """
    if (folder / BUNDLE).exists():
        return _load_bundle(folder / BUNDLE, passphrase.encode() or None)
    if not (folder / KEY).exists() or not (folder / CERTIFICATE).exists():
        raise SetupIncomplete(
            f"No seal in {folder}: put {KEY} and {CERTIFICATE}, or {BUNDLE}, there"
            " (docs/how-to/letters.md)."
        )
    _check_private(folder / KEY)
    try:
        key = serialization.load_pem_private_key((folder / KEY).read_bytes(), password=None)
        chain = x509.load_pem_x509_certificates((folder / CERTIFICATE).read_bytes())
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{KEY} or {CERTIFICATE} of {folder} is not PEM.") from error
    return _checked(key, tuple(chain))


def make_seal(folder: Path, *, name: str, now: datetime) -> Seal:
    """A new seal that certifies itself, for a demonstration or a first try. Raises StorageFull."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    certificate = _self_signed(key, name=name, now=now)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(folder / KEY, pem, mode=PRIVATE_MODE)
    # The certificate comes last: a seal without it is not used.
    data = certificate.public_bytes(serialization.Encoding.PEM)
    durable.write(folder / CERTIFICATE, data, mode=PUBLIC_MODE)
    return Seal(key, (certificate,))


def pem_of(seal: Seal) -> bytes:
    """The certificates of a seal, its own first, as PEM."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in seal.chain)


def seal_pdf(pdf: bytes, seal: Seal, *, at: datetime) -> bytes:
    """The file with the seal in it, dated `at`. The same file, seal and instant give same bytes."""
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(_der(seal.chain[0])),
        signing_key=asn1_keys.PrivateKeyInfo.load(_key_der(seal.key)),
        cert_registry=SimpleCertificateStore.from_certs(  # type: ignore[no-untyped-call]  # of pyHanko
            [asn1_x509.Certificate.load(_der(one)) for one in seal.chain[1:]]
        ),
    )
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        tight_size_estimates=True,  # no slack: a byte there would not be covered
    )
    where = fields.SigFieldSpec(
        sig_field_name=FIELD,
        readable_field_name="Cachet électronique",
        on_page=-1,
        # PDF/UA: what is not tagged is hidden.
        invis_sig_settings=fields.InvisSigSettings(set_hidden_flag=True, box_out_of_bounds=True),
    )
    writer = _SameBytes(BytesIO(pdf))
    sealed = _apart(
        lambda: _DatedSigner(about, signer, new_field_spec=where, at=at).sign_pdf(writer)
    )
    return bytes(sealed.getvalue())


def is_sealed_by(pdf: bytes, chain: tuple[x509.Certificate, ...], *, at: datetime) -> bool:
    """Whether every byte of the file is what the owner of `chain[0]` sealed, judged at `at`."""
    own = chain[0]
    if not own.not_valid_before_utc <= at <= own.not_valid_after_utc:
        return False
    known = [_der(one) for one in chain]
    root = asn1_x509.Certificate.load(known[0])
    context = ValidationContext(trust_roots=[root], moment=at, allow_fetching=False)
    try:
        (found,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
        is_valid = _apart(lambda: validate_pdf_signature(found, context).bottom_line)
        # The certificates beside the signature are not signed: they are those of the seal, exactly.
        beside = [one.dump() for one in (found.signer_cert, *found.other_embedded_certs)]
        is_ours = beside == known and _is_plain(found.pkcs7_content)
        return is_valid and is_ours and _covers_all(pdf, found)
    except Exception:  # of a damaged file anything may be wrong: it is not sealed
        return False


def _apart(work: Callable[[], Any]) -> Any:
    """What `work` gives in a thread of its own: pyHanko opens a loop, and one may run here."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        return threads.submit(work).result()


def _covers_all(pdf: bytes, signature: Any) -> bool:
    """Nothing stands outside what is signed, but the signature itself in hexadecimal digits."""
    start, length, after, rest = (int(number) for number in signature.byte_range)
    hole = pdf[length:after]
    digits = hole[1:-1]
    is_signature = digits == signature.pkcs7_content.hex().upper().encode()
    return (start, after + rest) == (0, len(pdf)) and hole[:1] + hole[-1:] == b"<>" and is_signature


def _is_plain(signature: bytes) -> bool:
    """Whether what stands unsigned around the signature is what is always there."""
    whole = cms.ContentInfo.load(signature, strict=True)
    (signer,) = whole["content"]["signer_infos"]
    whole["content"]["version"] = signer["version"] = "v1"
    whole["content"]["digest_algorithms"] = [{"algorithm": DIGEST}]
    whole["content"]["encap_content_info"] = {"content_type": "data"}
    signer["digest_algorithm"] = {"algorithm": DIGEST}
    signer["signature_algorithm"] = {"algorithm": MECHANISM}
    again: bytes = whole.dump(force=True)
    return again == signature


class _DatedSigner(signers.PdfSigner):
    """Signs at an instant that is given, not at that of the machine's clock."""

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self.at
        return session


class _SameBytes(IncrementalPdfFileWriter):
    """Adds to a file without drawing a random identifier nor writing today's date in it."""

    @classmethod
    def _handle_id(cls, prev: Any) -> Any:
        first, _random = super()._handle_id(prev)  # type: ignore[no-untyped-call]  # of pyHanko
        second = hashlib.sha256(b"sealed" + bytes(first)).digest()[:16]
        return generic.ArrayObject([first, generic.ByteStringObject(second)])

    def _update_meta(self) -> None:
        """Leave title, dates and PDF/UA marks as the letter has them."""


def _load_bundle(path: Path, passphrase: bytes | None) -> Seal:
    _check_private(path)
    try:
        found = pkcs12.load_pkcs12(path.read_bytes(), passphrase)
    except ValueError as error:
        raise InvalidInput(
            f"{path} does not open: check ECLUSE_SEAL_PASSPHRASE, then the file."
        ) from error
    own = [found.cert.certificate] if found.cert else []
    return _checked(found.key, (*own, *(one.certificate for one in found.additional_certs)))


def _checked(key: object, chain: tuple[x509.Certificate, ...]) -> Seal:
    if not isinstance(key, rsa.RSAPrivateKey):
        raise InvalidInput("The seal's key is not RSA: its letters could not be made again.")
    if not chain or _der_of_public(chain[0].public_key()) != _der_of_public(key.public_key()):
        raise InvalidInput("The seal's first certificate is not that of its key.")
    return Seal(key, chain)


def _check_private(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        raise InvalidInput(f"{path} can be read by other accounts: run `chmod 600 {path}`.")


def _self_signed(key: rsa.RSAPrivateKey, *, name: str, now: datetime) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )
    usage = dict.fromkeys(
        (
            *("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + DEMONSTRATION)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True
        )
        .sign(key, hashes.SHA256())
    )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _key_der(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _der_of_public(key: Any) -> bytes:
    data: bytes = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return data
