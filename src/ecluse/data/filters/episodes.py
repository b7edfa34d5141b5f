"""Intervals that touch: the renewals of one illness become one episode."""

from typing import Final

from duckdb import DuckDBPyRelation

from ecluse.data.engines import quoted
from ecluse.data.filters.conditions import EVENT_DATE
from ecluse.data.filters.definitions import Episodes
from ecluse.data.filters.judging import PERSON_KEY
from ecluse.data.filters.netting import act_of

STILL_OPEN: Final = "DATE '9999-12-31'"


def merge_episodes(relation: DuckDBPyRelation, episodes: Episodes) -> DuckDBPyRelation:
    """Return one row per episode: the latest row, with the first start and the last end.

    Rows of one person and disease belong to one episode when each begins no later than the day
    after the end of those before it. A row without a start stays alone.
    """
    of = ", ".join(act_of(relation, episodes.of, episodes.unnamed))
    start, end = quoted(episodes.start), quoted(episodes.end)
    in_order = f"PARTITION BY {of} ORDER BY {start}, {end} NULLS LAST"
    before = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    columns = ", ".join(quoted(name) for name in relation.columns)
    marked = relation.project(
        f"*, {start} IS NULL OR coalesce({start} > max(coalesce({end}, {STILL_OPEN})) "
        f"OVER ({in_order} {before}) + 1, true) AS begins"
    )
    numbered = marked.project(
        f"*, count(*) FILTER (begins) OVER ({in_order} ROWS UNBOUNDED PRECEDING) AS episode"
    )
    one = f"PARTITION BY {of}, episode"
    dates = [f"min({start}) OVER ({one}) AS {start}"]
    dates.append(
        f"CASE WHEN count(*) OVER ({one}) = count({end}) OVER ({one}) "
        f"THEN max({end}) OVER ({one}) END AS {end}"
    )
    if EVENT_DATE in relation.columns:
        dates.append(f"min({EVENT_DATE}) OVER ({one}) AS {EVENT_DATE}")
    latest = f"row_number() OVER ({one} ORDER BY {start} DESC, {end} DESC NULLS FIRST)"
    merged = numbered.project(f"* REPLACE ({', '.join(dates)}), {latest} AS rank_in_episode")
    return merged.filter("rank_in_episode = 1").project(columns)


def can_merge(relation: DuckDBPyRelation, episodes: Episodes) -> str | None:
    """Return what `relation` lacks for its episodes to be told, None when nothing."""
    needed = (PERSON_KEY, *episodes.of, episodes.start, episodes.end)
    return ", ".join(name for name in needed if name not in relation.columns) or None
