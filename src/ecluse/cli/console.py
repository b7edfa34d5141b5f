"""What the command line says: results on standard output, progress and errors on standard error."""

import json as json_text
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ecluse.domain.errors import EcluseError, NotFound, SetupIncomplete

console = Console()
"""Standard output, for people."""

error_console = Console(stderr=True)
"""Standard error: progress, warnings, errors. Never mixed with a result."""

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

ERRORS: Final[Mapping[str, str]] = {
    "malformed": "ce n'est pas un document de la forme publiée",
    "unknown-key": "clé inconnue du trousseau",
    "bad-signature": "la signature ne correspond pas au contenu",
    "wrong-signer": "ce signataire ne signe pas ce document",
    "expired": "la date de fin est passée",
    "not-yet-valid": "la date de début n'est pas venue",
    "revoked": "l'autorisation a été retirée",
    "suspended": "l'autorisation est suspendue",
    "replayed": "ce document a déjà été exécuté",
    "out-of-scope": "l'autorisation ne le permet pas",
    "stale-opt-outs": "la liste des oppositions n'est pas celle de la décision",
    "not-allowed": "cette personne ne peut pas le faire maintenant",
    "invalid-input": "saisie ou fichier inutilisable",
    "not-found": "introuvable",
    "load-failed": "la livraison n'a pas été chargée, le lac est inchangé",
    "departure": "l'hébergeur ne fait pas ce qu'un magasin d'objets doit faire",
    "not-tried": "ce contrôle n'a pas reçu ce qu'il lui faut",
    "storage-full": "plus de place, rien n'est perdu",
    "snapshot-damaged": "un fichier de l'instantané a changé",
    "job-failed": "l'analyse s'est arrêtée sur une erreur",
    "sandbox-unavailable": "l'isolement ne peut pas être prouvé, aucune analyse ne tourne",
    "journal-broken": "le journal ne se prouve pas",
    "unreachable": "un site ou une base ne répond pas",
    "setup-incomplete": "il manque un programme ou un paquet",
    "interrupted": "arrêt demandé",
    "usage": "commande mal formée",
    "defect": "défaut d'Écluse",
}
"""What each code means, in the language of the people who type; the detail follows in English."""


def emit(data: Mapping[str, object], *, json: bool, render: Callable[[], object]) -> None:
    """Show one result: `data` as one JSON object for machines, or `render()` for people."""
    if json:
        sys.stdout.write(json_text.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")
    else:
        render()


def say(text: str, data: Mapping[str, object], *, json: bool) -> None:
    """Say one line, or the same as JSON."""
    emit(data, json=json, render=lambda: console.print(escape(text), soft_wrap=True))


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that was named. Raises NotFound."""
    if not path.is_file():
        raise NotFound(f"{path} n'est pas un fichier : vérifiez le chemin.")
    return path.read_bytes()


@contextmanager
def progress(description: str) -> Iterator[None]:
    """Show that something is under way: a live line on a terminal, one plain line elsewhere."""
    if not error_console.is_terminal:
        error_console.print(escape(description), highlight=False)
        yield
        return
    columns = (
        SpinnerColumn(finished_text="[green]✓[/green]"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=error_console) as bar:
        task = bar.add_task(escape(description), total=None)
        yield
        bar.update(task, total=1, completed=1)


def run_command(command: Callable[[], object], *, json: bool) -> int:
    """Run a command line and return its exit code, having shown any error as one clear message.

    An `EcluseError` gives its own exit code; Ctrl-C gives 130; a defect of the program gives 1 and
    says how to report it. With `json`, the error is `{"error": {"code", "message"}}` on standard
    output.
    """
    try:
        command()
    except EcluseError as error:
        return _report(error.code, str(error), error.exit_code, json=json)
    except KeyboardInterrupt:
        return _report("interrupted", "Interrompu.", EXIT_INTERRUPTED, json=json)
    except SystemExit as finished:
        return _exit_code(finished, json=json)
    except ModuleNotFoundError as error:
        return _report_missing(error, json=json)
    except Exception as defect:
        return _report_defect(defect, json=json)
    return 0


def _exit_code(finished: SystemExit, *, json: bool) -> int:
    """Return the code of a command that ended by itself, Typer's usage errors included."""
    code = finished.code if isinstance(finished.code, int) else EXIT_FAILURE
    if finished.code is None:
        code = 0
    if json and code == EXIT_USAGE:
        _write_error("usage", "Commande mal formée : voir l'aide avec --help.")
    return code


def _report(code: str, message: str, exit_code: int, *, json: bool) -> int:
    if json:
        _write_error(code, message)
    else:
        label = ERRORS.get(code, "cette commande n'a pas abouti")
        error_console.print(f"[bold red]Erreur[/bold red] : {label} ({escape(code)}).")
        error_console.print(escape(message))
    return exit_code


def _report_missing(error: ModuleNotFoundError, *, json: bool) -> int:
    """Name the package that this command needs; one of our own modules missing is a defect."""
    package = (error.name or "?").partition(".")[0]
    if package == "ecluse":
        return _report_defect(error, json=json)
    message = (
        f"Le paquet Python « {package} » n'est pas installé ici. Cette commande est celle d'une "
        "autre partie : « pip install 'ecluse[portal]' » (un site) ou « pip install "
        "'ecluse[data]' » (la zone sécurisée) ou « pip install 'ecluse[hosting]' » (copies "
        "chez un hébergeur), puis relancez."
    )
    return _report(SetupIncomplete.code, message, SetupIncomplete.exit_code, json=json)


def _report_defect(defect: Exception, *, json: bool) -> int:
    """Show an unexpected error by its type and place, never by values that a row could hold."""
    place = _last_place(defect)
    message = (
        f"Erreur inattendue {type(defect).__name__} à {place}. C'est un défaut d'Écluse : "
        "signalez-le avec la commande tapée et la sortie de « ecluse --version » ; "
        "ECLUSE_DEBUG=1 montre le détail, qui peut contenir des données : relisez avant d'envoyer."
    )
    exit_code = _report("defect", message, EXIT_FAILURE, json=json)
    if os.environ.get("ECLUSE_DEBUG") == "1":
        error_console.print_exception()
    return exit_code


def _last_place(defect: Exception) -> str:
    trace = defect.__traceback__
    place = "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _write_error(code: str, message: str) -> None:
    error = {"error": {"code": code, "message": message}}
    sys.stdout.write(json_text.dumps(error, ensure_ascii=False) + "\n")
