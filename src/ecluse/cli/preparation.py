"""What a demonstration needs before it starts, each step safe to repeat and quick when done."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from ecluse.cli import console
from ecluse.cli.country import describe_country, draw_national_key, load_country
from ecluse.cli.database import create_databases, start_server
from ecluse.cli.demo_systems import show_systems
from ecluse.cli.home import Home
from ecluse.cli.serve import Site, in_site, migrate, site_environment
from ecluse.domain.documents import Signer
from ecluse.domain.errors import NotFound
from ecluse.domain.roles import Role


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A person of the demonstration: who, for what, on which site."""

    site: Site
    email: str
    full_name: str
    organisation: str
    role: Role


DEMO_ACCOUNTS = tuple(
    DemoAccount(Site(site), email, full_name, organisation, Role(role))
    for site, email, full_name, organisation, role in (
        ("public", "camille.moreau@univ.example", "Camille Moreau", "Université", "data-user"),
        ("public", "louis.bernard@univ.example", "Louis Bernard", "Université", "data-user"),
        ("public", "ines.garnier@hub.example", "Inès Garnier", "Plateforme", "assessor"),
        ("public", "paul.lefevre@hub.example", "Paul Lefèvre", "Plateforme", "decider"),
        ("public", "agathe.morel@comite.example", "Agathe Morel", "Comité", "committee"),
        ("public", "hugo.simon@comite.example", "Hugo Simon", "Comité", "committee"),
        ("public", "lea.fontaine@comite.example", "Léa Fontaine", "Comité", "committee"),
        ("public", "sofia.martin@hub.example", "Sofia Martin", "Plateforme", "preparer"),
        ("public", "nadia.benali@hub.example", "Nadia Benali", "Plateforme", "opt-out-desk"),
        ("public", "jeanne.petit@citizen.example", "Jeanne Petit", "Citoyenne", "citizen"),
        ("public", "victor.roche@hub.example", "Victor Roche", "Plateforme", "auditor"),
        ("checking", "camille.moreau@univ.example", "Camille Moreau", "Université", "data-user"),
        ("checking", "louis.bernard@univ.example", "Louis Bernard", "Université", "data-user"),
        ("checking", "sarah.cohen@hub.example", "Sarah Cohen", "Plateforme", "checker"),
        ("checking", "marc.dubois@hub.example", "Marc Dubois", "Plateforme", "checker"),
        ("checking", "victor.roche@hub.example", "Victor Roche", "Plateforme", "auditor"),
    )
)


class Steps:
    """Numbered progress lines: « 3/9 Chargement du pays synthétique… »."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    @contextmanager
    def step(self, description: str) -> Iterator[None]:
        """Show one step while it runs."""
        self.done += 1
        with console.progress(f"{self.done}/{self.total} {description}…"):
            yield


def prepare(home: Home, steps: Steps, *, persons: int) -> str:
    """Have all that the two sites and the agent need; return the address of the database server."""
    home.config()
    with steps.step("Serveur PostgreSQL"):
        server_url = start_server(home)
        create_databases(server_url, [site.database for site in Site])
    with steps.step("Clés des quatre signataires, échangées par fichier"):
        exchange_keys(home, now=datetime.now(UTC))
        draw_national_key(home)
    with steps.step("Tables et comptes des deux sites"):
        prepare_sites(home, server_url)
    with steps.step(f"Pays synthétique de {persons} personnes, chargé dans le lac"):
        load_country(home, persons=persons, now=datetime.now(UTC))
        give_zone_key(home)
    with steps.step("Deux systèmes d'IA évalués, inscrits au registre"):
        show_systems(home, server_url)
    return server_url


def exchange_keys(home: Home, *, now: datetime) -> None:
    """Have one key per signer, each kept in its room alone, and its public half known in all."""
    from ecluse.trust import keys

    custody = {
        Signer.PORTAL: home.portal,
        Signer.REGISTER: home.portal,
        Signer.CHECKING_ROOM: home.checking,
        Signer.AGENT: home.zone,
    }
    for signer, room in custody.items():
        try:
            keys.load_signing_key(home.keys(room), signer)
        except NotFound:
            keys.create_key(home.keys(room), signer, now=now)
    rooms = (home.portal, home.checking, home.zone)
    public = [key for room in rooms for key in keys.public_keys(home.keys(room))]
    for room in rooms:
        keyring = keys.Keyring.load(home.keyring(room))
        for key in public:
            if key.key_id not in keyring.keys:
                keyring = keyring.with_key(key)
        keyring.save(home.keyring(room))


def give_zone_key(home: Home) -> None:
    """Give the site the public half that seals questions on one person for the zone."""
    from ecluse.data.agent.memberships import zone_key
    from ecluse.data.agent.zones import Zone
    from ecluse.trust import durable, keys

    public = zone_key(Zone(home.zone)).read_bytes()
    durable.write(home.portal / "zone.opening.pub", public, mode=keys.PUBLIC_MODE)


def prepare_sites(home: Home, server_url: str) -> None:
    """Bring the tables and the accounts of both sites up to date, side by side."""
    password = home.config().demo_password
    with ThreadPoolExecutor(len(Site)) as threads:
        prepared = [
            threads.submit(
                in_site,
                site_environment(home, site, server_url=server_url),
                _prepare,
                site,
                password,
            )
            for site in Site
        ]
    for done in prepared:
        done.result()


def _prepare(site: Site, password: str) -> None:
    """Migrate and create what accounts are missing, in a process that `in_site` started."""
    migrate()
    from ecluse.portal.accounts import actions
    from ecluse.portal.accounts.models import User

    known = set(User.objects.values_list("email", flat=True))
    for account in DEMO_ACCOUNTS:
        if account.site == site and account.email not in known:
            actions.create_account(
                account.email,
                full_name=account.full_name,
                organisation=account.organisation,
                roles=[account.role],
                password=password,
                by="set-up",
            )
    if site is Site.PUBLIC:
        describe_country(datetime.now(UTC))
