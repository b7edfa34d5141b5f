"""`ecluse permit`: read a permit, prove it and the end of its data, without network or account."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit
from ecluse.domain import codec
from ecluse.domain.documents import (
    DatasetScope,
    DeletionCertificate,
    Document,
    Permit,
    from_json,
    to_json,
)
from ecluse.domain.errors import InvalidInput, NotFound, OutOfScope, Refused
from ecluse.domain.permits import check_in_force
from ecluse.trust import canonical, documents
from ecluse.trust.documents import Verified
from ecluse.trust.keys import Keyring, PublicKey

app = typer.Typer(name="permit", help="Autorisations : lire, vérifier.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
PermitFile = Annotated[Path, typer.Argument(help="Fichier de l'autorisation signée.")]


@app.command()
def show(file: PermitFile, *, json: Json = False) -> None:
    """Résume une autorisation, sans vérifier sa signature.

    Exemple : [bold]ecluse permit show FR-2026-0001.json[/bold]
    """
    data = _read(file)
    envelope = canonical.decode(data)
    document = from_json(envelope.get("document") if isinstance(envelope, dict) else None)
    permit = _permit(document)
    answer = {"verified": False, "digest": canonical.digest(data), "document": to_json(document)}

    def render() -> None:
        console.print(_summary(permit, canonical.digest(data)))
        console.print("[yellow]Signature non vérifiée[/yellow] : « ecluse permit verify » le fait.")

    emit(answer, json=json, render=render)


@app.command()
def verify(
    file: PermitFile,
    *,
    key: Annotated[list[Path] | None, typer.Option(help="Clé publique (.pub) à croire.")] = None,
    keyring: Annotated[Path | None, typer.Option(help="Trousseau de clés publiques.")] = None,
    json: Json = False,
) -> None:
    """Prouve qu'une autorisation est celle que le guichet a signée, au caractère près.

    Exemple : [bold]ecluse permit verify FR-2026-0001.json --key portal-….pub[/bold]
    """
    now = datetime.now(UTC)
    verified = documents.verify(_read(file), _believed(key or [], keyring), now=now)
    permit = _permit(verified.document)
    state = _state(permit, now=now)
    emit(
        _answer(verified, state),
        json=json,
        render=lambda: _render(verified, permit, state),
    )


@app.command()
def deletion(
    file: Annotated[Path, typer.Argument(help="Certificat d'effacement signé.")],
    *,
    permit: Annotated[
        Path | None, typer.Option(help="L'autorisation signée dont les données sont effacées.")
    ] = None,
    key: Annotated[list[Path] | None, typer.Option(help="Clé publique (.pub) à croire.")] = None,
    keyring: Annotated[Path | None, typer.Option(help="Trousseau de clés publiques.")] = None,
    json: Json = False,
) -> None:
    """Prouve qu'un certificat d'effacement est celui que l'agent de la zone a signé.

    Exemple : [bold]ecluse permit deletion FR-2026-0001.deletion.json --keyring keys.json[/bold]
    """
    now = datetime.now(UTC)
    verified = documents.verify(_read(file), _believed(key or [], keyring), now=now)
    certificate = verified.document.body
    if not isinstance(certificate, DeletionCertificate):
        raise InvalidInput(
            f"Ce document est un {verified.document.kind}, pas un certificat d'effacement."
        )
    if permit is not None and canonical.digest(_read(permit)) != certificate.permit_digest:
        raise OutOfScope(f"Ce certificat ne porte pas sur l'autorisation {permit}.")
    answer = {
        "verified": True,
        "digest": verified.digest,
        "key_id": verified.key_id,
        "document": to_json(verified.document),
    }
    emit(answer, json=json, render=lambda: _render_deletion(verified, certificate))


def _render_deletion(verified: Verified, certificate: DeletionCertificate) -> None:
    title = f"Effacement des données de {certificate.permit_number}"
    table = Table(title=escape(title), show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for extract in certificate.extracts:
        files = "\n".join(f"{one.name} {one.digest}" for one in extract.files)
        table.add_row(f"Extraction {extract.order_number}", escape(files))
    table.add_row("Clés détruites", "\n".join(certificate.key_ids) or "aucune")
    table.add_row("Analyses", escape(", ".join(certificate.jobs)) or "aucune")
    table.add_row("Sorties détruites", str(len(certificate.outputs)))
    table.add_row("Espace interactif", "détruit" if certificate.workspace else "aucun")
    table.add_row("Par", escape(certificate.agent))
    table.add_row("Le", codec.format_instant(certificate.finished_at))
    console.print(table)
    console.print(f"[green]✓ Signature vérifiée[/green] : {escape(verified.key_id)}.")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"{file} n'existe pas : vérifiez le chemin.") from error
    except OSError as error:
        raise InvalidInput(f"{file} n'est pas un fichier lisible : vérifiez le chemin.") from error


def _believed(paths: list[Path], keyring: Path | None) -> Keyring:
    if not paths and keyring is None:
        raise InvalidInput(
            "Donnez la clé publique du guichet avec --key, ou un trousseau avec --keyring : le "
            "guichet publie les siennes à l'adresse /keys.json."
        )
    believed = Keyring() if keyring is None else Keyring.load(_existing(keyring))
    for path in paths:
        believed = believed.with_key(PublicKey.parse(_read(path)))
    return believed


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise NotFound(f"{path} n'existe pas : vérifiez le chemin du trousseau.")
    return path


def _permit(document: Document) -> Permit:
    if not isinstance(document.body, Permit):
        raise InvalidInput(f"Ce document est un {document.kind}, pas une autorisation.")
    return document.body


def _state(permit: Permit, *, now: datetime) -> str:
    """Say whether the permit may be used now, so far as the document alone can tell."""
    try:
        check_in_force(permit, (), now=now)
    except Refused as error:
        return error.code
    return "in-force"


def _answer(verified: Verified, state: str) -> dict[str, object]:
    return {
        "verified": True,
        "digest": verified.digest,
        "key_id": verified.key_id,
        "state": state,
        "document": to_json(verified.document),
    }


STATES = {
    "in-force": "[green]en vigueur[/green], sauf révocation ou suspension ultérieure",
    "expired": "[red]terminée[/red]",
    "not-yet-valid": "[yellow]pas encore commencée[/yellow]",
}


def _render(verified: Verified, permit: Permit, state: str) -> None:
    console.print(_summary(permit, verified.digest))
    console.print(
        f"[green]✓ Signature vérifiée[/green] : {escape(verified.key_id)}, le "
        f"{codec.format_instant(verified.document.issued_at)}. Aujourd'hui : {STATES[state]}."
    )


def _summary(permit: Permit, digest: str) -> Table:
    table = Table(title=escape(f"Autorisation {permit.permit_number}"), show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in _lines(permit):
        table.add_row(name, escape(value))
    table.add_row("Empreinte", digest)
    return table


def _lines(permit: Permit) -> Iterator[tuple[str, str]]:
    yield "Projet", permit.title
    yield "Organisme", permit.organisation
    yield (
        "Personnes",
        "\n".join(
            f"{person.name} <{person.subject}>"
            + (" (responsable)" if person.is_principal_investigator else "")
            for person in permit.persons
        ),
    )
    yield "Finalités", ", ".join(permit.purposes)
    for scope in permit.datasets:
        tables = ", ".join(f"{table.table} ({len(table.columns)})" for table in scope.tables)
        yield "Données", f"{scope.dataset}, soins du {scope.care_from} au {scope.care_to}"
        yield "Tables (colonnes)", tables
        coarsened = "\n".join(_coarsened(scope))
        if coarsened:
            yield "Moins précises", coarsened
    if permit.together:
        yield "Données ensemble", f"{', '.join(permit.together)} : {permit.together_reason}"
    yield "Forme", permit.data_format.value
    yield "Validité", f"du {permit.valid_from} au {permit.valid_until}"
    yield "Seuil de diffusion", f"{permit.minimum_count} personnes"
    yield "Oppositions", _opt_outs(permit)
    yield "Décision", f"{permit.decided_by}, le {codec.format_instant(permit.decided_at)}"


def _coarsened(scope: DatasetScope) -> Iterator[str]:
    for table in scope.tables:
        for one in table.coarsened:
            yield f"{table.table}.{one.column} : {one.to.value} {one.step or ''}".rstrip()


def _opt_outs(permit: Permit) -> str:
    if permit.applies_opt_out_exception:
        return f"exception motivée : {permit.opt_out_exception_reason}"
    return "respectées"
