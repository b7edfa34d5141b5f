"""What the form of an order offers is what the secure zone obeys: from the notice to the rows.

Person 1 received two boxes on 17 March 2022; born in 1951, died on 9 October 2023.
"""

from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest
from django.http import QueryDict

from ecluse.data.agent.notices import describe
from ecluse.data.engines import connect
from ecluse.data.extraction import extract
from ecluse.data.extraction.precision import coarse
from ecluse.data.lake import read
from ecluse.data.schemas import Column
from ecluse.domain import codec, permits
from ecluse.domain.documents import (
    Coarsening,
    DatasetScope,
    ExtractionOrder,
    ExtractionReceipt,
    FilterState,
    FilterSwitch,
    Precision,
    TableScope,
)
from ecluse.domain.minimisation import precisions_of, proposed, ways
from ecluse.portal.extractions.forms import OrderForm
from tests.unit.data import studies
from tests.unit.data.lakes import publish
from tests.unit.data.studies import CELECOXIB, EARLY_FLOW, KEY, NOW, Study
from tests.unit.domain.build import permit

BOXES = {
    "person_key": 1,
    "event_date": date(2022, 3, 17),
    "FLX_DIS_DTD": EARLY_FLOW,
    "DCT_ORD_NUM": 101,
    "PHA_PRS_C13": CELECOXIB,
    "PHA_ACT_QSN": 12,
}
PERSON = {
    "person_key": 1,
    "event_date": None,
    "BEN_NIR_PSA": "PSA-OF-1",
    "BEN_SEX_COD": 2,
    "BEN_NAI_ANN": 1951,
    "BEN_NAI_MOI": "07",
    "BEN_DCD_DTE": date(2023, 10, 9),
    "BEN_RES_DPT": "075",
    "BEN_RES_COM": "056",
}
ASKED = (
    TableScope("ER_PHA_F", ("PHA_PRS_C13", "PHA_ACT_QSN", "event_date")),
    TableScope(
        "IR_BEN_R",
        (
            "BEN_SEX_COD",
            "BEN_NAI_ANN",
            "BEN_NAI_MOI",
            "BEN_DCD_DTE",
            "BEN_RES_DPT",
            "BEN_RES_COM",
        ),
    ),
)
ORDER = {
    "source_1": "drug_atc",
    "codes_1": "M01A",
    "match_1": "prefix",
    "dates_1": "1",
    "match_2": "prefix",
    "dates_2": "1",
    "match_3": "prefix",
    "dates_3": "1",
    "combination": "all",
    "care_from": "2022-01-01",
    "care_to": "2022-12-31",
    "flux_until": "2023-06",
    "tables_ER_PHA_F": ["PHA_PRS_C13", "PHA_ACT_QSN", "event_date"],
    "tables_IR_BEN_R": ["BEN_SEX_COD", "BEN_NAI_ANN", "BEN_DCD_DTE", "BEN_RES_DPT", "BEN_RES_COM"],
}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    found = Study(tmp_path)
    tables = {**studies.TABLES, "ER_PHA_F": [BOXES], "IR_BEN_R": [PERSON]}
    found.snapshot = publish(found.lake.path, studies.DATASET, tables, studies.PERSONS)
    return found


def given(study: Study) -> DatasetScope:
    """What a permit gives when the decider takes what is proposed."""
    tables = proposed(ASKED, precisions_of(describe(study.snapshot)))
    return DatasetScope(studies.DATASET, tables, date(2022, 1, 1), date(2023, 12, 31))


def ordered(study: Study, **posted: object) -> ExtractionReceipt:
    """The receipt of the order that the form makes of what is posted, once signed and read."""
    scope = given(study)
    data = {**ORDER, **{name.replace("__", "."): value for name, value in posted.items()}}
    form = OrderForm(scope, describe(study.snapshot), QueryDict(urlencode(data, doseq=True)))
    assert form.is_valid(), form.errors
    asked = form.request()
    order = studies.order(
        study.snapshot,
        tables=asked.tables,
        cohort=asked.cohort,
        care_from=asked.care_from,
        care_to=asked.care_to,
        flux_until=asked.flux_until,
        filters=asked.filters,
        formats=asked.formats,
    )
    read_back = codec.decode(codec.encode(order), ExtractionOrder)
    body = permit(datasets=(scope,))
    permits.check_terms(body)
    return extract(
        studies.warrant(read_back, body),
        lake=study.lake,
        key=KEY,
        target=study.target,
        clock=lambda: NOW,
    )


def rows(study: Study, table: str) -> list[tuple[object, ...]]:
    found = pq.read_table(study.target / f"{table}.parquet").to_pylist()
    return [tuple(row.values())[1:] for row in found]


def test_what_is_proposed_is_delivered_with_one_fact_as_it_is(study: Study) -> None:
    ordered(study)

    assert rows(study, "ER_PHA_F") == [(CELECOXIB, 12, date(2022, 3, 17))]
    assert rows(study, "IR_BEN_R") == [(2, 1951, date(2023, 10, 1), "075")]


def test_less_than_the_permit_gives_is_delivered_when_it_is_asked(study: Study) -> None:
    receipt = ordered(
        study,
        tables_ER_PHA_F__event_date="year",
        tables_ER_PHA_F__PHA_ACT_QSN="rounded:10",
        tables_IR_BEN_R__BEN_NAI_ANN="age-band:10",
        tables_IR_BEN_R__BEN_RES_DPT="region",
    )

    assert rows(study, "ER_PHA_F") == [(CELECOXIB, 10, date(2022, 1, 1))]
    assert rows(study, "IR_BEN_R") == [(2, 1950, date(2023, 10, 1), "11")]
    assert Coarsening("BEN_RES_DPT", Precision.REGION) in receipt.tables[1].coarsened


def test_a_filter_changed_and_csv_asked_are_in_the_receipt(study: Study) -> None:
    receipt = ordered(study, filter_surcharges="off", formats=["csv"])

    assert FilterSwitch("surcharges", FilterState.OFF) in receipt.filters
    assert "ER_PHA_F.csv" in {file.name.removesuffix(".sealed") for file in receipt.files}


def test_whatever_is_offered_of_a_column_can_be_computed_on_its_rows(study: Study) -> None:
    notice = describe(study.snapshot)
    offered = [
        (table.name, way)
        for table in notice.tables
        for column in table.columns
        for way in ways(column.name, column.precisions)
        if way is not None and way.to is not Precision.CHOICE_ONLY and column.name != "event_date"
    ]

    with connect(readable=[study.snapshot.folder]) as connection:
        computed = [
            read(connection, study.snapshot, table)
            .select(coarse(_column(study, table, way), way))
            .fetchall()
            for table, way in offered
        ]

    assert len(computed) > len(ASKED)


def _column(study: Study, table: str, way: Coarsening) -> Column:
    found = study.snapshot.model.table(table).column(way.column)
    assert found is not None
    return found
