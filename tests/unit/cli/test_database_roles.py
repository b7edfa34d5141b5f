"""Rights in the database, on a real server: each program has a role, and no more than it needs."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from typer.testing import CliRunner

from ecluse.cli import app
from ecluse.cli.database import Cluster, database_url
from ecluse.cli.database_roles import BACKUP, role_of
from ecluse.cli.home import Home
from ecluse.cli.serve import Site, in_site, migrate, site_environment

if TYPE_CHECKING:
    from psycopg import Connection

ENTRY = """
INSERT INTO audit_journalentry
    (sequence, token, at, actor, action, subject, body, leaf, frontier, checkpoint)
VALUES (1, gen_random_uuid(), now(), 'somebody', 'tried', 'rights', '', '', '', '')
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server where the installer made the roles and the owner brought the tables up to date."""
    with tempfile.TemporaryDirectory(prefix="ecluse-roles-") as folder:
        Path(folder).chmod(0o711)
        cluster = Cluster(Path(folder) / "postgres", durable=False)
        cluster.start()
        with psycopg.connect(cluster.url, dbname="postgres", autocommit=True) as connection:
            connection.execute('CREATE ROLE "ecluse-owner" LOGIN CREATEDB')
            connection.execute('CREATE ROLE "ecluse-public" LOGIN')
            connection.execute('CREATE ROLE "ecluse-checking" LOGIN')
            connection.execute('CREATE ROLE "ecluse-backup" LOGIN')
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ECLUSE_HOME", f"{folder}/home")
            patch.setenv("DATABASE_URL", as_role(cluster, "ecluse-owner"))
            done = CliRunner().invoke(app, ["upgrade", "--roles", "--json"])
            assert done.exit_code == 0, done.output
            yield cluster
        cluster.stop()


def as_role(cluster: Cluster, role: str) -> str:
    return cluster.url.replace("//ecluse@", f"//{role}@")


def connected(cluster: Cluster, role: str, site: Site = Site.PUBLIC) -> "Connection":
    return psycopg.connect(database_url(as_role(cluster, role), site.database))


@pytest.mark.parametrize("site", Site)
def test_a_site_starts_with_its_own_role_once_the_tables_are_up_to_date(
    server: Cluster, site: Site
) -> None:
    home = Home(Path(os.environ["ECLUSE_HOME"]))
    url = as_role(server, role_of(site))

    in_site(site_environment(home, site, server_url=url), migrate)


@pytest.mark.parametrize("site", Site)
def test_a_site_adds_to_the_journal_and_never_changes_it(server: Cluster, site: Site) -> None:
    with connected(server, role_of(site), site) as connection:
        connection.execute(ENTRY)
        with pytest.raises(InsufficientPrivilege):
            connection.execute("UPDATE audit_journalentry SET actor = 'somebody else'")
        connection.rollback()
        with pytest.raises(InsufficientPrivilege):
            connection.execute("DELETE FROM audit_journalentry")
        connection.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_journalentry DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only_row ON audit_journalentry",
        "TRUNCATE accounts_user CASCADE",
        "CREATE TABLE mine (number integer)",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '9', now())",
        "COPY audit_journalentry TO PROGRAM 'cat'",
        'SET ROLE "ecluse-owner"',
    ],
)
def test_a_site_cannot_take_what_its_owner_kept(server: Cluster, statement: str) -> None:
    with connected(server, role_of(Site.PUBLIC)) as connection:
        with pytest.raises(InsufficientPrivilege):
            connection.execute(statement)
        connection.rollback()


def test_a_site_does_not_enter_the_database_of_the_other(server: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        connected(server, role_of(Site.PUBLIC), Site.CHECKING)


def test_the_backup_reads_everything_and_writes_nothing(server: Cluster) -> None:
    with connected(server, BACKUP) as connection:
        assert connection.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
        with pytest.raises(InsufficientPrivilege):
            connection.execute(ENTRY)
        connection.rollback()


def test_an_upgrade_without_the_roles_says_which_are_missing(server: Cluster) -> None:
    with psycopg.connect(server.url, dbname="postgres", autocommit=True) as connection:
        connection.execute('ALTER ROLE "ecluse-backup" RENAME TO "ecluse-saved"')
        done = CliRunner().invoke(app, ["upgrade", "--roles"])
        connection.execute('ALTER ROLE "ecluse-saved" RENAME TO "ecluse-backup"')

    assert "ecluse-backup" in str(done.exception)


def test_an_upgrade_again_changes_nothing(server: Cluster) -> None:
    done = CliRunner().invoke(app, ["upgrade", "--roles", "--json"])

    assert json.loads(done.output) == {"migrations": {"public": 0, "checking": 0}}
