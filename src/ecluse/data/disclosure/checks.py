"""One verdict a file: what it is, whether it reads as such, what the rules find in it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ecluse.data.disclosure import images, tables, texts
from ecluse.domain.disclosure import (
    DisclosurePolicy,
    TableDeclaration,
    check_table,
    finding,
    shortened,
    verdict,
)
from ecluse.domain.documents import FileVerdict, Finding

Check = Callable[[bytes, TableDeclaration | None, DisclosurePolicy], list[Finding]]


def check_outputs(
    files: Sequence[tuple[str, Path]],
    declarations: Mapping[str, TableDeclaration],
    policy: DisclosurePolicy,
) -> tuple[FileVerdict, ...]:
    """Return the verdict on each (name, path), in the order given.

    `declarations` are those of `outputs.toml`, by file name; one without its file blocks nothing:
    a job may not write every file it declares.
    """
    return tuple(_check(name, path, declarations.get(name), policy) for name, path in files)


def _check(
    name: str, path: Path, declaration: TableDeclaration | None, policy: DisclosurePolicy
) -> FileVerdict:
    size = path.stat().st_size
    data = b""
    if size > policy.maximum_bytes:
        text = f"{size} bytes: at most {policy.maximum_bytes}"
        findings: list[Finding] = [finding("T1", "file", text, policy)]
        digest = _digest_of_large(path)
    else:
        # Read once: what is judged and what is named by the digest are the same bytes.
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        findings = _findings(name, data, declaration, policy)
    found = shortened(findings, policy)
    return FileVerdict(
        name=name,
        size=len(data) or size,
        digest=f"sha256:{digest}",
        verdict=verdict(found),
        findings=found,
    )


def _digest_of_large(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _findings(
    name: str, data: bytes, declaration: TableDeclaration | None, policy: DisclosurePolicy
) -> list[Finding]:
    suffix = PurePosixPath(name).suffix.lower()
    check = _CHECKS.get(suffix) if suffix in policy.allowed_suffixes else None
    if check is None:
        allowed = ", ".join(sorted(policy.allowed_suffixes & _CHECKS.keys()))
        return [finding("T1", "name", f"this type does not leave: write {allowed}", policy)]
    return check(data, declaration, policy)


def _check_csv(
    data: bytes, declaration: TableDeclaration | None, policy: DisclosurePolicy
) -> list[Finding]:
    try:
        table = tables.read_csv(data, maximum_rows=policy.maximum_rows)
    except tables.NotATable as reason:
        return [finding("T2", reason.place, reason.text, policy)]
    return list(check_table(table, declaration, policy))


def _check_json(
    data: bytes, declaration: TableDeclaration | None, policy: DisclosurePolicy
) -> list[Finding]:
    try:
        table = tables.read_json(data)
    except tables.NotATable as reason:
        return [finding("T2", reason.place, reason.text, policy)]
    return list(check_table(table, declaration, policy))


def _check_text(
    data: bytes, _declaration: TableDeclaration | None, policy: DisclosurePolicy
) -> list[Finding]:
    return texts.check(data, policy)


def _check_image(
    data: bytes, _declaration: TableDeclaration | None, policy: DisclosurePolicy
) -> list[Finding]:
    return images.check(data, policy)


_CHECKS: Mapping[str, Check] = {
    ".csv": _check_csv,
    ".json": _check_json,
    ".md": _check_text,
    ".txt": _check_text,
    ".png": _check_image,
}
