"""`ecluse evaluate`: an AI system, from its protocol to a report that anybody verifies."""

import typer

from ecluse.cli import (
    evaluate_boards,
    evaluate_prepare,
    evaluate_protocol,
    evaluate_report,
    evaluate_run,
)

app = typer.Typer(
    name="evaluate",
    help="Évaluer un système d'IA : protocole, exécution, rapport, vérification.",
    no_args_is_help=True,
)
app.add_typer(evaluate_protocol.app)
app.add_typer(evaluate_boards.app)
for command in (*evaluate_prepare.COMMANDS, *evaluate_report.COMMANDS, *evaluate_run.COMMANDS):
    app.command()(command)
