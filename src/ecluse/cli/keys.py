"""`ecluse keys`: the keys of the four signers, each in the custody of its room."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli import keys_ceremony
from ecluse.cli.console import console, emit
from ecluse.cli.home import Home
from ecluse.domain.codec import format_instant
from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust import documents, keys, rotation
from ecluse.trust.keys import Keyring, PublicKey

app = typer.Typer(
    name="keys", help="Clés des signataires : créer, remplacer, lister.", no_args_is_help=True
)

app.add_typer(keys_ceremony.app)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
SignerArgument = Annotated[Signer, typer.Argument(help="À qui est la clé.")]


@app.command()
def create(signer: SignerArgument, *, json: Json = False) -> None:
    """Crée la première clé d'un signataire et la fait connaître aux pièces de cette machine.

    Exemple : [bold]ecluse keys create register[/bold]
    """
    home, now = Home.find(), datetime.now(UTC)
    folder = key_folder(home, signer)
    try:
        present = keys.load_signing_key(folder, signer)
    except NotFound:
        pass
    else:
        raise InvalidInput(
            f"{signer.value} a déjà la clé {present.key_id} : remplacez-la avec "
            f"« ecluse keys rotate {signer.value} »."
        )
    key = keys.create_key(folder, signer, now=now)
    for path in _keyring_paths(home):
        Keyring.load(path).with_key(key.public()).save(path)
    public = folder / f"{key.key_id}.pub"
    _say(f"Clé créée : {public} (à remettre aux autres machines).", public, key.key_id, json=json)


@app.command()
def rotate(signer: SignerArgument, *, json: Json = False) -> None:
    """Remplace la clé d'un signataire : l'ancienne signe le nom de la nouvelle.

    Les pièces de cette machine l'acceptent aussitôt ; aux autres, portez le fichier
    [bold].rotation[/bold], à lire là-bas avec [bold]ecluse keys accept[/bold].
    """
    home, now = Home.find(), datetime.now(UTC)
    folder = key_folder(home, signer)
    new, data = rotation.rotate(folder, signer, now=now)
    _accept_here(home, data, now=now)
    path = folder / f"{new.key_id}.rotation"
    _say(f"Nouvelle clé {new.key_id} ; à porter ailleurs : {path}", path, new.key_id, json=json)


@app.command()
def accept(
    file: Annotated[Path, typer.Argument(help="Fichier .rotation d'un autre signataire.")],
    *,
    json: Json = False,
) -> None:
    """Accepte la nouvelle clé d'un signataire, si l'ancienne l'a bien signée.

    Exemple : [bold]ecluse keys accept portal-….rotation[/bold]
    """
    if not file.is_file():
        raise InvalidInput(f"{file} n'est pas un fichier : vérifiez le chemin.")
    key_id = _accept_here(Home.find(), file.read_bytes(), now=datetime.now(UTC))
    _say("Nouvelle clé acceptée.", file, key_id, json=json)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Nom de la clé perdue ou volée.")],
    *,
    json: Json = False,
) -> None:
    """Ne croit plus rien d'une clé, même ce qu'elle a signé avant : elle est perdue ou volée."""
    home, now = Home.find(), datetime.now(UTC)
    known = [path for path in _keyring_paths(home) if key_id in Keyring.load(path).keys]
    if not known:
        raise NotFound(f"Aucune pièce de {home.path} ne connaît la clé {key_id}.")
    for path in known:
        keyring = Keyring.load(path)
        if keyring.keys[key_id].revoked_at is None:
            keyring.revoked(key_id, keys.to_milliseconds(now)).save(path)
    _say(f"Clé {key_id} révoquée dans {len(known)} pièces.", home.path, key_id, json=json)


@app.command("list")
def list_keys(*, json: Json = False) -> None:
    """Liste les clés que chaque pièce de cette machine croit."""
    home = Home.find()
    believed = [
        (path.parent.name, key)
        for path in _keyring_paths(home)
        for key in Keyring.load(path).keys.values()
    ]
    emit(
        {"keys": [{"room": room, **_facts(key)} for room, key in believed]},
        json=json,
        render=lambda: _show(believed),
    )


def key_folder(home: Home, signer: Signer) -> Path:
    """Return the folder of private keys of the room that keeps the key of `signer`."""
    rooms = {
        Signer.PORTAL: home.portal,
        Signer.REGISTER: home.portal,
        Signer.CHECKING_ROOM: home.checking,
        Signer.AGENT: home.zone,
    }
    return home.keys(rooms[signer])


def _keyring_paths(home: Home) -> list[Path]:
    rooms = [room for room in (home.portal, home.checking, home.zone) if room.is_dir()]
    return [home.keyring(room) for room in rooms]


def _accept_here(home: Home, data: bytes, *, now: datetime) -> str:
    """Have every room of this machine accept a rotation, or none; return the new key's name."""
    accepted, key_id = [], ""
    for path in _keyring_paths(home):
        keyring = Keyring.load(path)
        verified = documents.verify(data, keyring, now=now)
        key_id = rotation.read_rotation(verified).new_key_id
        accepted.append((path, rotation.accept_rotation(keyring, verified, now)))
    for path, keyring in accepted:
        keyring.save(path)
    return key_id


def _facts(key: PublicKey) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "signer": key.signer.value,
        "valid_from": format_instant(key.valid_from),
        "valid_until": None if key.valid_until is None else format_instant(key.valid_until),
        "revoked_at": None if key.revoked_at is None else format_instant(key.revoked_at),
    }


def _show(believed: list[tuple[str, PublicKey]]) -> None:
    table = Table(title="Clés crues", title_justify="left")
    for heading in ("pièce", "signataire", "clé", "depuis", "jusqu'à", "révoquée"):
        table.add_column(heading, no_wrap=True)
    for room, key in believed:
        facts = _facts(key)
        dates = (facts["valid_from"], facts["valid_until"], facts["revoked_at"])
        shown = (str(date)[:10] if date else "—" for date in dates)
        table.add_row(room, key.signer.value, key.key_id, *shown)
    console.print(table)


def _say(text: str, path: Path, key_id: str, *, json: bool) -> None:
    emit(
        {"key_id": key_id, "path": str(path)},
        json=json,
        render=lambda: console.print(escape(text), soft_wrap=True),
    )
