"""`ecluse link`: a cohort from outside joined to the lake, each party at its own machine."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ecluse.cli.console import read_file, say
from ecluse.cli.home import Home
from ecluse.cli.lake_options import Json, KeyFile, LakeFolder, number, open_lake
from ecluse.cli.pseudonyms import First, Second, zone_versions
from ecluse.domain.errors import InvalidInput, NotFound, OutOfScope

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from ecluse.data.linkage import Linked, Matches, Records, Rule
    from ecluse.domain.documents import LinkageWay, OptOutList, Permit

BodyT = TypeVar("BodyT", "Permit", "OptOutList")
NUMBERS, DATA, NAMES = "numbers.sealed", "data.sealed", "names.sealed"
PERSONS, CARE = "persons", "care"

app = typer.Typer(
    name="link",
    help="Appariement : joindre une cohorte au lac sans qu'aucune partie ne voie tout.",
    no_args_is_help=True,
)

Out = Annotated[Path, typer.Option(help="Dossier où écrire les messages scellés.")]
Hub = Annotated[Path, typer.Option("--hub", help="Clé publique (.opening.pub) de la plateforme.")]
OwnKey = Annotated[
    Path, typer.Option("--open-with", help="Clé (.opening.key) qui ouvre les messages.")
]
PermitFile = Annotated[Path, typer.Option("--permit", help="Autorisation signée du projet.")]
DatasetName = Annotated[str, typer.Option("--dataset", help="Jeu de données du lac.")]
OptOuts = Annotated[Path, typer.Option("--opt-outs", help="Liste d'opposition signée du projet.")]
CohortName = Annotated[
    str, typer.Option("--cohort", help="Cohorte extérieure, comme l'autorisation la nomme.")
]
Target = Annotated[Path, typer.Option("--out", help="Fichier Parquet à créer pour le projet.")]


@app.command("key")
def create_key(
    name: Annotated[str, typer.Argument(help="Nom de la partie : tiers, plateforme, détenteur.")],
    *,
    folder: Annotated[Path, typer.Option(help="Dossier de la partie.")],
    json: Json = False,
) -> None:
    """Crée la paire de clés d'une partie : on lui scelle des messages qu'elle seule ouvre."""
    from ecluse.trust.sealing import PUBLIC, create_opening_key

    create_opening_key(folder, name)
    public = folder / f"{name}{PUBLIC}"
    say(f"À remettre aux autres parties : {public}", {"public": str(public)}, json=json)


@app.command()
def prepare(  # noqa: PLR0913 - a command line has as many options as people need
    cohort: Annotated[Path, typer.Argument(help="Cohorte : CSV ou Parquet.")],
    *,
    subject: Annotated[str, typer.Option(help="Colonne du sujet.")],
    national_number: Annotated[str, typer.Option(help="Colonne du numéro national (13 car.).")],
    third_party: Annotated[Path, typer.Option(help="Clé publique (.opening.pub) du tiers.")],
    hub: Hub,
    out: Out,
    json: Json = False,
) -> None:
    """Chez le détenteur : sépare les numéros (pour le tiers) des données (pour la plateforme).

    Les liens sont tirés au sort et ne sont gardés nulle part.
    """
    from ecluse.data.linkage import messages
    from ecluse.data.linkage import prepare as cut
    from ecluse.trust.sealing import load_receiver

    receivers = load_receiver(third_party), load_receiver(hub)
    made = cut(read_table(cohort), subject=subject, number=national_number)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    messages.send(made.numbers, out / NUMBERS, receivers[0], messages.Message.NUMBERS)
    messages.send(made.data, out / DATA, receivers[1], messages.Message.DATA)
    told = f"{number(len(made.numbers))} sujets : {NUMBERS} va au tiers, {DATA} à la plateforme."
    say(told, {"subjects": len(made.numbers)}, json=json)


@app.command("name")
def name_numbers(
    numbers: Annotated[Path, typer.Argument(help="Message du détenteur : numbers.sealed.")],
    *,
    key: OwnKey,
    national_key: Annotated[Path, typer.Option(help="Clé des numéros nationaux (32 octets).")],
    hub: Hub,
    out: Out,
    json: Json = False,
) -> None:
    """Chez le tiers : remplace chaque numéro par le pseudonyme du registre.

    Le message reçu est ensuite détruit.

    Le tiers n'a aucune donnée de santé, ni aucune clé de la plateforme.
    """
    from ecluse.data.linkage import messages, name_links
    from ecluse.trust.sealing import load_opening_key, load_receiver

    received = messages.receive(numbers, load_opening_key(key), messages.Message.NUMBERS)
    names = name_links(received, read_file(national_key))
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    messages.send(names, out / NAMES, load_receiver(hub), messages.Message.NAMES)
    messages.destroy(numbers)
    unnamed = names.column(1).null_count
    told = f"{number(len(names))} liens, {number(unnamed)} numéros inutilisables ; {NAMES} va à la"
    say(f"{told} plateforme.", {"links": len(names), "unnamed": unnamed}, json=json)


@app.command()
def join(  # noqa: PLR0913 - a command line has as many options as people need
    names: Annotated[Path, typer.Argument(help="Message du tiers : names.sealed.")],
    data: Annotated[Path, typer.Argument(help="Message du détenteur : data.sealed.")],
    *,
    key: OwnKey,
    permit: PermitFile,
    dataset: DatasetName,
    cohort: CohortName,
    opt_outs: OptOuts,
    out: Target,
    lake: LakeFolder = None,
    lake_key: KeyFile = None,
    first_passphrase: First = None,
    second_passphrase: Second = None,
    json: Json = False,
) -> None:
    """À la plateforme : donne au projet la cohorte sous ses pseudonymes, puis détruit les liens.

    Refusé si l'autorisation ne permet pas de joindre cette cohorte par numéro national. Le
    détenteur ne reçoit rien.
    """
    from ecluse.data.engines import connect
    from ecluse.data.linkage import join_links, messages
    from ecluse.domain.documents import LinkageWay
    from ecluse.trust.sealing import load_opening_key

    opening = load_opening_key(key)
    asked = _Asked(cohort, LinkageWay.NATIONAL_NUMBER, dataset)
    project, opposed = _warrant(permit, opt_outs, asked)
    snapshot = open_lake(lake, lake_key).snapshot(dataset)
    pseudonyms = zone_versions(first_passphrase, second_passphrase).project(project)
    with connect(readable=[snapshot.folder.parent]) as connection:
        linked = join_links(
            messages.receive(names, opening, messages.Message.NAMES),
            messages.receive(data, opening, messages.Message.DATA),
            snapshot,
            project=pseudonyms,
            opt_out_ids=opposed,
            connection=connection,
        )
    _write(linked.rows, out)
    for message in (names, data):
        messages.destroy(message)
    counts = _counts(linked)
    say(", ".join(f"{name} {count}" for name, count in counts.items()), dict(counts), json=json)


@app.command()
def match(  # noqa: PLR0913 - a command line has as many options as people need
    source: Annotated[
        Path, typer.Argument(help="Dossier : persons et care, en CSV ou en Parquet.")
    ],
    *,
    trait: Annotated[list[str], typer.Option(help="Trait comparé : sex, birth_year… (répétable).")],
    days: Annotated[int, typer.Option(help="Jours de soins en commun, au moins.")] = 1,
    tolerance: Annotated[int, typer.Option(help="Écart admis entre deux jours.")] = 0,
    same_place: Annotated[bool, typer.Option("--same-place", help="Dans le même hôpital.")] = False,
    probable: Annotated[
        bool, typer.Option("--probable", help="Par probabilité (Splink), non par règle.")
    ] = False,
    permit: PermitFile,
    dataset: DatasetName,
    cohort: CohortName,
    opt_outs: OptOuts,
    out: Target,
    lake: LakeFolder = None,
    lake_key: KeyFile = None,
    first_passphrase: First = None,
    second_passphrase: Second = None,
    json: Json = False,
) -> None:
    """Appariement indirect : mêmes traits, mêmes jours de soins ; les cas douteux sont écartés.

    Réussi à partir de 90 % de sujets appariés.
    Exemple : [bold]ecluse link match cohorte/ --trait sex --trait birth_year …[/bold]
    """
    from ecluse.data.engines import connect
    from ecluse.data.linkage import give_matches, measure
    from ecluse.data.linkage.lake_records import lake_records
    from ecluse.data.linkage.records import Rule
    from ecluse.domain.documents import LinkageWay

    asked = _Asked(cohort, LinkageWay.INDIRECT, dataset)
    project, opposed = _warrant(permit, opt_outs, asked)
    snapshot = open_lake(lake, lake_key).snapshot(dataset)
    records = read_records(source)
    rule = Rule(tuple(trait), least_days=days, tolerance_days=tolerance, same_place=same_place)
    pseudonyms = zone_versions(first_passphrase, second_passphrase).project(project)
    with connect(readable=[snapshot.folder.parent]) as connection:
        known = lake_records(snapshot, connection=connection)
        found = _matches(records, known, rule, connection, probable=probable)
        given = give_matches(
            found, snapshot, project=pseudonyms, opt_out_ids=opposed, connection=connection
        )
    _write(given.rows, out)
    quality = measure(found, records=len(records.persons))
    verdict = "réussi" if quality.is_success else "insuffisant (moins de 90 %)"
    say(
        f"{number(quality.linked)} sujets appariés sur {number(quality.records)} "
        f"({quality.share:.1%}), {number(quality.ambiguous)} douteux écartés : {verdict}.",
        {
            "records": quality.records,
            "linked": quality.linked,
            "ambiguous": quality.ambiguous,
            "success": quality.is_success,
            "given": len(given.rows),
        },
        json=json,
    )


def read_table(path: Path) -> pa.Table:
    """Return a CSV file, all texts, or a Parquet file. Raises NotFound, InvalidInput."""
    import duckdb

    from ecluse.data.engines import connect, literal_path

    if not path.is_file():
        raise NotFound(f"{path} n'est pas un fichier : vérifiez le chemin.")
    with connect(readable=[path]) as connection:
        try:
            if path.suffix.lower() == ".parquet":
                rows = connection.read_parquet(literal_path(path), hive_partitioning=False)
            else:
                rows = connection.read_csv(literal_path(path), all_varchar=True, header=True)
            return rows.to_arrow_table()
        except duckdb.Error as error:
            # `from None` : le moteur cite les lignes qu'il ne sait pas lire.
            raise InvalidInput(
                f"{path} n'est pas lisible ({type(error).__name__}) : CSV avec en-tête, ou Parquet."
            ) from None


def read_records(folder: Path) -> Records:
    """Return the records of a folder: `persons` and, if there is one, `care`. Raises NotFound."""
    from ecluse.data.linkage.records import Records

    persons = read_table(_either(folder, PERSONS))
    return Records(persons.cast(_texts(persons)), _care(folder))


def _texts(table: pa.Table) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(name, pa.string()) for name in table.column_names])


def _care(folder: Path) -> pa.Table:
    import pyarrow as pa

    schema = pa.schema([("record_id", pa.string()), ("day", pa.date32()), ("place", pa.string())])
    try:
        care = read_table(_either(folder, CARE))
    except NotFound:
        return schema.empty_table()
    if not set(schema.names) <= set(care.column_names):
        raise InvalidInput(f"{CARE} doit avoir les colonnes {', '.join(schema.names)}.")
    try:
        return care.select(schema.names).cast(schema)
    except pa.ArrowInvalid:
        raise InvalidInput(f"{CARE} : les jours s'écrivent aaaa-mm-jj.") from None


def _either(folder: Path, name: str) -> Path:
    for suffix in (".parquet", ".csv"):
        if (folder / f"{name}{suffix}").is_file():
            return folder / f"{name}{suffix}"
    raise NotFound(f"{folder} n'a ni {name}.csv ni {name}.parquet.")


def _matches(
    records: Records,
    known: Records,
    rule: Rule,
    connection: duckdb.DuckDBPyConnection,
    *,
    probable: bool,
) -> Matches:
    from ecluse.data.linkage import match_exactly

    if not probable:
        return match_exactly(records, known, rule, connection=connection)
    from ecluse.data.linkage.probabilistic import Model, match_probably

    blocks = tuple((trait,) for trait in rule.traits if trait != "sex") or ((rule.traits[0],),)
    model = Model(
        rule.traits, blocks, tolerance_days=rule.tolerance_days, same_place=rule.same_place
    )
    return match_probably(records, known, model, connection=connection)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A linkage: which outside cohort, how, with which dataset."""

    cohort: str
    way: LinkageWay
    dataset: str


def _warrant(permit: Path, opt_outs: Path, asked: _Asked) -> tuple[str, tuple[str, ...]]:
    """Return the project's number and who opted out, when its permit allows the linkage now."""
    from ecluse.data.agent.rooms import withdrawals_in
    from ecluse.data.agent.state import State
    from ecluse.data.optouts import Listing
    from ecluse.domain import optouts, permits
    from ecluse.domain.documents import OptOutList, Permit

    given, listed = _verified(permit, Permit), _verified(opt_outs, OptOutList)
    state = State(Home.find().zone / "agent.db")
    try:
        known = withdrawals_in(state, given.permit_number)
    finally:
        state.close()
    permits.check_in_force(given, known, now=datetime.now(UTC))
    optouts.check_list(listed, given)
    if asked.dataset not in {scope.dataset for scope in given.datasets}:
        raise OutOfScope(f"L'autorisation {given.permit_number} ne donne pas {asked.dataset}.")
    permits.check_linkage(given, asked.cohort, asked.way)
    listing = Listing(listed, given.applies_opt_out_exception, opt_outs.parent)
    listing.check_files()
    bases = listing.bases(is_national=True)
    opposed = {one for basis in bases for one in listing.identifiers(basis)}
    return given.permit_number, tuple(sorted(opposed))


def _verified(path: Path, kind: type[BodyT]) -> BodyT:
    from ecluse.trust import documents
    from ecluse.trust.keys import Keyring

    home = Home.find()
    keyring = Keyring.load(home.keyring(home.zone))
    body = documents.verify(read_file(path), keyring, now=datetime.now(UTC)).document.body
    if not isinstance(body, kind):
        raise InvalidInput(f"{path} n'est pas un document {kind.__name__}.")
    return body


def _write(rows: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    from ecluse.trust import durable

    if path.exists():
        raise InvalidInput(f"{path} existe : nommez un autre fichier.")
    with durable.replacing(path) as file:
        pq.write_table(rows, file, compression="zstd")


def _counts(linked: Linked) -> dict[str, int]:
    names = [one.name for one in dataclasses.fields(linked) if one.name != "rows"]
    return {name: getattr(linked, name) for name in names}
