"""`ecluse pseudonyms`: the keys of both custodians, their versions, and one person found again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ecluse.cli.console import console, emit, read_file, say
from ecluse.cli.home import Home
from ecluse.cli.lake_options import Json, KeyFile, LakeFolder, grid, number, open_lake, steps
from ecluse.domain.documents import AGENT
from ecluse.domain.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from ecluse.data.engines import OnProgress
    from ecluse.data.lake import Snapshot
    from ecluse.data.pseudonyms import ProjectVersions
    from ecluse.data.pseudonyms.renewal import Renewal
    from ecluse.trust.journal.files import FileJournal
    from ecluse.trust.pseudonyms.versions import KeyFolder

CUSTODIANS = ("custodian-1.pub", "custodian-2.pub")

app = typer.Typer(
    name="pseudonyms",
    help="Pseudonymes : clés des deux dépositaires, renouvellement, réidentification à deux.",
    no_args_is_help=True,
)


LevelArgument = Annotated[int, typer.Argument(help="Niveau de la clé : 1 ou 2.", min=1, max=2)]
Passphrase = Annotated[
    Path | None, typer.Option(help="Fichier de la phrase secrète qui scelle la clé.")
]
First = Annotated[
    Path | None, typer.Option("--first-passphrase", help="Phrase secrète du premier dépositaire.")
]
Second = Annotated[
    Path | None, typer.Option("--second-passphrase", help="Phrase secrète du second dépositaire.")
]
Project = Annotated[str, typer.Argument(help="Numéro de l'autorisation du projet.")]
DatasetName = Annotated[str, typer.Option("--dataset", help="Jeu de données du projet.")]


@app.command()
def create(level: LevelArgument, *, passphrase: Passphrase = None, json: Json = False) -> None:
    """Crée la première clé d'un niveau, par son dépositaire.

    Dans le module de sécurité que zone.toml désigne pour ce niveau, sinon dans un fichier.

    Exemple : [bold]ecluse pseudonyms create 1 --passphrase phrase.txt[/bold]
    """
    key = _key_folder(level, passphrase).create()
    say(f"Clé {key.key_id} créée.", {"key_id": key.key_id}, json=json)


@app.command()
def rotate(level: LevelArgument, *, passphrase: Passphrase = None, json: Json = False) -> None:
    """Crée une nouvelle version : les nouveaux projets l'ont, les autres gardent la leur.

    Pour qu'un projet en change : [bold]ecluse pseudonyms renew[/bold].
    """
    key = _key_folder(level, passphrase).rotate()
    say(f"Nouvelle version {key.key_id}.", {"key_id": key.key_id}, json=json)


@app.command("list")
def list_versions(*, json: Json = False) -> None:
    """Montre la version courante de chaque niveau et celle de chaque projet."""
    versions = zone_versions()
    current, projects = versions.current_ids(), versions.versions()
    emit(
        {"current": list(current), "projects": {name: list(ids) for name, ids in projects.items()}},
        json=json,
        render=lambda: _show_versions(current, projects),
    )


@app.command()
def renew(  # noqa: PLR0913 - a command line has as many options as people need
    project: Project,
    *,
    dataset: DatasetName,
    lake: LakeFolder = None,
    key: KeyFile = None,
    first_passphrase: First = None,
    second_passphrase: Second = None,
    memory: Annotated[str, typer.Option(help="Mémoire pour les pseudonymes du projet.")] = "1GiB",
    json: Json = False,
) -> None:
    """Met les fichiers d'un projet sous les pseudonymes de la version courante : tous, ou aucun.

    Refuse un pseudonyme trouvé hors des colonnes connues. Tué, il n'a rien changé ; les anciennes
    clés des fichiers sont détruites à la fin.
    Exemple : [bold]ecluse pseudonyms renew FR-2026-0001 --dataset snds[/bold]
    """
    versions = zone_versions(first_passphrase, second_passphrase)
    snapshot = open_lake(lake, key).snapshot(dataset)
    with zone_journal() as journal, steps(f"Renouvellement de {project}") as tell:
        done, key_ids = _renew(versions, project, snapshot, memory, tell)
        journal.append(
            "pseudonyms.renewed",
            actor=AGENT,
            subject=f"project {project}",
            details={"first": key_ids[0], "second": key_ids[1], "files": len(done.files)},
            at=datetime.now(UTC),
        )
    replaced = {label.value: count for label, count in done.pseudonyms.items()}
    emit(
        {"project": project, "keys": key_ids, "files": dict(done.files), "pseudonyms": replaced},
        json=json,
        render=lambda: console.print(
            f"{escape(project)} : {number(len(done.files))} fichiers, "
            f"{number(sum(replaced.values()))} pseudonymes renouvelés."
        ),
    )


@app.command()
def custodian(
    level: LevelArgument,
    name: Annotated[str, typer.Argument(help="Nom du dépositaire.")],
    *,
    folder: Annotated[Path, typer.Option(help="Dossier du dépositaire, pour sa clé privée.")],
    json: Json = False,
) -> None:
    """Crée la signature d'un dépositaire et la fait connaître à la zone."""
    from ecluse.trust import durable
    from ecluse.trust.pseudonyms.custodians import create_custodian

    known = _zone() / "custodians" / CUSTODIANS[level - 1]
    if known.exists():
        raise InvalidInput(f"{known} existe : le niveau {level} a déjà un dépositaire.")
    made = create_custodian(folder, name, level)
    known.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(known, made.line())
    say(f"{name} signe pour le niveau {level}.", {"name": name, "level": level}, json=json)


@app.command()
def approve(
    request: Annotated[Path, typer.Argument(help="Demande de réidentification (JSON canonique).")],
    *,
    name: Annotated[str, typer.Option(help="Nom du dépositaire.")],
    folder: Annotated[Path, typer.Option(help="Dossier du dépositaire.")],
    out: Annotated[Path, typer.Option(help="Fichier de l'accord, à créer.")],
    json: Json = False,
) -> None:
    """Signe une demande de réidentification, après l'avoir lue : l'accord d'un dépositaire."""
    from ecluse.data.pseudonyms.reidentification import PURPOSE, Request
    from ecluse.trust import durable
    from ecluse.trust.pseudonyms import custodians

    asked = Request.parse(read_file(request))
    given = custodians.approve(folder, name, asked.digest, purpose=PURPOSE)
    durable.write(out, given.line(), mode=0o644)
    told = f"Demande {asked.number} de {asked.requester} ({asked.project}) : {asked.reason}"
    say(told, {"request": asked.number, "digest": asked.digest}, json=json)


@app.command()
def reidentify(  # noqa: PLR0913 - a command line has as many options as people need
    request: Annotated[Path, typer.Argument(help="Demande de réidentification.")],
    *,
    approval: Annotated[list[Path], typer.Option(help="Accord d'un dépositaire (deux fois).")],
    holder: Annotated[Path, typer.Option(help="Clé publique (.opening.pub) du détenteur.")],
    lake: LakeFolder = None,
    key: KeyFile = None,
    first_passphrase: First = None,
    second_passphrase: Second = None,
    json: Json = False,
) -> None:
    """Retrouve une personne pour son détenteur seul, avec l'accord signé des deux dépositaires.

    La réponse est un fichier scellé pour le détenteur ; elle n'est jamais affichée.
    """
    from ecluse.data.engines import connect
    from ecluse.data.pseudonyms import Label, values_of
    from ecluse.data.pseudonyms.reidentification import Channel, Request, Warrant, reidentify
    from ecluse.trust.pseudonyms.custodians import load_approval, load_custodian
    from ecluse.trust.sealing import load_receiver

    asked = Request.parse(read_file(request))
    known = tuple(load_custodian(_zone() / "custodians" / file) for file in CUSTODIANS)
    warrant = Warrant(asked, tuple(load_approval(path) for path in approval), known)
    versions = zone_versions(first_passphrase, second_passphrase)
    snapshot = open_lake(lake, key).snapshot(asked.dataset)
    with (
        connect(readable=[snapshot.folder.parent]) as connection,
        zone_journal() as journal,
    ):
        path = reidentify(
            warrant,
            keys=versions.keys(_version(versions, asked.project)),
            persons=values_of(snapshot, Label.PERSON, connection=connection),
            channel=Channel(_zone() / "reidentifications", load_receiver(holder)),
            tell=lambda action, subject, digest, details: journal.append(
                action,
                actor=AGENT,
                subject=subject,
                digest=digest,
                details=details,
                at=datetime.now(UTC),
            ),
            now=datetime.now(UTC),
        )
    told = f"Réponse scellée pour {asked.holder} : {path}"
    say(told, {"request": asked.number, "answer": str(path)}, json=json)


def zone_versions(first: Path | None = None, second: Path | None = None) -> ProjectVersions:
    """Return the keys and versions of the zone of this machine; passphrases come from files."""
    from ecluse.data.pseudonyms import ProjectVersions

    return ProjectVersions.of_zone(_zone(), (_words(first), _words(second)))


def _key_folder(level: int, passphrase: Path | None) -> KeyFolder:
    versions = zone_versions(passphrase, passphrase)
    return versions.first if level == versions.first.level else versions.second


def _renew(
    versions: ProjectVersions, project: str, snapshot: Snapshot, memory: str, tell: OnProgress
) -> tuple[Renewal, tuple[str, str]]:
    from ecluse.data.agent.renewing import renew_sealed
    from ecluse.data.agent.zones import Zone
    from ecluse.data.engines import connect
    from ecluse.data.pseudonyms import Label, identifier_columns, values_of
    from ecluse.data.pseudonyms.correspondence import Versions
    from ecluse.data.pseudonyms.renewal import renew as renew_files

    old, new = _version(versions, project), versions.current_ids()
    if old == new:
        raise InvalidInput(f"{project} a déjà la version courante : il n'y a rien à renouveler.")
    pair = Versions(versions.keys(old).project(project), versions.keys(new).project(project))
    with connect(readable=[snapshot.folder.parent], memory_limit=memory) as connection:
        done = renew_sealed(
            Zone(_zone()),
            project,
            lambda opened: renew_files(
                opened,
                pair,
                known=identifier_columns(snapshot.model),
                values={one: values_of(snapshot, one, connection=connection) for one in Label},
                memory_limit=memory,
                on_progress=tell,
            ),
        )
    versions.record(project, new)
    return done, new


def _version(versions: ProjectVersions, project: str) -> tuple[str, str]:
    found = versions.version(project)
    if found is None:
        raise NotFound(f"Le projet {project} n'a aucune extraction : il n'a pas de version.")
    return found


def _show_versions(current: tuple[str, str], projects: dict[str, tuple[str, str]]) -> None:
    shown = grid("Projet", "Niveau 1", "Niveau 2")
    shown.add_row("[bold]nouveaux projets[/bold]", *current)
    for name, key_ids in sorted(projects.items()):
        shown.add_row(escape(name), *key_ids)
    console.print(shown)


@contextmanager
def zone_journal() -> Iterator[FileJournal]:
    """Give the journal of the zone, which its agent must not be writing."""
    from ecluse.data.agent.agents import ORIGIN
    from ecluse.domain.documents import Signer
    from ecluse.trust import keys
    from ecluse.trust.journal.files import FileJournal

    home = Home.find()
    key = keys.load_signing_key(home.keys(home.zone), Signer.AGENT)
    keyring = keys.Keyring.load(home.keyring(home.zone))
    with FileJournal(home.zone / "journal", origin=ORIGIN, key=key, keyring=keyring) as journal:
        yield journal


def _zone() -> Path:
    return Home.find().zone


def _words(path: Path | None) -> str | None:
    """Return the passphrase in a file that its owner alone reads."""
    if path is None:
        return None
    data = read_file(path)
    if path.stat().st_mode & 0o077:
        raise InvalidInput(f"{path} est lisible par d'autres comptes : « chmod 600 {path} ».")
    return data.decode().rstrip("\n")
