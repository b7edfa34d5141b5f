import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from ecluse.cli import database
from ecluse.cli.database import Cluster, create_databases, database_url, without_password
from ecluse.cli.home import Home
from ecluse.cli.serve import Site, in_site, migrate, site_environment
from ecluse.domain.errors import SetupIncomplete, Unreachable


@contextmanager
def walkable_folder() -> Iterator[Path]:
    """A folder that the user `postgres` can enter: those of pytest are closed to others."""
    with TemporaryDirectory(prefix="ecluse-cluster-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with walkable_folder() as folder:
        cluster = Cluster(folder / "postgres", durable=False)
        cluster.start()
        yield cluster
        cluster.stop()


def server_pid(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def answer(cluster: Cluster, query: str) -> object:
    with psycopg.connect(database_url(cluster.url, "postgres")) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def test_a_second_start_leaves_the_running_server_alone(cluster: Cluster) -> None:
    pid = server_pid(cluster)

    cluster.start()

    assert server_pid(cluster) == pid


def test_the_server_listens_on_no_network_address(cluster: Cluster) -> None:
    assert answer(cluster, "SHOW listen_addresses") == ""


def test_only_the_owner_can_enter_the_folder_of_the_socket(cluster: Cluster) -> None:
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700


def test_the_log_of_the_server_quotes_no_row_and_no_query(cluster: Cluster) -> None:
    with psycopg.connect(database_url(cluster.url, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE register (opt_out_id text UNIQUE)")
        connection.execute("INSERT INTO register VALUES ('PSEUDONYM-OF-JEANNE')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO register VALUES ('PSEUDONYM-OF-JEANNE')")

    assert "duplicate key" in cluster.log.read_text()
    assert "PSEUDONYM-OF-JEANNE" not in cluster.log.read_text()


def test_the_server_starts_again_after_kill_9_and_keeps_its_data(cluster: Cluster) -> None:
    create_databases(cluster.url, ["kept"])
    os.kill(server_pid(cluster), signal.SIGKILL)

    cluster.start()

    assert answer(cluster, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == 1


def test_the_server_starts_when_its_pid_file_names_another_program(cluster: Cluster) -> None:
    pid_file = cluster.data / "postmaster.pid"
    _, *others = pid_file.read_text().splitlines()
    cluster.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *others]) + "\n")

    cluster.start()

    assert server_pid(cluster) != os.getpid()


def test_databases_are_created_once_and_kept(cluster: Cluster) -> None:
    create_databases(cluster.url, ["ecluse_public", "ecluse_checking"])
    create_databases(cluster.url, ["ecluse_public"])

    assert answer(cluster, "SELECT count(*) FROM pg_database WHERE datname LIKE 'ecluse%'") == 2


def test_a_folder_with_a_very_long_name_gets_a_short_private_socket(tmp_path: Path) -> None:
    long = Cluster(tmp_path / ("x" * 120))

    assert len(str(long.socket_folder)) < 60


def test_the_address_names_the_database_and_keeps_the_socket() -> None:
    url = database_url("postgresql://ecluse@/?host=%2Ftmp%2FEcluse", "ecluse_public")

    assert url == "postgresql://ecluse@/ecluse_public?host=%2Ftmp%2FEcluse"


def test_a_server_that_does_not_answer_is_said_unreachable_without_its_password() -> None:
    with pytest.raises(Unreachable) as error:
        create_databases("postgresql://me:secret@127.0.0.1:1/", ["ecluse_public"])

    assert "postgresql://me@127.0.0.1:1/" in str(error.value)
    assert "secret" not in str(error.value)


def test_an_address_without_a_password_is_shown_as_it_is() -> None:
    assert without_password("postgresql://me@host/base") == "postgresql://me@host/base"


def test_missing_programs_are_named_with_the_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "DEBIAN_BINARIES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SetupIncomplete, match="apt-get install postgresql,"):
        Cluster(tmp_path / "postgres").start()


def test_a_cluster_of_another_version_names_the_package_of_that_version(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")

    with pytest.raises(SetupIncomplete, match="postgresql-9,"):
        Cluster(tmp_path).is_running()


def test_half_a_cluster_left_by_a_killed_set_up_is_made_again() -> None:
    with walkable_folder() as folder:
        half = folder / "postgres" / "data.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("15\n")
        cluster = Cluster(folder / "postgres", durable=False)

        cluster.start()

        assert cluster.is_running()
        cluster.stop()


def test_tables_of_another_version_say_which_folder_holds_them(
    cluster: Cluster, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    home.create()
    home.config()
    create_databases(cluster.url, [Site.PUBLIC.database])
    site = site_environment(home, Site.PUBLIC, server_url=cluster.url)
    with psycopg.connect(site["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE django_migrations (id bigserial, app text, name text,"
            " applied timestamptz)"
        )
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('permits', '0001_initial', now())"
        )

    with pytest.raises(SetupIncomplete, match=str(home.path)):
        in_site(site, migrate)
