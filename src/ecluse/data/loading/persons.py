"""Who is in the delivery: one dense key per person, and the ways that tables name them.

SNDS (BEN_IDT_ANO rule): the lifelong identity is the pseudonym of the person's own national number;
where it is unknown, the pseudonym of the insured followed by the birth rank. Several pseudonyms of
one person thus become one key. Same-sex twins share a pseudonym: hospital stays, which carry no
rank, then belong to nobody rather than to the wrong twin.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data.engines import quoted
from ecluse.data.lake.schemas import PersonBy
from ecluse.data.loading.merging import MergedTable
from ecluse.domain.errors import LoadFailed

REGISTERS: Final = {"snds": "IR_BEN_R", "omop53": "person"}

NAMED: Final = "persons_named"
"""One row per way of naming: pseudonym, rank, identity, opt_out_id."""
PERSONS: Final = "persons"
CLAIMANT: Final = "BEN_NIR_PSA || CAST(BEN_RNG_GEM AS VARCHAR)"
"""What BEN_IDT_ANO is made of where the person's own number is unknown."""
LOOKUPS: Final[dict[PersonBy, str]] = {
    "claimant": "persons_by_claimant",
    "pseudonym": "persons_by_pseudonym",
    "identity": "persons_by_identity",
}


@dataclass(frozen=True, slots=True)
class Persons:
    """Counts of the persons found."""

    count: int
    without_opt_out_id: int


def number_persons(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, MergedTable], *, model: str
) -> Persons:
    """Create the table `persons` and one lookup table per way of naming a person.

    Raises:
        LoadFailed: the delivery lacks the register of persons of its model.
    """
    register = tables.get(REGISTERS[model])
    if register is None:
        raise LoadFailed(
            f"The delivery has no {REGISTERS[model]}, so nobody can be recognised in it: ask for "
            "it. Nothing was loaded."
        )
    named = _omop(register) if model == "omop53" else _snds(register, tables)
    named.create(NAMED)
    by_identity = connection.table(NAMED).aggregate(
        "identity, min(opt_out_id) AS opt_out_id", "identity"
    )
    by_identity.project(
        "CAST(row_number() OVER (ORDER BY identity) AS INTEGER) AS person_key, "
        "identity AS person_id, opt_out_id"
    ).create(PERSONS)
    _create_lookups(connection)
    persons = connection.table(PERSONS)
    total, known = persons.aggregate("count(*), count(opt_out_id)").fetchall()[0]
    return Persons(int(total), int(total) - int(known))


def write_persons(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write `persons.parquet`: person_key, person_id, opt_out_id."""
    connection.table(PERSONS).order("person_key").write_parquet(str(path), compression="zstd")


def _omop(register: MergedTable) -> duckdb.DuckDBPyRelation:
    opt_out = "person_source_value" if register.has("person_source_value") else "NULL"
    return register.relation.project(
        "CAST(NULL AS VARCHAR) AS pseudonym, CAST(NULL AS INTEGER) AS birth_rank, "
        f"CAST(person_id AS VARCHAR) AS identity, CAST({opt_out} AS VARCHAR) AS opt_out_id"
    ).filter("identity IS NOT NULL")


def _snds(register: MergedTable, tables: dict[str, MergedTable]) -> duckdb.DuckDBPyRelation:
    own = [name for name in ("BEN_IDT_ANO", "BEN_NIR_ANO") if register.has(name)]
    identity = f"coalesce({', '.join([*own, CLAIMANT])})"
    # A project delivery has NUM_ENQ alone: it is what its own opt-out list knows.
    opt_out = "BEN_NIR_ANO" if "BEN_NIR_ANO" in own else "BEN_NIR_PSA"
    named = register.relation.project(
        f"BEN_NIR_PSA AS pseudonym, BEN_RNG_GEM AS birth_rank, {identity} AS identity, "
        f"CAST({opt_out} AS VARCHAR) AS opt_out_id"
    ).filter("identity IS NOT NULL")
    for table in tables.values():
        if table.schema.person_by == "claimant" and table is not register:
            named = named.union(_absent(table, register))
    return named.distinct()


def _absent(table: MergedTable, register: MergedTable) -> duckdb.DuckDBPyRelation:
    """Return the claimants of `table` whom the register does not have: about 5 % in the SNDS."""
    claimants = table.relation.project("BEN_NIR_PSA, BEN_RNG_GEM").distinct().set_alias("claimant")
    known = register.relation.project("BEN_NIR_PSA, BEN_RNG_GEM").distinct().set_alias("known")
    unknown = claimants.join(
        known,
        "claimant.BEN_NIR_PSA = known.BEN_NIR_PSA AND claimant.BEN_RNG_GEM = known.BEN_RNG_GEM",
        how="anti",
    )
    return unknown.project(
        f"BEN_NIR_PSA AS pseudonym, BEN_RNG_GEM AS birth_rank, {CLAIMANT} AS identity, "
        "CAST(NULL AS VARCHAR) AS opt_out_id"
    ).filter("identity IS NOT NULL")


def _create_lookups(connection: duckdb.DuckDBPyConnection) -> None:
    named = connection.table(NAMED).set_alias("named")
    persons = connection.table(PERSONS).set_alias("persons")
    keyed = named.join(persons, "named.identity = persons.person_id").project(
        "pseudonym, birth_rank, identity, person_key"
    )
    # min = max: a name that would designate two persons designates nobody.
    only = "CASE WHEN min(person_key) = max(person_key) THEN min(person_key) END AS person_key"
    for by, columns in (
        ("claimant", "pseudonym, birth_rank"),
        ("pseudonym", "pseudonym"),
        ("identity", "identity"),
    ):
        keyed.aggregate(f"{columns}, {only}", columns).create(f"persons_by_{by}")


def lookup_condition(by: PersonBy, columns: tuple[str, ...]) -> str:
    """Return the join condition between `rows` and the lookup `persons`, for these columns."""
    names: dict[PersonBy, tuple[str, ...]] = {
        "claimant": ("pseudonym", "birth_rank"),
        "pseudonym": ("pseudonym",),
        "identity": ("identity",),
    }
    pairs = zip(columns, names[by], strict=True)
    return " AND ".join(
        f"CAST(rows.{quoted(column)} AS VARCHAR) = persons.{name}"
        if name == "identity"
        else f"rows.{quoted(column)} = persons.{name}"
        for column, name in pairs
    )
