"""`ecluse optouts`: proofs that opt-outs bite, in the zone, for an auditor and for a citizen."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecluse.cli.console import read_file, say
from ecluse.cli.home import Home
from ecluse.cli.optouts_at_source import at_source
from ecluse.domain.errors import InvalidInput, NotFound, OutOfScope

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecluse.data.agent.state import Stored
    from ecluse.data.optouts.proofs import Challenge, Proof, Receipt

app = typer.Typer(
    name="optouts",
    help="Oppositions : ce qui prouve qu'elles sont respectées.",
    no_args_is_help=True,
)
app.command("at-source")(at_source)

Json = Annotated[bool, typer.Option("--json", help="Résultat en JSON, pour une machine.")]
ChallengeText = Annotated[
    str | None, typer.Option("--challenge", help="Nombre tiré par l'auditeur, jamais par la zone.")
]
Draw = Annotated[int, typer.Option(help="Identifiants à montrer, tirés par ce nombre.", min=1)]
KeyringFile = Annotated[
    Path | None, typer.Option(help="Trousseau de clés publiques ; sinon, celui de la zone.")
]


@app.command()
def prove(  # noqa: PLR0913 - a command line has as many options as people need
    order: Annotated[
        str, typer.Argument(help="Numéro de l'ordre : extraction, ou demande de données.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Dossier à créer : preuve et récépissé signé.")],
    challenge: ChallengeText = None,
    draw: Draw = 1000,
    with_key: Annotated[
        bool,
        typer.Option("--with-key", help="Donne à l'auditeur de quoi relire la liste signée."),
    ] = False,
    recount: Annotated[
        bool,
        typer.Option("--recount", help="Retrouve aussi les personnes par les fichiers et le lac."),
    ] = False,
    json: Json = False,
) -> None:
    """Dans la zone : prouve que nul opposé n'est dans une extraction ou un décompte, sans un nom.

    Toutes les personnes sont montrées, ou celles que le nombre de l'auditeur tire au sort.
    Exemple : [bold]ecluse optouts prove FR-2026-0001-E1 --out preuve[/bold]
    """
    from ecluse.data.agent.zones import Zone
    from ecluse.data.optouts import proofs
    from ecluse.trust import durable

    if out.exists():
        raise InvalidInput(f"{out} existe déjà : donnez un dossier à créer.")
    stored = _signed_receipt(order)
    record = Zone(Home.find().zone).records().of_order(order)
    persons = _recounted(order, _receipt(stored.document.body)) if recount else None
    made = proofs.prove(
        record, _receipt(stored.document.body), challenge=_asked(challenge, draw), with_key=with_key
    )
    out.mkdir(parents=True)
    durable.write(out / "proof.json", made.line(), mode=0o644)
    durable.write(out / "receipt.json", stored.data, mode=0o644)
    told = f"{len(made.shown)} identifiants montrés sur {made.persons.size} : {out}"
    if persons is not None:
        told = f"{persons} personnes retrouvées dans les fichiers. {told}"
    data = {"order": order, "shown": len(made.shown), "of": made.persons.size, "found": persons}
    say(told, data, json=json)


@app.command()
def verify(  # noqa: PLR0913 - a command line has as many options as people need
    proof: Annotated[Path, typer.Argument(help="Preuve : proof.json.")],
    *,
    receipt: Annotated[
        Path, typer.Option(help="Récépissé signé : extraction, ou demande de données.")
    ],
    challenge: ChallengeText = None,
    draw: Draw = 1000,
    opt_outs: Annotated[
        Path | None, typer.Option("--opt-outs", help="Liste signée, si la preuve a sa clé.")
    ] = None,
    keyring: KeyringFile = None,
    json: Json = False,
) -> None:
    """Vérifie une preuve, hors ligne et hors de la zone : ni nom, ni donnée, ni clé secrète.

    Exemple : [bold]ecluse optouts verify proof.json --receipt receipt.json --keyring cles.json
    [/bold]
    """
    from ecluse.data.optouts import proofs

    known = keyring or Home.find().keyring(Home.find().zone)
    body = _receipt(_verified(receipt, known))
    read = proofs.Proof.parse(read_file(proof))
    count = proofs.check(read, body, challenge=_asked(challenge, draw))
    if opt_outs is not None:
        _check_list(read, opt_outs, known, order_digest=body.opt_out_list_digest)
    told = f"{count} identifiants de {body.order_number} : aucun n'est opposé."
    whole = count == read.persons.size
    data = {"order": body.order_number, "shown": count, "of": read.persons.size, "whole": whole}
    say(told, data, json=json)


@app.command()
def check(
    receipt: Annotated[str, typer.Argument(help="Numéro de récépissé : OPP-…")],
    *,
    by: Annotated[str, typer.Option(help="Adresse du compte du guichet qui demande.")],
    wait: Annotated[int, typer.Option(help="Secondes d'attente de la zone.", min=1)] = 60,
    json: Json = False,
) -> None:
    """Au registre : demande à la zone si des projets ont utilisé les données malgré l'opposition.

    Exemple : [bold]ecluse optouts check OPP-ABCD-EFGH-JKLM --by guichet@hub.example[/bold]
    """
    from ecluse.cli.portal import in_public_site

    found = in_public_site(ask_and_wait, receipt, by, wait)
    projects, _, wrongly = found.partition("|")
    wrong = [one for one in wrongly.split(",") if one]
    told = (
        f"Données utilisées malgré l'opposition : {', '.join(wrong)}."
        if wrong
        else "Aucun projet décidé pendant l'opposition n'a utilisé ces données."
    )
    used = [one for one in projects.split(",") if one]
    say(told, {"projects": used, "wrongly": wrong}, json=json)
    if wrong:
        raise typer.Exit(1)


@app.command("zone-key")
def zone_key(*, json: Json = False) -> None:
    """Dans la zone : la clé publique qui scelle les questions, à copier au site public.

    Exemple : [bold]ecluse optouts zone-key[/bold]
    """
    from ecluse.data.agent.memberships import zone_key as made
    from ecluse.data.agent.zones import Zone

    path = made(Zone(Home.find().zone))
    target = Home.find().portal / "zone.opening.pub"
    say(f"{path} : à copier en {target}", {"key": str(path), "target": str(target)}, json=json)


@app.command("third-party-key")
def third_party_key(*, json: Json = False) -> None:
    """Au registre : fait faire la clé du tiers de confiance par le module que zone.toml désigne.

    Une fois pour toutes, avant la première opposition : elle ne quitte jamais le module.
    """
    from ecluse.trust.pseudonyms.national_numbers import create_national_key
    from ecluse.trust.zone.settings import ZoneSettings

    home = Home.find()
    token = ZoneSettings.load(home.portal).tokens.get("national")
    if token is None:
        raise InvalidInput(f"{home.portal / 'zone.toml'} n'a pas de [tokens.national].")
    made = create_national_key(home.keys(home.portal), token)
    say(f"Clé {made.name} faite par le module.", {"name": made.name}, json=json)


def ask_and_wait(
    receipt: str, email: str, seconds: int, pause: Callable[[float], None] = time.sleep
) -> str:
    """Ask the zone about a receipt and return what it says, in a process of the public site.

    `pause` waits for so many seconds between two looks at the mailbox.
    """
    from ecluse.domain.errors import Unreachable
    from ecluse.portal.accounts.models import User
    from ecluse.portal.citizens.decisions import decided_uses
    from ecluse.portal.optouts import questions

    account = User.objects.filter(email=email, is_active=True).first()
    if account is None:
        raise NotFound(f"{email} n'a pas de compte ici.")
    asked = questions.ask_about_receipt(receipt, by=account, now=datetime.now(UTC))
    for _ in range(seconds):
        answer = questions.read(asked, now=datetime.now(UTC))
        if answer is not None:
            decided = decided_uses(answer.projects)
            found = questions.read_about_receipt(asked, decided, now=datetime.now(UTC))
            assert found is not None  # noqa: S101 - it was answered just above
            return f"{','.join(found.projects)}|{','.join(found.wrongly)}"
        pause(1)
    raise Unreachable(f"La zone n'a pas répondu en {seconds} s : son agent tourne-t-il ?")


def _asked(challenge: str | None, draw: int) -> Challenge | None:
    from ecluse.data.optouts.proofs import Challenge

    return None if challenge is None else Challenge(challenge, draw)


def _signed_receipt(order: str) -> Stored:
    """Return the signed receipt of an order that this zone sent. Raises NotFound."""
    from ecluse.data.agent.state import State

    state = State(Home.find().zone / "agent.db")
    kinds = ("ExtractionReceipt", "TabulationReceipt")
    try:
        found = [one for kind in kinds for one in state.by_number(kind, order)]
    finally:
        state.close()
    if not found:
        raise NotFound(f"{order} n'a pas de récépissé ici : vérifiez son numéro.")
    return found[-1]


def _recounted(number: str, receipt: Receipt) -> int:
    """Return how many persons the files of an extract hold, the same as its record."""
    from ecluse.data.agent.recounts import recount
    from ecluse.data.agent.state import State
    from ecluse.data.agent.zones import Zone
    from ecluse.domain.documents import ExtractionOrder, ExtractionReceipt

    if not isinstance(receipt, ExtractionReceipt):
        raise InvalidInput(f"{number} n'a livré que des nombres : retirez --recount.")
    zone = Zone(Home.find().zone)
    state = State(zone.state)
    try:
        stored = state.by_digest(receipt.order_digest, "ExtractionOrder")
    finally:
        state.close()
    if stored is None or not isinstance(stored.document.body, ExtractionOrder):
        raise NotFound(f"L'ordre {number} n'est pas ici.")
    return recount(zone, stored.document.body, receipt, zone.records().of_order(number))


def _verified(path: Path, keyring: Path) -> object:
    from ecluse.trust import documents
    from ecluse.trust.keys import Keyring

    signed = documents.verify(read_file(path), Keyring.load(keyring), now=datetime.now(UTC))
    return signed.document.body


def _receipt(body: object) -> Receipt:
    from ecluse.domain.documents import ExtractionReceipt, TabulationReceipt

    if not isinstance(body, ExtractionReceipt | TabulationReceipt):
        raise OutOfScope(f"C'est un {type(body).__name__}, pas un récépissé de données.")
    return body


def _check_list(proof: Proof, path: Path, keyring: Path, *, order_digest: str) -> None:
    """Make the trees of the lists again from the signed list. Raises BadSignature."""
    from ecluse.data.optouts import Listing, proofs
    from ecluse.domain.documents import OptOutList
    from ecluse.trust import canonical
    from ecluse.trust.commitments import DigestSet, keyed_digests

    body = _verified(path, keyring)
    if not isinstance(body, OptOutList) or canonical.digest(read_file(path)) != order_digest:
        raise OutOfScope("Ce n'est pas la liste qui a été appliquée.")
    if proof.digest_key is None:
        raise InvalidInput("La preuve n'a pas sa clé : faites-la refaire avec --with-key.")
    listing = Listing(body, folder=path.parent)
    listing.check_files()
    for one in proof.lists:
        made = keyed_digests(listing.identifiers(one.basis), bytes.fromhex(proof.digest_key))
        proofs.check_list(proof, one.basis, DigestSet(made))
