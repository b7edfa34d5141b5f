"""`ecluse journal witness`: sign what a journal shows, and never two pasts of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.console import say
from ecluse.cli.home import Home
from ecluse.cli.journal_sources import Source, keyring_of, named_source
from ecluse.trust.journal import checkpoints, cosignatures, proofs
from ecluse.trust.journal.reading import Reading
from ecluse.trust.journal.witnesses import Submission, Witness, create_witness

app = typer.Typer(
    name="witness",
    help="Témoin : cosigne un journal qui n'a fait que grandir.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Folder = Annotated[Path, typer.Argument(help="Dossier du témoin : sa clé, ce qu'il a vu.")]
SourceName = Annotated[str, typer.Argument(help="zone, public, checking ou un fichier.")]
KeyFiles = Annotated[
    list[Path] | None, typer.Option("--key", help="Clé publique (.pub) du journal, en plus.")
]


@app.command()
def create(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="Nom du témoin, pour toujours : cnil.example.")],
    *,
    json: Json = False,
) -> None:
    """Crée la clé d'un témoin et dit sa clé publique, à donner à ceux qui vérifient.

    Exemple : [bold]ecluse journal witness create /srv/temoin cnil.example[/bold]
    """
    key = create_witness(folder, name)
    say(f"Témoin créé. Sa clé : {key}", {"key": str(key)}, json=json)


@app.command()
def sign(folder: Folder, source: SourceName, *, key: KeyFiles = None, json: Json = False) -> None:
    """Cosigne le dernier point de contrôle d'un journal, s'il prolonge ce que le témoin a vu.

    Exemple : [bold]ecluse journal witness sign /srv/temoin public[/bold]
    """
    home = Home.find()
    witness = Witness(folder, keyring_of(home, key or []))
    found = named_source(home, source)
    with found.reading() as journal:
        seen = checkpoints.read_checkpoint(journal.note)
        old = witness.last_size(seen.origin)
        line = witness.add_checkpoint(submission(journal, old), at=datetime.now(UTC))
    keep(found, journal.note, line)
    said = f"{witness.key.name} a cosigné {seen.size} entrées de {seen.origin} ({old} avant)."
    data = {"witness": witness.key.name, "origin": seen.origin, "size": seen.size, "before": old}
    say(said, data, json=json)


@app.command()
def request(
    source: SourceName,
    file: Annotated[Path, typer.Argument(help="Fichier à écrire, pour le témoin.")],
    *,
    old: Annotated[int, typer.Option(help="Entrées que le témoin a déjà vues.")] = 0,
    json: Json = False,
) -> None:
    """Écrit ce qu'un témoin éloigné doit recevoir : point de contrôle et preuve de continuité.

    Exemple : [bold]ecluse journal witness request public demande.txt --old 1200[/bold]
    """
    with named_source(Home.find(), source).reading() as journal:
        file.write_text(str(submission(journal, old)), encoding="utf-8")
    say(f"Écrit : {file}.", {"file": str(file)}, json=json)


@app.command()
def answer(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="Demande reçue.")],
    *,
    key: KeyFiles = None,
    json: Json = False,
) -> None:
    """Cosigne la demande d'un journal éloigné et dit la ligne à lui rendre.

    Exemple : [bold]ecluse journal witness answer /srv/temoin demande.txt --key portal-….pub[/bold]
    """
    witness = Witness(folder, keyring_of(Home.find(), key or []))
    asked = Submission.parse(file.read_text(encoding="utf-8"))
    line = witness.add_checkpoint(asked, at=datetime.now(UTC)).rstrip("\n")
    say(line, {"line": line}, json=json)


@app.command()
def add(
    source: SourceName,
    file: Annotated[Path, typer.Argument(help="Demande envoyée au témoin.")],
    line: Annotated[str, typer.Argument(help="Ligne que le témoin a rendue.")],
    *,
    json: Json = False,
) -> None:
    """Garde à côté du journal la cosignature d'un témoin éloigné.

    Exemple : [bold]ecluse journal witness add public demande.txt "— cnil.example …"[/bold]
    """
    asked = Submission.parse(file.read_text(encoding="utf-8"))
    keep(named_source(Home.find(), source), asked.note, line)
    said = "La cosignature est à côté du journal : « ecluse journal verify » la contrôle."
    say(said, {"kept": True}, json=json)


def submission(journal: Reading, old: int) -> Submission:
    """Return what a witness that has seen `old` entries is asked to sign."""
    size = checkpoints.read_checkpoint(journal.note).size
    has_proof = 0 < old <= size
    proof = proofs.consistency_proof(journal.tree, old, size=size) if has_proof else []
    return Submission(old, tuple(proof), journal.note)


def keep(source: Source, note: str, line: str) -> None:
    """Keep a witness's line beside a journal. Raises StorageFull."""
    cosignatures.add_cosignature(cosignatures.cosigned_path(source.path), note, line)
