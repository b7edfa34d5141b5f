"""What every test may use: a home, a PostgreSQL server and a small country when it asks for one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django
import django.conf
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from ecluse.cli.database import Cluster
from ecluse.cli.home import Home, project_folder
from tests.databases import Template

if TYPE_CHECKING:
    from tests.unit.data.synthetic.countries import Loaded

pytest_plugins = ["tests.sites"]

TOGETHER = ("tests/journeys/", "tests/unit/hosting/")
SETTINGS = "ecluse.portal.site.settings.everything"
TEST_DATABASE = "test_ecluse_"


def _cluster_folder() -> Path:
    """Beside the demonstration's home, never in it; kept between runs, so that initdb runs once."""
    home = Home.find().path
    if home.parent == project_folder():
        return project_folder() / ".cache" / "postgres"
    return home.with_name(f"{home.name}-tests")


CLUSTER_FOLDER = _cluster_folder()

# Settings are read when Django starts, before any fixture: the home is chosen here.
HOME = Path(tempfile.mkdtemp(prefix="ecluse-tests-"))
HOME.chmod(0o711)
os.environ["ECLUSE_HOME"] = str(HOME)

os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
django.setup()
# Argon2 is slow on purpose: one account costs a third of a second, and every test makes several.
django.conf.settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def _journal(request: pytest.FixtureRequest) -> Iterator[None]:
    """Chain entries at once in a test whose transaction is never committed; else as a site does."""
    from django.conf import settings

    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (
        marker is not None and marker.kwargs.get("transaction", False)
    )
    settings.ECLUSE_JOURNAL_AT_ONCE = not commits
    yield
    settings.ECLUSE_JOURNAL_AT_ONCE = False


class Rooms(LoadFileScheduling):
    """The tests of one file go to one worker; so do those that share what is slow to start.

    The journeys share a demonstration, the tests of hosting a Ceph and a SeaweedFS.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rooms:
    return Rooms(config, log)


@pytest.fixture(scope="session")
def small_country(tmp_path_factory: pytest.TempPathFactory) -> "Loaded":
    """A country with every trap, written and loaded once for all tests, which leave it as it is."""
    from tests.unit.data.synthetic.countries import SMALL, load

    return load(tmp_path_factory.mktemp("country"), SMALL)


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """The address of a PostgreSQL server: `DATABASE_URL`, else a private cluster without fsync."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    with _shared_cluster(Cluster(CLUSTER_FOLDER, durable=False)) as url:
        yield url


@pytest.fixture(scope="session")
def template(database_server: str) -> Template:
    """The database that those of the tests are copied from."""
    return Template(database_server, CLUSTER_FOLDER.with_name(f"{CLUSTER_FOLDER.name}.template"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: str, template: Template) -> None:
    """Give pytest-django the server, and a database that no other run on this machine uses."""
    from django.db import connections
    from psycopg.conninfo import conninfo_to_dict

    server = conninfo_to_dict(database_server)
    for settings in connections.databases.values():
        settings["HOST"] = server.get("host", "")
        settings["PORT"] = server.get("port", "")
        settings["USER"] = server.get("user", "")
        settings["PASSWORD"] = server.get("password", "")
        settings["TEST"]["NAME"] = f"{TEST_DATABASE}{os.getpid()}"
        settings["TEST"]["TEMPLATE"] = template.find()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, database_server: str, template: Template
) -> Iterator[None]:
    """Before the database is dropped, end the connections that threads of ended tests left."""
    import psycopg
    from django.db import connections

    connections.close_all()
    template.keep(f"{TEST_DATABASE}{os.getpid()}")
    yield

    with psycopg.connect(database_server, dbname="postgres", autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [f"{TEST_DATABASE}{os.getpid()}"],
        )


@contextmanager
def _shared_cluster(cluster: Cluster) -> Iterator[str]:
    """Run the cluster while any test run of this machine uses it; the last one stops it."""
    CLUSTER_FOLDER.parent.mkdir(parents=True, exist_ok=True)
    lock = CLUSTER_FOLDER.with_name(f"{CLUSTER_FOLDER.name}.lock").open("w")
    users = CLUSTER_FOLDER.with_name(f"{CLUSTER_FOLDER.name}.users").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    cluster.start()
    fcntl.flock(users, fcntl.LOCK_SH)
    fcntl.flock(lock, fcntl.LOCK_UN)
    _drop_forgotten(cluster.url)
    yield cluster.url
    fcntl.flock(lock, fcntl.LOCK_EX)
    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        cluster.stop()
    except BlockingIOError:
        pass  # another run still uses it
    lock.close()
    users.close()


def _drop_forgotten(url: str) -> None:
    """Drop the databases of runs that were killed before they could."""
    import psycopg

    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEST_DATABASE]
        )
        for (name,) in rows.fetchall():
            if not Path("/proc", name.removeprefix(TEST_DATABASE)).exists():
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
