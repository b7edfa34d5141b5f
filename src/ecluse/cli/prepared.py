"""`ecluse lake prepare`: a dataset made ready for a cluster."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ecluse.cli.console import say
from ecluse.cli.filters import chosen_switches
from ecluse.cli.lake_options import (
    Dataset,
    Json,
    KeyFile,
    LakeFolder,
    SnapshotId,
    number,
    open_lake,
    steps,
)


def prepare(  # noqa: PLR0913 - a command line has as many options as people need
    dataset: Dataset,
    *,
    out: Annotated[Path, typer.Option(help="Dossier à créer, que le cluster atteint et chiffre.")],
    flux_until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Dernier flux qui compte.")
    ] = None,
    on: Annotated[list[str] | None, typer.Option(help="Filtre à appliquer.")] = None,
    off: Annotated[list[str] | None, typer.Option(help="Filtre à ne pas appliquer.")] = None,
    strict: Annotated[
        list[str] | None, typer.Option(help="Filtre qui écarte aussi ce qu'il ne sait juger.")
    ] = None,
    memory: Annotated[str, typer.Option(help="Mémoire du moteur.")] = "1GiB",
    lake: LakeFolder = None,
    key: KeyFile = None,
    snapshot: SnapshotId = None,
    json: Json = False,
) -> None:
    """Écrit pour Spark un jeu de données filtré, déchiffré, trié par personne.

    Une cohorte le lit ensuite sous ces filtres et nuls autres. Le dossier est en clair : mettez-le
    sur un stockage que le cluster chiffre, et supprimez-le après l'étude.
    Exemple : [bold]ecluse lake prepare snds --out /cluster/snds-2026[/bold]
    """
    from ecluse.data.cohorts.prepared import prepare as write

    changed = {"on": on or [], "off": off or [], "strict": strict or []}
    switches = chosen_switches(flux_until, changed)
    found = open_lake(lake, key).snapshot(dataset, snapshot)
    with steps(f"Préparation de {dataset}") as tell:
        made = write(found, out, switches=switches, memory_limit=memory, on_progress=tell)
    rows = sum(file.row_count for file in made.files)
    told = f"{number(len(made.files))} fichiers, {number(rows)} lignes : {made.folder}"
    say(told, {"folder": str(made.folder), "files": len(made.files), "rows": rows}, json=json)
