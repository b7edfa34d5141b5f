"""Whatever is posted, an order says no more than its permit gives."""

from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.documents import DatasetScope, TableScope
from ecluse.domain.minimisation import check_no_sharper, precisions_of, ways, written
from ecluse.domain.permits import check_tables
from ecluse.portal.applications.scope import offered
from ecluse.portal.extractions.forms import OrderForm
from tests.unit.portal.extractions.test_order_form import ORDER
from tests.unit.portal.permits.columns import RICH

PLACES = [(table.table, column) for table in offered(RICH) for column in table.columns]
OFFERED = {
    written(way)
    for (_, column), found in precisions_of(RICH).items()
    for way in ways(column, found)
}
WORDS = [
    *sorted(OFFERED),
    "age-band:1",
    "rounded:3",
    "first-characters:99",
    "",
    "None",
    "as-is:1",
    "choice-only:1",
]


@st.composite
def scopes(draw: st.DrawFn) -> DatasetScope:
    """A permit that gives each column in one of the ways that the zone can."""
    known = precisions_of(RICH)
    tables = [
        TableScope(
            table.table,
            table.columns,
            tuple(
                way
                for column in table.columns
                if (way := draw(st.sampled_from(ways(column, known[table.table, column]))))
            ),
        )
        for table in offered(RICH)
    ]
    # Choosing by its code is what the order of every example does.
    whole = TableScope("ER_PHA_F", tables[0].columns, ())
    return DatasetScope("s", (whole, *tables[1:]), date(2021, 1, 1), date(2023, 12, 31))


@settings(max_examples=60, deadline=None)
@given(scopes(), st.lists(st.sampled_from(PLACES), min_size=1), st.data())
def test_no_post_orders_more_than_the_permit_gives(
    scope: DatasetScope, places: list[tuple[str, str]], data: st.DataObject
) -> None:
    posted: dict[str, object] = {**ORDER, "tables_ER_PHA_F": ["PHA_PRS_C13"]}
    posted["tables_IR_BEN_R"] = [column for table, column in places if table == "IR_BEN_R"]
    posted |= {f"tables_{t}.{c}": data.draw(st.sampled_from(WORDS)) for t, c in places}

    form = OrderForm(scope, RICH, QueryDict(urlencode(posted, doseq=True)))

    tables = form.request().tables if form.is_valid() else ()
    assert not tables or _is_within(tables, scope)


def _is_within(tables: tuple[TableScope, ...], scope: DatasetScope) -> bool:
    """Ask the rules, which raise when an order says more."""
    check_tables(tables, scope)
    check_no_sharper(tables, scope.tables)
    return True
