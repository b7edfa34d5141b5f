"""`ecluse journal`: prove one entry, check a proof, stamp, copy, hand out the verifier."""

import os
import sys
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

import typer

from ecluse.cli.console import read_file, say
from ecluse.cli.home import Home
from ecluse.cli.journal_sources import keyring_of, named_source, trusted_by
from ecluse.domain import codec
from ecluse.domain.errors import BadSignature, InvalidInput, SetupIncomplete
from ecluse.trust import canonical
from ecluse.trust.journal import checkpoints, copies, inclusion, stamps, tree
from ecluse.trust.journal.cosignatures import split
from ecluse.trust.journal.entries import Entry

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
SourceName = Annotated[str, typer.Argument(help="zone, public, checking ou un fichier.")]
KeyFiles = Annotated[list[Path] | None, typer.Option("--key", help="Clé publique (.pub) en plus.")]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", help="Témoins et autorités (witnesses.toml).")
]


def prove(
    source: SourceName,
    entry: Annotated[int, typer.Argument(min=1, help="Numéro de l'entrée.")],
    file: Annotated[Path, typer.Argument(help="Fichier à écrire.")],
    *,
    json: Json = False,
) -> None:
    """Écrit la preuve qu'une entrée est dans un journal, à vérifier sans lui.

    Exemple : [bold]ecluse journal prove zone 314 preuve.txt[/bold]
    """
    with named_source(Home.find(), source).reading() as journal:
        if entry > checkpoints.read_checkpoint(journal.note).size:
            raise InvalidInput(f"Le journal n'a pas d'entrée {entry}.")
        line = journal.lines(entry - 1, entry)[0]
        proof = inclusion.prove(
            journal.tree, entry - 1, journal.note, leaf=tree.leaf_hash(line), line=line
        )
    file.write_text(str(proof), encoding="utf-8")
    say(f"Écrit : {file} ({len(proof.path)} empreintes).", {"file": str(file)}, json=json)


def check(
    proof: Annotated[Path, typer.Argument(help="Preuve d'une entrée.")],
    *,
    document: Annotated[Path | None, typer.Option(help="Document que l'entrée nomme.")] = None,
    leaf: Annotated[str | None, typer.Option(help="Empreinte de l'entrée, si elle manque.")] = None,
    key: KeyFiles = None,
    policy: PolicyFile = None,
    json: Json = False,
) -> None:
    """Vérifie la preuve d'une entrée, ses témoins, et le document qu'elle nomme.

    Exemple : [bold]ecluse journal check preuve.txt --document recu.json --key portal-….pub[/bold]
    """
    home = Home.find()
    given = inclusion.InclusionProof.parse(proof.read_text(encoding="utf-8"))
    seen = inclusion.check(given, keyring_of(home, key or []), leaf=_hash(leaf))
    trusted = trusted_by(home, policy).policy
    trusted.require(given.note)
    entry = None if given.line is None else Entry.parse(given.line)
    if document is not None and _digest(document) != (entry and entry.digest):
        raise BadSignature(f"L'entrée {given.index + 1} ne nomme pas le document {document}.")
    witnesses = [one.name for one in trusted.witnesses_of(given.note)]
    action = None if entry is None else f"{entry.action} {entry.subject}"
    said = (
        f"L'entrée {given.index + 1} ({action or 'non montrée'}) est dans {seen.origin}, sous un "
        f"point de contrôle de {seen.size} entrées. Témoins : {', '.join(witnesses) or 'aucun'}."
    )
    data = {
        "origin": seen.origin,
        "entry": given.index + 1,
        "action": action,
        "size": seen.size,
        "witnesses": witnesses,
    }
    say(said, data, json=json)


def stamp(
    source: SourceName,
    authority: Annotated[str, typer.Argument(help="Adresse https de l'autorité (RFC 3161).")],
    *,
    policy: PolicyFile = None,
    json: Json = False,
) -> None:
    """Fait horodater le dernier point de contrôle par une autorité, et garde sa réponse à côté.

    Exemple : [bold]ecluse journal stamp public https://horodatage.example/tsa[/bold]
    """
    home = Home.find()
    roots = trusted_by(home, policy).roots
    if not roots:
        raise SetupIncomplete("Nommez la racine de l'autorité dans witnesses.toml (authorities).")
    found = named_source(home, source)
    note = found.read().checkpoints[-1:]
    if not note:
        raise InvalidInput(f"Le journal {source} est vide : rien à horodater.")
    made = stamps.stamp(note[0], stamps.over_http(authority), roots)
    stamps.add_stamp(stamps.stamps_path(found.path), made)
    size, at = checkpoints.read_checkpoint(note[0]).size, stamps.verify_stamp(made, roots)
    said = f"{size} entrées horodatées : {codec.format_instant(at)}."
    say(said, {"size": size, "at": codec.format_instant(at)}, json=json)


def copy(
    source: SourceName,
    address: Annotated[str, typer.Argument(help="file:///…, s3+https://hôte/compartiment/…")],
    *,
    host: Annotated[str, typer.Option(help="Nom dont lire les clés d'accès.")] = "host",
    days: Annotated[int, typer.Option(min=0, help="Jours sans effacement possible.")] = 0,
    key: KeyFiles = None,
    json: Json = False,
) -> None:
    """Copie un journal chez un hébergeur, en tuiles écrites une fois ; ce qui y est n'est pas relu.

    Exemple : [bold]ecluse journal copy zone s3+https://hote.example/preuves/zone --days 365[/bold]
    """
    from ecluse.hosting.stores.addresses import open_store

    home, store = Home.find(), open_store(address, host=host, environment=os.environ)
    found = named_source(home, source)
    until = datetime.now(UTC) + timedelta(days=days) if days else None
    with found.reading() as journal:
        cosigned = [one for one in found.said().cosigned if split(one)[0] == journal.note]
        original = copies.Original(
            journal.tree, journal.lines, journal.note, cosigned[-1] if cosigned else None
        )
        done = copies.copy(original, store, keyring_of(home, key or []), locked_until=until)
    said = f"{done.after} entrées copiées ({done.before} avant), {done.written} objets écrits."
    data = {"before": done.before, "after": done.after, "written": done.written}
    say(said, data, json=json)


def verifier() -> None:
    """Donne le vérificateur hors ligne : un seul fichier, sans rien à installer.

    Exemple : [bold]ecluse journal verifier > verify.py[/bold]
    """
    sys.stdout.write(verifier_text())


def verifier_text() -> str:
    """Return the one-file verifier that a site hands out."""
    package = resources.files("ecluse.trust.journal")
    return package.joinpath("offline_verifier.py").read_text(encoding="utf-8")


def _hash(leaf: str | None) -> bytes | None:
    try:
        return None if leaf is None else bytes.fromhex(leaf)
    except ValueError:
        raise InvalidInput("--leaf attend 64 chiffres hexadécimaux, ceux de la page.") from None


def _digest(document: Path) -> str:
    return canonical.digest(read_file(document))


COMMANDS: Final = (prove, check, stamp, copy, verifier)
"""What `ecluse journal` adds to `verify` and `export`."""
