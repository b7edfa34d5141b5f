"""`ecluse request`: data requests answered by protected tables, never by rows."""

from __future__ import annotations

import json as json_text
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, progress
from ecluse.cli.home import Home
from ecluse.cli.lake_options import KeyFile, LakeFolder, SnapshotId, grid, number, open_lake
from ecluse.domain.errors import InvalidInput, Malformed, NotFound, OutOfScope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecluse.data.tabulation import Answer
    from ecluse.domain.documents import OptOutList, TabulationOrder, TabulationReceipt
    from ecluse.domain.tabulation import TabulationPlan

MEMORY = "2GiB"
LARGEST_PLAN = 1_000_000

app = typer.Typer(
    name="request",
    help="Demandes de données : des tableaux, jamais les lignes.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
PlanFile = Annotated[Path, typer.Argument(help="Plan de tabulation, en JSON.")]
SignedFile = Annotated[Path, typer.Argument(help="Document signé.")]
KeyringFile = Annotated[
    Path | None, typer.Option(help="Trousseau de clés publiques ; sinon, celui de la zone.")
]
Body = TypeVar("Body")


@app.command()
def check(plan: PlanFile, *, json: Json = False) -> None:
    """Relit un plan de tabulation, sans données.

    Exemple : [bold]ecluse request check plan.json[/bold]
    """
    read = read_plan(plan)
    cells = {table.name: read.cell_count(table) for table in read.tables}

    def render() -> None:
        shown = grid("Tableau", "Cases")
        for name, count in cells.items():
            shown.add_row(escape(name), number(count))
        console.print(shown)

    emit({"number": read.number, "cells": cells}, json=json, render=render)


@app.command()
def run(  # noqa: PLR0913 — a command line has as many options as people need
    plan: PlanFile,
    *,
    dataset: Annotated[str, typer.Option(help="Nom du jeu de données.")],
    target: Annotated[Path, typer.Option(help="Dossier à créer pour la réponse.")],
    opt_outs: Annotated[Path, typer.Option("--opt-outs", help="Liste d'opposition signée.")],
    minimum: Annotated[
        int | None, typer.Option(help="Effectif minimal, s'il doit dépasser celui de la règle.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Dossier des réponses déjà données ; sinon, de la zone.")
    ] = None,
    snapshot: SnapshotId = None,
    lake: LakeFolder = None,
    key: KeyFile = None,
    json: Json = False,
) -> None:
    """Répond à une demande de données : tableaux protégés, dictionnaire, notice en deux langues.

    Les réponses déjà données sur ce jeu de données sont relues, pour qu'aucune différence entre
    deux tableaux ne révèle quelqu'un. La somme de contrôle de chaque fichier est affichée.

    Exemple : [bold]ecluse request run plan.json --dataset snds --opt-outs liste.json --target
    reponse[/bold]
    """
    from ecluse.data import tabulation
    from ecluse.data.engines import connect
    from ecluse.data.optouts import Listing
    from ecluse.data.tabulation import Memory
    from ecluse.domain.tabulation import policy_of

    read = read_plan(plan)
    listing = Listing(_opt_outs(opt_outs), folder=opt_outs.parent)
    listing.check_files()
    if target.exists():
        raise InvalidInput(f"{target} existe déjà : donnez un dossier à créer.")
    policy = policy_of(minimum)
    found = open_lake(lake, key).snapshot(dataset, snapshot)
    folder = answers or Home.find().zone / "answers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        progress(f"Demande {read.number}"),
        connect(
            memory_limit=MEMORY, readable=[found.folder, *listing.paths()], writable=[folder]
        ) as connection,
    ):
        keys = tabulation.countable(connection, found, listing, number=read.number)
        memory = Memory(folder)
        answer = tabulation.answer(
            read, found, keys, policy=policy, connection=connection, memory=memory
        )
    told = tabulation.receipt(answer, tabulation.write(answer, target))
    emit(told, json=json, render=lambda: _show(answer, target))


@app.command()
def order(file: SignedFile, *, keyring: KeyringFile = None, json: Json = False) -> None:
    """Prouve un ordre de tabulation signé, et dit ce qu'il demande.

    Exemple : [bold]ecluse request order DR-2026-00001-T1.order.json[/bold]
    """
    from ecluse.domain import codec
    from ecluse.domain.documents import TabulationOrder

    body, digest = _proved(file, TabulationOrder, keyring)
    emit(
        {"digest": digest, "order": codec.encode(body)},
        json=json,
        render=lambda: _show_pairs(_order_lines(body, digest)),
    )


@app.command()
def receipt(
    file: SignedFile,
    *,
    order_file: Annotated[
        Path | None, typer.Option("--order", help="L'ordre signé auquel il répond.")
    ] = None,
    keyring: KeyringFile = None,
    json: Json = False,
) -> None:
    """Prouve un récépissé de tabulation signé ; avec son ordre, prouve qu'il lui répond.

    Exemple : [bold]ecluse request receipt DR-2026-00001-T1.answer.json --order
    DR-2026-00001-T1.order.json[/bold]
    """
    from ecluse.domain import codec, data_requests
    from ecluse.domain.documents import TabulationOrder, TabulationReceipt

    body, digest = _proved(file, TabulationReceipt, keyring)
    if order_file is not None:
        ordered, order_digest = _proved(order_file, TabulationOrder, keyring)
        data_requests.check_answers(body, ordered, order_digest=order_digest)
    emit(
        {"digest": digest, "receipt": codec.encode(body)},
        json=json,
        render=lambda: _show_pairs(_receipt_lines(body, digest)),
    )


def read_plan(path: Path) -> TabulationPlan:
    """Return the plan of a file. Raises NotFound, Malformed and InvalidInput."""
    from ecluse.domain import codec
    from ecluse.domain.tabulation import TabulationPlan

    try:
        if path.stat().st_size > LARGEST_PLAN:
            raise InvalidInput(f"{path} dépasse {LARGEST_PLAN} octets : ce n'est pas un plan.")
        content = json_text.loads(path.read_bytes())
    except FileNotFoundError:
        raise NotFound(f"{path} n'existe pas : vérifiez son nom.") from None
    except (ValueError, RecursionError):
        raise Malformed(f"{path} n'est pas du JSON : écrivez un plan de tabulation.") from None
    return cast("TabulationPlan", codec.decode(content, TabulationPlan, at="plan"))


def _opt_outs(path: Path) -> OptOutList:
    """Return the list of a signed file that the zone's keyring believes."""
    from ecluse.domain.documents import OptOutList

    return _proved(path, OptOutList, None)[0]


def _proved(path: Path, kind: type[Body], keyring: Path | None) -> tuple[Body, str]:
    """Return the body of a signed file meant for a secure zone or sent by one, and its digest.

    Raises:
        NotFound, InvalidInput: no such file, or a document of another kind.
        Refused: the signature proves nothing.
        OutOfScope: an order or a list for somebody else than a zone.
    """
    from ecluse.data.agent import Zone
    from ecluse.domain.documents import AGENT, Signer
    from ecluse.trust import documents
    from ecluse.trust.keys import Keyring

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} n'existe pas : vérifiez son nom.") from None
    believed = Keyring.load(keyring or Zone(Home.find().zone).keyring)
    verified = documents.verify(content, believed, now=datetime.now(UTC))
    document = verified.document
    if not isinstance(document.body, kind):
        raise InvalidInput(f"{path} est un {document.kind}, pas un {kind.__name__}.")
    if document.issuer is not Signer.AGENT and AGENT not in document.audience:
        raise OutOfScope(f"Ce document est pour {', '.join(document.audience)}.")
    return document.body, verified.digest


def _order_lines(order: TabulationOrder, digest: str) -> Iterator[tuple[str, str]]:
    yield "Ordre", order.order_number
    yield "Demande", order.request_number
    yield "Titre", order.title
    yield "Jeu de données", f"{order.dataset}, {order.snapshot}"
    yield "Population", order.plan.population
    for table in order.plan.tables:
        by = ", ".join(table.by) or "total"
        yield "Tableau", f"{table.title} ({by}) : {order.plan.cell_count(table)} cases"
    yield "Politique", f"{order.policy}, {order.minimum_count} personnes au moins"
    yield "Oppositions", order.opt_out_list_digest
    yield "Demandée par", ", ".join(order.persons)
    yield "Évaluée par", ", ".join(order.assessed_by)
    yield "Décidée par", f"{order.decided_by}, le {order.decided_at:%Y-%m-%d}"
    yield "Commandée par", order.ordered_by
    yield "Valable jusqu'au", order.valid_until.isoformat()
    yield "Empreinte", digest


def _receipt_lines(receipt: TabulationReceipt, digest: str) -> Iterator[tuple[str, str]]:
    yield "Ordre", f"{receipt.order_number} ({receipt.order_digest})"
    yield "Demande", receipt.request_number
    yield "Jeu de données", f"{receipt.dataset}, {receipt.snapshot}"
    yield "Tableaux", str(receipt.table_count)
    yield "Cases", str(receipt.cell_count)
    yield "Masquées à risque", str(receipt.primary_count)
    yield "Masquées pour d'autres", str(receipt.secondary_count)
    yield "Politique", receipt.policy
    for file in receipt.files:
        yield file.name, file.digest
    yield "Empreinte", digest


def _show_pairs(pairs: Iterator[tuple[str, str]]) -> None:
    shown = grid("", "")
    for name, value in pairs:
        shown.add_row(escape(name), escape(value))
    console.print(shown)
    console.print("[green]✓ Signature vérifiée[/green]")


def _show(answer: Answer, target: Path) -> None:
    counts = answer.counts
    console.print(f"Demande {escape(answer.plan.number)} : {escape(os.fspath(target))}")
    shown = grid("Tableaux", "Cases", "Masquées à risque", "Masquées pour d'autres", "Arrondi")
    numbers = (counts.cells, counts.primary, counts.secondary, counts.rounding_base)
    shown.add_row(number(len(answer.tables)), *map(number, numbers))
    console.print(shown)
    if counts.epsilon_thousandths:
        spent = f"{counts.epsilon_thousandths / 1000:g}".replace(".", ",")
        console.print(f"Budget de confidentialité dépensé : {spent}")
