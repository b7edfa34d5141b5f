"""No byte of a bundle changes unseen: flipped one by one, with its checksums mended, signed anew.

First the attack without the control: a reader who trusts the zip alone is lied to.
"""

import io
import sys
import zipfile

import pytest

from ecluse.data.evaluation.reporting import crates, verifying
from ecluse.data.evaluation.reporting.crates import METADATA, PROTOCOL, REPORT
from ecluse.trust import canonical
from tests.unit.data.evaluation.reporting import small

PLAN = small.protocol()
HUB, ZONE = small.hub_key(), small.zone_key()
LOCK = small.lock(PLAN, HUB)
BELIEVED = (HUB.public(), ZONE.public())


@pytest.fixture(scope="module")
def bundle() -> bytes:
    return small.pack(small.report(PLAN, LOCK), PLAN, LOCK, ZONE)


def rebuilt(bundle: bytes, name: str, content: bytes, *, listed: bool = False) -> bytes:
    """Return the bundle with one file changed, its checksum right, its digest in the list too."""
    files = dict(crates.unpack(bundle).files)
    if listed:
        old, new = (canonical.digest(one)[7:].encode() for one in (files[name], content))
        files[METADATA] = files[METADATA].replace(old, new)
    files[name] = content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for each in sorted(files):
            entry = zipfile.ZipInfo(each, crates.EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[each])
    return buffer.getvalue()


def passes(data: bytes) -> bool:
    return verifying.verify(data, believed=BELIEVED, now=small.LATER).passed


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_without_the_signed_list_a_lie_is_read_as_true(bundle: bytes) -> None:
    lied = crates.unpack(bundle).files[REPORT].replace(b'"0.700000"', b'"0.900000"')
    data = rebuilt(bundle, REPORT, lied)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        read = archive.read(REPORT)

    assert b'"0.900000"' in read


def test_every_byte_of_a_bundle_counts(bundle: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    survivors = [place for place in range(len(bundle)) if passes(flipped(bundle, place))]

    assert survivors == []
    with capsys.disabled():
        sys.stdout.write(f"\n  {len(bundle)} bytes flipped, {len(survivors)} unseen\n")


@pytest.mark.parametrize(
    "name", [REPORT, PROTOCOL, "lock.json", "manifest.json", "summary-fr.html"]
)
def test_a_file_changed_with_its_checksum_is_named(bundle: bytes, name: str) -> None:
    content = crates.unpack(bundle).files[name]
    data = rebuilt(bundle, name, flipped(content, len(content) // 2))

    found = verifying.verify(data, believed=BELIEVED, now=small.LATER)

    assert not found.passed
    assert found.checks[0].told == (
        f"{name} is not the file that was listed: a byte of it was changed.",
    )


@pytest.mark.parametrize("name", [REPORT, PROTOCOL, "lock.json", "manifest.json"])
def test_a_file_changed_with_its_digest_breaks_the_signature(bundle: bytes, name: str) -> None:
    content = crates.unpack(bundle).files[name]
    data = rebuilt(bundle, name, flipped(content, len(content) // 2), listed=True)

    found = verifying.verify(data, believed=BELIEVED, now=small.LATER)

    assert not found.passed
    assert "is not what" in found.checks[0].told[0]


def test_a_list_signed_by_another_key_is_not_believed(bundle: bytes) -> None:
    files = dict(crates.unpack(bundle).files)
    kept = {name: files[name] for name in files if name in crates.DESCRIPTIONS}
    forged = crates.pack(kept, small.report(PLAN, LOCK), small.zone_key())

    assert not passes(forged)


def test_a_hub_key_signs_no_report(bundle: bytes) -> None:
    files = dict(crates.unpack(bundle).files)
    kept = {name: files[name] for name in files if name in crates.DESCRIPTIONS}
    forged = crates.pack(kept, small.report(PLAN, LOCK), HUB)

    found = verifying.verify(forged, believed=BELIEVED, now=small.LATER)

    assert "is not a key of a zone" in found.checks[0].told[0]


@pytest.mark.parametrize("end", [b"", b"PK", b"\0" * 16])
def test_bytes_after_the_end_are_seen(bundle: bytes, end: bytes) -> None:
    assert passes(bundle + end) is (end == b"")


def test_a_file_hidden_in_the_bundle_is_refused(bundle: bytes) -> None:
    data = rebuilt(bundle, "rows.csv", b"case;outcome\n1;1\n")

    assert not passes(data)
