"""Extracts attacked: links in the way, races, two projects joined, precision won back."""

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ecluse.data.extraction import extract
from ecluse.data.lake import Lake
from ecluse.data.pseudonyms import Label
from ecluse.domain.cohorts import (
    AtLeast,
    Cohort,
    ColumnAt,
    Comparison,
    Count,
    DayIs,
    Events,
    Step,
    Variable,
    Where,
    cohort_of,
)
from ecluse.domain.documents import (
    Coarsening,
    DatasetScope,
    ExtractionOrder,
    ExtractionReceipt,
    FileFormat,
    FilterState,
    FilterSwitch,
    Permit,
    Precision,
    Refusal,
    TableScope,
)
from ecluse.domain.errors import EcluseError, NotAllowed, OutOfScope, Replayed, SnapshotDamaged
from tests.unit.data import studies
from tests.unit.data.agent.worlds import World
from tests.unit.data.lakes import drug, publish
from tests.unit.data.studies import CELECOXIB, KEY, NOW, PERMIT, Study

PAINKILLERS = Events("drug_atc", ("M01A",))
MONTHS = TableScope(
    "ER_PHA_F",
    ("DCT_ORD_NUM", "PHA_PRS_C13", "PHA_ACT_QSN", "event_date"),
    (Coarsening("event_date", Precision.MONTH),),
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def permit_of(*tables: TableScope, **changes: object) -> Permit:
    scope = DatasetScope(studies.DATASET, tables, date(2022, 1, 1), date(2023, 12, 31))
    return replace(PERMIT, datasets=(scope,), **changes)  # type: ignore[arg-type]


def run(
    study: Study,
    order: ExtractionOrder,
    permit: Permit = PERMIT,
    target: Path | None = None,
) -> ExtractionReceipt:
    opt_outs = replace(studies.OPT_OUTS, permit_number=permit.permit_number)
    return extract(
        studies.warrant(order, permit, opt_outs),
        lake=study.lake,
        key=KEY,
        target=target or study.target,
        clock=lambda: NOW,
    )


class TestLinksInTheWay:
    """Symbolic links where the extraction reads and writes."""

    def test_a_part_that_is_a_link_is_not_read(self, study: Study, tmp_path: Path) -> None:
        (file,) = study.snapshot.paths(study.snapshot.table("IR_PHA_R"))
        elsewhere = tmp_path / "elsewhere.parquet"
        file.rename(elsewhere)
        file.symlink_to(elsewhere)

        with pytest.raises(SnapshotDamaged):
            run(study, studies.order(study.snapshot))

        assert not study.target.exists()

    def test_a_snapshot_that_is_a_link_is_not_read(self, study: Study, tmp_path: Path) -> None:
        moved = tmp_path / "moved"
        study.snapshot.path.rename(moved)
        study.snapshot.path.symlink_to(moved)

        with pytest.raises(SnapshotDamaged):
            run(study, studies.order(study.snapshot))

    def test_a_target_that_is_a_link_is_not_followed(self, study: Study, tmp_path: Path) -> None:
        study.target.parent.mkdir(parents=True)
        study.target.symlink_to(tmp_path / "outside")

        with pytest.raises(Replayed):
            run(study, studies.order(study.snapshot))

        assert not (tmp_path / "outside").exists()

    def test_a_staging_folder_that_is_a_link_is_replaced(
        self, study: Study, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "kept.txt").write_text("not ours")
        study.target.parent.mkdir(parents=True)
        study.target.with_name(".staging-E1").symlink_to(outside)

        run(study, studies.order(study.snapshot))

        assert [path.name for path in outside.iterdir()] == ["kept.txt"]
        assert (study.target / "receipt.json").is_file()


def test_of_two_orders_for_one_target_one_is_obeyed(study: Study) -> None:
    outcomes: list[object] = []
    together = threading.Barrier(2)

    def obey() -> None:
        together.wait()
        try:
            outcomes.append(run(study, studies.order(study.snapshot)))
        except EcluseError as error:
            outcomes.append(error)

    racers = [threading.Thread(target=obey) for _ in range(2)]
    [racer.start() for racer in racers]
    [racer.join() for racer in racers]

    obeyed = [one for one in outcomes if isinstance(one, ExtractionReceipt)]
    refused = [one for one in outcomes if isinstance(one, Replayed | NotAllowed)]
    assert (len(obeyed), len(refused)) == (1, 1)
    assert [path.name for path in study.target.parent.iterdir()] == ["E1"]


class TestTwoProjects:
    """The same order under two permits: what one project holds meets nothing of the other."""

    PEOPLE = 300

    @pytest.fixture
    def extracts(self, tmp_path: Path) -> tuple[Path, Path]:
        people = range(1, self.PEOPLE + 1)
        drugs = [
            studies._drug(one, date(2022, 3, 1), one, CELECOXIB, studies.EARLY_FLOW)
            for one in people
        ]
        acts = [studies._act(one, date(2022, 3, 1), one) for one in people]
        tables = {"ER_PRS_F": acts, "ER_PHA_F": drugs, "IR_PHA_R": [drug(CELECOXIB, "M01AH01")]}
        persons = [(one, f"IDENTITY-OF-{one}", f"OPT-OF-{one}") for one in people]
        study = Study(tmp_path)
        study.snapshot = publish(study.lake.path, studies.DATASET, tables, persons)
        made = tuple(tmp_path / name for name in ("first", "second"))
        for target, number in zip(made, ("FR-2026-0001", "FR-2026-0002"), strict=True):
            permit = permit_of(*studies.SCOPE[:2], permit_number=number)
            order = studies.order(
                study.snapshot,
                permit_number=number,
                pseudonym_domain=number,
                tables=studies.SCOPE[:2],
                cohort=Cohort((Step("Traités", AtLeast(PAINKILLERS)),), PAINKILLERS.first()),
            )
            run(study, order, permit, target / number)
        return made[0] / "FR-2026-0001", made[1] / "FR-2026-0002"

    def test_no_pseudonym_is_in_both(self, extracts: tuple[Path, Path]) -> None:
        first, second = (_pseudonyms(folder) for folder in extracts)

        assert len(first) == len(second) > 2 * self.PEOPLE
        assert first & second == set()

    def test_the_place_of_a_person_in_one_says_nothing_of_the_other(
        self, extracts: tuple[Path, Path]
    ) -> None:
        first, second = (_order_of_persons(folder, self.PEOPLE) for folder in extracts)

        correlation = float(np.corrcoef(first, second)[0, 1])
        same_place = sum(one == other for one, other in zip(first, second, strict=True))
        assert abs(correlation) < 0.2  # three standard deviations of chance are 0.17
        assert same_place < 8  # one is expected by chance

    def test_the_place_of_a_row_says_nothing_of_the_lake(self, extracts: tuple[Path, Path]) -> None:
        order = _order_of_persons(extracts[0], self.PEOPLE)

        assert abs(float(np.corrcoef(order, range(self.PEOPLE))[0, 1])) < 0.2


def _pseudonyms(folder: Path) -> set[str]:
    """Every pseudonym of every file, of persons, links and professionals."""
    found: set[str] = set()
    for file in folder.glob("*.parquet"):
        table = pq.read_table(file)
        named = {"person_pseudonym", "DCT_ORD_NUM", "PFS_EXE_NUM"} & set(table.column_names)
        found.update(value for name in named for value in table[name].to_pylist())
    return found


def _order_of_persons(folder: Path, people: int) -> list[int]:
    """The place of each person, by lake key, in the file of the cohort."""
    project = KEY.project(folder.name)
    named = project.of(Label.PERSON, [f"IDENTITY-OF-{one}" for one in range(1, people + 1)])
    places = pq.read_table(folder / "study-cohort.parquet")["person_pseudonym"].to_pylist()
    return [places.index(one) for one in named]


class TestPrecision:
    """The permit gives the month of each delivery, the attacker wants the day."""

    def days(self, study: Study, order: ExtractionOrder, permit: Permit) -> set[object]:
        run(study, order, permit)
        return set(pq.read_table(study.target / "ER_PHA_F.parquet")["event_date"].to_pylist())

    def test_an_order_that_asks_for_the_column_gets_the_month(self, study: Study) -> None:
        shifted = [{**row, "event_date": date(2022, 3, 17)} for row in studies.TABLES["ER_PHA_F"]]
        study.snapshot = publish(
            study.lake.path,
            studies.DATASET,
            {**studies.TABLES, "ER_PHA_F": shifted},
            studies.PERSONS,
        )
        order = studies.order(study.snapshot, tables=(replace(MONTHS, coarsened=()),))

        assert self.days(study, order, permit_of(MONTHS)) == {date(2022, 3, 1)}

    def test_an_order_that_asks_in_words_for_more_is_refused(self, study: Study) -> None:
        years = replace(MONTHS, coarsened=(Coarsening("event_date", Precision.YEAR),))

        with pytest.raises(OutOfScope, match="gives less"):
            run(study, studies.order(study.snapshot, tables=(MONTHS,)), permit_of(years))

    @pytest.mark.parametrize(
        "cohort",
        [
            Cohort((Step("a", AtLeast(PAINKILLERS)),), PAINKILLERS.first()),
            Cohort(
                (Step("a", AtLeast(PAINKILLERS)),),
                variables=(Variable("on", DayIs(PAINKILLERS.first()), "day"),),
            ),
            Cohort(
                (Step("a", AtLeast(PAINKILLERS)),),
                variables=(
                    Variable(
                        "that_day",
                        Count(PAINKILLERS.during(date(2022, 3, 17), date(2022, 3, 17))),
                        "count",
                    ),
                ),
            ),
            Cohort(
                (Step("a", AtLeast(PAINKILLERS)),),
                variables=(Variable("on", ColumnAt(PAINKILLERS, "event_date"), "column"),),
            ),
            cohort_of(AtLeast(PAINKILLERS.during(date(2022, 3, 17), date(2022, 3, 17)))),
        ],
        ids=["index day", "day variable", "count of one day", "column", "step of one day"],
    )
    def test_no_cohort_wins_the_day_back(self, study: Study, cohort: Cohort) -> None:
        order = studies.order(study.snapshot, tables=(MONTHS,), cohort=cohort)

        with pytest.raises(OutOfScope):
            run(study, order, permit_of(MONTHS))

        assert not study.target.exists()

    def test_the_order_of_rows_does_not_tell_the_days_of_a_month(self, study: Study) -> None:
        days = (date(2022, 3, 2), date(2022, 3, 30), date(2022, 3, 9))
        rows = [
            studies._drug(1, day, number, CELECOXIB, studies.EARLY_FLOW)
            for number, day in enumerate(days)
        ]
        places = set()
        for quantity in ((1, 2, 3), (3, 2, 1), (2, 3, 1)):
            told = [{**row, "PHA_ACT_QSN": q} for row, q in zip(rows, quantity, strict=True)]
            study.snapshot = publish(
                study.lake.path,
                studies.DATASET,
                {**studies.TABLES, "ER_PHA_F": told},
                studies.PERSONS,
            )
            target = study.target.with_name(f"E{quantity}")
            run(
                study,
                studies.order(study.snapshot, tables=(MONTHS,)),
                permit_of(MONTHS),
                target,
            )
            table = pq.read_table(target / "ER_PHA_F.parquet")
            places.add(tuple(table["PHA_ACT_QSN"].to_pylist()))

        assert places == {(1, 2, 3)}


@pytest.mark.parametrize(
    "value", ["1' OR '1'='1", '1"; DROP TABLE x; --', "1) OR (1=1", "%", "\\", "1\n2"]
)
def test_a_value_of_a_where_is_compared_and_never_run(study: Study, value: str) -> None:
    scope = TableScope("ER_PHA_F", ("PHA_PRS_C13", "PHA_ACT_QSN", "PHA_MOD_PRN", "event_date"))
    rows = [{**row, "PHA_MOD_PRN": "1"} for row in studies.TABLES["ER_PHA_F"]]
    study.snapshot = publish(
        study.lake.path, studies.DATASET, {**studies.TABLES, "ER_PHA_F": rows}, studies.PERSONS
    )

    def asked() -> ExtractionReceipt:
        where = (Where("PHA_MOD_PRN", Comparison.IS_IN, (value,)),)
        order = studies.order(
            study.snapshot,
            tables=(scope,),
            cohort=cohort_of(AtLeast(Events("drug_atc", ("M01A",), where=where))),
        )
        return run(study, order, permit_of(scope))

    assert _persons_of(asked) == 0


def _persons_of(asked: object) -> int:
    """How many persons were delivered; none when the value cannot even be in an order."""
    try:
        receipt = asked()  # type: ignore[operator]
    except ValueError:
        return 0
    return receipt.attrition[-1].person_count or 0


def test_no_form_of_file_holds_an_identity(study: Study) -> None:
    order = studies.order(study.snapshot, formats=(FileFormat.CSV, FileFormat.XPORT))

    run(study, order)

    content = b"".join(path.read_bytes() for path in sorted(study.target.iterdir()))
    found = [name for name in (b"PSA-OF", b"IDENTITY", b"INSURED", b"OPT-") if name in content]
    assert found == []


def test_a_hostile_filter_name_is_refused_by_name(world: World) -> None:
    switch = FilterSwitch("x'; DROP TABLE persons; --", FilterState.OFF)
    world.send(replace(world.grant(), filters=(switch,)))

    world.step()

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "invalid-input"
    assert not world.zone.projects.exists()


def test_the_receipt_of_a_small_cohort_tells_no_count_outside(world: World) -> None:
    world.send(world.grant())

    world.step()

    (receipt,) = world.bodies(world.public, ExtractionReceipt)
    assert isinstance(receipt, ExtractionReceipt)
    assert {step.person_count for step in receipt.attrition} == {None}
    assert {table.row_count_out for table in receipt.tables} == {None}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_another_lake_than_the_zones_is_not_reached_by_name(study: Study, tmp_path: Path) -> None:
    order = studies.order(study.snapshot, snapshot=f"../{study.snapshot.snapshot_id}")

    with pytest.raises(EcluseError):
        run(study, order)

    assert Lake(tmp_path / "lake").datasets() == (studies.DATASET,)
