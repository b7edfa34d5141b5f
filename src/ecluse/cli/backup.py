"""`ecluse backup`: the sites saved, sealed for a recovery key, read again, put back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecluse import __version__
from ecluse.cli import backup_parts as parts
from ecluse.cli import console
from ecluse.cli.backup_files import Backup, Content, Writer, list_backups
from ecluse.cli.database import create_databases, database_url, start_server
from ecluse.cli.home import Home
from ecluse.cli.serve import Site
from ecluse.domain.errors import BadSignature, InvalidInput

if TYPE_CHECKING:
    from ecluse.trust.envelopes.hybrid import HybridKey

app = typer.Typer(
    name="backup",
    help="Sauvegardes des deux sites : faire, relire, remettre.",
    no_args_is_help=True,
)

RESTORING = "restoring"
"""The file that stands in a home until all of a backup is back."""

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON.")]
Saved = Annotated[Path, typer.Argument(help="Dossier d'une sauvegarde.")]
Recovery = Annotated[Path, typer.Option("--key", help="Clé de reprise, gardée hors d'ici.")]


@app.command()
def key(
    folder: Annotated[Path, typer.Argument(help="Dossier à créer.")], *, json: Json = False
) -> None:
    """Tire une clé de reprise : sa moitié publique sur les machines, l'autre au coffre.

    Exemple : [bold]ecluse backup key /media/coffre/reprise[/bold]
    """
    from ecluse.trust.envelopes.hybrid import HybridKey, store_hybrid_key, store_receiver

    made = HybridKey.draw()
    private = store_hybrid_key(folder, "recovery", made)
    public = store_receiver(folder, "recovery", made.receiver())
    said = f"Au coffre : {private}. Sur les machines : {public}."
    console.say(said, {"private": str(private), "public": str(public)}, json=json)


@app.command()
def create(
    folder: Annotated[Path, typer.Argument(help="Dossier des sauvegardes.")],
    *,
    to: Annotated[Path, typer.Option("--to", help="Moitié publique de la clé de reprise.")],
    room: Annotated[
        list[Path] | None, typer.Option(help="Dossier de fichiers ; sinon ECLUSE_HOME.")
    ] = None,
    json: Json = False,
) -> None:
    """Sauve les bases et les fichiers des deux sites, scellés pour la clé de reprise seule.

    Chaque base est vue en un instant. Une coupure ne laisse rien qui compte.
    Exemple : [bold]ecluse backup create /srv/sauvegardes --to recovery.hybrid.pub[/bold]
    """
    from ecluse.trust.envelopes.hybrid import load_receiver

    home, now = Home.find(), datetime.now(UTC)
    rooms = tuple(room or [home.path])
    _check_apart(folder, rooms)
    writer = Writer(folder, f"ecluse-{now:%Y%m%dT%H%M%S%f}Z", load_receiver(to))
    databases = []
    for site in Site:
        with (
            console.progress(f"Base du site {site.value}…"),
            parts.frozen(database_url(start_server(home), site.database), site.value) as view,
        ):
            writer.add(f"{site.value}.dump", parts.dumped(view))
            databases.append(view.found)
    for number, each in enumerate(rooms):  # after the bases: what they name is there
        with console.progress(f"Fichiers de {each}…"):
            writer.add(f"rooms-{number}.tar", parts.archived(each))
    names = tuple(map(str, rooms))
    content = Content(writer.number, now, __version__, tuple(writer.parts), names, tuple(databases))
    made = Backup.load(writer.finish(content))
    _check_whole(made)
    console.emit(_facts(made), json=json, render=lambda: _show(made))


@app.command("list")
def list_(
    folder: Annotated[Path, typer.Argument(help="Dossier des sauvegardes.")], *, json: Json = False
) -> None:
    """Montre les sauvegardes entières d'un dossier, la plus ancienne d'abord.

    Exemple : [bold]ecluse backup list /srv/sauvegardes[/bold]
    """
    found = list_backups(folder)
    facts = [_facts(one) for one in found]
    console.emit({"backups": facts}, json=json, render=lambda: _show_all(found))


@app.command()
def verify(
    saved: Saved,
    *,
    recovery: Annotated[
        Path | None, typer.Option("--key", help="Clé de reprise : tout ouvrir.")
    ] = None,
    json: Json = False,
) -> None:
    """Relit une sauvegarde : chaque octet ; avec la clé de reprise, chaque morceau est ouvert.

    Exemple : [bold]ecluse backup verify /srv/sauvegardes/ecluse-…Z[/bold]
    """
    backup = Backup.load(saved)
    _check_whole(backup)
    if recovery is not None:
        opened = backup.open(_load(recovery))
        for part in backup.content.parts:
            sum(len(piece) for piece in backup.read(part.name, opened))
    facts = _facts(backup) | {"opened": recovery is not None}
    console.emit(facts, json=json, render=lambda: _show(backup))


@app.command()
def restore(
    saved: Saved,
    *,
    recovery: Recovery,
    into: Annotated[Path, typer.Option(help="Dossier neuf pour les fichiers : le futur home.")],
    json: Json = False,
) -> None:
    """Remet une sauvegarde dans un dossier neuf et des bases vides ; à relancer après une coupure.

    Chaque base revient entière ou pas du tout ; les lignes sont recomptées, les journaux relus.
    Exemple : [bold]ecluse backup restore ecluse-…Z --key recovery.hybrid.key --into /srv/new[/bold]
    """
    backup = Backup.load(saved)
    _check_whole(backup)
    opened = backup.open(_load(recovery))
    mark = _begin(into, backup)
    for number, room in enumerate(backup.content.rooms):
        with console.progress(f"Fichiers de {room}…"):
            target = into if len(backup.content.rooms) == 1 else into / Path(room).name
            parts.restore_room(target, backup.read(f"rooms-{number}.tar", opened))
    server_url = start_server(Home(into))
    create_databases(server_url, [site.database for site in Site])
    for site in Site:
        with console.progress(f"Base du site {site.value}…"):
            url = database_url(server_url, site.database)
            if parts.is_empty(url):
                parts.restore_database(url, backup.read(f"{site.value}.dump", opened))
            _check_same(backup, site, url)
    mark.unlink()
    console.emit(_facts(backup) | {"into": str(into)}, json=json, render=lambda: _show(backup))


def _check_apart(folder: Path, rooms: tuple[Path, ...]) -> None:
    """Raise InvalidInput where a backup would save itself."""
    if any(folder.resolve().is_relative_to(room.resolve()) for room in rooms):
        raise InvalidInput(f"{folder} est dans ce qui est sauvé : donnez un dossier ailleurs.")


def _begin(into: Path, backup: Backup) -> Path:
    """Return the mark of a restoration under way. Raises InvalidInput: something else is there."""
    mark = into / RESTORING
    is_ours = mark.is_file() and mark.read_text(encoding="utf-8") == backup.content.number
    if into.exists() and any(into.iterdir()) and not is_ours:
        raise InvalidInput(f"{into} n'est pas vide : donnez un dossier neuf, rien n'a été changé.")
    into.mkdir(mode=0o711, parents=True, exist_ok=True)
    mark.write_text(backup.content.number, encoding="utf-8")
    return mark


def _check_same(backup: Backup, site: Site, url: str) -> None:
    """Raise BadSignature unless each table has its rows and the journal its last checkpoint."""
    import psycopg

    with psycopg.connect(url) as connection:
        found = parts.look(connection, site.value)
    wanted = next(one for one in backup.content.databases if one.site == site.value)
    if found != wanted:
        wrong = sorted({one.table for one in {*wanted.tables} ^ {*found.tables}})
        raise BadSignature(
            f"La base {site.value} n'est pas celle de la sauvegarde "
            f"({', '.join(wrong) or 'journal'}) : videz-la, puis relancez."
        )


def _check_whole(backup: Backup) -> None:
    damaged = backup.damaged()
    if damaged:
        raise BadSignature(
            f"{backup.folder} est abîmée ({', '.join(damaged)}) : prenez-en une autre copie."
        )


def _load(path: Path) -> "HybridKey":
    from ecluse.trust.envelopes.hybrid import load_hybrid_key

    return load_hybrid_key(path)


def _facts(backup: Backup) -> dict[str, object]:
    content = backup.content
    return {
        "number": content.number,
        "folder": str(backup.folder),
        "made_at": content.made_at.isoformat(),
        "version": content.version,
        "bytes": sum(part.size for part in content.parts),
        "rows": {one.site: one.count for one in content.databases},
        "receiver": backup.manifest.get("receiver"),
    }


def _show(backup: Backup) -> None:
    facts = _facts(backup)
    rows = ", ".join(f"{one.site} {one.count} lignes" for one in backup.content.databases)
    console.console.print(
        f"{facts['number']} : {facts['bytes']} octets, {rows}, version {facts['version']}.",
        highlight=False,
    )


def _show_all(backups: list[Backup]) -> None:
    for backup in backups:
        _show(backup)
    if not backups:
        console.console.print("Aucune sauvegarde.")
