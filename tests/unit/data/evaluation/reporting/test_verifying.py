"""What a bundle proves, and what each lie in it runs into, even of who holds the key."""

import dataclasses
from collections.abc import Callable

import pytest

from ecluse.data.evaluation.reporting import crates, verifying
from ecluse.data.evaluation.reporting.verifying import Verification
from ecluse.domain.evaluations.counts import ScoreTable
from ecluse.domain.evaluations.reports import EvaluationReport, Figure, Finding, Outcome
from ecluse.trust import canonical
from tests.unit.data.evaluation.reporting import small

PLAN = small.protocol()
HUB, ZONE = small.hub_key(), small.zone_key()
LOCK = small.lock(PLAN, HUB)
BELIEVED = (HUB.public(), ZONE.public())


@pytest.fixture(scope="module")
def made() -> EvaluationReport:
    return small.report(PLAN, LOCK)


def checked(report: EvaluationReport) -> Verification:
    data = small.pack(report, PLAN, LOCK, ZONE)
    return verifying.verify(data, believed=BELIEVED, now=small.LATER)


def wrong(found: Verification) -> dict[str, tuple[str, ...]]:
    return {check.name: check.told for check in found.checks if not check.passed}


def with_figure(
    report: EvaluationReport, measure: str, change: Callable[[Figure], Figure]
) -> EvaluationReport:
    figures = tuple(
        change(one) if one.measure == measure and one.group == "all" else one
        for one in report.figures
    )
    return dataclasses.replace(report, figures=figures)


def test_an_honest_bundle_passes_every_check(made: EvaluationReport) -> None:
    found = checked(made)

    assert wrong(found) == {}
    assert found.signed_by == ZONE.key_id
    assert found.count("figures from counts") >= 30


def test_without_a_believed_key_nothing_says_who_signed(made: EvaluationReport) -> None:
    data = small.pack(made, PLAN, LOCK, ZONE)

    found = verifying.verify(data, now=small.LATER)

    assert found.passed
    assert found.signed_by == ""


def test_a_key_that_is_not_believed_signs_nothing(made: EvaluationReport) -> None:
    stranger = small.zone_key()
    data = small.pack(made, PLAN, LOCK, stranger)

    found = verifying.verify(data, believed=BELIEVED, now=small.LATER)

    assert not found.passed
    assert stranger.key_id in wrong(found)["bundle"][0]


def test_a_sensitivity_raised_by_who_signs_is_found(made: EvaluationReport) -> None:
    lied = with_figure(made, "sensitivity", lambda one: dataclasses.replace(one, value="0.750000"))

    told = wrong(checked(lied))["figures from counts"]

    assert told == ("sensitivity all 0.5 is stated as 0.750000, the counts give 0.700000",)


def test_a_narrowed_interval_is_found(made: EvaluationReport) -> None:
    lied = with_figure(made, "sensitivity", lambda one: dataclasses.replace(one, low="0.690000"))

    assert "figures from counts" in wrong(checked(lied))


def test_an_area_that_the_counts_forbid_is_found(made: EvaluationReport) -> None:
    lied = with_figure(
        made,
        "auroc",
        lambda one: dataclasses.replace(one, value="0.910000", low="0.88", high="0.94"),
    )

    # The steps leave .65 to .85.
    assert "not between 0.6500 and 0.8500" in wrong(checked(lied))["attested figures"][0]


def test_a_brier_score_that_the_counts_forbid_is_found(made: EvaluationReport) -> None:
    lied = with_figure(
        made,
        "brier",
        lambda one: dataclasses.replace(one, value="0.010000", low="0.005", high="0.015"),
    )

    assert "brier" in wrong(checked(lied))["attested figures"][0]


def test_an_intercept_that_contradicts_the_ratio_is_found(made: EvaluationReport) -> None:
    lied = with_figure(
        made,
        "calibration-intercept",
        lambda one: dataclasses.replace(one, value="-0.200000", low="-0.4", high="0.1"),
    )

    assert "contradict each other" in wrong(checked(lied))["attested figures"][0]


def test_a_verdict_that_the_figures_do_not_give_is_found(made: EvaluationReport) -> None:
    def better(one: Finding) -> Finding:
        return dataclasses.replace(one, outcome=Outcome.MET)

    lied = dataclasses.replace(made, findings=tuple(better(one) for one in made.findings))

    assert "findings" in wrong(checked(lied))


def test_a_finding_left_out_is_found(made: EvaluationReport) -> None:
    lied = dataclasses.replace(made, findings=made.findings[:-1])

    assert wrong(checked(lied))["findings"] == ("findings are missing or added",)


def test_a_figure_left_out_is_found(made: EvaluationReport) -> None:
    kept = tuple(one for one in made.figures if one.measure != "specificity")
    lied = dataclasses.replace(made, figures=kept)

    assert (
        "specificity all 0.5 follows from the counts and is not stated"
        in (wrong(checked(lied))["figures from counts"])
    )


def test_draws_whose_replicates_are_hidden_are_found(made: EvaluationReport) -> None:
    lied = dataclasses.replace(made, replicates=())

    assert "is drawn and its replicates are not kept" in wrong(checked(lied))["draws"][0]


def test_another_seed_than_the_protocols_is_found(made: EvaluationReport) -> None:
    lied = dataclasses.replace(made, seed=1)

    assert "the seed or the number of draws is not the protocol's" in wrong(checked(lied))["draws"]


def test_a_count_of_too_few_persons_is_found(made: EvaluationReport) -> None:
    few = ScoreTable("sex=x", (), (4,), (90,), ("0.100000",))
    lied = dataclasses.replace(made, tables=(*made.tables, few))

    assert wrong(checked(lied))["disclosure"] == ("the table of sex=x shows too few persons",)


def test_a_lock_on_another_model_is_found(made: EvaluationReport) -> None:
    index = dataclasses.replace(PLAN.index_test, artefact=canonical.digest(b"another"))
    other = dataclasses.replace(PLAN, index_test=index)
    data = small.pack(made, PLAN, small.lock(other, HUB), ZONE)

    found = verifying.verify(data, believed=BELIEVED, now=small.LATER)

    assert "the lock in the bundle is not the one that the report names" in wrong(found)["digests"]
    assert "lock" in wrong(found)


def test_a_lock_younger_than_the_report_is_found(made: EvaluationReport) -> None:
    early = dataclasses.replace(made, made_at=small.NOW.replace(hour=9))
    data = small.pack(early, PLAN, LOCK, dataclasses.replace(ZONE, valid_from=early.made_at))

    key = dataclasses.replace(ZONE.public(), valid_from=early.made_at)
    found = verifying.verify(data, believed=(HUB.public(), key), now=small.LATER)

    assert wrong(found) == {
        "lock": ("the lock is younger than the report: data were opened before it",)
    }


@pytest.mark.parametrize("name", ["model", "data", "protocol", "lock", "code"])
def test_a_file_that_the_reader_holds_must_be_the_one_evaluated(
    made: EvaluationReport, name: str
) -> None:
    data = small.pack(made, PLAN, LOCK, ZONE)
    held = {name: canonical.digest(b"something else")}

    found = verifying.verify(data, believed=BELIEVED, presented=held, now=small.LATER)

    assert wrong(found) == {"digests": (f"the {name} given is not the one that was evaluated",)}


def test_a_page_that_says_something_else_is_found(made: EvaluationReport) -> None:
    files = dict(crates.unpack(small.pack(made, PLAN, LOCK, ZONE)).files)
    page = files[crates.PAGES["fr"]].replace(b"0,750", b"0,950")
    kept = {name: files[name] for name in files if name in crates.DESCRIPTIONS}
    data = crates.pack({**kept, crates.PAGES["fr"]: page}, made, ZONE)

    found = verifying.verify(data, believed=BELIEVED, now=small.LATER)

    assert wrong(found) == {"pages": ("report-fr.html does not say what the report says",)}


def test_the_same_report_gives_the_same_bytes(made: EvaluationReport) -> None:
    files = dict(crates.unpack(small.pack(made, PLAN, LOCK, ZONE)).files)
    kept = {name: files[name] for name in files if name in crates.DESCRIPTIONS}

    assert crates.pack(kept, made, ZONE) == crates.pack(kept, made, ZONE)


def test_what_is_no_zip_is_refused_by_name() -> None:
    found = verifying.verify(b"PK nothing", now=small.LATER)

    assert wrong(found) == {
        "bundle": ("This is not a bundle of a report, or a file of it was changed.",)
    }
