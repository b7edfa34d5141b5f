"""Who is who: a dense whole number per person, kept from one snapshot to the next.

SNDS (BEN_IDT_ANO rule): the lifelong identity is the pseudonym of the person's own national number;
where it is unknown, the pseudonym of the insured followed by the birth rank. Several pseudonyms of
one person thus become one key.

- A person of a former snapshot keeps the number; new ones receive the next numbers.
- A claimant whom the register does not have (about 5 %) is a person too, without opt-out identity.
- When the register later tells the own number of somebody known by pseudonym and rank alone, the
  person keeps the number; when that own number had one already, the two become one person under
  the lower number, and what lay under the other is written again.
- A name that would designate two persons designates nobody: same-sex twins share a pseudonym, so
  hospital stays, which carry no rank, belong to nobody rather than to the wrong twin.
- Every identifier that registers ever told of a person stays among the names, where lists of
  opt-outs look for it.
- Fictive and special numbers (BEN_CDI_NIR other than 00, 03 and 04) stand for many persons: they
  are kept among the names and designate nobody.

Source: SNDS documentation, sheet on beneficiaries (BEN_IDT_ANO, BEN_IDT_TOP, BEN_CDI_NIR).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.engines import literal_path, quoted
from ecluse.data.lake import Snapshot, read_names, read_persons
from ecluse.data.schemas import Model, PersonBy

REAL_NUMBERS: Final = "('00', '03', '04')"
"""BEN_CDI_NIR of certified and of provisional national numbers."""

CLAIMANT: Final = "BEN_NIR_PSA || CAST(BEN_RNG_GEM AS VARCHAR)"
"""What BEN_IDT_ANO is made of where the person's own number is unknown."""

NAME_COLUMNS: Final[dict[PersonBy, tuple[str, ...]]] = {
    "claimant": ("pseudonym", "birth_rank"),
    "pseudonym": ("pseudonym",),
    "identity": ("identity",),
}
NAME_COLUMNS_ALL: Final = (
    *("pseudonym", "birth_rank", "identity"),
    *("kind", "person_key", "opt_out_id"),
)
TABLES: Final = {
    "names": NAME_COLUMNS_ALL,
    "persons": ("person_key", "person_id", "opt_out_id"),
}
REGISTERED: Final = "'register'"
# `kind` of a name: `register`, `absent` from the register, or `fictive`.
CREATE: Final = """
CREATE TEMP TABLE names (pseudonym VARCHAR, birth_rank INTEGER, identity VARCHAR, kind VARCHAR,
    person_key INTEGER, opt_out_id VARCHAR);
CREATE TEMP TABLE names_before (pseudonym VARCHAR, birth_rank INTEGER, identity VARCHAR,
    kind VARCHAR, person_key INTEGER, opt_out_id VARCHAR);
CREATE TEMP TABLE persons (person_key INTEGER, person_id VARCHAR, opt_out_id VARCHAR);
CREATE TEMP TABLE registered (pseudonym VARCHAR, birth_rank INTEGER, identity VARCHAR,
    kind VARCHAR, opt_out_id VARCHAR);
CREATE TEMP TABLE candidates (identity VARCHAR, person_key INTEGER);
CREATE TEMP VIEW last_key AS SELECT coalesce(max(person_key), 0) AS taken
    FROM (SELECT person_key FROM persons UNION ALL SELECT person_key FROM names_before);
"""

# A number that two identities of the register could claim goes only to the one that had it.
FIND_CANDIDATES: Final = """
INSERT INTO candidates
SELECT DISTINCT registered.identity, names.person_key
FROM registered JOIN names ON names.identity = registered.identity
WHERE registered.kind <> 'fictive' AND names.person_key IS NOT NULL;

INSERT INTO candidates
SELECT min(registered.identity), names.person_key
FROM registered JOIN names
    ON names.pseudonym = registered.pseudonym AND names.birth_rank = registered.birth_rank
WHERE registered.kind <> 'fictive' AND registered.identity <> names.identity
    AND names.identity = names.pseudonym || CAST(names.birth_rank AS VARCHAR)
    AND names.person_key IS NOT NULL
    AND names.person_key NOT IN (SELECT person_key FROM candidates)
GROUP BY names.person_key HAVING count(DISTINCT registered.identity) = 1;
"""

GIVE_KEYS: Final = """
CREATE TEMP TABLE keyed AS
WITH kept AS (SELECT identity, min(person_key) AS person_key FROM candidates GROUP BY identity),
everybody AS (SELECT DISTINCT identity FROM registered WHERE kind <> 'fictive')
SELECT everybody.identity, kept.person_key AS known_key,
    CAST(coalesce(kept.person_key, (SELECT taken FROM last_key)
        + row_number() OVER (PARTITION BY kept.person_key IS NULL ORDER BY everybody.identity)
    ) AS INTEGER) AS person_key
FROM everybody LEFT JOIN kept ON kept.identity = everybody.identity;

CREATE TEMP TABLE given_up AS
SELECT candidates.person_key AS lost_key, min(keyed.person_key) AS person_key
FROM candidates JOIN keyed ON keyed.identity = candidates.identity
WHERE candidates.person_key <> keyed.person_key GROUP BY candidates.person_key;
UPDATE names SET person_key = given_up.person_key
FROM given_up WHERE names.person_key = given_up.lost_key;
DELETE FROM persons WHERE person_key IN (SELECT lost_key FROM given_up);

UPDATE persons
SET person_id = told.person_id
FROM (SELECT person_key, min(identity) AS person_id
    FROM keyed WHERE known_key IS NOT NULL GROUP BY person_key) AS told
WHERE persons.person_key = told.person_key;
INSERT INTO persons SELECT person_key, identity, NULL FROM keyed WHERE known_key IS NULL;
"""

# What the register says of a name that was fictive replaces it; of others, it is added.
JOIN_NAMES: Final = """
CREATE TEMP TABLE all_names AS
SELECT pseudonym, birth_rank, identity, max(kind) AS kind, person_key, opt_out_id FROM (
    SELECT names.* FROM names WHERE kind <> 'fictive' OR NOT EXISTS (
        SELECT 1 FROM registered WHERE registered.pseudonym = names.pseudonym
            AND registered.birth_rank = names.birth_rank)
    UNION ALL
    SELECT registered.pseudonym, registered.birth_rank, registered.identity, registered.kind,
        CASE WHEN registered.kind <> 'fictive' THEN keyed.person_key END, registered.opt_out_id
    FROM registered LEFT JOIN keyed ON keyed.identity = registered.identity
) GROUP BY pseudonym, birth_rank, identity, person_key, opt_out_id;
DELETE FROM names;
INSERT INTO names SELECT * FROM all_names;
"""

# The pseudonym of the insured stands in for the person's own, where none was ever told.
TELL_OPT_OUT_IDS: Final = """
UPDATE persons SET opt_out_id = CASE
    WHEN told.own = 1 THEN told.own_id
    WHEN told.own = 0 AND told.insured = 1 THEN told.insured_id END
FROM (SELECT person_key,
        count(DISTINCT opt_out_id) FILTER (opt_out_id IS DISTINCT FROM trim(pseudonym)) AS own,
        min(opt_out_id) FILTER (opt_out_id IS DISTINCT FROM trim(pseudonym)) AS own_id,
        count(DISTINCT opt_out_id) FILTER (opt_out_id = trim(pseudonym)) AS insured,
        min(opt_out_id) FILTER (opt_out_id = trim(pseudonym)) AS insured_id
    FROM names WHERE person_key IS NOT NULL GROUP BY person_key) AS told
WHERE persons.person_key = told.person_key;
"""

NAME_ABSENT: Final = """
CREATE TEMP TABLE new_names AS
WITH told AS (
    SELECT pseudonym, birth_rank, pseudonym || CAST(birth_rank AS VARCHAR) AS identity
    FROM absent WHERE pseudonym IS NOT NULL AND birth_rank IS NOT NULL),
known AS (SELECT identity, min(person_key) AS person_key FROM names
    WHERE identity IN (SELECT identity FROM told) GROUP BY identity)
SELECT told.pseudonym, told.birth_rank, told.identity, 'absent' AS kind,
    CAST(coalesce(known.person_key, (SELECT taken FROM last_key)
        + dense_rank() OVER (PARTITION BY known.person_key IS NULL ORDER BY told.identity)
    ) AS INTEGER) AS person_key, CAST(NULL AS VARCHAR) AS opt_out_id
FROM told LEFT JOIN known ON known.identity = told.identity
"""

TAKE_NEW_NAMES: Final = """
INSERT INTO persons SELECT DISTINCT person_key, identity, CAST(NULL AS VARCHAR) FROM new_names
WHERE person_key NOT IN (SELECT person_key FROM persons);
INSERT INTO names SELECT * FROM new_names;
INSERT INTO persons_by_claimant SELECT pseudonym, birth_rank, person_key FROM new_names;
DROP TABLE new_names;
"""

COUNT: Final = """
SELECT count(*), count(*) FILTER (opt_out_id IS NULL), count(*) FILTER (person_key NOT IN (
    SELECT person_key FROM names WHERE kind = 'register' AND person_key IS NOT NULL))
FROM persons
"""
COUNT_NAMES: Final = """
SELECT count(*) FILTER (several), coalesce(sum(fictive), 0) FROM (
    SELECT min(person_key) < max(person_key) AS several, count(*) FILTER (kind = 'fictive')
        AS fictive FROM names WHERE pseudonym IS NOT NULL GROUP BY pseudonym)
"""


@dataclass(frozen=True, slots=True)
class PersonCounts:
    """Counts of the persons of a snapshot, and of names that designate nobody.

    `merged`: numbers given up by this load because two persons turned out to be one.
    `shared_pseudonyms`: pseudonyms of several persons, twins mostly. `fictive`: names that stand
    for many persons.
    """

    count: int
    without_opt_out_id: int
    absent_from_register: int
    merged: int
    shared_pseudonyms: int
    fictive: int


class People:
    """The persons and names of one load, in temporary tables of its connection.

    `persons` (person_key, person_id, opt_out_id), `names` (pseudonym, birth_rank, identity, kind,
    person_key) and, per way of naming, `persons_by_…` with one row a name; its `person_key` is NULL
    where the name designates nobody.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, model: Model, former: Snapshot | None
    ) -> None:
        self.merged = 0
        self._connection = connection
        self._model = model
        self._lookups: set[PersonBy] = set()
        connection.execute(CREATE)
        if former is not None:
            named = read_names(connection, former).project(", ".join(NAME_COLUMNS_ALL))
            named.insert_into("names")
            named.insert_into("names_before")
            read_persons(connection, former).project(
                "person_key, person_id, opt_out_id"
            ).insert_into("persons")

    def register(self, files: Iterable[duckdb.DuckDBPyRelation]) -> None:
        """Number the persons of the register, of which the typed rows are given, file by file."""
        for rows in files:
            named = _snds(rows) if self._model.register.by == "snds" else self._by_identity(rows)
            named.filter("identity IS NOT NULL").distinct().insert_into("registered")
        for step in (FIND_CANDIDATES, GIVE_KEYS, JOIN_NAMES, TELL_OPT_OUT_IDS):
            self._connection.execute(step)
        self.merged = int(self._connection.table("given_up").count("*").fetchall()[0][0])
        self._forget("claimant", "pseudonym", "identity")

    def add_absent(self, claimants: duckdb.DuckDBPyRelation, *, keep: Path) -> int:
        """Number the claimants (pseudonym, birth_rank) whom no name designates; return how many.

        Their names are also written to the file `keep`, for `restore_absent`.
        """
        known = self._connection.table(self.lookup("claimant")).set_alias("known")
        absent = claimants.distinct().set_alias("claimant")
        same = "claimant.pseudonym = known.pseudonym AND claimant.birth_rank = known.birth_rank"
        absent.join(known, same, how="anti").create_view("absent", replace=True)
        self._connection.execute(NAME_ABSENT)
        new = self._connection.table("new_names")
        added = int(new.count("*").fetchall()[0][0])
        if added:
            new.order(", ".join(NAME_COLUMNS_ALL)).write_parquet(str(keep))
        self._take_new_names()
        return added

    def restore_absent(self, kept: Path) -> None:
        """Take again the names that `add_absent` wrote."""
        self.lookup("claimant")
        self._connection.read_parquet(literal_path(kept), hive_partitioning=False).create(
            "new_names"
        )
        self._take_new_names()

    def keep(self, folder: Path) -> None:
        """Write names and persons to `folder`, for `restore`."""
        for table, order in TABLES.items():
            rows = self._connection.table(table).project(", ".join(order)).order(", ".join(order))
            rows.write_parquet(str(folder / f"{table}.parquet"), compression="zstd")

    def restore(self, folder: Path, *, merged: int) -> None:
        """Take again the names and persons that `keep` wrote."""
        self.merged = merged
        for table in TABLES:
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 — one of our two names
            file = literal_path(folder / f"{table}.parquet")
            kept = self._connection.read_parquet(file, hive_partitioning=False)
            kept.project(", ".join(TABLES[table])).insert_into(table)
        self._forget("claimant", "pseudonym", "identity")

    def lookup(self, by: PersonBy) -> str:
        """Return the table of the names of one kind: their columns, then `person_key`."""
        name = f"persons_by_{by}"
        if by not in self._lookups:
            _only(self._connection.table("names"), by).create(name)
            self._lookups.add(by)
        return name

    def changed(self, by: PersonBy) -> duckdb.DuckDBPyRelation:
        """Return, as `changed_key`, former numbers under which rows may now lie wrongly.

        Those with a name of this kind that designates somebody else since, or nobody.
        """
        before = _only(self._connection.table("names_before"), by).set_alias("before")
        now = self._connection.table(self.lookup(by)).set_alias("now")
        same = " AND ".join(f"before.{name} = now.{name}" for name in NAME_COLUMNS[by])
        moved = (
            "before.person_key IS NOT NULL AND before.person_key IS DISTINCT FROM now.person_key"
        )
        joined = before.join(now, same, how="left").filter(moved)
        return joined.project("before.person_key AS changed_key").distinct()

    def counts(self) -> PersonCounts:
        """Return the counts of the persons as they are now."""
        ((total, unnamed, absent),) = self._connection.execute(COUNT).fetchall()
        ((shared, fictive),) = self._connection.execute(COUNT_NAMES).fetchall()
        return PersonCounts(total, unnamed, absent, self.merged, shared, int(fictive))

    def _by_identity(self, rows: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        register = self._model.table(self._model.register.table)
        wanted = self._model.register.opt_out
        opt_out = quoted(wanted) if wanted and wanted in rows.columns else "NULL"
        identity = f"CAST({quoted(register.person[0])} AS VARCHAR)"
        return rows.project(
            "CAST(NULL AS VARCHAR) AS pseudonym, CAST(NULL AS INTEGER) AS birth_rank, "
            f"{identity} AS identity, {REGISTERED} AS kind, "
            f"{_tidy(opt_out)} AS opt_out_id"
        )

    def _take_new_names(self) -> None:
        self._connection.execute(TAKE_NEW_NAMES)
        # Another claimant may now share a pseudonym that designated one person.
        self._forget("pseudonym", "identity")

    def _forget(self, *kinds: PersonBy) -> None:
        for by in kinds:
            if by in self._lookups:
                self._connection.execute(f"DROP TABLE persons_by_{by}")
                self._lookups.discard(by)


def lookup_condition(by: PersonBy, columns: tuple[str, ...]) -> str:
    """Return the join condition between `rows` and a lookup `persons`, for these columns."""
    pairs = zip(columns, NAME_COLUMNS[by], strict=True)
    return " AND ".join(
        f"CAST(rows.{quoted(column)} AS VARCHAR) = persons.{name}"
        if name == "identity"
        else f"rows.{quoted(column)} = persons.{name}"
        for column, name in pairs
    )


def _only(names: duckdb.DuckDBPyRelation, by: PersonBy) -> duckdb.DuckDBPyRelation:
    """Return one row per name; one that would designate two persons designates nobody."""
    columns = ", ".join(NAME_COLUMNS[by])
    told = names.filter(" AND ".join(f"{name} IS NOT NULL" for name in NAME_COLUMNS[by]))
    only = "min(person_key) = max(person_key) AND count(person_key) = count(*)"
    key = f"CASE WHEN {only} THEN min(person_key) END AS person_key"
    return told.aggregate(f"{columns}, {key}", columns)


def _snds(rows: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    own = [name for name in ("BEN_IDT_ANO", "BEN_NIR_ANO") if name in rows.columns]
    # A project delivery has NUM_ENQ alone: it is what its own opt-out list knows.
    opt_out = "BEN_NIR_ANO" if "BEN_NIR_ANO" in own else "BEN_NIR_PSA"
    told = "BEN_CDI_NIR" in rows.columns
    kind = f"CASE WHEN BEN_CDI_NIR NOT IN {REAL_NUMBERS} THEN 'fictive' ELSE 'register' END"
    return rows.project(
        "BEN_NIR_PSA AS pseudonym, CAST(BEN_RNG_GEM AS INTEGER) AS birth_rank, "
        f"coalesce({', '.join([*own, CLAIMANT])}) AS identity, "
        f"{kind if told else REGISTERED} AS kind, {_tidy(opt_out)} AS opt_out_id"
    )


def _tidy(column: str) -> str:
    """Return the text of a column without the spaces around it, which other registers lack."""
    return f"nullif(trim(CAST({column} AS VARCHAR)), '')"
