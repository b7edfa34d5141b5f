"""Reports of classes and of spans: figures by hand, what is hidden, what verify finds."""

import dataclasses

import numpy as np
import pytest

from ecluse.data.evaluation.classification import matthews
from ecluse.data.evaluation.reporting import pages, summaries, verifying
from ecluse.data.evaluation.reporting.labelled import samples
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.analysis import Perturbation, PerturbationKind
from ecluse.domain.evaluations.labelled import OTHERS, LabelLine
from ecluse.domain.evaluations.measures import OutcomeKind
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Basis, EvaluationReport, Figure, Outcome
from tests.unit.data.evaluation.reporting import small
from tests.unit.data.evaluation.reporting.labelled import studies

OF_CLASSES = studies.protocol(OutcomeKind.CLASSES, measure="accuracy", method="wilson")
OF_SPANS = studies.protocol(OutcomeKind.SPANS, measure="micro-f1", classes=studies.LABELS)
HUB, ZONE = small.hub_key(), small.zone_key()


@pytest.fixture(scope="module")
def classified() -> EvaluationReport:
    return studies.report(studies.classified(), OF_CLASSES)


@pytest.fixture(scope="module")
def spanned() -> EvaluationReport:
    return studies.report(studies.notes(), OF_SPANS)


def value(report: EvaluationReport, measure: str, at: str = "", group: str = "all") -> float:
    found = report.figure(measure, group, at)
    assert found is not None
    return float(found.value)


def test_shares_of_classes_follow_from_the_confusions(classified: EvaluationReport) -> None:
    assert value(classified, "accuracy") == pytest.approx(270 / 400, abs=1e-6)
    assert value(classified, "label-recall", "malign") == pytest.approx(90 / 140, abs=1e-6)
    assert value(classified, "label-precision", "malign") == pytest.approx(90 / 130, abs=1e-6)


def test_macro_f1_is_the_mean_of_the_classes(classified: EvaluationReport) -> None:
    expected = (240 / 330 + 180 / 270 + 120 / 200) / 3

    assert value(classified, "macro-f1") == pytest.approx(expected, abs=1e-6)


def test_kappa_and_matthews_are_those_of_the_whole_table(classified: EvaluationReport) -> None:
    chance = (160 * 170 + 140 * 130 + 100 * 100) / 400**2
    table = np.array(studies.CONFUSIONS)

    assert value(classified, "kappa") == pytest.approx((0.675 - chance) / (1 - chance), abs=1e-6)
    assert value(classified, "mcc") == pytest.approx(matthews(table), abs=1e-6)


def test_accuracy_has_the_interval_of_its_counts_and_macro_f1_that_of_draws(
    classified: EvaluationReport,
) -> None:
    accuracy, macro = classified.figure("accuracy"), classified.figure("macro-f1")

    assert accuracy is not None
    assert macro is not None
    # Wilson, 270 of 400.
    assert (accuracy.low, accuracy.high, accuracy.basis) == ("0.627624", "0.719047", Basis.COUNTS)
    assert macro.basis is Basis.ATTESTED
    assert 0.6 < float(macro.low) < float(macro.value) < float(macro.high) < 0.73


def test_the_claim_is_judged_in_the_whole_and_in_each_group(classified: EvaluationReport) -> None:
    told = {one.of: one.outcome for one in classified.findings}

    assert classified.headline() is Outcome.MET
    assert {"sex=men", "sex=women"} <= told.keys()
    assert value(classified, "accuracy", group="sex=men") == pytest.approx(0.675, abs=1e-6)


def test_unanswered_cases_are_wrong_and_lower_the_recall_of_their_class() -> None:
    made = studies.report(studies.classified(lost=40), OF_CLASSES)
    table = made.labelled()

    assert table is not None
    assert table.unanswered == 40
    assert value(made, "accuracy") == pytest.approx(270 / 440, abs=1e-6)
    assert value(made, "label-recall", "benign") == pytest.approx(120 / 200, abs=1e-6)
    assert value(made, "label-precision", "benign") == pytest.approx(120 / 170, abs=1e-6)


def test_too_few_unanswered_cases_cannot_be_counted_from_the_table() -> None:
    made = studies.report(studies.classified(lost=3), OF_CLASSES)
    table = made.labelled()

    assert table is not None
    assert table.unanswered == 0
    assert table.cases == 403
    assert made.run.failed == "under 11"


def test_a_rare_class_is_told_with_another() -> None:
    """Five of the third class: alone they may not be told, nor may the one hidden with them."""
    made = studies.report(studies.classified(((120, 20, 0), (30, 90, 0), (2, 0, 3))), OF_CLASSES)
    table = made.labelled()

    assert table is not None
    assert "unsure" not in [line.label for line in table.lines]
    assert min(count for line in table.lines for count in line.counts if count) >= 11
    assert [line.label for line in table.lines] == ["benign", OTHERS]
    assert "label: unsure" in {one.what for one in made.withheld}
    assert made.figure("kappa") is None
    assert value(made, "accuracy") == pytest.approx(213 / 265, abs=1e-6)


def test_macro_f1_is_of_the_classes_that_are_told() -> None:
    """Classes of 12 are told; the rare one goes with the least of the others."""
    sample = studies.classified(((120, 20, 12), (30, 90, 12), (12, 12, 5)))
    made = studies.report(sample, OF_CLASSES)
    table = made.labelled()

    assert table is not None
    assert [line.label for line in table.lines] == ["benign", OTHERS]
    assert made.figure("macro-f1") is None


def test_margins_that_fix_a_small_confusion_hide_the_class() -> None:
    """No unsure is missed: malign was said of 25 benign, so 5 of the 30 went to unsure."""
    sample = studies.classified(((170, 25, 5), (15, 90, 15), (0, 0, 60)))
    made = studies.report(sample, OF_CLASSES)
    table = made.labelled()

    assert table is not None
    assert not table.is_whole


def test_a_small_group_is_told_in_one_line_or_not_at_all() -> None:
    sample = studies.classified()
    area = np.where(np.arange(sample.size) % 40 == 0, "island", "land")
    made = studies.report(dataclasses.replace(sample, groups={"sex": area}), OF_CLASSES)
    told = {table.group for table in made.labels}

    assert "sex=island" not in told
    assert told <= {"all", "sex=land"}
    assert "sex=island" in {one.what for one in made.withheld}


def test_too_few_wrong_answers_make_no_report() -> None:
    with pytest.raises(InvalidInput, match="nothing may be told"):
        studies.report(studies.classified(((100, 3, 0), (0, 100, 0), (0, 0, 100))), OF_CLASSES)


def test_spans_are_counted_exact_and_in_part(spanned: EvaluationReport) -> None:
    """Drugs: 240 right, 60 in part. Doses: 120 right, 180 missed, 90 wrongly said. Said: 510."""
    table = spanned.labelled()

    assert table is not None
    assert table.lines == (
        LabelLine("drug", 240, 60, 0, 0),
        LabelLine("dose", 120, 0, 180, 90),
    )
    assert value(spanned, "span-precision") == pytest.approx(120 / 170, abs=1e-6)
    assert value(spanned, "span-recall") == pytest.approx(120 / 200, abs=1e-6)
    assert value(spanned, "micro-f1") == pytest.approx(240 / 370, abs=1e-6)
    assert value(spanned, "micro-f1-partial") == pytest.approx(260 / 370, abs=1e-6)
    assert value(spanned, "label-f1", "dose") == pytest.approx(80 / 170, abs=1e-6)


def test_intervals_of_spans_are_drawn_by_text(spanned: EvaluationReport) -> None:
    found = spanned.figure("micro-f1")

    assert found is not None
    assert (found.method, found.basis) == ("percentile", Basis.ATTESTED)
    assert float(found.low) < 240 / 370 < float(found.high)
    assert spanned.figure("micro-f1", "sex=men") is not None


def test_many_spans_of_few_persons_are_not_told() -> None:
    """Thirty doses in three texts: the count is large, the persons are few."""
    true = [[(0, 8, "drug")]] * 97 + [[(at, at + 3, "dose") for at in range(0, 40, 4)]] * 3
    said = [[(0, 8 if rank < 80 else 6, "drug")] for rank in range(97)] + [list(true[-1])] * 3
    made = studies.report(studies.spanned(true, said), OF_SPANS)
    table = made.labelled()

    assert table is not None
    assert "dose" not in [line.label for line in table.lines]


def test_what_a_perturbation_costs_is_drawn_in_pairs() -> None:
    kind = PerturbationKind.NO_ACCENTS
    plan = studies.protocol(
        OutcomeKind.CLASSES,
        measure="macro-f1",
        perturbations=(Perturbation(kind=kind, tolerated_loss="0.01"),),
    )
    sample = studies.classified()
    worse = studies.classified(((90, 50, 20), (30, 90, 20), (20, 20, 60)))
    made = studies.report(dataclasses.replace(sample, perturbed={kind.value: worse.counts}), plan)
    (loss,) = made.losses
    damaged = (180 / 300 + 180 / 300 + 120 / 200) / 3

    assert float(loss.perturbed) == pytest.approx(damaged, abs=1e-6)
    assert float(loss.low) > 0.01


def checked(report: EvaluationReport, plan: Protocol) -> dict[str, tuple[str, ...]]:
    lock = small.lock(plan, HUB)
    whole = dataclasses.replace(report, digests=small.digests(plan, lock))
    data = small.pack(whole, plan, lock, ZONE)
    found = verifying.verify(data, believed=(HUB.public(), ZONE.public()), now=small.LATER)
    return {check.name: check.told for check in found.checks if not check.passed}


def with_value(report: EvaluationReport, measure: str, value: str) -> EvaluationReport:
    def changed(one: Figure) -> Figure:
        return dataclasses.replace(one, value=value) if one.measure == measure else one

    return dataclasses.replace(report, figures=tuple(changed(one) for one in report.figures))


def test_verify_computes_every_figure_of_labels_again(
    classified: EvaluationReport, spanned: EvaluationReport
) -> None:
    assert checked(classified, OF_CLASSES) == {}
    assert checked(spanned, OF_SPANS) == {}


def test_verify_finds_a_drawn_value_that_the_counts_do_not_give(
    spanned: EvaluationReport,
) -> None:
    told = checked(with_value(spanned, "micro-f1-partial", "0.710000"), OF_SPANS)

    assert "micro-f1-partial all is stated as 0.710000" in told["figures from counts"][0]


def test_verify_finds_labels_of_too_few_persons(classified: EvaluationReport) -> None:
    table = classified.labels[0]
    few = dataclasses.replace(table, lines=(LabelLine("x", 4, 0, 0, 0), *table.lines[1:]))
    told = checked(dataclasses.replace(classified, labels=(few,)), OF_CLASSES)

    assert told["disclosure"] == ("the labels of all show too few persons",)


def test_the_page_shows_the_labels_and_the_summary_says_the_worst(
    spanned: EvaluationReport,
) -> None:
    page = pages.page(spanned, OF_SPANS, "fr")
    lay = summaries.summary(spanned, OF_SPANS, "fr")

    assert 'id="labels-title"' in page
    assert "<td>240</td><td>60</td><td>0</td><td>0</td>" in page
    assert "Sur 100 passages à trouver, il en trouve 60 tout à fait et en laisse passer 30." in lay
    assert "Ce qu&#x27;il reconnaît le moins bien : dose. Sur 100, il en reconnaît 40." in lay


def test_the_counts_of_a_group_are_those_of_its_cases() -> None:
    counts = studies.classified(((2, 1, 0), (0, 1, 0), (0, 0, 1))).counts

    assert samples.totals(counts, np.array([1, 1, 0, 0, 1], bool)).tolist() == [
        [2, 0, 0, 0],
        [0, 0, 0, 0],
        [1, 0, 0, 0],
    ]
