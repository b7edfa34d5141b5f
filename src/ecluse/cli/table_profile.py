"""`ecluse catalogue profile`: the tables of the lake, or of files, described where they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from ecluse.cli.console import error_console
from ecluse.cli.lake_options import KeyFile, LakeFolder, SnapshotId, number, open_lake, steps
from ecluse.domain.errors import InvalidInput

if TYPE_CHECKING:
    from ecluse.data.engines import OnProgress
    from ecluse.domain.metadata.tables.profiles import DatasetProfile

MEMORY = "2GiB"


def profile(  # noqa: PLR0913 — a command line has as many options as people need
    name: Annotated[str, typer.Argument(help="Nom du jeu de données.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Fichiers Parquet ou CSV, une table chacun ; sinon l’entrepôt."),
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="Le fichier à écrire.")] = Path("profile.json"),
    table: Annotated[
        list[str] | None, typer.Option(help="Une table de l’entrepôt ; sinon toutes.")
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="La colonne des fichiers qui nomme la personne.")
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option(help="Une colonne des fichiers qui porte des codes.")
    ] = None,
    snapshot: SnapshotId = None,
    lake: LakeFolder = None,
    key: KeyFile = None,
) -> None:
    """Décrit les tables : effectifs, complétude, étendues, codes fréquents ; jamais une personne.

    À lancer là où sont les données. Aucun effectif de moins de onze personnes n’est écrit, ni ne se
    déduit ; les textes libres ne sont pas lus. Le fichier écrit s’importe dans le catalogue.

    Exemples : [bold]ecluse catalogue profile snds[/bold],
    [bold]ecluse catalogue profile clinique *.parquet --person id_patient --code diagnostic[/bold]
    """
    with steps(f"Profil de {name}") as tell:
        made = (
            _of_files(name, files, person, code or [], tell)
            if files
            else _of_lake(name, snapshot, table or [], (lake, key), tell)
        )
        tell("écriture", len(made.tables), len(made.tables))
    _write(out, made)
    columns = sum(len(each.columns) for each in made.tables)
    error_console.print(
        f"{number(len(made.tables))} tables, {number(columns)} variables : {out}", soft_wrap=True
    )


def _of_lake(
    name: str,
    snapshot: str | None,
    tables: list[str],
    place: tuple[Path | None, Path | None],
    tell: OnProgress,
) -> DatasetProfile:
    from ecluse.data.engines import connect
    from ecluse.data.quality.table_profiles import profile_snapshot

    found = open_lake(*place).snapshot(name, snapshot)
    with (
        TemporaryDirectory(prefix=".profile-", dir=found.folder) as aside,
        connect(memory_limit=MEMORY, readable=[found.folder], writable=[Path(aside)]) as connection,
    ):
        on = datetime.now(UTC).date()
        return profile_snapshot(found, connection=connection, on=on, only=tables, tell=tell)


def _of_files(
    name: str, files: list[Path], person: str | None, codes: list[str], tell: OnProgress
) -> DatasetProfile:
    from ecluse.data.engines import connect
    from ecluse.data.quality.table_profiles import profile_files
    from ecluse.data.quality.table_profiles.sources import PlainFiles

    plain = PlainFiles(files=files, person=person, codes=frozenset(codes))
    # What memory cannot hold goes beside the files: where persons may already be.
    with (
        TemporaryDirectory(prefix=".profile-", dir=_folder(files)) as aside,
        connect(memory_limit=MEMORY, readable=files, writable=[Path(aside)]) as connection,
    ):
        on = datetime.now(UTC).date()
        return profile_files(plain, dataset=name, connection=connection, on=on, tell=tell)


def _folder(files: list[Path]) -> Path:
    absent = [file.name for file in files if not file.is_file()]
    if absent:
        raise InvalidInput(f"{absent[0]} n’est pas un fichier : vérifiez le chemin.")
    return files[0].resolve().parent


def _write(out: Path, made: DatasetProfile) -> None:
    from ecluse.domain.metadata.tables.profiles import encode
    from ecluse.trust import canonical, durable

    durable.write(out, canonical.encode(encode(made)), mode=0o644)
