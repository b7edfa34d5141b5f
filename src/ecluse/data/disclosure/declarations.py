"""`outputs.toml`, in which the author says what the columns of each file hold.

[file."incidence.csv"]
counts = ["persons", "events"]              # numbers of distinct persons
parts = {events = "persons"}                # these persons are among those
sensitive = ["diagnosis"]                   # a group must not share one value entirely
labels = ["year"]                           # integers that count nothing
ratios = {rate = {of = "persons", per = 1000}}
percentiles = {p90 = {of = "persons", rank = 90}}
amounts = {cost = "costs.controls.csv"}     # sums: who makes them, row by row, in a file that stays
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields

from ecluse.domain.disclosure import Percentile, Ratio, TableDeclaration
from ecluse.domain.errors import InvalidInput

DECLARATION_NAME = "outputs.toml"
_MAXIMUM_BYTES = 100_000
_TABLES = ("parts", "ratios", "percentiles", "amounts")
_RANKS = range(1, 100)


def read_declarations(data: bytes) -> dict[str, TableDeclaration]:
    """Return the declarations by file name.

    Raises:
        InvalidInput: not TOML, or a member that the format does not have; the member is named.
    """
    if len(data) > _MAXIMUM_BYTES:
        raise InvalidInput(f"{DECLARATION_NAME} has {len(data)} bytes: at most {_MAXIMUM_BYTES}.")
    try:
        content = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{DECLARATION_NAME} is not TOML: {error}.") from None
    files = content.get("file", {})
    if set(content) - {"file"} or not isinstance(files, dict):
        raise InvalidInput(f'{DECLARATION_NAME} holds only [file."name"] tables.')
    return {name: _declaration(name, members) for name, members in files.items()}


def _declaration(name: str, members: object) -> TableDeclaration:
    at = f'{DECLARATION_NAME}, file."{name[:64]}"'
    if not isinstance(members, dict):
        raise InvalidInput(f"{at} is not a table.")
    unknown = set(members) - {field.name for field in fields(TableDeclaration)}
    if unknown:
        raise InvalidInput(
            f"{at}: {sorted(unknown)[0][:40]!r} is unknown: use counts, parts, sensitive, labels, "
            "ratios, percentiles or amounts."
        )
    tables = {member: _table(members, member, at) for member in _TABLES}
    return TableDeclaration(
        counts=_names(members, "counts", at),
        parts={part: _name(whole, f"{at}.parts") for part, whole in tables["parts"]},
        sensitive=_names(members, "sensitive", at),
        ratios={column: _ratio(ratio, f"{at}.ratios") for column, ratio in tables["ratios"]},
        labels=_names(members, "labels", at),
        percentiles={
            column: _percentile(rank, f"{at}.percentiles") for column, rank in tables["percentiles"]
        },
        amounts={column: _name(file, f"{at}.amounts") for column, file in tables["amounts"]},
    )


def _names(members: Mapping[str, object], member: str, at: str) -> tuple[str, ...]:
    names = members.get(member, [])
    if not isinstance(names, list):
        raise InvalidInput(f"{at}.{member} is a list of column names.")
    return tuple(_name(name, f"{at}.{member}") for name in names)


def _name(name: object, at: str) -> str:
    if not isinstance(name, str):
        raise InvalidInput(f"{at}: a column is named by a text.")
    return name


def _table(members: Mapping[str, object], member: str, at: str) -> list[tuple[str, object]]:
    table = members.get(member, {})
    if not isinstance(table, dict):
        raise InvalidInput(f"{at}.{member} is a table of columns.")
    return list(table.items())


def _ratio(ratio: object, at: str) -> Ratio:
    if not isinstance(ratio, dict) or set(ratio) - {"of", "per"} or "of" not in ratio:
        raise InvalidInput(f'{at}: write column = {{of = "persons", per = 1000}}.')
    per = ratio.get("per", 1)
    if not isinstance(per, int) or isinstance(per, bool) or per < 1:
        raise InvalidInput(f"{at}: `per` is an integer from 1.")
    return Ratio(of=_name(ratio["of"], at), per=per)


def _percentile(told: object, at: str) -> Percentile:
    if not isinstance(told, dict) or set(told) != {"of", "rank"} or told["rank"] not in _RANKS:
        raise InvalidInput(f'{at}: write column = {{of = "persons", rank = 90}}, rank 1 to 99.')
    return Percentile(of=_name(told["of"], at), rank=int(told["rank"]))
