"""The report as a page that needs nothing else: no script, no other file, the same bytes each time.

What is read is made from the signed report alone, so that `verifying` can make it again.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from ecluse.data.evaluation.reporting import plots
from ecluse.data.evaluation.reporting.words import (
    asked,
    measure,
    number,
    outcome,
    place,
    said,
    subject,
    text,
)
from ecluse.domain.evaluations.counts import ALL, ScoreTable
from ecluse.domain.evaluations.labelled import CELLS, LabelTable
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import EvaluationReport, Figure, Finding

STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#fff;color:#1e1e1e}
main{max-width:64rem;margin:0 auto;padding:1rem 1rem 4rem}h1{line-height:1.2}h2{margin-top:2.5rem}
.wide{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0}caption{text-align:left;
font-weight:600}td,th{padding:.3rem .8rem .3rem 0;border-bottom:1px solid #b8bfc9;text-align:left;
vertical-align:top;font-variant-numeric:tabular-nums}figure{margin:1rem 0}svg{max-width:100%;
height:auto}.verdict{border-left:.4rem solid;padding:.5rem 1rem;font-size:1.1rem}
.met{border-color:#18753c}.not-met{border-color:#b3261e}.inconclusive,.not-evaluable{border-color:
#8a5a00}code{word-break:break-all}details{margin:.5rem 0}summary{cursor:pointer}
@media print{@page{size:A4;margin:15mm}h2{break-after:avoid}tr,figure{break-inside:avoid}}
"""

DISCRIMINATION: Final = ("auroc", "auroc-of-steps", "auprc", "uno-c", "time-dependent-auc")
CALIBRATION: Final = (
    *("observed-expected", "calibration-intercept", "calibration-slope", "brier"),
    *("brier-at-horizon", "ici", "e50", "e90", "calibration-error-of-steps"),
)
LABELS: Final = ("label-recall", "label-precision", "label-f1", "label-f1-partial")
WHOLE: Final = (
    *("accuracy", "macro-f1", "kappa", "mcc", "micro-f1", "span-precision", "span-recall"),
    *("micro-f1-partial", "span-precision-partial", "span-recall-partial"),
)
"""What is said of all labels together; accuracy at a threshold is among the cut figures."""
UTILITY: Final = ("net-benefit", "net-benefit-of-all")
TIME: Final = (
    "observed-expected-over-time",
    "stability-index",
    "incidence",
    "cumulative-incidence",
)


def page(report: EvaluationReport, protocol: Protocol, language: str) -> str:
    """Return the report as HTML, in French (`fr`) or in English (`en`)."""
    title = f"{text('report', language)} {protocol.identity.number}"
    parts = (
        _head(report, protocol, language),
        _findings(report, language),
        *_figures(report, protocol, language),
        _gaps(report, language),
        _losses(report, language),
        _privacy(report, language),
        _run(report, language),
        _withheld(report, language),
        _deviations(report, language),
        _counts(report, language),
        _checklist(report, language),
        _digests(report, language),
    )
    return document(title, "".join(parts), language)


def document(title: str, content: str, language: str) -> str:
    """Return a whole page."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{content}</main></body></html>\n"
    )


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str) -> str:
    """Return a table whose first column heads its rows; nothing where there is no row."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in headers)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    if not body:
        return ""
    # A wide table scrolls: by keyboard too, so it takes the focus and bears a name.
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _section(title: str, *parts: str) -> str:
    told = "".join(parts)
    return f"<section><h2>{escape(title)}</h2>{told}</section>" if told else ""


def _words(language: str, *keys: str) -> list[str]:
    return [text(key, language) for key in keys]


def _head(report: EvaluationReport, protocol: Protocol, language: str) -> str:
    known, found = protocol.identity, report.headline()
    flag = f"<p><strong>{text('is-submitter', language)}</strong></p>" if known.is_submitter else ""
    facts = (
        (text("claim", language), protocol.intended_use.claim),
        (text("population", language), protocol.population.inclusion),
        (text("outcome", language), protocol.outcome.definition),
        (text("sponsor", language), known.sponsor),
    )
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in facts)
    return (
        f"<h1>{escape(known.title)}</h1><p>{text('report', language)} {escape(known.number)}, "
        f"{escape(known.version)}, {report.made_at.date().isoformat()}</p>{flag}<dl>{told}</dl>"
        f'<p class="verdict {found.value}"><strong>{text("verdict", language)} : '
        f"{outcome(found, language)}.</strong> {_primary(report, protocol, language)}</p>"
    )


def _primary(report: EvaluationReport, protocol: Protocol, language: str) -> str:
    finding = report.findings[0]
    name = measure(protocol.metrics.primary.metric.measure, language)
    value = _valued(finding.value, finding.low, finding.high, language)
    wanted = f"{text('asked', language).lower()} : {asked(finding.asked, language)}"
    return f"{escape(name)} {value} ({escape(wanted)}). {text('rule', language)}"


def _valued(value: str, low: str, high: str, language: str) -> str:
    told = number(value, language)
    if low:
        told += f" [{number(low, language)} ; {number(high, language)}]"
    return told


def _findings(report: EvaluationReport, language: str) -> str:
    headers = _words(language, "subject", "of", "value", "asked", "outcome-word")
    rows = (_finding(finding, language) for finding in report.findings)
    title = text("verdict", language)
    return _section(title, table(headers, rows, caption=title))


def _finding(finding: Finding, language: str) -> tuple[str, ...]:
    digits = 0 if finding.subject.value == "sample-size" else 3
    told = _valued(finding.value, finding.low, finding.high, language)
    return (
        subject(finding.subject, language),
        measure(finding.of, language),
        number(finding.value, language, digits=0) if not digits and finding.value else told,
        asked(finding.asked, language),
        outcome(finding.outcome, language),
    )


def _figures(report: EvaluationReport, protocol: Protocol, language: str) -> tuple[str, ...]:
    whole = [one for one in report.figures if one.group == ALL]
    cut = [one for one in whole if one.at and one.measure not in (*UTILITY, *TIME, *LABELS)]
    together = [one for one in _named(whole, WHOLE) if not one.at]
    parts = [one for one in report.figures if one.group != ALL and one.measure not in TIME]
    return (
        _part(
            "discrimination", plots.roc(report, language), _named(whole, DISCRIMINATION), language
        ),
        _part("figures", "", [*together, *cut], language),
        _part("labels", plots.labels(report, language), _named(whole, LABELS), language),
        _part(
            "calibration", plots.calibration(report, language), _named(whole, CALIBRATION), language
        ),
        _part("utility", plots.decision(report, language), _named(whole, UTILITY), language),
        _part("subgroups", plots.forest(report, protocol, language), parts, language),
        _part("drift", plots.over_time(report, language), _named(report.figures, TIME), language),
    )


def _named(figures: Iterable[Figure], names: Sequence[str]) -> list[Figure]:
    return [one for one in figures if one.measure in names]


def _part(key: str, plot: str, figures: Sequence[Figure], language: str) -> str:
    title = text(key, language)
    drawn = f"<figure>{plot}</figure>" if plot else ""
    headers = _words(language, "measure", "group", "at", "value", "interval", "method", "basis")
    rows = (
        (
            measure(one.measure, language),
            "" if one.group == ALL else one.group,
            place(one.at),
            number(one.value, language),
            _ends(one, language) if one.low else "",
            said(one.method, language),
            text(f"basis-{one.basis.value}", language),
        )
        for one in figures
    )
    return _section(title, drawn, table(headers, rows, caption=title))


def _ends(figure: Figure, language: str) -> str:
    return f"{number(figure.low, language)} ; {number(figure.high, language)}"


def _gaps(report: EvaluationReport, language: str) -> str:
    headers = _words(language, "measure", "first", "second", "gap", "method")
    rows = (
        (
            measure(gap.measure, language),
            gap.first,
            gap.second,
            _valued(gap.value, gap.low, gap.high, language),
            gap.method,
        )
        for gap in report.gaps
    )
    title = text("gaps", language)
    return _section(title, table(headers, rows, caption=title))


def _losses(report: EvaluationReport, language: str) -> str:
    headers = _words(language, "perturbation", "measure", "loss", "tolerated")
    rows = (
        (
            loss.perturbation,
            measure(loss.measure, language),
            _valued(loss.value, loss.low, loss.high, language),
            number(loss.tolerated, language),
        )
        for loss in report.losses
    )
    title = text("robustness", language)
    return _section(title, table(headers, rows, caption=title))


def _privacy(report: EvaluationReport, language: str) -> str:
    headers = _words(language, "perturbation", "value", "tolerated", "outcome-word")
    rows = (
        (one.attack, _valued(one.value, one.low, one.high, language), one.limit, one.verdict)
        for one in report.privacy
    )
    title = text("privacy", language)
    return _section(title, table(headers, rows, caption=title))


def _run(report: EvaluationReport, language: str) -> str:
    run = report.run
    told = f"<p>{run.cases} {text('cases', language)} ; {escape(run.failed)} "
    told += f"{text('failed', language)}. {escape(run.backend)}</p>"
    if run.median_ms:
        told += f"<p>{text('time-per-case', language)} : {run.median_ms}, {run.p95_ms}. "
        told += f"{text('energy', language)} : {run.joules} ({escape(run.energy_method)}).</p>"
    return _section(text("run", language), told)


def _withheld(report: EvaluationReport, language: str) -> str:
    headers = _words(language, "what", "why")
    rows = ((one.what, said(one.why, language)) for one in report.withheld)
    title = text("withheld", language)
    told = table(headers, rows, caption=title) or f"<p>{text('none', language)}</p>"
    return _section(title, told)


def _deviations(report: EvaluationReport, language: str) -> str:
    headers = _words(language, "what", "planned", "done", "why")
    rows = ((one.part, one.planned, one.done, one.reason) for one in report.deviations)
    title = text("deviations", language)
    told = table(headers, rows, caption=title) or f"<p>{text('none', language)}</p>"
    return _section(title, told)


def _counts(report: EvaluationReport, language: str) -> str:
    shown = "".join(_count(one, language) for one in (*report.tables, *report.windows))
    labels = "".join(_labels(one, language) for one in report.labels)
    return _section(text("counts", language), shown, labels)


def _labels(found: LabelTable, language: str) -> str:
    name = text("counts", language) if found.group == ALL else found.group
    name = f"{name}, {found.cases} {text('cases', language)}"
    headers = _words(language, "label", *CELLS)
    rows = ((said(line.label, language), *map(str, line.counts)) for line in found.lines)
    shown = table(headers, rows, caption=name)
    return f"<details><summary>{escape(name)}</summary>{shown}</details>"


def _count(found: ScoreTable, language: str) -> str:
    name = text("counts", language) if found.group == ALL else found.group
    headers = _words(language, "step", "with-outcome", "without-outcome", "mean")
    starts = ("", *found.edges)
    ends = (*found.edges, "")
    means = found.means or ("",) * len(starts)
    rows = (
        (f"[{start} ; {end}[", str(ill), str(well), number(mean, language))
        for start, end, ill, well, mean in zip(
            starts, ends, found.cases, found.controls, means, strict=True
        )
    )
    shown = table(headers, rows, caption=name)
    return f"<details><summary>{escape(name)}</summary>{shown}</details>"


def _checklist(report: EvaluationReport, language: str) -> str:
    headers = _words(language, "item", "subject", "where", "answer")
    rows = (
        (
            f"{line.guideline.value} {line.item}",
            line.subject(language),
            ", ".join(line.where),
            line.answer or line.answered.value,
        )
        for line in report.checklist
    )
    title = text("checklist", language)
    shown = table(headers, rows, caption=title)
    return f"<details><summary>{escape(title)}</summary>{shown}</details>" if shown else ""


def _digests(report: EvaluationReport, language: str) -> str:
    found = report.digests
    named = (
        ("protocol", found.protocol),
        ("lock", found.lock),
        ("model", found.model),
        ("data", found.data),
        ("code", found.code),
    )
    told = "".join(f"<dt>{name}</dt><dd><code>{digest}</code></dd>" for name, digest in named)
    return _section(text("digests", language), f"<dl>{told}</dl><p>{escape(report.software)}</p>")
