"""`ecluse hosting holder|wrap|shred|restore`: who opens what hosts keep, and the end of a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit, say
from ecluse.cli.home import Home
from ecluse.cli.hosting_key_room import KeyRoom
from ecluse.cli.hosting_room import Room, counting
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound

if TYPE_CHECKING:
    from ecluse.trust.envelopes.headers import Header
    from ecluse.trust.zone.sealed_files import DataKey

holder_app = typer.Typer(
    name="holder", help="Détenteurs de clés : créer, renouveler, détruire.", no_args_is_help=True
)
wrap_app = typer.Typer(
    name="wrap",
    help="Qui ouvre les données d'un jeu : ajouter, retirer, lister.",
    no_args_is_help=True,
)

Dataset = Annotated[str, typer.Argument(help="Nom du jeu de données.")]
Name = Annotated[str, typer.Argument(help="Nom du détenteur.")]
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]


@holder_app.command()
def create(name: Name, *, json: Json = False) -> None:
    """Crée les clés d'un détenteur : dans son jeton si holders.toml le dit, sinon un fichier.

    Exemple : [bold]ecluse hosting holder create secours[/bold]
    """
    with _keys() as keys:
        made = keys.holder(name).create()
        keys.note("holder.created", name, root=made.root)
    say(f"Clés de {name} créées ({made.root}).", {"holder": name, "root": made.root}, json=json)


@holder_app.command()
def rotate(name: Name, *, json: Json = False) -> None:
    """Renouvelle les clés d'un détenteur ; les données ne sont pas réécrites. Tuée, reprend.

    Les clés d'avant sont détruites : une sauvegarde d'avant ne s'ouvre plus par ce détenteur.
    """
    from ecluse.trust.envelopes.rotation import rotate as run

    with _keys() as keys:
        done = run(keys.known(name), keys.headers)
        keys.note("holder.rotated", name, root=done.root, headers=done.headers)
    said = f"{name} : {done.root}, {done.headers} clés de données sous elle, anciennes détruites."
    data = {"holder": name, "root": done.root, "headers": done.headers, "destroyed": done.destroyed}
    say(said, data, json=json)


@holder_app.command()
def destroy(name: Name, *, json: Json = False) -> None:
    """Détruit les clés d'un détenteur : plus aucune copie, même ancienne, ne s'ouvre par lui.

    Refusé tant qu'une clé de données est encore à lui : [bold]ecluse hosting wrap drop[/bold].
    """
    with _keys() as keys:
        holder = keys.known(name)
        held = [one for one in keys.headers.all() if any(w.holder == name for w in one.wraps)]
        if held:
            raise NotAllowed(f"{name} détient encore {len(held)} clés de données : retirez-le.")
        destroyed = holder.end()
        keys.note("holder.destroyed", name, keys=destroyed)
    say(f"{destroyed} clés de {name} détruites.", {"holder": name, "keys": destroyed}, json=json)


@holder_app.command("list")
def list_holders(*, json: Json = False) -> None:
    """Montre les détenteurs de cette machine, et où est leur clé racine."""
    with _keys() as keys:
        found = {one.name: (one.in_use().root, one.token is not None) for one in keys.holders()}
    data = [{"holder": name, "root": root, "token": held} for name, (root, held) in found.items()]
    emit({"holders": data}, json=json, render=lambda: _show_holders(found))


@wrap_app.command("list")
def list_wraps(dataset: Dataset, *, json: Json = False) -> None:
    """Montre qui ouvre les données d'un jeu, clé par clé."""
    with _keys() as keys:
        headers = keys.headers.of(dataset)
    data = {
        one.key_id: [
            {"holder": wrap.holder, "means": wrap.means.value, "key_id": wrap.key_id}
            for wrap in one.wraps
        ]
        for one in headers
    }
    emit({"dataset": dataset, "data_keys": data}, json=json, render=lambda: _show(headers))


@wrap_app.command()
def add(
    dataset: Dataset,
    name: Name,
    *,
    public: Annotated[
        Path | None,
        typer.Option(help="Clé publique hybride (.hybrid.pub) d'un détenteur absent."),
    ] = None,
    json: Json = False,
) -> None:
    """Ajoute un détenteur à chaque clé d'un jeu ; aucun octet de données n'est réécrit.

    Exemple : [bold]ecluse hosting wrap add snds secours --public secours.hybrid.pub[/bold]
    """
    from ecluse.trust.envelopes.headers import wrap_for, wrap_for_receiver
    from ecluse.trust.envelopes.hybrid import load_receiver

    with _keys() as keys:
        headers = _some(keys, dataset)
        for header in headers:
            key = keys.open(header.key_id)
            if public is None:
                wrap = wrap_for(keys.known(name), key, dataset, header.purpose)
            else:
                wrap = wrap_for_receiver(name, load_receiver(public), key, dataset)
            keys.headers.write(header.with_wrap(wrap))
            keys.note("data-key.wrapped", header.key_id, dataset=dataset, holder=name)
    said = f"{name} ouvre {len(headers)} clés de {dataset}."
    say(said, {"dataset": dataset, "data_keys": len(headers)}, json=json)


@wrap_app.command()
def drop(dataset: Dataset, name: Name, *, json: Json = False) -> None:
    """Retire un détenteur de chaque clé d'un jeu ; jamais le dernier.

    S'il a gardé une copie de l'en-tête et ses clés, il ouvre encore : détruisez ses clés.
    """
    with _keys() as keys:
        headers = [one for one in _some(keys, dataset) if any(w.holder == name for w in one.wraps)]
        if not headers:
            raise NotFound(f"{name} n'ouvre aucune clé de {dataset}.")
        # All or nothing: the check of each comes before the change of any.
        changed = [header.without(name) for header in headers]
        for header in changed:
            keys.headers.write(header)
            keys.note("data-key.dropped", header.key_id, dataset=dataset, holder=name)
    said = f"{name} retiré de {len(changed)} clés de {dataset} ; détruisez aussi les siennes."
    say(said, {"dataset": dataset, "data_keys": len(changed)}, json=json)


def shred(
    dataset: Dataset,
    *,
    in_use: Annotated[
        bool, typer.Option("--in-use", help="Même si le jeu est encore lu chez un hébergeur.")
    ] = False,
    json: Json = False,
) -> None:
    """Rend un jeu illisible partout : détruit ses clés et renouvelle celles des détenteurs d'ici.

    Les sauvegardes d'avant ne s'ouvrent plus. Les détenteurs absents d'ici sont nommés : c'est à
    eux de détruire leur clé. Tuée, la même commande reprend.
    """
    with _keys() as keys:
        if keys.room.register.in_use(dataset) is not None and not in_use:
            raise NotAllowed(f"{dataset} est lu chez un hébergeur : --in-use pour l'assumer.")
        headers = keys.headers.of(dataset) if keys.is_shredding(dataset) else _some(keys, dataset)
        here = {holder.name for holder in keys.holders()}
        absent = sorted({w.holder for one in headers for w in one.wraps} - here)
        keys.shred(dataset)
    said = f"{len(headers)} clés de {dataset} détruites, celles de {len(here)} détenteurs changées."
    said += f" À détruire ailleurs : {', '.join(absent)}." if absent else ""
    say(said, {"dataset": dataset, "data_keys": len(headers), "elsewhere": absent}, json=json)


def restore(
    dataset: Dataset,
    host: Annotated[str, typer.Argument(help="Hébergeur, par son nom dans hosts.toml.")],
    folder: Annotated[Path, typer.Argument(help="Dossier à créer, pour le contenu en clair.")],
    *,
    hybrid: Annotated[
        Path | None, typer.Option(help="Clé hybride (.hybrid.key) d'un détenteur, si besoin.")
    ] = None,
    json: Json = False,
) -> None:
    """Relit chez un hébergeur la dernière version scellée et l'écrit en clair, ici.

    Exemple : [bold]ecluse hosting restore snds nouveau /srv/lac[/bold]
    """
    from ecluse.hosting.replicas.opening import restore as run

    if folder.exists():
        raise InvalidInput(f"{folder} existe : donnez un dossier à créer.")
    with _keys() as keys:
        manifest = keys.room.last(dataset)
        keys.room.check_content(host)
        header = keys.header_of(manifest)
        key = keys.open(header.key_id) if hybrid is None else _by_hybrid(header, hybrid)
        folder.mkdir(mode=0o700, parents=True)
        with counting(f"Lecture de {host}", manifest) as tell:
            size = run(manifest, keys.room.store(host), key, folder, on_object=tell)
        keys.note("replica.restored", f"replica/{dataset}", host=host, bytes=size)
    said = f"{len(manifest.items)} fichiers, {size} octets en clair dans {folder}."
    say(said, {"dataset": dataset, "files": len(manifest.items), "bytes": size}, json=json)


@contextmanager
def _keys() -> Iterator[KeyRoom]:
    with Room.open(Home.find(), now=datetime.now(UTC)) as room:
        yield KeyRoom(room)


def _some(keys: KeyRoom, dataset: str) -> tuple[Header, ...]:
    headers = keys.headers.of(dataset)
    if not headers:
        raise NotFound(
            f"{dataset} n'a pas de clé ici : « ecluse hosting plan {dataset} … --seal »."
        )
    return headers


def _by_hybrid(header: Header, path: Path) -> DataKey:
    from ecluse.trust.envelopes.headers import unwrap_by_hybrid
    from ecluse.trust.envelopes.hybrid import load_hybrid_key

    key = load_hybrid_key(path)
    for wrap in header.wraps:
        if wrap.key_id == key.receiver().key_id:
            return unwrap_by_hybrid(header, wrap.holder, key)
    raise NotFound(f"{path} n'ouvre pas la clé {header.key_id}.")


def _show_holders(found: dict[str, tuple[str, bool]]) -> None:
    for name, (root, is_in_token) in found.items():
        place = "dans un jeton" if is_in_token else "dans un fichier"
        console.print(f"{escape(name)} : {root}, {place}.", highlight=False)


def _show(headers: tuple[Header, ...]) -> None:
    table = Table(title="Clés de données", title_justify="left")
    for heading in ("clé", "détenteur", "moyen", "sous"):
        table.add_column(heading, no_wrap=True)
    for header in headers:
        for wrap in header.wraps:
            table.add_row(header.key_id, escape(wrap.holder), wrap.means.value, wrap.key_id)
    console.print(table)
