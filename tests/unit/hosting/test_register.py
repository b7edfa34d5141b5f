"""The register of replicas: which host is in use, and what may be erased where."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.hosting.replicas.copying import Copied
from ecluse.hosting.replicas.erasure import erase
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.register import Asked, Register, check_erasable
from ecluse.hosting.replicas.verification import Fault, Finding, Verification
from ecluse.hosting.stores.folders import FolderStore
from ecluse.trust.journal.files import FileJournal
from tests.unit.hosting.replicas import KEY, NOW, copied, dataset, planned, sealed, verified

MONTH = timedelta(days=30)
DONE = Copied(is_sealed=True, verified=1, objects=1, size=100, sent_bytes=100)
WHOLE = Verification(1, 100, ())
FAULTY = Verification(1, 100, (Finding("a", Fault.ALTERED, "b3/aa/a", "from byte 0"),))


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with FileJournal(tmp_path / "journal", origin="hub.example/hosting", key=KEY) as journal:
        yield Register(journal, actor="operator")


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return planned(dataset(tmp_path / "old", {"a": sealed(100, 1)}))


@pytest.fixture
def moved(register: Register, manifest: Manifest) -> Register:
    """Planned at `old`, in use there, then sealed at `new` and `escrow`, and in use at `new`."""
    register.planned(manifest, host="old", now=NOW)
    register.verified(manifest, WHOLE, host="old", now=NOW)
    register.cut_over(manifest, to="old", now=NOW, within=MONTH)
    register.sealed(manifest, DONE, host="new", now=NOW)
    register.sealed(manifest, DONE, host="escrow", now=NOW)
    register.cut_over(manifest, to="new", now=NOW, within=MONTH)
    return register


def test_the_host_in_use_is_the_last_cut_over_to(moved: Register, manifest: Manifest) -> None:
    used = moved.in_use("claims")

    assert used is not None
    assert (used.host, used.root) == ("new", manifest.root)


def test_a_roll_back_gives_the_host_before(moved: Register, manifest: Manifest) -> None:
    moved.roll_back(manifest, now=NOW, within=MONTH)

    used = moved.in_use("claims")
    assert used is not None
    assert used.host == "old"


def test_nothing_is_rolled_back_before_a_second_host(
    register: Register, manifest: Manifest
) -> None:
    register.planned(manifest, host="old", now=NOW)

    with pytest.raises(NotFound, match="never read from another"):
        register.roll_back(manifest, now=NOW, within=MONTH)


def test_a_host_that_was_never_read_back_is_not_cut_over_to(
    register: Register, manifest: Manifest
) -> None:
    register.planned(manifest, host="old", now=NOW)

    with pytest.raises(NotAllowed, match="not proved"):
        register.cut_over(manifest, to="new", now=NOW, within=MONTH)


def test_a_proof_of_31_days_ago_is_too_old(moved: Register, manifest: Manifest) -> None:
    later = NOW + timedelta(days=31)

    with pytest.raises(NotAllowed, match="within 30 days"):
        moved.cut_over(manifest, to="escrow", now=later, within=MONTH)


def test_a_host_found_faulty_is_no_longer_proved(moved: Register, manifest: Manifest) -> None:
    moved.verified(manifest, FAULTY, host="escrow", now=NOW)

    assert set(moved.proofs(manifest)) == {"old", "new"}


def test_an_unfinished_copy_is_not_noted_as_sealed(register: Register, manifest: Manifest) -> None:
    with pytest.raises(NotAllowed, match="0 of 1 objects"):
        register.sealed(manifest, Copied(False, 0, 1, 100, 0), host="new", now=NOW)


def test_a_former_version_is_not_cut_over_to(
    moved: Register, manifest: Manifest, tmp_path: Path
) -> None:
    newer = planned(dataset(tmp_path / "old", {"a": sealed(100, 2)}), former=manifest)
    moved.planned(newer, host="old", now=NOW)

    with pytest.raises(NotAllowed, match="not the last"):
        moved.cut_over(manifest, to="escrow", now=NOW, within=MONTH)


def test_a_version_that_does_not_follow_the_last_is_not_planned(
    moved: Register, manifest: Manifest
) -> None:
    with pytest.raises(NotAllowed, match="plan again"):
        moved.planned(manifest, host="old", now=NOW)


def test_the_host_in_use_is_never_erased(moved: Register, manifest: Manifest) -> None:
    with pytest.raises(NotAllowed, match="in use"):
        check_erasable(
            moved, manifest, host="new", others=["old", "escrow"], asked=Asked(1, MONTH), now=NOW
        )


def test_a_host_is_erased_when_two_others_are_proved_and_not_with_one(
    moved: Register, manifest: Manifest
) -> None:
    others = ["old", "new", "escrow"]
    check_erasable(moved, manifest, host="old", others=others, asked=Asked(2, MONTH), now=NOW)
    moved.verified(manifest, FAULTY, host="escrow", now=NOW)

    with pytest.raises(NotAllowed, match="1 other hosts are proved"):
        check_erasable(moved, manifest, host="old", others=others, asked=Asked(2, MONTH), now=NOW)


def test_an_erasure_leaves_nothing_but_what_another_version_needs(tmp_path: Path) -> None:
    source = dataset(tmp_path / "old", {"a": sealed(100, 1), "b": sealed(100, 2)})
    target, first = FolderStore(tmp_path / "new"), planned(source)
    copied(first, source, target, tmp_path / "one")
    (tmp_path / "old" / "b").write_bytes(sealed(100, 3))
    second = planned(source, former=first)
    copied(second, source, target, tmp_path / "two")

    done = erase(first, target, kept=[second])

    assert (done.objects, done.versions, done.kept) == (2, 2, 1)
    assert verified(second, target).is_whole
    assert {stored.key for stored in target.list()} == {*second.objects, second.key}
