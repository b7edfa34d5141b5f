"""Tokens of the API made by who runs the site, and the notices of webhooks sent."""

import os
import sys
from datetime import datetime
from typing import Annotated

import typer

from ecluse.cli import console
from ecluse.cli.portal import in_public_site, run_command

app = typer.Typer(name="token", help="Les jetons d'accès des programmes.")

Email = Annotated[str, typer.Argument(help="Adresse du compte.")]


@app.callback()
def token() -> None:
    """Faire, lister et révoquer les jetons qui ouvrent l'interface des programmes."""


@app.command("make")
def make(
    email: Email,
    *,
    name: Annotated[str, typer.Option(help="À quoi il sert.")],
    opens: Annotated[
        list[str], typer.Option("--opens", help="Ce qu'il ouvre, par exemple files:read.")
    ],
    days: Annotated[int, typer.Option(help="Sa durée, en jours.", min=1, max=366)] = 90,
    machine: Annotated[
        bool, typer.Option("--machine", help="Fait un compte de programme à cette adresse.")
    ] = False,
) -> None:
    """Fait un jeton et l'affiche une seule fois ; il agit comme le compte de cette adresse.

    Exemple : [bold]ecluse portal token make portail@genomes.example --machine
    --name "Portail européen" --opens partner:act[/bold]
    """
    text = in_public_site(make_token, email, name, opens, days, machine)
    sys.stdout.write(f"{text}\n")


@app.command("list")
def list_tokens() -> None:
    """Liste les jetons ouverts, avec ce qu'ils ouvrent et le jour de leur fin."""
    sys.stdout.write(in_public_site(tell_tokens) + "\n")


@app.command("revoke")
def revoke(key: Annotated[str, typer.Argument(help="Nom du jeton, vu dans la liste.")]) -> None:
    """Révoque un jeton : il n'ouvre plus rien, à l'instant."""
    console.error_console.print(in_public_site(revoke_token, key))


def deliver(
    *,
    every: Annotated[
        int, typer.Option(help="Recommence après autant de secondes ; 0 : une fois.", min=0)
    ] = 0,
) -> None:
    """Appelle les webhooks : ce qui leur est dû, et ce qui a échoué et peut être essayé à nouveau.

    Un seul envoi travaille à la fois. À faire tourner sans fin à côté du site.
    Exemple : [bold]ecluse portal deliver --every 5[/bold]
    """
    if every:
        in_public_site(deliver_again, every)
    else:
        console.error_console.print(in_public_site(run_command, "deliver"))


def make_token(email: str, name: str, opens: list[str], days: int, machine: bool) -> str:  # noqa: FBT001 - a task of `in_site`
    """Make a token in a process that `in_site` started; its text."""
    from ecluse.portal.api import actions
    from ecluse.portal.api.actions import Wanted
    from ecluse.portal.api.scopes import read_scopes

    account = (
        actions.make_machine(email, name, by=_operator()) if machine else actions.account_of(email)
    )
    wanted = Wanted(name, read_scopes(opens), days)
    return actions.make_token(account, wanted, by=_operator(), now=_now())[1]


def tell_tokens() -> str:
    """List the open tokens in a process that `in_site` started."""
    from ecluse.portal.api.models import Token

    found = Token.objects.open(now=_now()).select_related("account").order_by("expires_at")
    lines = (
        f"{one.key_id}  {one.expires_at:%Y-%m-%d}  {one.account.email}  {' '.join(one.scopes)}"
        for one in found
    )
    return "\n".join(lines) or "—"


def revoke_token(key: str) -> str:
    """Revoke a token in a process that `in_site` started."""
    from ecluse.domain.errors import NotFound
    from ecluse.portal.api import actions
    from ecluse.portal.api.models import Token

    found = Token.objects.filter(key_id=key).first()
    if found is None:
        raise NotFound(f"No token is called {key!r}: see `ecluse portal token list`.")
    actions.revoke_token(found, by=_operator(), now=_now())
    return f"revoked: {key}"


def deliver_again(every: int) -> str:
    """Send what is owed again and again, in a process that `in_site` started."""
    from django.core.management import call_command

    call_command("deliver", every=every)
    return ""


def _now() -> datetime:
    from django.utils import timezone

    return timezone.now()


def _operator() -> str:
    """Who acts, for the journal: the account of the machine."""
    return f"operator:{os.environ.get('SUDO_USER') or os.environ.get('USER') or 'unknown'}"
