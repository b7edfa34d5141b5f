"""The command `ecluse`: one module per group of commands, planes imported when a command runs."""

import sys
from typing import Annotated

import typer

from ecluse import __version__
from ecluse.cli import (
    agent,
    backup,
    catalogue,
    cohort,
    console,
    demo,
    enclave,
    evaluate,
    extract,
    findings,
    forms,
    hosting,
    journal,
    keys,
    lake,
    linkage,
    optouts,
    permit,
    portal,
    posture,
    pseudonyms,
    requests,
    serve,
    study,
    synth,
    third_party,
    tokens,
    tour,
    upgrade,
    workspace,
)

app = typer.Typer(
    name="ecluse",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(wanted: bool) -> None:  # noqa: FBT001 — Typer calls it so
    """Print the version and stop, when it is wanted."""
    if wanted:
        sys.stdout.write(f"{__version__}\n")
        raise typer.Exit


@app.callback()
def ecluse(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Affiche la version.", callback=show_version, is_eager=True),
    ] = False,
) -> None:
    """Écluse : on entre sous autorisation, il ne sort que des résultats vérifiés.

    Pour commencer : [bold]ecluse demo[/bold], puis [bold]ecluse tour[/bold].
    """


for command in (
    demo.demo,
    tour.tour,
    demo.status,
    demo.stop,
    serve.serve,
    agent.agent,
    extract.extract,
    synth.synth,
    upgrade.upgrade,
):
    app.command()(command)
for group in (
    lake.lake_app,
    cohort.app,
    permit.app,
    portal.app,
    catalogue.app,
    requests.app,
    forms.app,
    study.app,
    enclave.enclave_app,
    enclave.output_app,
    journal.app,
    keys.app,
    pseudonyms.app,
    findings.app,
    linkage.app,
    optouts.app,
    workspace.app,
    hosting.app,
    third_party.app,
    backup.app,
    posture.app,
    evaluate.app,
):
    app.add_typer(group)

portal.app.add_typer(tokens.app)
portal.app.command()(tokens.deliver)


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(console.run_command(app, json="--json" in sys.argv[1:]))
