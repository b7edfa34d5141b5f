"""`ecluse lake compact | retire | sweep | erase | encrypt`: keeping the lake over the years."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, error_console, progress
from ecluse.cli.home import Home
from ecluse.cli.lake_options import (
    Archive,
    Dataset,
    Json,
    KeyFile,
    LakeFolder,
    grid,
    megabytes,
    number,
    open_lake,
    steps,
)
from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.parameters import RETENTION_YEARS
from ecluse.trust import keys

if TYPE_CHECKING:
    from ecluse.data.lake import Lake
    from ecluse.data.lake.certificates import DeletionCertificate
    from ecluse.data.lake.compaction import Compaction
    from ecluse.data.lake.retention import Retirement
    from ecluse.trust.keys import SigningKey

Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Abandonner les instantanés publiés avant ce jour."),
]


def compact(
    dataset: Dataset,
    *,
    rows: Annotated[int, typer.Option(min=1, help="Lignes d'un fichier, au plus.")] = 1_000_000,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Réunit les petits fichiers de chaque tranche : mêmes lignes, prouvées, moins de fichiers.

    L'instantané d'avant reste lisible. Exemple : [bold]ecluse lake compact snds[/bold]
    """
    from ecluse.data.lake.compaction import compact as run

    with steps(f"Compactage de {dataset}") as tell:
        found = run(
            open_lake(lake, key),
            dataset,
            now=datetime.now(UTC),
            rows_a_part=rows,
            on_progress=tell,
        )
    data = {
        "dataset": dataset,
        "snapshot": found.snapshot.snapshot_id,
        "slices": [dataclasses.asdict(one) for one in found.slices],
    }
    emit(data, json=json, render=lambda: _show_compaction(found))


def retire(
    dataset: Dataset,
    *,
    before: Annotated[
        int | None,
        typer.Option(
            help=f"Archiver les tranches d'avant cette année (sinon, {RETENTION_YEARS.value} ans)."
        ),
    ] = None,
    snapshots_before: Day = None,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Envoie à l'archive les tranches trop anciennes, ou abandonne d'anciens instantanés.

    Exemples : [bold]ecluse lake retire snds[/bold] (durée légale),
    [bold]ecluse lake retire snds --before 2006[/bold],
    [bold]ecluse lake retire snds --snapshots-before 2025-01-01[/bold] puis [bold]sweep[/bold]
    """
    from ecluse.data.lake import retention

    if before is not None and snapshots_before is not None:
        raise InvalidInput("Donnez --before ou --snapshots-before : ce sont deux gestes.")
    opened, now = open_lake(lake, key), datetime.now(UTC)
    if snapshots_before is not None:
        day = snapshots_before.replace(tzinfo=UTC)
        dropped = retention.drop_snapshots(opened, dataset, before=day)
        emit(
            {"dataset": dataset, "dropped": list(dropped)},
            json=json,
            render=lambda: console.print(
                f"{len(dropped)} instantanés abandonnés ; leurs fichiers partent avec "
                f"« ecluse lake sweep {dataset} »."
            ),
        )
        return
    year = before if before is not None else now.year - RETENTION_YEARS.value
    with progress(f"Archivage de {dataset} avant {year}"):
        done = retention.retire(opened, dataset, before=year, now=now)
    data = {
        "dataset": dataset,
        "before": year,
        "snapshot": done.snapshot.snapshot_id,
        "archive": done.archive.dataset if done.archive else None,
        "rows": done.rows,
    }
    emit(data, json=json, render=lambda: _show_retirement(done, year))


def sweep(
    dataset: Dataset,
    *,
    grace_days: Annotated[
        int, typer.Option(min=0, help="Délai depuis qu'aucun instantané ne nomme un fichier.")
    ] = 1,
    archive: Archive = False,
    lake: LakeFolder = None,
    json: Json = False,
) -> None:
    """Supprime, après un délai, les fichiers qu'aucun instantané ne nomme.

    Jamais pendant un chargement. À lancer chaque nuit : [bold]ecluse lake sweep snds[/bold]
    """
    from ecluse.data.lake.sweeping import sweep as run

    swept = run(
        open_lake(lake, archive=archive),
        dataset,
        now=datetime.now(UTC),
        grace=timedelta(days=grace_days),
    )
    emit(
        {"dataset": dataset, **dataclasses.asdict(swept)},
        json=json,
        render=lambda: console.print(
            f"{number(swept.deleted)} fichiers supprimés ({megabytes(swept.size)}), "
            f"{number(swept.waiting)} en attente."
        ),
    )


def erase(  # noqa: PLR0913 - a command line has as many options as people need
    dataset: Dataset,
    *,
    reference: Annotated[str, typer.Option(help="Numéro de la demande, écrit au certificat.")],
    persons: Annotated[
        Path | None,
        typer.Option(help="Fichier : un identifiant par ligne (person_id ou opt_out_id)."),
    ] = None,
    snapshot: Annotated[str | None, typer.Option(help="Effacer cet ancien instantané.")] = None,
    whole_dataset: Annotated[
        bool, typer.Option("--whole-dataset", help="Effacer tout le jeu de données.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ne pas demander : c'est décidé.")] = False,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Efface des personnes, un instantané ou un jeu de données, et en écrit le certificat.

    Les personnes sont effacées aussi de l'archive, et tout ce qui reste est relu. Exemple :
    [bold]ecluse lake erase snds --persons demande-7.txt --reference demande-7[/bold]
    """
    from ecluse.data.lake.certificates import keep

    if [persons is not None, snapshot is not None, whole_dataset].count(True) != 1:
        raise InvalidInput("Donnez --persons FICHIER, --snapshot ou --whole-dataset : un seul.")
    if not yes and (json or not typer.confirm(f"Effacer pour toujours ({dataset}) ?", err=True)):
        raise NotAllowed("Rien n'a été effacé : confirmez, ou ajoutez --yes.")
    opened, signing_key = open_lake(lake, key), _signing_key()
    with progress(f"Effacement dans {dataset}"):
        made = [
            (certificate, keep(opened, certificate, signing_key))
            for certificate in _erasures(
                opened, dataset, persons=persons, snapshot=snapshot, reference=reference
            )
        ]
    emit(
        {
            "signed": signing_key is not None,
            "certificates": [
                {"file": str(file), "dataset": one.dataset, "persons_erased": one.persons_erased}
                for one, file in made
            ],
        },
        json=json,
        render=lambda: _show_erasure(made, is_signed=signing_key is not None),
    )


def encrypt(
    dataset: Dataset,
    *,
    to: Annotated[
        Path | None, typer.Option(help="Fichier de la clé ; créé s'il n'existe pas.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remettre en clair.")] = False,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Chiffre les fichiers d'un jeu de données, change leur clé, ou les remet en clair.

    Détruire la clé rend illisibles le jeu et toutes ses copies : gardez-en une ailleurs.
    Exemples : [bold]ecluse lake encrypt snds --to /coffre/lake.key[/bold],
    [bold]ecluse lake encrypt snds --key /coffre/lake.key --to /coffre/nouvelle.key[/bold]
    """
    from ecluse.data.lake.rekeying import change_key
    from ecluse.trust.zone.lake_keys import create_lake_key, load_lake_key

    if (to is None) != clear:
        raise InvalidInput("Donnez --to FICHIER pour chiffrer, ou --clear pour remettre en clair.")
    opened = open_lake(lake, key)
    opened.snapshot(dataset)
    new = None if to is None else load_lake_key(to) if to.exists() else create_lake_key(to)
    with steps(f"Chiffrement de {dataset}") as tell:
        found = change_key(opened, dataset, to=new, now=datetime.now(UTC), on_progress=tell)
    emit(
        {"dataset": dataset, "snapshot": found.snapshot_id, "encryption": found.encryption},
        json=json,
        render=lambda: console.print(
            f"{found.snapshot_id} : {found.encryption or 'en clair'}. Les instantanés d'avant "
            f"restent comme ils étaient : « ecluse lake retire {dataset} --snapshots-before … », "
            "puis « sweep »."
        ),
    )


def _erasures(
    lake: Lake, dataset: str, *, persons: Path | None, snapshot: str | None, reference: str
) -> Iterator[DeletionCertificate]:
    """Erase what was asked, in the lake then in its archive; yield a certificate for each."""
    from ecluse.data.lake import erasure
    from ecluse.data.lake.retention import archives_of

    now = datetime.now(UTC)
    if snapshot is not None:
        yield erasure.erase_snapshot(lake, dataset, snapshot, reference=reference, now=now)
        return
    ids = None if persons is None else _identifiers(persons)
    for one, name in [(lake, dataset), *archives_of(lake, dataset)]:
        if ids is None:
            yield erasure.erase_dataset(one, name, reference=reference, now=now)
        else:
            yield erasure.erase_persons(one, name, ids, reference=reference, now=now)


def _identifiers(file: Path) -> frozenset[str]:
    if not file.is_file():
        raise NotFound(f"{file} n'est pas un fichier : donnez un identifiant par ligne.")
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    found = frozenset(line for line in lines if line)
    if not found:
        raise InvalidInput(f"{file} est vide : donnez un identifiant par ligne.")
    return found


def _signing_key() -> SigningKey | None:
    """Return the agent's key; None where this machine has none."""
    home = Home.find()
    try:
        return keys.load_signing_key(home.keys(home.zone), Signer.AGENT)
    except NotFound:
        error_console.print(
            "[yellow]Attention[/yellow] : pas de clé d'agent ici, le certificat n'est pas signé."
        )
        return None


def _show_compaction(found: Compaction) -> None:
    if not found.slices:
        console.print("Rien à réunir : chaque tranche tient déjà dans le moins de fichiers.")
        return
    shown = grid("Table", "Tranche", "Fichiers avant", "Après", "Lignes")
    for one in found.slices:
        counts = (one.parts_before, one.parts_after, one.rows)
        shown.add_row(one.table, one.slice, *(number(count) for count in counts))
    console.print(shown)
    console.print(f"{found.snapshot.snapshot_id} : mêmes lignes, vérifiées.")


def _show_retirement(done: Retirement, year: int) -> None:
    if done.archive is None:
        console.print(f"Aucune tranche d'avant {year} : rien n'a changé.")
        return
    console.print(
        f"{number(done.rows)} lignes ({number(done.parts)} fichiers) archivées dans "
        f"{done.archive.dataset} ; instantané courant {done.snapshot.snapshot_id}."
    )


def _show_erasure(made: list[tuple[DeletionCertificate, Path]], *, is_signed: bool) -> None:
    for one, file in made:
        rows = sum(table.rows_erased for table in one.tables)
        console.print(
            f"{one.dataset} : {number(one.persons_erased)} personnes, {number(rows)} lignes, "
            f"{number(len(one.deleted))} fichiers effacés ; {number(one.rows_read_again)} lignes "
            f"relues, {one.rows_found_after} retrouvée."
        )
        console.print(f"Certificat{'' if is_signed else ' non signé'} : {escape(str(file))}")
