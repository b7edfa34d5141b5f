"""`ecluse hosting drill`: leave a host under attack and come back, on objects made for it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ecluse.cli.console import console, emit
from ecluse.cli.home import Home
from ecluse.cli.lake_options import steps
from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, SnapshotDamaged
from ecluse.trust import documents, durable, keys

if TYPE_CHECKING:
    from ecluse.domain.documents import DrillReport
    from ecluse.hosting.drills.drill import Setting

MEGABYTE = 1_000_000
FOLDER = "drills"
STEPS: Mapping[str, str] = {
    "planned": "scelle et dépose chez l’hébergeur quitté",
    "copied": "copie, tuée et reprise",
    "verified": "relit tout",
    "struck": "altère, et cherche ce qui est trouvé",
    "cut-over": "bascule et revient",
    "taken": "cherche à lire sans la clé",
    "erased": "efface",
}
GOALS: Mapping[str, str] = {
    "same-root": "même racine aux deux hébergeurs",
    "sent-once": "octets envoyés deux fois, 5 % au plus",
    "all-found": "altérations trouvées et nommées",
    "mended": "objets réparés",
    "cut-over": "bascules",
    "rolled-back": "retour",
    "unread": "témoins illisibles sans la clé",
}


def drill(  # noqa: PLR0913 - a command line has as many options as people need
    source: Annotated[
        str | None, typer.Argument(help="Adresse vide à quitter ; sinon un dossier passager.")
    ] = None,
    target: Annotated[
        str | None, typer.Argument(help="Adresse vide où aller ; sinon un dossier passager.")
    ] = None,
    *,
    megabytes: Annotated[int, typer.Option(min=1, help="Taille du jeu, en Mo.")] = 200,
    kills: Annotated[int, typer.Option(min=0, help="Fois où la copie est tuée.")] = 2,
    corruptions: Annotated[int, typer.Option(min=1, help="Objets altérés.")] = 200,
    canaries: Annotated[int, typer.Option(min=1, help="Marques cachées dans le jeu.")] = 1000,
    seed: Annotated[int, typer.Option(help="Graine : la même donne le même exercice.")] = 1,
    work: Annotated[Path | None, typer.Option(help="Où poser le jeu, deux fois sa taille.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Résultat en JSON.")] = False,
) -> None:
    """Exercice de départ : copie tuée, altérations, bascule, retour, vol des disques ; signé.

    Rien de vos données n'y entre : le jeu est tiré au sort, dans un préfixe à lui, puis effacé. Les
    clés : ECLUSE_DRILL_SOURCE_ACCESS_KEY, ECLUSE_DRILL_TARGET_SECRET_KEY, et ainsi de suite. Le
    compte rendu va dans ECLUSE_HOME/hosting/drills ; le site public montre ceux qu'on lui confie.

    Exemple : [bold]ecluse hosting drill s3+https://a.example/b s3+https://c.example/d[/bold]
    """
    from ecluse.domain.drills import is_passed
    from ecluse.hosting.drills.drill import run
    from ecluse.hosting.drills.world import Plan

    home, now = Home.find(), datetime.now(UTC)
    key = keys.load_signing_key(home.keys(home.zone), Signer.AGENT)
    plan = Plan(megabytes * MEGABYTE, kills, corruptions, canaries, seed)
    with TemporaryDirectory(prefix="drill-", dir=work) as folder:
        setting = _setting(Path(folder), source, target, now)
        with steps("Exercice") as tell:
            told = list(STEPS)
            report = run(
                setting,
                plan,
                now=now,
                on_step=lambda step: tell(STEPS[step], told.index(step), len(told)),
            )
    signed = documents.new_document(
        report, issuer=Signer.AGENT, audience=("site:public",), now=datetime.now(UTC)
    )
    path = home.path / "hosting" / FOLDER / f"{report.drill_number}.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(path, documents.sign(signed, key))
    _tell(report, path, json=json)
    if not is_passed(report):
        raise typer.Exit(SnapshotDamaged.exit_code)


def _setting(folder: Path, source: str | None, target: str | None, now: datetime) -> Setting:
    from ecluse.hosting.drills.copier import Road
    from ecluse.hosting.drills.drill import Setting

    number = f"DRILL-{now:%Y%m%d}-{secrets.token_hex(3)}"
    places = [
        f"{given.rstrip('/')}/{number.lower()}" if given else (folder / name).as_uri()
        for name, given in (("source", source), ("target", target))
    ]
    if places[0] == places[1]:
        raise InvalidInput("Donnez deux adresses différentes : on quitte l’une pour l’autre.")
    road, software = Road(*places), f"ecluse {version('ecluse')}"
    return Setting(folder, road, dict(os.environ), number, software)


def _tell(report: DrillReport, path: Path, *, json: bool) -> None:
    from ecluse.domain.drills import judge, sent_twice

    shown = judge(report)
    data = {
        "drill": report.drill_number,
        "report": str(path),
        "passed": all(one.is_met for one in shown),
        "bytes": report.size,
        "sent_twice": sent_twice(report),
        "kills": len(report.kills_ms),
        "goals": {one.goal.value: [one.is_met, one.done, one.asked] for one in shown},
    }

    def show() -> None:
        for one in shown:
            mark = "[green]atteint[/green]" if one.is_met else "[red]manqué[/red]"
            count = f"{one.done} / {one.asked}"
            console.print(f"{mark} {GOALS[one.goal.value]} : {count}", highlight=False)
        console.print(f"Compte rendu signé : {path}", soft_wrap=True, highlight=False)

    emit(data, json=json, render=show)
