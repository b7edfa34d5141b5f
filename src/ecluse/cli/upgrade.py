"""`ecluse upgrade`: the tables of the sites brought to this version, by whoever owns them."""

from typing import Annotated

import typer

from ecluse.cli import console
from ecluse.cli.database import create_databases, database_url, start_server
from ecluse.cli.database_roles import give_rights
from ecluse.cli.home import Home
from ecluse.cli.serve import PORTAL, Site, check_installed, in_site, migrate, site_environment


def upgrade(
    *,
    roles: Annotated[
        bool, typer.Option("--roles", help="Redonne à chaque programme ses seuls droits.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Résultat en JSON.")] = False,
) -> None:
    """Met les tables des deux sites à jour ; sans danger à répéter, et après une coupure.

    Chaque migration passe entière ou pas du tout. Sauvegardez avant : ecluse backup create.
    Exemple : [bold]ecluse upgrade --roles[/bold]
    """
    check_installed(PORTAL)
    home = Home.find()
    home.create()
    home.config()
    server_url = start_server(home)
    create_databases(server_url, [site.database for site in Site])
    done = {site.value: _upgrade(home, site, server_url, roles=roles) for site in Site}
    console.emit({"migrations": done}, json=json, render=lambda: _show(done))


def _upgrade(home: Home, site: Site, server_url: str, *, roles: bool) -> int:
    environment = site_environment(home, site, server_url=server_url)
    before = in_site(environment, migrations_applied)
    in_site(environment, migrate)
    if roles:
        give_rights(database_url(server_url, site.database), site)
    return in_site(environment, migrations_applied) - before


def migrations_applied() -> int:
    """Return how many migrations the tables have, in a process that `in_site` started."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return len(MigrationRecorder(connection).applied_migrations())


def _show(done: dict[str, int]) -> None:
    for site, count in done.items():
        console.console.print(f"{site} : {count or 'aucune'} migration{'s' * (count > 1)}.")
