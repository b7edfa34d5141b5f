"""The report of a country: what it holds, how far it is from published figures, which traps."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecluse.data.synthetic.checks import Finding
from ecluse.data.synthetic.counting import Marginals
from ecluse.data.synthetic.plots import HERE, PUBLISHED, bars, lines

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5a6472;--line:#d9dee5;--paper:#fff;
--tile:#f4f6f9}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#a7b0bd;--line:#343c48;--paper:#14181f;
--tile:#1d232c}}
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:var(--paper);color:var(--ink)}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:.5rem 0}h2{margin:3rem 0 .5rem}p{max-width:44rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.5rem 0}
dl div{background:var(--tile);padding:.7rem 1rem;border-radius:.4rem}dt{color:var(--soft);
font-size:.875rem}dd{margin:0;font-size:1.4rem;font-weight:600;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse}
td,th{padding:.35rem 1rem .35rem 0;border-bottom:1px solid var(--line);text-align:left}
td{vertical-align:top}td:last-child{min-width:5rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.told{min-width:20rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:2rem}
figure{margin:0}figcaption{font-weight:600;margin-bottom:.5rem}svg{max-width:100%;height:auto}
svg text{font-size:13px;fill:currentColor}
.key span{display:inline-block;width:.8rem;height:.8rem;margin:0 .3rem 0 1rem;border-radius:.1rem}
.key span:first-child{margin-left:0}summary{cursor:pointer;padding:.5rem 0}
"""
PLOTTED: Final = ("acts", "diagnoses", "stays: overnight", "stays: day", "stays: session", "ages")
SEXES: Final = {"1": "men", "2": "women"}
LONGEST_LAG: Final = 12
ADVISED_MONTHS: Final = 6


def write_page(
    path: Path,
    counts: Mapping[str, Any],
    traps: Mapping[str, Mapping[str, object]],
    marginals: Marginals,
    findings: Sequence[Finding],
) -> None:
    """Write one HTML page that needs nothing else: no script, no other file."""
    years = counts["years"]
    title = f"Synthetic country: {counts['persons']:,} persons, {years[0]}-{years[-1]}"
    plots = [*(_plot(item) for item in findings if item.name in PLOTTED), *_curves(marginals)]
    parts = [
        f"<h1>{escape(title)}</h1><p>Seed {counts['seed']}, rendering {counts['rendering']}. "
        "Nobody here exists. Shares are compared with published figures; the persons, their "
        "illnesses and the dirt of the data are drawn at random.</p>",
        _figures(counts, marginals),
        _findings(findings),
        _key(),
        f'<div class="plots">{"".join(plots)}</div>',
        _known_late(marginals),
        _traps(traps),
        _rows(counts["rows"]),
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
    )
    body = "<main>" + "\n".join(parts) + "</main>"
    html = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>\n'
    path.write_text(html, encoding="utf-8")


def _figures(counts: Mapping[str, Any], marginals: Marginals) -> str:
    lines_written = sum(rows for file, rows in counts["rows"].items() if "ER_PRS_F" in file)
    person_years = counts["persons"] * len(counts["years"])
    figures = {
        "claim lines": f"{lines_written:,}",
        "lines a person a year": f"{lines_written / person_years:.0f}",
        "hospital stays": f"{marginals['stays'].total():,}",
        "deaths": f"{marginals['yearly']['deaths']:,}",
        "rows in all files": f"{sum(counts['rows'].values()):,}",
    }
    tiles = (
        f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in figures.items()
    )
    return f"<dl>{''.join(tiles)}</dl>"


def _table(name: str, heads: Sequence[str], rows: str) -> str:
    """Return a table that scrolls within the page, by keyboard too; `#` begins numbers' heads."""
    cells = "".join(
        f'<th class="n">{escape(head[1:])}</th>' if head.startswith("#") else f"<th>{head}</th>"
        for head in heads
    )
    return (
        f'<div class="wide" role="region" aria-label="{escape(name)}" tabindex="0"><table>'
        f"<tr>{cells}</tr>{rows}</table></div>"
    )


def _findings(findings: Sequence[Finding]) -> str:
    rows = "".join(
        f"<tr><td>{escape(item.name)}</td><td>{escape(item.source)}</td>"
        f'<td class="n">{item.distance:.4f}</td>'
        f'<td class="n">{f"{item.ratio:.2f}" if item.ratio else ""}</td></tr>'
        for item in findings
    )
    return (
        "<h2>Distance from published figures</h2><p>Jensen-Shannon divergence in bits: 0 is the "
        "same distribution, 1 nothing in common. Ratio: events a person a year here, over the "
        "published number.</p>"
        + _table("Distances", ("What", "Published by", "#Distance", "#Ratio"), rows)
    )


def _key() -> str:
    return (
        f'<p class="key"><span style="background:{HERE}"></span>this country'
        f'<span style="background:{PUBLISHED}"></span>published</p>'
    )


def _plot(finding: Finding) -> str:
    shares = finding.shares
    if finding.name == "ages":
        shares = tuple(
            sorted(
                ((_group(name), p, h) for name, p, h in shares),
                key=lambda item: (item[0].split()[0], int(item[0].split()[1])),
            )
        )
    if finding.name.startswith("stays"):
        shares = tuple(sorted(shares, key=lambda item: int(item[0].split("-")[0])))
    most = len(shares) if finding.name == "ages" else 30
    return bars(shares, title=f"{finding.name}, share of the total", most=most)


def _group(name: str) -> str:
    sex, age = name.split(":")
    return f"{SEXES[sex]} {age} years"


def _curves(marginals: Marginals) -> list[str]:
    months = sorted(marginals["months"], key=int)
    labels = np.array(months, dtype=np.int64).astype("datetime64[M]").astype(str).tolist()
    care = [
        (label, float(marginals["months"][month]))
        for label, month in zip(labels, months, strict=True)
    ]
    total = max(marginals["lags"].total(), 1)
    known = [
        (f"{lag}", sum(n for at, n in marginals["lags"].items() if int(at) <= lag) / total)
        for lag in range(LONGEST_LAG + 1)
    ]
    return [
        lines(care, title="Lines by month of care"),
        lines(known, title="Share of lines known so many months of flux after the care"),
    ]


def _known_late(marginals: Marginals) -> str:
    total = max(marginals["lags"].total(), 1)
    known = sum(n for at, n in marginals["lags"].items() if int(at) <= ADVISED_MONTHS) / total
    return f"<p>{known:.2%} of the lines are known in the six months after the month of care.</p>"


def _traps(traps: Mapping[str, Mapping[str, object]]) -> str:
    rows = "".join(
        f"<tr><td>{escape(name.replace('_', ' '))}</td><td>{escape(str(trap['table']))}</td>"
        + "".join(
            f'<td class="n">{trap[count]:,}</td>'
            for count in ("injected", "rows_before", "rows_after")
        )
        + f'<td class="told">{escape(str(trap["note"]))}</td></tr>'
        for name, trap in traps.items()
    )
    return "<h2>Traps</h2><p>Rows that each filter, applied alone, must leave.</p>" + _table(
        "Traps", ("Trap", "Table", "#Injected", "#Before", "#After", "Filter"), rows
    )


def _rows(rows: Mapping[str, int]) -> str:
    listed = "".join(
        f'<tr><td>{escape(file)}</td><td class="n">{count:,}</td></tr>'
        for file, count in rows.items()
    )
    table = _table("Files", ("File", "#Rows"), listed)
    return f"<h2>Files</h2><details><summary>{len(rows)} files</summary>{table}</details>"
