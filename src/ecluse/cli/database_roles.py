"""What each program may do in the database of a site: one PostgreSQL role each, for what it needs.

The owner makes the tables and gives the rights; a site reads and writes them, and what is written
once for all it only reads and adds to; the backup reads. No role that serves pages can remove a
trigger, since it owns nothing.
"""

from typing import TYPE_CHECKING, Final, LiteralString

from ecluse.cli.serve import Site
from ecluse.domain.errors import SetupIncomplete

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composed

    Statement = tuple[LiteralString, tuple[str, ...]]

BACKUP: Final = "ecluse-backup"
"""The role that reads everything to save it."""

_FROZEN: Final = """
SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND tgfoid = to_regproc('refuse_change')
"""
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_SET_UP: Final = frozenset({"django_migrations"})
"""What a site reads to know whether its tables are up to date, and never writes."""


def role_of(site: Site) -> str:
    """Return the role of a site, which is also the name of its user on the machine."""
    return f"ecluse-{site.value}"


def give_rights(database: str, site: Site) -> None:
    """Give each role its rights on the tables of a site, as their owner, and take back all others.

    `database` is its address. Safe to repeat. Raises SetupIncomplete: a role does not exist.
    """
    import psycopg

    with psycopg.connect(database, connect_timeout=10) as connection:
        _check_roles(connection, role_of(site), BACKUP)
        for statement, names in _statements(connection, site):
            connection.execute(_composed(statement, *names))


def rights_on(frozen: set[str], table: str) -> LiteralString:
    """Return what a site may do to a table."""
    if table in _SET_UP:
        return "SELECT"
    return "SELECT, INSERT" if table in frozen else "SELECT, INSERT, UPDATE, DELETE"


def _statements(connection: "Connection", site: Site) -> list["Statement"]:
    role = role_of(site)
    frozen = {name for (name,) in connection.execute(_FROZEN)}
    tables = [name for (name,) in connection.execute(_TABLES)]
    given: list[Statement] = [
        ("REVOKE ALL ON DATABASE {} FROM PUBLIC", (connection.info.dbname,)),
        ("REVOKE ALL ON SCHEMA public FROM PUBLIC", ()),
    ]
    for each in (role, BACKUP):
        given += [
            ("GRANT CONNECT ON DATABASE {} TO {}", (connection.info.dbname, each)),
            ("GRANT USAGE ON SCHEMA public TO {}", (each,)),
            ("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}", (each,)),
            ("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}", (each,)),
        ]
    given += [
        ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}", (BACKUP,)),
        ("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", (BACKUP,)),
        ("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", (role,)),
    ]
    for table in tables:
        given.append(("GRANT " + rights_on(frozen, table) + " ON {} TO {}", (table, role)))
    return given


def _check_roles(connection: "Connection", *roles: str) -> None:
    known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    missing = [role for role in roles if role not in known]
    if missing:
        raise SetupIncomplete(
            f"Rôles PostgreSQL absents : {', '.join(missing)}. Créez-les "
            "(deploy/debian/install.sh le fait), puis relancez."
        )


def _composed(statement: LiteralString, *names: str) -> "Composed":
    from psycopg import sql

    return sql.SQL(statement).format(*map(sql.Identifier, names))
