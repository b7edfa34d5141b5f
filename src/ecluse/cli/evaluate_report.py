"""`ecluse evaluate report`, `verify`, `demo`, `code`: a bundle that proves itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli import evaluate_given
from ecluse.cli.console import console, emit, error_console, progress, read_file
from ecluse.domain.errors import Refused

if TYPE_CHECKING:
    import pyarrow as pa

    from ecluse.data.evaluation.reporting.building import Given
    from ecluse.data.evaluation.reporting.verifying import Verification
    from ecluse.domain.evaluations.protocols import Protocol
    from ecluse.domain.evaluations.reports import EvaluationReport
    from ecluse.trust.keys import PublicKey, SigningKey

PUBLIC: Final = 0o644
POLICY: Final = "SNDS-2026"
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
ProtocolFile = Annotated[Path, typer.Option("--protocol", help="Protocole verrouillé.")]
LockFile = Annotated[Path, typer.Option("--lock", help="Verrou signé par le hub.")]
Labels = Annotated[Path, typer.Option(help="Étiquettes : un cas par ligne, Parquet ou CSV.")]
Predictions = Annotated[Path, typer.Option(help="Prédictions des mêmes cas.")]
Manifest = Annotated[Path, typer.Option(help="Manifeste des données, celui du verrou.")]
Perturbed = Annotated[
    list[str] | None,
    typer.Option(help="nom=fichier : prédictions des mêmes cas, données abîmées."),
]
KeyFiles = Annotated[
    list[Path] | None, typer.Option("--key", help="Clé publique (.pub) à laquelle vous croyez.")
]


def report(  # noqa: PLR0913 — the options of a command are its parameters
    *,
    protocol: ProtocolFile,
    lock: LockFile,
    manifest: Manifest,
    labels: Labels,
    predictions: Predictions,
    perturbed: Perturbed = None,
    facts: Annotated[
        Path | None, typer.Option(help="Compte rendu du passage (run.json), s'il y en eut un.")
    ] = None,
    deviations: Annotated[
        Path | None, typer.Option(help="Écarts au protocole, en JSON : une liste.")
    ] = None,
    trial: Annotated[
        Path | None, typer.Option(help="Attaques du modèle (ecluse evaluate attack --json).")
    ] = None,
    key: KeyFiles = None,
    out: Annotated[Path, typer.Option(help="Le rapport à écrire.")] = Path("report.zip"),
    paper: Annotated[bool, typer.Option("--paper", help="Ajoute la version à imprimer.")] = False,
    json: Json = False,
) -> None:
    """Fait le rapport signé d'une évaluation : effectifs, chiffres, figures, résumés.

    Exemple : [bold]ecluse evaluate report --protocol protocole.json --lock lock.json
    --manifest manifest.json --labels labels.parquet --predictions predictions.parquet[/bold]
    """
    from ecluse.data.evaluation.reporting import bundling, reading
    from ecluse.trust import durable, protocols

    plan, _ = protocols.read(protocol)
    given = evaluate_given.locked(
        plan,
        lock=read_file(lock),
        manifest=read_file(manifest),
        tables=(labels, predictions),
        believed=key or [],
    )
    given = dataclasses.replace(
        given,
        run=evaluate_given.facts(facts),
        deviations=evaluate_given.deviations(deviations),
        privacy=evaluate_given.privacy(trial, plan),
    )
    files = {"labels": labels, "predictions": predictions}
    with progress("Calcul du rapport"):
        made = _made(plan, given, files, evaluate_given.pairs(perturbed or []))
    printed = _printed(made, plan) if paper else b""
    data = bundling.bundle(
        made,
        plan,
        lock=read_file(lock),
        manifest=read_file(manifest),
        key=_zone_key(),
        paper=printed,
    )
    _check_leaves(out.name, data, reading.read_names(labels, plan), believed=key or [])
    durable.write(out, data, mode=PUBLIC)
    emit(_told(made, out), json=json, render=lambda: _show(made, out))


def verify(  # noqa: PLR0913 — the options of a command are its parameters
    bundle: Annotated[Path, typer.Argument(help="Rapport : report.zip.")],
    *,
    key: KeyFiles = None,
    model: Annotated[Path | None, typer.Option(help="Modèle que vous tenez.")] = None,
    data: Annotated[Path | None, typer.Option(help="Manifeste que vous tenez.")] = None,
    protocol: Annotated[Path | None, typer.Option(help="Protocole que vous tenez.")] = None,
    lock: Annotated[Path | None, typer.Option(help="Verrou que vous tenez.")] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="Prédictions que vous tenez, dans la zone.")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Preuve que le verrou est dans un journal.")
    ] = None,
    json: Json = False,
) -> None:
    """Vérifie un rapport, hors ligne : signature, empreintes, chaque chiffre recalculé.

    Sans --key, rien ne dit qui a signé : seulement que rien n'a changé depuis.

    Exemple : [bold]ecluse evaluate verify report.zip --key agent-….pub --key portal-….pub[/bold]
    """
    from ecluse.data.evaluation.reporting import verifying
    from ecluse.trust import canonical

    held = {"model": model, "data": data, "protocol": protocol, "lock": lock}
    held["predictions"] = predictions
    presented = {name: canonical.digest(read_file(path)) for name, path in held.items() if path}
    found = verifying.verify(
        read_file(bundle),
        believed=_keys(key or []),
        presented=presented,
        now=datetime.now(UTC),
    )
    if journal is not None:
        found = _with_journal(found, journal, _keys(key or []))
    emit(_told_of(found), json=json, render=lambda: _show_checks(found))
    if not found.passed:
        wrong = next(check for check in found.checks if not check.passed)
        raise Refused(f"{bundle}: {wrong.name}: {wrong.told[0]}")


def demo(
    *,
    out: Annotated[Path, typer.Option(help="Dossier des deux évaluations.")] = Path("evaluations"),
    json: Json = False,
) -> None:
    """Fait deux évaluations entières, l'une bonne, l'autre mauvaise, pour voir la différence.

    Tout est fabriqué : personne n'est derrière ces données. Moins d'une minute.

    Exemple : [bold]ecluse evaluate demo --out evaluations[/bold]
    """
    from ecluse.data.evaluation.demonstration import running

    with progress("Deux évaluations"):
        shown = list(running.show_all(out, now=datetime.now(UTC)))
    told = {
        one.name: {
            **_told(one.report, one.bundle),
            "verified": one.verification.passed,
            "model_run": not one.taken,
        }
        for one in shown
    }

    def render() -> None:
        for one in shown:
            _show(one.report, one.bundle)
            how = f"table de prédictions ({one.taken})" if one.taken else "exécuté en bac à sable"
            console.print(f"Modèle : {escape(how)}", soft_wrap=True)

    emit(told, json=json, render=render)


def code(*, json: Json = False) -> None:
    """Donne l'empreinte du programme qui calcule, comme un protocole la demande.

    Exemple : [bold]ecluse evaluate code[/bold]
    """
    from ecluse.data.evaluation.reporting.code import digest_of_code

    found = digest_of_code()
    emit({"digest": found}, json=json, render=lambda: console.print(found, soft_wrap=True))


def _made(
    plan: Protocol, given: Given, files: Mapping[str, Path], perturbed: Mapping[str, Path]
) -> EvaluationReport:
    from ecluse.data.disclosure import policies
    from ecluse.data.evaluation.reporting import making
    from ecluse.trust import keys

    tables = making.Tables(files["labels"], files["predictions"], perturbed)
    policy, now = policies.policy(POLICY), keys.to_milliseconds(datetime.now(UTC))
    return making.make(tables, plan, given, policy=policy, now=now)


def _check_leaves(name: str, data: bytes, cases: pa.ChunkedArray, *, believed: list[Path]) -> None:
    """Judge a bundle as an output of the zone before it is written. Raises Refused, with why."""
    from ecluse.cli.home import Home
    from ecluse.cli.journal_sources import keyring_of
    from ecluse.data.disclosure import policies
    from ecluse.data.disclosure.identifiers import Identifiers
    from ecluse.data.evaluation.reporting import leaving
    from ecluse.domain.documents import Verdict

    found = leaving.judge(
        name,
        data,
        policies.policy(POLICY),
        believed=(*keyring_of(Home.find(), believed).keys.values(), _zone_key().public()),
        identifiers=Identifiers.among(cases),
        now=datetime.now(UTC),
    )
    if found.verdict is Verdict.BLOCKED:
        why = "; ".join(f"{one.rule} {one.place}: {one.explanation}" for one in found.findings)
        raise Refused(f"The report stays inside: {why}.")


def _printed(made: EvaluationReport, plan: Protocol) -> bytes:
    from ecluse.cli.evaluate_paper import print_page
    from ecluse.data.evaluation.reporting import pages

    return print_page(pages.page(made, plan, "fr"))


def _zone_key() -> SigningKey:
    from ecluse.cli.home import Home
    from ecluse.domain.documents import Signer
    from ecluse.trust import keys

    home = Home.find()
    return keys.load_signing_key(home.keys(home.zone), Signer.AGENT)


def _keys(paths: list[Path]) -> tuple[PublicKey, ...]:
    from ecluse.trust.keys import PublicKey

    return tuple(PublicKey.parse(read_file(path)) for path in paths)


def _with_journal(found: Verification, path: Path, believed: tuple[PublicKey, ...]) -> Verification:
    """Add the check that the lock of a report is an entry of a journal, under a signed checkpoint.

    Raises Malformed, BadSignature, UnknownKey, JournalBroken: the proof itself is wrong.
    """
    from ecluse.data.evaluation.reporting.verifying import Check
    from ecluse.trust.journal import inclusion
    from ecluse.trust.journal.entries import Entry
    from ecluse.trust.keys import Keyring

    proof = inclusion.InclusionProof.parse(path.read_text(encoding="utf-8"))
    inclusion.check(proof, Keyring(believed))
    entry = None if proof.line is None else Entry.parse(proof.line)
    lock = found.report.digests.lock if found.report is not None else ""
    wrong = () if entry is not None and entry.digest == lock else ("the entry names another lock",)
    check = Check("journal", wrong, 1)
    return dataclasses.replace(found, checks=(*found.checks, check))


def _told(made: EvaluationReport, path: Path) -> dict[str, object]:
    return {
        "report": str(path),
        "number": made.evaluation_number,
        "primary": made.headline().value,
        "findings": [
            {"subject": one.subject.value, "of": one.of, "outcome": one.outcome.value}
            for one in made.findings
        ],
        "withheld": len(made.withheld),
    }


def _told_of(found: Verification) -> dict[str, object]:
    return {
        "passed": found.passed,
        "signed_by": found.signed_by,
        "checks": [
            {"name": one.name, "passed": one.passed, "count": one.count, "told": list(one.told)}
            for one in found.checks
        ],
    }


def _show(made: EvaluationReport, path: Path) -> None:
    from ecluse.data.evaluation.reporting import words

    table = Table("Sujet", "De", "Valeur", "Demandé", "Verdict")
    for one in made.findings:
        value = words.number(one.value, "fr")
        table.add_row(
            words.subject(one.subject, "fr"),
            escape(words.measure(one.of, "fr")),
            f"{value} [{words.number(one.low, 'fr')} ; {words.number(one.high, 'fr')}]"
            if one.low
            else value,
            escape(one.asked),
            words.outcome(one.outcome, "fr"),
        )
    verdict = words.outcome(made.headline(), "fr")
    console.print(f"{escape(made.evaluation_number)} - critère principal : {verdict}")
    console.print(table)
    console.print(f"Rapport : {escape(str(path))}", soft_wrap=True)


def _show_checks(found: Verification) -> None:
    table = Table("Contrôle", "Combien", "Résultat")
    for one in found.checks:
        told = "juste" if one.passed else escape("; ".join(one.told))
        table.add_row(one.name, str(one.count), told)
    console.print(table)
    if not found.signed_by:
        error_console.print(
            "Aucune clé donnée n'a signé ce rapport : il n'a pas changé depuis sa signature, mais "
            "rien ne dit par qui. Ajoutez --key.",
            soft_wrap=True,
        )


COMMANDS: Final = (report, verify, demo, code)
