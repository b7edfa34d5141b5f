"""`ecluse third-party`: the trusted third party's key, in a process of its own."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.console import read_file, say
from ecluse.domain.errors import InvalidInput, NotAllowed

app = typer.Typer(
    name="third-party",
    help="Tiers de confiance : sa clé, dans un programme à lui.",
    no_args_is_help=True,
)

MOST_AT_ONCE = 200_000

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Socket = Annotated[Path, typer.Option(help="Chemin du socket Unix.")]
Folder = Annotated[Path, typer.Option(help="Dossier du tiers de confiance, à son compte seul.")]


@app.command()
def prepare(*, folder: Folder, json: Json = False) -> None:
    """Crée le dossier du tiers de confiance et sa clé, si elle n'existe pas.

    Pour une clé dans un module de sécurité : [bold]ecluse optouts third-party-key[/bold].
    """
    from ecluse.trust import durable
    from ecluse.trust.pseudonyms.national_numbers import IN_FILE, IN_TOKEN, KEY_BYTES

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    path = folder / "keys" / IN_FILE
    if path.exists() or (folder / "keys" / IN_TOKEN).exists():
        raise InvalidInput(f"{folder} a déjà une clé : une autre ne nommerait plus personne.")
    durable.write(path, secrets.token_bytes(KEY_BYTES))
    say(f"Clé créée : {path}", {"path": str(path)}, json=json)


@app.command()
def serve(*, socket: Socket, folder: Folder) -> None:
    """Répond sur un socket Unix, sous un compte à part, à qui third-party.toml l'autorise.

    Refuse les lots trop petits, alerte sur le débit, tient un journal sans aucun numéro.
    Exemple : [bold]ecluse third-party serve --socket /run/tiers/key --folder /srv/tiers[/bold]
    """
    from ecluse.trust.third_party.listener import Listener, open_gate
    from ecluse.trust.zone.settings import ZoneSettings

    if os.geteuid() == 0:
        raise NotAllowed("Jamais sous root : donnez un compte à part au tiers de confiance.")
    token = ZoneSettings.load(folder).tokens.get("national")
    with open_gate(folder, token=token, warn=_warn) as gate, Listener(socket, gate) as listener:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        sys.stdout.write(f"{socket}\n")
        sys.stdout.flush()
        try:
            listener.serve_forever()
        finally:
            socket.unlink(missing_ok=True)


@app.command()
def batch(
    numbers: Annotated[Path, typer.Argument(help="Numéros nationaux, un par ligne.")],
    *,
    socket: Socket,
    out: Annotated[Path, typer.Option(help="Fichier à créer : un pseudonyme par ligne.")],
    nonce: Annotated[str, typer.Option(help="Nombre tiré pour un petit lot admis.")] = "",
    approval: Annotated[
        list[Path] | None, typer.Option(help="Accord d'un dépositaire, pour un petit lot (2 fois).")
    ] = None,
    json: Json = False,
) -> None:
    """Demande au tiers de confiance les pseudonymes d'un lot, dans le même ordre.

    Exemple : [bold]ecluse third-party batch numeros.txt --socket /run/tiers/key --out noms[/bold]
    """
    from ecluse.domain import codec
    from ecluse.trust import durable
    from ecluse.trust.custody.key_sockets import SocketKey
    from ecluse.trust.pseudonyms.custodians import load_approval

    asked = _numbers(numbers)
    given = [codec.encode(load_approval(path)) for path in approval or ()]
    key = SocketKey(socket)
    answered = (key.derive_batch(one, nonce=nonce, approvals=given) for one in _pieces(asked))
    names = [name for piece in answered for name in piece]
    durable.write(out, "".join(f"{name.hex().upper()}\n" for name in names).encode())
    say(f"{len(names)} pseudonymes dans {out}.", {"persons": len(names)}, json=json)


@app.command()
def approve(
    numbers: Annotated[Path, typer.Argument(help="Numéros nationaux, un par ligne.")],
    *,
    name: Annotated[str, typer.Option(help="Nom du dépositaire.")],
    folder: Annotated[Path, typer.Option(help="Dossier du dépositaire.")],
    out: Annotated[Path, typer.Option(help="Fichier de l'accord, à créer.")],
    nonce: Annotated[
        str | None, typer.Option(help="Celui du premier dépositaire ; sinon, tiré au sort.")
    ] = None,
    json: Json = False,
) -> None:
    """Admet un petit lot, par l'un des deux dépositaires ; l'autre reprend le même --nonce."""
    from ecluse.trust import durable
    from ecluse.trust.pseudonyms import custodians
    from ecluse.trust.third_party.gate import SMALL_BATCH, digest_batch

    drawn, asked = nonce or secrets.token_hex(16), _numbers(numbers)
    given = custodians.approve(folder, name, digest_batch(asked, drawn), purpose=SMALL_BATCH)
    durable.write(out, given.line(), mode=0o644)
    said = f"{name} admet un lot de {len(asked)}, --nonce {drawn}."
    say(said, {"persons": len(asked), "nonce": drawn}, json=json)


def _numbers(path: Path) -> list[str]:
    from ecluse.trust.pseudonyms.national_numbers import checked_number

    return [checked_number(line) for line in read_file(path).decode().split("\n") if line]


def _warn(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _pieces(asked: list[str]) -> Iterator[list[str]]:
    """Yield the numbers in even pieces, so that none is a small batch."""
    count = -(-len(asked) // MOST_AT_ONCE)
    size = -(-len(asked) // max(count, 1))
    yield from (asked[start : start + size] for start in range(0, len(asked), max(size, 1)))
