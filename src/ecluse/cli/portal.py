"""What the public site does by itself: its daily job, its mails, run by timers of the machine."""

import io
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from ecluse.cli import console
from ecluse.cli.database import create_databases, start_server
from ecluse.cli.home import Home
from ecluse.cli.serve import PORTAL, Site, check_installed, in_site, migrate, site_environment
from ecluse.domain.errors import NotFound

app = typer.Typer(name="portal", help="Le site public : ce qu'il fait de lui-même.")


@app.callback()
def portal() -> None:
    """Commandes du site public."""


@app.command()
def daily() -> None:
    """Fait ce que le jour apporte : délais échus, publications, retards constatés, rappels.

    À lancer chaque jour par la machine ; sans risque deux fois, ou après des jours d'oubli.
    Exemple : [bold]ecluse portal daily[/bold]
    """
    console.error_console.print(in_public_site(run_command, "daily"))


@app.command("send-mail")
def send_mail() -> None:
    """Prévient chacun de ce qui l'attend, et envoie les courriels en attente.

    À lancer toutes les minutes si l'on veut ; sans risque deux fois, ou à deux en même temps.
    Le serveur se nomme par ECLUSE_SMTP_URL, l'expéditeur par ECLUSE_MAIL_FROM.
    Exemple : [bold]ecluse portal send-mail[/bold]
    """
    console.error_console.print(in_public_site(run_command, "send_mail"))


@app.command()
def bounce() -> None:
    """Reçoit un courriel revenu, sur l'entrée standard, et note à qui il n'est pas arrivé.

    Exemple : [bold]ecluse portal bounce < retour.eml[/bold]
    """
    data = sys.stdin.buffer.read()
    console.error_console.print(in_public_site(receive_bounce, data))


@app.command("reset-second-factor")
def reset_second_factor(
    email: Annotated[str, typer.Argument(help="Adresse du compte, dont la personne fut reconnue.")],
    *,
    checking: Annotated[
        bool, typer.Option("--checking", help="Le compte de la salle de vérification.")
    ] = False,
) -> None:
    """Remet à zéro la double authentification de qui a perdu téléphone et codes de secours.

    La personne en installe une autre à sa prochaine connexion. L'acte est au journal.
    Exemple : [bold]ecluse portal reset-second-factor guichet@hub.example[/bold]
    """
    site = Site.CHECKING if checking else Site.PUBLIC
    console.error_console.print(in_own_site(site, forget_second_factor, email))


def in_public_site(task: Callable[..., str], *args: object) -> str:
    """What a task says, run with the public site's settings, its tables brought up to date."""
    return in_own_site(Site.PUBLIC, task, *args)


def in_own_site(site: Site, task: Callable[..., str], *args: object) -> str:
    """The same with the settings and the tables of either site."""
    check_installed(PORTAL)
    home = Home.find()
    home.create()
    if "ECLUSE_SECRET_KEY" not in os.environ:
        home.config()  # the site starts with its own secrets, drawn here on a first run
    server_url = start_server(home)
    create_databases(server_url, [site.database])
    environment = site_environment(home, site, server_url=server_url)
    in_site(environment, migrate)
    return in_site(environment, task, *args)


def run_command(name: str) -> str:
    """Run a command of the site in a process that `in_site` started; what it says."""
    from django.core.management import call_command

    said = io.StringIO()
    call_command(name, stdout=said)
    return said.getvalue().strip()


def forget_second_factor(email: str) -> str:
    """Reset the second proof of an account; what was done."""
    from django.utils import timezone

    from ecluse.portal.accounts import second_factor
    from ecluse.portal.accounts.models import User

    account = User.objects.filter(email=email.strip().lower()).first()
    if account is None:
        raise NotFound(f"{email} n'a pas de compte ici.")
    second_factor.reset(account, by="operator", now=timezone.now())
    return f"{account.email} : double authentification à réinstaller."


def receive_bounce(data: bytes) -> str:
    """Mark the message of a returned mail as undelivered; which file it was about."""
    from django.utils import timezone

    from ecluse.portal.messages import bounces

    notice = bounces.receive(data, now=timezone.now())
    return f"bounced: {notice.dispatch.case.number}"
