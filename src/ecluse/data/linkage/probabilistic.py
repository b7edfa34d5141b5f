"""Indirect matching by probability (Fellegi and Sunter, 1969), with the library Splink.

Splink learns from the records themselves how often each trait agrees by chance, and how often it
agrees between records of one person. It is in the extra `linkage`.
"""

import logging
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from ecluse.data.engines import quoted
from ecluse.data.linkage.assignment import assign
from ecluse.data.linkage.records import DAY, FIRST, PLACE, RECORD, SECOND, Matches, Records
from ecluse.domain.errors import InvalidInput, SetupIncomplete

try:
    import splink.comparison_library as comparisons
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink.internals.blocking_rule_creator import BlockingRuleCreator
    from splink.internals.exceptions import EMTrainingException, SplinkException
except ModuleNotFoundError:
    raise SetupIncomplete(
        "Probabilistic matching needs the package splink: pip install 'ecluse[linkage]'."
    ) from None

DAYS: Final = "days_of_care"
SAMPLE_PAIRS: Final = 1_000_000
SEED: Final = 1
MOST_DAYS: Final = 3
"""Days of care in common from which more make no difference."""
EXPECTED: Final = 0.9
"""Share of the smaller source expected in the larger."""


@dataclass(frozen=True, slots=True)
class Model:
    """How records are compared.

    `traits`: compared one by one. `blocks`: sets of traits, one of which must be equal for two
    records to be compared at all; each day of care in common also makes them so. `threshold`:
    least probability of a pair. `margin`: how much nearer, in bits of weight, the best candidate
    must be than the next. `tolerance_days`, `same_place`: as in `Rule`.
    """

    traits: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...]
    threshold: float = 0.9
    margin: float = 3.0
    tolerance_days: int = 0
    same_place: bool = False

    def __post_init__(self) -> None:
        wanted = {trait for block in self.blocks for trait in block}
        if not self.blocks or not wanted <= set(self.traits) or not 0 < self.threshold < 1:
            raise InvalidInput(
                "A model needs blocks made of its traits, and a threshold between 0 and 1."
            )


def match_probably(
    first: Records, second: Records, model: Model, *, connection: duckdb.DuckDBPyConnection
) -> Matches:
    """Return who of `first` is probably who of `second`: the same records give the same matches.

    Raises:
        InvalidInput: a trait is missing in a source, or there is too little to learn from.
    """
    logging.getLogger("splink").setLevel(logging.CRITICAL)  # its words can quote values
    engine = DuckDBAPI(connection=connection)
    tables = [
        engine.register(
            _table(records, model, spread_days=days, connection=connection), table_name=side
        )
        for side, records, days in ((FIRST, first, model.tolerance_days), (SECOND, second, 0))
    ]
    try:
        linker = Linker(tables, _settings(model, first, second), log_level=logging.CRITICAL)
        _train(linker, model)
        found = linker.inference.predict(threshold_match_probability=model.threshold)
    except (SplinkException, EMTrainingException, duckdb.Error) as error:
        # `from None`: the message can quote the records compared.
        raise InvalidInput(
            f"The records cannot be compared so ({type(error).__name__}): give more records, or "
            "match by rule."
        ) from None
    columns = f"{RECORD}_l, {RECORD}_r, match_weight"
    return assign(found.as_duckdbpyrelation().project(columns).fetchall(), margin=model.margin)


def _table(
    records: Records, model: Model, *, spread_days: int, connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    """Return one row a person: traits under plain names, and the list of days of care, or null."""
    missing = set(model.traits) - set(records.persons.column_names)
    if missing:
        raise InvalidInput(f"Both sources need the traits {', '.join(sorted(missing))}.")
    place = f"coalesce({PLACE}, '')" if model.same_place else "''"
    spread = f"CAST(unnest(range(-{spread_days}, {spread_days + 1})) AS INTEGER)"
    care = connection.from_arrow(records.care).project(
        f"{RECORD} AS whose, CAST({DAY} + {spread} AS VARCHAR) || {place} AS moment"
    )
    days = care.aggregate(f"whose, list(DISTINCT moment) AS {DAYS}", "whose")
    traits = ", ".join(
        f"CAST({quoted(trait)} AS VARCHAR) AS {_plain(rank)}"
        for rank, trait in enumerate(model.traits)
    )
    persons = connection.from_arrow(records.persons).project(f"{RECORD}, {traits}")
    joined = persons.join(days, f"{RECORD} = whose", how="left")
    return joined.order(RECORD).project("* EXCLUDE (whose)").to_arrow_table()


def _settings(model: Model, first: Records, second: Records) -> SettingsCreator:
    counts = len(first.persons), len(second.persons)
    if not all(counts):
        raise InvalidInput("A source has no record: nothing can be matched.")
    return SettingsCreator(
        link_type="link_only",
        unique_id_column_name=RECORD,
        comparisons=[
            *(comparisons.ExactMatch(_plain(rank)) for rank in range(len(model.traits))),
            comparisons.ArrayIntersectAtSizes(DAYS, list(range(MOST_DAYS, 0, -1))),
        ],
        blocking_rules_to_generate_predictions=[*_blocks(model)],
        # Before anything is compared: most persons of the smaller source are in the larger.
        probability_two_random_records_match=EXPECTED * min(counts) / (counts[0] * counts[1]),
        retain_matching_columns=False,
    )


def _blocks(model: Model) -> list[BlockingRuleCreator]:
    ranks = {trait: rank for rank, trait in enumerate(model.traits)}
    return [
        *(block_on(*(_plain(ranks[trait]) for trait in block)) for block in model.blocks),
        block_on(DAYS, arrays_to_explode=[DAYS]),
    ]


def _train(linker: Linker, model: Model) -> None:
    """Learn how often traits agree by chance, then between records that share a block."""
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLE_PAIRS, seed=SEED)
    for rule in _blocks(model)[: len(model.blocks)]:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, fix_probability_two_random_records_match=True, max_pairs=SAMPLE_PAIRS
        )


def _plain(rank: int) -> str:
    """Return the name that the library gets for a trait: it writes names into its queries."""
    return f"trait_{rank}"
