"""What the public site does by itself each day, run by a timer of the machine."""

import io
import os

import typer

from ecluse.cli import console
from ecluse.cli.database import create_databases, start_server
from ecluse.cli.home import Home
from ecluse.cli.serve import PORTAL, Site, check_installed, in_site, migrate, site_environment

app = typer.Typer(name="portal", help="Le site public : ce qu'il fait chaque jour.")


@app.callback()
def portal() -> None:
    """Commandes du site public."""


@app.command()
def daily() -> None:
    """Fait ce que le jour apporte : délais échus, publications, retards constatés, rappels.

    À lancer chaque jour par la machine ; sans risque deux fois, ou après des jours d'oubli.
    Exemple : [bold]ecluse portal daily[/bold]
    """
    check_installed(PORTAL)
    home = Home.find()
    home.create()
    if "ECLUSE_SECRET_KEY" not in os.environ:
        home.config()  # the site starts with its own secrets, drawn here on a first run
    server_url = start_server(home)
    create_databases(server_url, [Site.PUBLIC.database])
    environment = site_environment(home, Site.PUBLIC, server_url=server_url)
    in_site(environment, migrate)
    console.error_console.print(in_site(environment, run_daily))


def run_daily() -> str:
    """Run the daily job in a process that `in_site` started; what it says."""
    from django.core.management import call_command

    said = io.StringIO()
    call_command("daily", stdout=said)
    return said.getvalue().strip()
