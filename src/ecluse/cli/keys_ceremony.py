"""`ecluse keys ceremony`: a key made, and opened, by several custodians together."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecluse.cli.console import say
from ecluse.cli.home import Home
from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput
from ecluse.trust import keys
from ecluse.trust.keys import Keyring

if TYPE_CHECKING:
    from ecluse.trust.keys import SigningKey

app = typer.Typer(
    name="ceremony",
    help="Cérémonies : une clé faite, puis ouverte, par plusieurs dépositaires.",
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Argument(help="Dossier de la cérémonie.")]
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
Made = Annotated[
    Path | None, typer.Option("--opens", help="Dossier de la cérémonie qui a fait la clé à ouvrir.")
]
KeyringFile = Annotated[
    Path | None, typer.Option("--keyring", help="Trousseau ; sinon, celui de la zone.")
]
Officer = Annotated[
    Path | None, typer.Option(help="Dossier des clés de l'officiant ; sinon, celui de la zone.")
]


@app.command()
def custodian(
    name: Annotated[str, typer.Argument(help="Nom, en minuscules.")],
    *,
    organisation: Annotated[str, typer.Option(help="Organisme auquel cette personne répond.")],
    folder: Annotated[Path, typer.Option(help="Support du dépositaire, pour ses clés privées.")],
    json: Json = False,
) -> None:
    """Crée les clés d'un dépositaire, sur son propre support ; donnez son fichier .custodian.

    Exemple : [bold]ecluse keys ceremony custodian alice --organisation Hub --folder clef[/bold]
    """
    from ecluse.trust.envelopes.custodians import PUBLIC, create_custodian

    made = create_custodian(folder, name, organisation)
    path = folder / f"{made.name}{PUBLIC}"
    say(f"À donner : {path}", {"custodian": made.name, "path": str(path)}, json=json)


@app.command()
def start(  # noqa: PLR0913 - a command line has as many options as people need
    folder: Folder,
    *,
    name: Annotated[str | None, typer.Option(help="Nom de la clé à faire.")] = None,
    custodian: Annotated[
        list[Path] | None, typer.Option(help="Fichier .custodian de chacun.")
    ] = None,
    threshold: Annotated[int, typer.Option(min=2, help="Combien ouvrent la clé.")] = 3,
    opens: Made = None,
    keyring: KeyringFile = None,
    json: Json = False,
) -> None:
    """Commence une cérémonie : faire une clé, ou (--opens) ouvrir celle qu'une autre a faite.

    Aucun organisme ne peut à lui seul atteindre le seuil.
    """
    from ecluse.trust.envelopes import ceremonies
    from ecluse.trust.envelopes.custodians import Custodian

    if opens is not None:
        plan = ceremonies.start_opening(folder, opens, _keyring(keyring))
    elif name is None:
        raise InvalidInput("Donnez --name et les --custodian, ou --opens.")
    else:
        found = tuple(Custodian.load(path) for path in custodian or ())
        plan = ceremonies.start(folder, name, found, threshold=threshold)
    names = ", ".join(one.name for one in plan.custodians)
    said = f"Cérémonie {plan.number} : {plan.threshold} parmi {names}. Chacun contribue."
    data = {"number": plan.number, "kind": plan.kind.value, "threshold": plan.threshold}
    say(said, data, json=json)


@app.command()
def contribute(
    folder: Folder,
    *,
    name: Annotated[str, typer.Option(help="Nom du dépositaire.")],
    keys_folder: Annotated[Path, typer.Option("--keys", help="Support de ses clés.")],
    opens: Made = None,
    json: Json = False,
) -> None:
    """Apporte ce qu'un dépositaire apporte : du hasard, ou sa part de la clé à ouvrir (--opens).

    Exemple : [bold]ecluse keys ceremony contribute ici --name alice --keys /media/alice[/bold]
    """
    from ecluse.trust.envelopes import ceremonies
    from ecluse.trust.envelopes.custodians import load_custodian_keys

    mine = load_custodian_keys(keys_folder, name)
    path = ceremonies.contribute(folder, mine, made=opens)
    say(f"{name} a contribué.", {"custodian": name, "path": str(path)}, json=json)


@app.command()
def finish(
    folder: Folder,
    *,
    opens: Made = None,
    out: Annotated[
        Path | None, typer.Option(help="Où écrire la clé ouverte, pour son seul propriétaire.")
    ] = None,
    officer: Officer = None,
    json: Json = False,
) -> None:
    """Finit une cérémonie : parts scellées, ou clé ouverte ; signe le procès-verbal.

    La clé faite n'est écrite nulle part : seules le sont sa moitié publique et les parts.
    """
    from ecluse.trust.envelopes import ceremonies

    signer, now = _officer(officer), datetime.now(UTC)
    if opens is None:
        done = ceremonies.finish(folder, signer, now=now)
    elif out is None:
        raise InvalidInput("Donnez --out : où écrire la clé ouverte.")
    else:
        done = ceremonies.finish_opening(folder, opens, signer, out=out, now=now)
    said = f"{done.key_id} : {len(done.contributions)} contributions, {len(done.shares)} parts."
    data = {"key_id": done.key_id, "kind": done.kind.value, "shares": len(done.shares)}
    say(said, data, json=json)


@app.command()
def verify(folder: Folder, *, keyring: KeyringFile = None, json: Json = False) -> None:
    """Vérifie le procès-verbal d'une cérémonie, et chaque fichier qu'il nomme."""
    from ecluse.trust.envelopes import ceremonies

    found = ceremonies.verify(folder, _keyring(keyring))
    names = ", ".join(one.custodian for one in found.contributions)
    said = f"Procès-verbal juste : {found.key_id}, contributions de {names}."
    data = {
        "key_id": found.key_id,
        "kind": found.kind.value,
        "contributions": [one.custodian for one in found.contributions],
        "shares": len(found.shares),
    }
    say(said, data, json=json)


def _officer(folder: Path | None) -> SigningKey:
    home = Home.find()
    return keys.load_signing_key(folder or home.keys(home.zone), Signer.AGENT)


def _keyring(path: Path | None) -> Keyring:
    home = Home.find()
    return Keyring.load(path or home.keyring(home.zone))
