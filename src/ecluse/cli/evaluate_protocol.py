"""`ecluse evaluate protocol`: read a protocol, compute its sample size, lock it, all offline."""

from __future__ import annotations

import json as plain
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecluse.cli.console import console, emit
from ecluse.domain import codec
from ecluse.domain.documents import AGENT, EvaluationProtocol, Signer, from_json
from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.domain.evaluations import checklists, locks
from ecluse.domain.evaluations import protocols as shapes
from ecluse.trust import canonical, documents, durable, keys, protocols

if TYPE_CHECKING:
    from ecluse.domain.evaluations.protocols import Protocol

app = typer.Typer(
    name="protocol", help="Protocoles : lire, calculer, verrouiller.", no_args_is_help=True
)
PUBLIC = 0o644
Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
ProtocolFile = Annotated[Path, typer.Argument(help="Protocole, en JSON ou signé par le hub.")]
Given = Annotated[str, typer.Option(help="Fichier, ou empreinte sha256:….")]


@app.command()
def check(
    file: ProtocolFile,
    *,
    out: Annotated[Path | None, typer.Option(help="Où écrire ses octets canoniques.")] = None,
    json: Json = False,
) -> None:
    """Vérifie qu'un protocole ne se contredit pas et donne son empreinte.

    Exemple : [bold]ecluse evaluate protocol check protocole.json --out canonique.json[/bold]
    """
    protocol = read(file)
    size = protocol.sample_size
    answer = {
        "digest": protocols.digest(protocol),
        "number": protocol.identity.number,
        "version": protocol.identity.version,
        "primary": protocol.metrics.primary.metric.name,
        "acceptable": protocol.metrics.primary.acceptable,
        "needed": size.needed,
        "expected": size.expected,
        "lacking": list(size.lacking(size.expected)),
    }
    if out is not None:
        durable.write(out, protocols.encode(protocol), mode=PUBLIC)
    emit(answer, json=json, render=lambda: _say(answer))


@app.command()
def digest(
    file: Annotated[Path, typer.Argument(help="Modèle, code ou manifeste.")], *, json: Json = False
) -> None:
    """Donne l'empreinte d'un fichier, comme un protocole la demande.

    Exemple : [bold]ecluse evaluate protocol digest modele.onnx[/bold]
    """
    found = _digest(str(file))
    emit({"digest": found}, json=json, render=lambda: console.print(found, soft_wrap=True))


@app.command()
def checklist(
    file: ProtocolFile,
    *,
    english: Annotated[bool, typer.Option("--english", help="En anglais.")] = False,
    json: Json = False,
) -> None:
    """Remplit les grilles de compte rendu qu'un protocole nomme, point par point."""
    lines = checklists.fill(read(file))
    language = "en" if english else "fr"

    def render() -> None:
        table = Table("Grille", "Point", "Objet", "Traité par", "Réponse")
        for one in lines:
            said = (one.guideline.value, one.item, one.subject(language), one.answered.value)
            table.add_row(*said, escape(one.answer))
        console.print(table)

    emit({"lines": [codec.encode(one) for one in lines]}, json=json, render=render)


@app.command("sample-size")
def sample_size(
    *,
    prevalence: Annotated[float, typer.Option(help="Part attendue de cas positifs.")],
    concordance: Annotated[float, typer.Option(help="Aire attendue sous la courbe ROC.")],
    linear: Annotated[
        tuple[float, float],
        typer.Option(help="Moyenne et écart type du prédicteur linéaire.", metavar="MOY ET"),
    ],
    widths: Annotated[
        tuple[float, float, float],
        typer.Option(help="Largeurs : observés/attendus, pente, C.", metavar="OE PENTE C"),
    ] = (0.2, 0.2, 0.1),
    json: Json = False,
) -> None:
    """Calcule les cas nécessaires à une validation externe (Riley 2021), avant toute donnée.

    Exemple : [bold]ecluse evaluate protocol sample-size --prevalence 0.22 --concordance 0.82
    --linear -1.75 1.47[/bold]
    """
    from ecluse.data.evaluation import sample_size as sizes

    mean, deviation = linear
    ratio, slope, area = widths
    needed = sizes.Needed(
        {
            "observed over expected": sizes.validation_ratio(prevalence=prevalence, width=ratio),
            "calibration slope": sizes.validation_slope(
                mean=mean, deviation=deviation, width=slope
            ),
            "concordance": sizes.validation_concordance(
                concordance=concordance, prevalence=prevalence, width=area
            ),
        }
    )
    answer = {"criteria": needed.by_criterion, "needed": needed.persons}
    emit(answer, json=json, render=lambda: _say_sizes(needed.by_criterion, needed.persons))


@app.command()
def lock(
    file: ProtocolFile,
    *,
    data: Given,
    model: Given,
    code: Given,
    out: Annotated[Path, typer.Option(help="Le verrou signé.")] = Path("lock.json"),
    json: Json = False,
) -> None:
    """Verrouille un protocole avec la clé du hub, si le modèle et le code sont ceux qu'il nomme.

    Exemple : [bold]ecluse evaluate protocol lock protocole.json --data manifeste.json
    --model modele.onnx --code sha256:…[/bold]
    """
    from ecluse.cli.home import Home
    from ecluse.cli.keys import key_folder

    protocol, now = read(file), keys.to_milliseconds(datetime.now(UTC))
    made = locks.lock_of(
        protocol,
        digest=protocols.digest(protocol),
        dataset=_digest(data),
        by=Signer.PORTAL.value,
        now=now,
    )
    presented = locks.Presented(
        protocol=made.protocol, model=_digest(model), dataset=made.dataset, code=_digest(code)
    )
    locks.check_presented(made, presented)
    key = keys.load_signing_key(key_folder(Home.find(), Signer.PORTAL), Signer.PORTAL)
    document = documents.new_document(made, issuer=Signer.PORTAL, audience=(AGENT,), now=now)
    signed = documents.sign(document, key)
    durable.write(out, signed, mode=PUBLIC)
    answer = {"lock": str(out), "digest": canonical.digest(signed), "protocol": made.protocol}
    emit(answer, json=json, render=lambda: _say(answer))


def read(file: Path) -> Protocol:
    """Return the protocol of a file: its JSON however spaced, or the document that the hub signed.

    The signature is not checked here: a run checks that of the lock, which names the digest.
    Raises NotFound, Malformed, InvalidInput.
    """
    if not file.is_file():
        raise NotFound(f"{file} n'est pas un fichier : vérifiez le chemin.")
    value = _parsed(file)
    document = value.get("document") if isinstance(value, dict) else None
    if document is None:
        return shapes.from_json(value)
    body = from_json(document).body
    if not isinstance(body, EvaluationProtocol):
        raise InvalidInput(f"{file} n'est pas un protocole : donnez celui qui fut enregistré.")
    return body.protocol


def _parsed(file: Path) -> codec.JSON:
    try:
        value: codec.JSON = plain.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise Malformed(f"{file} n'est pas du JSON : corrigez-le.") from None
    return value


def _digest(given: str) -> str:
    """Return a digest as given, or that of the file so named. Raises NotFound."""
    if given.startswith("sha256:"):
        return given
    path = Path(given)
    if not path.is_file():
        raise NotFound(f"{given} n'est ni un fichier ni une empreinte sha256:….")
    return canonical.digest_file(path)


def _say(answer: Mapping[str, object]) -> None:
    for name, value in answer.items():
        console.print(f"{name} : {escape(str(value))}", soft_wrap=True)


def _say_sizes(criteria: dict[str, int], needed: int) -> None:
    table = Table("Critère", "Cas nécessaires")
    for name, size in criteria.items():
        table.add_row(name, str(size))
    console.print(table)
    console.print(f"Le plus grand décide : {needed} cas.")
