"""`ecluse optouts at-source`: a data holder finds which of its own persons to leave out."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecluse.cli.console import read_file, say
from ecluse.domain.errors import BadSignature, InvalidInput, OutOfScope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecluse.trust.source_lists import SourceList

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
COLUMNS = ("person", "identifier")


def at_source(  # noqa: PLR0913 - a command line has as many options as people need
    document: Annotated[Path, typer.Argument(help="Document signé : DEMANDE.opt-outs.json.")],
    *,
    sealed: Annotated[Path, typer.Option(help="Liste scellée : DEMANDE.opt-outs.sealed.")],
    open_with: Annotated[Path, typer.Option("--open-with", help="Clé privée : .opening.key.")],
    persons: Annotated[
        Path, typer.Option(help="CSV : person;identifier, une ligne par identifiant connu.")
    ],
    out: Annotated[Path, typer.Option(help="Fichier à créer : les personnes à écarter.")],
    keyring: Annotated[Path, typer.Option(help="Clés publiques du site : /keys.json.")],
    json: Json = False,
) -> None:
    """Chez un détenteur : quelles personnes écarter avant de remettre les données d'une demande.

    Exemple : [bold]ecluse optouts at-source D-1-H1.opt-outs.json --sealed D-1-H1.opt-outs.sealed
    --open-with chu.opening.key --persons p.csv --out opposees.csv --keyring cles.json[/bold]
    """
    from ecluse.trust import durable

    if out.exists():
        raise InvalidInput(f"{out} existe déjà : donnez un fichier à créer.")
    listed = opened(document, sealed, open_with=open_with, keyring=keyring)
    known = list(_rows(persons))
    left_out = sorted(_left_out(known, listed))
    durable.write(out, "".join(f"{one}\n" for one in ("person", *left_out)).encode())
    count = len({person for person, _ in known})
    told = f"{len(left_out)} personnes à écarter sur {count} : {out}"
    say(told, {"left_out": len(left_out), "of": count}, json=json)


def opened(document: Path, sealed: Path, *, open_with: Path, keyring: Path) -> SourceList:
    """Return the list of a signed document, from its sealed file.

    Raises BadSignature: not the file of this document, or not for this key; OutOfScope.
    """
    from ecluse.domain.documents import SourceOptOuts
    from ecluse.trust import canonical, documents, sealing, source_lists
    from ecluse.trust.keys import Keyring

    verified = documents.verify(
        read_file(document), Keyring.load(keyring), now=datetime.now(UTC)
    ).document.body
    if not isinstance(verified, SourceOptOuts):
        raise OutOfScope(f"C'est un {type(verified).__name__}, pas une liste pour un détenteur.")
    if canonical.digest_file(sealed) != verified.file_digest:
        raise BadSignature(f"{sealed} n'est pas la liste de ce document : retéléchargez les deux.")
    key = sealing.load_opening_key(open_with)
    found = source_lists.open_list(read_file(sealed), key, call_number=verified.call_number)
    bound = {one.basis: one.commitment for one in verified.lists}
    held = {one.basis: one.commitment for one in found.commitments() if one.basis in bound}
    if held != bound:
        raise BadSignature("La liste scellée n'est pas celle que le document signé engage.")
    return found


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each person and one of its identifiers. Raises InvalidInput, without a value."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        if tuple(next(rows, ())) != COLUMNS:
            raise InvalidInput(f"{path} commence par : {';'.join(COLUMNS)}.")
        for number, row in enumerate(rows, start=2):
            if len(row) != len(COLUMNS):
                raise InvalidInput(f"{path}, ligne {number} : deux colonnes sont attendues.")
            yield row[0], row[1].strip()


def _left_out(rows: Iterable[tuple[str, str]], listed: SourceList) -> set[str]:
    return {person for person, identifier in rows if listed.bases_of((identifier,))}
