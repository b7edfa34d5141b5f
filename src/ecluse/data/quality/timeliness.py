"""How late care arrives: the lag curve of claims, and the months still to come.

Care of month M arrives with the flows of the months that follow, up to 27 months later. The months
observed for k+1 flows say by how much the total grows from the k-th flow to the next; the product
of these growths, from the last one back, gives the share arrived after each delay even though
recent months are incomplete (the chain-ladder method of claims reserving: T. Mack, ASTIN Bulletin
23, 1993). Months of care before the first flow of the dataset are left out: their first lines are
not here.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.quality.examinations import Examination
from ecluse.data.quality.profiles import Profile, month_name
from ecluse.data.quality.reports import CheckResult, LagCurve, RecentMonth, Unit
from ecluse.domain.parameters import CLAIMS_LAG_MONTHS

LONGEST: Final = CLAIMS_LAG_MONTHS.value
USUAL: Final = 6
"""Months after which 99 % of care has arrived (documentation of the SNDS)."""
COMPLETE: Final = Fraction(99, 100)
FLOW_MONTHS_ALLOWED: Final = 3

Triangle = Mapping[int, Mapping[int, int]]
"""Rows by month of care, then by delay in months."""


def lag_curve(examination: Examination, profile: Profile) -> LagCurve | None:
    """Return the lag curve of a table of claims with dates of its own; None for any other."""
    schema = profile.schema
    if schema.flow_date is None or schema.parent is not None:
        return None
    triangle = _triangle(examination, profile)
    last = max((month + max(delays) for month, delays in triangle.items()), default=None)
    if last is None:
        return None
    shares = arrived(triangle, last=last)
    return LagCurve(
        table=schema.name,
        last_flow=month_name(last),
        arrived=tuple(_percent(share) for share in shares),
        recent=tuple(_recent(triangle, shares, last=last)),
    )


def arrived(triangle: Triangle, *, last: int) -> list[Fraction]:
    """Return the share of a month of care that has arrived after 0, 1, 2… months.

    The curve ends at 27 months, or at the longest delay that the flows up to `last` let see; its
    last share is 1 by construction.
    """
    first_flow = min(month + min(delays) for month, delays in triangle.items())
    kept = {month: delays for month, delays in triangle.items() if month >= first_flow}
    longest = min(LONGEST, max((last - month for month in kept), default=0))
    growths: list[Fraction] = []
    for delay in range(longest):
        observed = [month for month in kept if last - month > delay]
        before = sum(_up_to(kept[month], delay) for month in observed)
        after = sum(_up_to(kept[month], delay + 1) for month in observed)
        growths.append(Fraction(after, before) if before else Fraction(0))
    return _shares(growths)


def check(examination: Examination, curve: LagCurve) -> Iterator[CheckResult]:
    """Give the checks of the delay and of the age of the last flow."""
    if len(curve.arrived) > USUAL:
        # In hundredths of a percent, which the text of a share holds exactly.
        arrived_then = int(curve.arrived[USUAL].replace(".", ""))
        yield examination.judge(
            "slow-arrival",
            table=curve.table,
            violations=10_000 - arrived_then,
            examined=10_000,
            unit=Unit.SHARE,
        )
    year, month = (int(part) for part in curve.last_flow.split("-"))
    elapsed = (examination.on.year - year) * 12 + examination.on.month - month
    yield examination.judge(
        "old-flow",
        table=curve.table,
        violations=max(0, elapsed),
        examined=FLOW_MONTHS_ALLOWED,
        unit=Unit.MONTHS,
    )


def _triangle(examination: Examination, profile: Profile) -> Triangle:
    found = examination.rows(
        f"""
        SELECT year(day) * 12 + month(day) - 1 AS month,
               datediff('month', day, period) AS delay, sum("rows")::BIGINT
        FROM {quoted(profile.name)}
        WHERE day IS NOT NULL AND period IS NOT NULL AND day <= last_day(period)
        GROUP BY ALL
        """  # noqa: S608 — our own table
    )
    triangle: dict[int, dict[int, int]] = {}
    for month, delay, rows in found:
        triangle.setdefault(int(month), {})[int(delay)] = int(rows)
    return triangle


def _recent(triangle: Triangle, shares: Sequence[Fraction], *, last: int) -> Iterator[RecentMonth]:
    """Give the months of care of which under 99 % is expected to have arrived, newest last."""
    for month in sorted(triangle):
        delay = last - month
        if delay < len(shares) and shares[delay] < COMPLETE:
            rows = _up_to(triangle[month], delay)
            yield RecentMonth(month_name(month), rows, _percent(shares[delay]))


def _shares(growths: Sequence[Fraction]) -> list[Fraction]:
    shares = [Fraction(1)]
    for growth in reversed(growths):
        shares.append(shares[-1] / growth if growth else Fraction(0))
    return shares[::-1]


def _up_to(delays: Mapping[int, int], delay: int) -> int:
    return sum(rows for found, rows in delays.items() if found <= delay)


def _percent(share: Fraction) -> str:
    hundredths = round(share * 10_000)
    return f"{hundredths // 100}.{hundredths % 100:02d}"
