"""One verdict a file: what it is, whether it reads as such, what the rules find in it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from ecluse.data.disclosure import auditing, controls, images, tables, texts, trained
from ecluse.data.disclosure.identifiers import Identifiers
from ecluse.domain.disclosure import (
    Contributions,
    DisclosurePolicy,
    Table,
    TableDeclaration,
    check_model,
    check_table,
    finding,
    models,
    read_table,
    shortened,
    verdict,
)
from ecluse.domain.disclosure.model_trials import ModelTrial
from ecluse.domain.documents import FileVerdict, Finding

Trials = Mapping[str, ModelTrial]
"""What attacks on trained models told, by the digest of the file."""
_NONE: Trials = {}
Check = Callable[[bytes, TableDeclaration | None, DisclosurePolicy, Contributions], list[Finding]]


def check_outputs(
    files: Sequence[tuple[str, Path]],
    declarations: Mapping[str, TableDeclaration],
    policy: DisclosurePolicy,
    *,
    identifiers: Identifiers | None = None,
    trials: Trials = _NONE,
) -> tuple[FileVerdict, ...]:
    """Return the verdict on each (name, path), in the order given.

    `identifiers` are the pseudonyms of the extract, which no file may hold.

    `trials` are those of models attacked in the zone: without its own, no model leaves.

    `declarations` are those of `outputs.toml`, by file name; one without its file blocks nothing:
    a job may not write every file it declares.
    """
    paths, nobody = dict(files), identifiers or Identifiers(np.zeros(0, np.uint64))
    inside = controls.names(declarations)
    verdicts = []
    for name, path in files:
        declared = declarations.get(name)
        known = controls.contributions(declared or TableDeclaration(), paths, policy)
        stays = "a file of controls, read by the rules: it does not leave" if name in inside else ""
        one = _check(name, path, (declared, known, stays), nobody, policy)
        verdicts.append(_tried(one, trials, nobody, path, policy))
    return tuple(verdicts)


def _check(
    name: str,
    path: Path,
    of: tuple[TableDeclaration | None, Contributions, str],
    nobody: Identifiers,
    policy: DisclosurePolicy,
) -> FileVerdict:
    (declaration, known, stays), size = of, path.stat().st_size
    data = b""
    if size > policy.maximum_bytes:
        text = f"{size} bytes: at most {policy.maximum_bytes}"
        findings: list[Finding] = [finding("T1", "file", text, policy)]
        digest = _digest_of_large(path)
    else:
        # Read once: what is judged and what is named by the digest are the same bytes.
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        findings = _findings(name, data, (declaration, known), policy)
        findings += nobody.check(name, data, policy)
        findings += [finding("T1", "name", stays, policy)] if stays else []
    found = shortened(findings, policy)
    return FileVerdict(
        name=name,
        size=len(data) or size,
        digest=f"sha256:{digest}",
        verdict=verdict(found),
        findings=found,
    )


def _tried(
    judged: FileVerdict, trials: Trials, nobody: Identifiers, path: Path, policy: DisclosurePolicy
) -> FileVerdict:
    """Return the verdict on a model that was attacked in the zone; of any other file, its own."""
    trial = trials.get(judged.digest)
    if trial is None or not trained.is_model(judged.name) or judged.size > policy.maximum_bytes:
        return judged
    found = trained.check(trial, policy)
    found += nobody.check(judged.name, path.read_bytes(), policy)
    kept = shortened(found, policy)
    return replace(judged, verdict=verdict(kept), findings=kept)


def _digest_of_large(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _findings(
    name: str,
    data: bytes,
    of: tuple[TableDeclaration | None, Contributions],
    policy: DisclosurePolicy,
) -> list[Finding]:
    suffix = PurePosixPath(name).suffix.lower()
    check = _CHECKS.get(suffix) if suffix in policy.allowed_suffixes else None
    if check is not None:
        return check(data, of[0], policy, of[1])
    allowed = ", ".join(sorted(policy.allowed_suffixes & _CHECKS.keys()))
    told = [finding("T1", "name", f"this type does not leave: write {allowed}", policy)]
    return [*told, *check_model(None, policy)] if suffix in models.SUFFIXES else told


def _check_csv(
    data: bytes,
    declaration: TableDeclaration | None,
    policy: DisclosurePolicy,
    known: Contributions,
) -> list[Finding]:
    try:
        table = tables.read_csv(data, maximum_rows=policy.maximum_rows)
    except tables.NotATable as reason:
        return [finding("T2", reason.place, reason.text, policy)]
    return _check_table(table, declaration, policy, known)


def _check_json(
    data: bytes,
    declaration: TableDeclaration | None,
    policy: DisclosurePolicy,
    known: Contributions,
) -> list[Finding]:
    try:
        table = tables.read_json(data)
    except tables.NotATable as reason:
        return [finding("T2", reason.place, reason.text, policy)]
    return _check_table(table, declaration, policy, known)


def _check_table(
    table: Table,
    declaration: TableDeclaration | None,
    policy: DisclosurePolicy,
    known: Contributions,
) -> list[Finding]:
    found = list(check_table(table, declaration, policy, contributions=known))
    if not any(finding.rule in ("D2", "T1") for finding in found):
        reading = read_table(table, declaration or TableDeclaration(), policy)
        found += auditing.audit(reading)
    return found


def _check_text(
    data: bytes,
    _declaration: TableDeclaration | None,
    policy: DisclosurePolicy,
    _known: Contributions,
) -> list[Finding]:
    return texts.check(data, policy)


def _check_image(
    data: bytes,
    _declaration: TableDeclaration | None,
    policy: DisclosurePolicy,
    _known: Contributions,
) -> list[Finding]:
    return images.check(data, policy)


_CHECKS: Mapping[str, Check] = {
    ".csv": _check_csv,
    ".json": _check_json,
    ".md": _check_text,
    ".txt": _check_text,
    ".png": _check_image,
}
