"""`ecluse hosting`: try a host, copy to it, prove the copy, cut over, roll back, erase."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli import hosting_tables
from ecluse.cli.console import console, emit, progress, say
from ecluse.cli.home import Home
from ecluse.cli.hosting_drill import drill
from ecluse.cli.hosting_key_room import KeyRoom
from ecluse.cli.hosting_keys import holder_app, restore, shred, wrap_app
from ecluse.cli.hosting_room import Room, counting
from ecluse.domain.errors import NotAllowed, SnapshotDamaged

if TYPE_CHECKING:
    from ecluse.hosting.conformance.trial import Trial
    from ecluse.hosting.replicas.verification import Verification
    from ecluse.hosting.stores.interface import Source

app = typer.Typer(
    name="hosting", help="Hébergeurs : essai, copie prouvée, bascule.", no_args_is_help=True
)
app.add_typer(holder_app)
app.add_typer(wrap_app)
app.command()(drill)
app.command()(restore)
app.command()(shred)
MEGABYTE = 1_000_000
SHOWN = 40

Dataset = Annotated[str, typer.Argument(help="Nom du jeu de données.")]
HostName = Annotated[str, typer.Argument(help="Hébergeur, par son nom dans hosts.toml.")]
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]


@app.command()
def conformance(
    endpoint: Annotated[str, typer.Argument(help="Adresse S3 : https://hôte[:port].")],
    *,
    host: Annotated[
        str, typer.Option(help="Nom dont lire les clés dans l'environnement.")
    ] = "host",
    reader: Annotated[
        str | None, typer.Option(help="Nom d'une identité qui ne fait que lire.")
    ] = None,
    json: Json = False,
) -> None:
    """Essaie un hébergeur, dans des compartiments créés pour cela.

    Les clés : ECLUSE_HOST_ACCESS_KEY et ECLUSE_HOST_SECRET_KEY.
    Exemple : [bold]ecluse hosting conformance https://s3.example.eu --reader lecteur[/bold]
    """
    from ecluse.hosting.conformance.trial import Outcome, run_trial
    from ecluse.hosting.stores.addresses import credentials

    second = None if reader is None else credentials(reader, os.environ)
    with progress(f"Essai de {endpoint}"):
        trial = run_trial(endpoint, credentials(host, os.environ), reader=second)
    data = {
        "endpoint": endpoint,
        "accepted": trial.is_accepted,
        "passed": trial.count(Outcome.PASSED),
        "checks": [
            {"name": one.check.name, "required": one.check.required, "outcome": one.outcome.value}
            | ({"found": one.found} if one.found else {})
            for one in trial.results
        ],
    }
    emit(data, json=json, render=lambda: _show_trial(trial))
    if not trial.is_accepted:
        raise typer.Exit(NotAllowed.exit_code)


@app.command()
def plan(  # noqa: PLR0913 - a command line has as many options as people need
    dataset: Dataset,
    host: HostName,
    *,
    clear: Annotated[
        list[str] | None, typer.Option(help="Fichiers en clair admis : *.json, par exemple.")
    ] = None,
    seal: Annotated[
        bool, typer.Option("--seal", help="Scelle tout en partant ; la copie le fera.")
    ] = False,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Scelle avec une autre clé que la version d'avant.")
    ] = False,
    speed: Annotated[int, typer.Option(min=1, help="Mo/s, pour la durée.")] = 40,
    json: Json = False,
) -> None:
    """Lit tout chez un hébergeur, signe le manifeste et dit ce que partir coûtera.

    Exemple : [bold]ecluse hosting plan snds ancien --seal[/bold]
    """
    from ecluse.hosting.replicas.costs import exit_cost
    from ecluse.hosting.replicas.planning import next_header
    from ecluse.hosting.replicas.planning import plan as run

    with _room() as room, progress(f"Lecture de {dataset} chez {host}"):
        source: Source = room.store(host)
        key_id = None
        if seal or new_key:
            source, key_id = KeyRoom(room).sealed(source, dataset, is_new=new_key)
        now = datetime.now(UTC)
        header = next_header(dataset, room.latest(dataset), now=now, data_key=key_id)
        signed = run(source, header=header, key=room.key, clear=tuple(clear or ()))
        room.keep(signed, host=host)
        prices = room.placement.host(host).prices
    cost = exit_cost(signed, prices, bytes_per_second=speed * MEGABYTE)
    said = (
        f"Version {header.number} : {len(signed.items)} fichiers, {cost.size / MEGABYTE:.1f} Mo, "
        f"racine {signed.root}. Partir coûtera {cost.euros} € et {cost.lasts} à {speed} Mo/s."
    )
    data = {
        "dataset": dataset,
        "number": header.number,
        "root": signed.root,
        "files": len(signed.items),
        "objects": cost.objects,
        "bytes": cost.size,
        "euros": str(cost.euros),
        "seconds": int(cost.lasts.total_seconds()),
    }
    say(said, data, json=json)


@app.command()
def copy(
    dataset: Dataset,
    source: HostName,
    target: HostName,
    *,
    limit: Annotated[int | None, typer.Option(min=1, help="Mo/s, au plus.")] = None,
    window: Annotated[str | None, typer.Option(help="Heures permises, UTC : 22:00-06:00.")] = None,
    json: Json = False,
) -> None:
    """Copie la dernière version d'un hébergeur à l'autre et relit tout ; interrompue, reprend.

    Exemple : [bold]ecluse hosting copy snds ancien nouveau --limit 40[/bold]
    """
    from ecluse.hosting.replicas.copying import Way
    from ecluse.hosting.replicas.copying import copy as run
    from ecluse.hosting.replicas.pace import Pace, Window

    with _room() as room:
        manifest = room.last(dataset)
        room.check_placement(target)
        way = Way(
            KeyRoom(room).source(source, manifest),
            room.placement.host(source).layout,
            room.store(target),
            pace=Pace(None if limit is None else limit * MEGABYTE),
            window=None if window is None else Window.parse(window),
        )
        with room.progress(manifest, target) as state, counting("Copie", manifest) as tell:
            done = run(manifest, way, state, on_object=tell)
        if done.is_sealed:
            room.register.sealed(manifest, done, host=target, now=datetime.now(UTC))
    state_said = "scellée" if done.is_sealed else "en pause, hors des heures permises"
    said = (
        f"Copie {state_said} : {done.verified} objets relus sur {done.objects}, "
        f"{done.sent_bytes / MEGABYTE:.1f} Mo envoyés pour {done.size / MEGABYTE:.1f}."
    )
    say(said, {"dataset": dataset, "root": manifest.root, **asdict(done)}, json=json)


@app.command()
def verify(dataset: Dataset, host: HostName, *, json: Json = False) -> None:
    """Relit tout chez un hébergeur et nomme chaque différence.

    Exemple : [bold]ecluse hosting verify snds nouveau[/bold]
    """
    with _room() as room:
        found = _verify(room, dataset, host)
    _tell_found({host: found}, json=json)


@app.command()
def reconcile(
    dataset: Dataset,
    hosts: list[str],
    *,
    tables: Annotated[
        bool, typer.Option("--tables", help="Compare les tables : lignes et sommes de colonnes.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="Clé de l'entrepôt, s'il est chiffré ; avec --tables.")
    ] = None,
    json: Json = False,
) -> None:
    """Relit tout chez plusieurs hébergeurs : tous ont-ils la même version, entière ?

    Avec --tables, là où sont les clés : chaque table y a-t-elle les mêmes lignes ? Le premier
    hébergeur est la référence ; il peut être la source, lue telle qu'elle est.

    Exemple : [bold]ecluse hosting reconcile snds nouveau secours[/bold]
    """
    if tables:
        with _room() as room:
            compared = hosting_tables.compare(room, dataset, hosts, key)
        hosting_tables.tell(compared, json=json)
        return
    with _room() as room:
        found = {host: _verify(room, dataset, host) for host in hosts}
    _tell_found(found, json=json)


@app.command()
def cutover(dataset: Dataset, host: HostName, *, json: Json = False) -> None:
    """Fait lire le jeu de données chez un autre hébergeur, s'il est prouvé.

    Exemple : [bold]ecluse hosting cutover snds nouveau[/bold]
    """
    with _room() as room:
        manifest, now = room.last(dataset), datetime.now(UTC)
        room.check_placement(host)
        within = room.placement.policy.proved_within
        room.register.cut_over(manifest, to=host, now=now, within=within)
    _say_in_use(dataset, host, json=json)


@app.command()
def rollback(dataset: Dataset, *, json: Json = False) -> None:
    """Revient à l'hébergeur d'avant la dernière bascule, s'il est prouvé.

    Exemple : [bold]ecluse hosting rollback snds[/bold]
    """
    with _room() as room:
        manifest, within = room.last(dataset), room.placement.policy.proved_within
        entry = room.register.roll_back(manifest, now=datetime.now(UTC), within=within)
    _say_in_use(dataset, str(entry.details["host"]), json=json)


@app.command()
def erase(
    dataset: Dataset,
    host: HostName,
    *,
    number: Annotated[int | None, typer.Option(help="Version ; sinon la dernière.")] = None,
    json: Json = False,
) -> None:
    """Efface une version chez un hébergeur, si assez d'autres copies sont prouvées.

    Exemple : [bold]ecluse hosting erase snds ancien[/bold]
    """
    from ecluse.hosting.replicas.erasure import erase as run
    from ecluse.hosting.replicas.register import Asked, check_erasable

    with _room() as room, progress(f"Effacement chez {host}"):
        manifest, now = room.version(dataset, number), datetime.now(UTC)
        policy = room.placement.policy
        check_erasable(
            room.register,
            manifest,
            host=host,
            others=room.allowed(),
            asked=Asked(policy.copies, policy.proved_within),
            now=now,
        )
        room.check_content(host)
        done = run(manifest, room.store(host), kept=room.kept(manifest, host))
        room.forget(manifest, host)
        room.register.erased(manifest, done, host=host, now=now)
    said = (
        f"{done.objects} objets effacés chez {host}, {done.versions} versions ; {done.kept} gardés."
    )
    say(said, {"dataset": dataset, "host": host, **asdict(done)}, json=json)


@app.command()
def status(dataset: Dataset, *, json: Json = False) -> None:
    """Dit où le jeu de données est lu, et quels hébergeurs sont prouvés depuis quand.

    Exemple : [bold]ecluse hosting status snds[/bold]
    """
    with _room() as room:
        manifest, used = room.last(dataset), room.register.in_use(dataset)
        proofs = room.register.proofs(manifest)
    place = "nulle part" if used is None else used.host
    seen = ", ".join(f"{host} ({at:%d/%m/%Y})" for host, at in sorted(proofs.items()))
    data = {
        "dataset": dataset,
        "number": manifest.header.number,
        "root": manifest.root,
        "in_use": None if used is None else used.host,
        "proved": {host: at.isoformat() for host, at in proofs.items()},
    }
    said = (
        f"Version {manifest.header.number}, lue chez : {place}. Prouvée chez : {seen or 'aucun'}."
    )
    say(said, data, json=json)


@contextmanager
def _room() -> Iterator[Room]:
    with Room.open(Home.find(), now=datetime.now(UTC)) as room:
        yield room


def _verify(room: Room, dataset: str, host: str) -> Verification:
    from ecluse.hosting.replicas.verification import verify as run

    manifest = room.last(dataset)
    former = room.former(manifest)
    room.check_content(host)
    with counting(f"Relecture de {host}", manifest) as tell:
        found = run(manifest, room.store(host), keyring=room.keyring, former=former, on_object=tell)
    room.forget_faulty(manifest, host, found)
    room.register.verified(manifest, found, host=host, now=datetime.now(UTC))
    return found


def _tell_found(found: dict[str, Verification], *, json: bool) -> None:
    data = {host: {"whole": one.is_whole, **asdict(one)} for host, one in sorted(found.items())}
    emit(data, json=json, render=lambda: _show_found(found))
    if not all(one.is_whole for one in found.values()):
        raise typer.Exit(SnapshotDamaged.exit_code)


def _show_found(found: dict[str, Verification]) -> None:
    for host, one in sorted(found.items()):
        end = "tout est juste" if one.is_whole else f"{len(one.findings)} différences"
        console.print(f"{escape(host)} : {one.objects} objets relus, {end}.", highlight=False)
        for finding in one.findings[:SHOWN]:
            console.print(
                f"[red]{finding.fault.value}[/red] {escape(finding.path)} : "
                f"{escape(finding.detail)}",
                soft_wrap=True,
                highlight=False,
            )


def _show_trial(trial: Trial) -> None:
    table = Table(title=f"Essai de {escape(trial.endpoint)}", title_justify="left")
    for heading in ("essai", "exigé", "résultat"):
        table.add_column(heading)
    for one in trial.results:
        required = "oui" if one.check.required else "non"
        table.add_row(escape(one.check.title), required, escape(one.found) or "réussi")
    console.print(table)
    console.print("Hébergeur accepté." if trial.is_accepted else "Hébergeur refusé.")


def _say_in_use(dataset: str, host: str, *, json: bool) -> None:
    say(f"{dataset} est lu chez {host}.", {"dataset": dataset, "in_use": host}, json=json)
