"""From a tariff to what a data user is told, owes and pays, and what each holder receives.

All amounts are whole euro cents without VAT unless named `…_with_vat`. A half cent goes up.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from ecluse.domain.documents.permits import FeeLine
from ecluse.domain.errors import InvalidInput
from ecluse.domain.fees.tariffs import PERMILLE, Component, Payer, Tariff, TariffLine

HOLDERS_COSTS = "EHDS art. 62(2)"


@dataclass(frozen=True)
class Work:
    """So many units of one tariff line; `holder` names whom a holder's cost is paid to."""

    code: str
    quantity: int
    holder: str | None = None

    def __post_init__(self) -> None:
        """Refuse no work."""
        if self.quantity < 1:
            raise ValueError(f"{self.code}: a quantity is 1 or more, not {self.quantity}.")


@dataclass(frozen=True)
class HolderPart:
    """What a data holder estimates its own work to cost. Source: EHDS art. 62(2)."""

    holder: str
    label: str
    amount_cents: int
    ground: str = HOLDERS_COSTS

    def __post_init__(self) -> None:
        """Refuse a negative amount."""
        if self.amount_cents < 0:
            raise ValueError("What a holder asks is not negative.")


@dataclass(frozen=True)
class EstimateLine:
    """One line of an estimate: the full price, what is taken off, and on what grounds."""

    code: str
    component: Component
    label_fr: str
    label_en: str
    quantity: int
    price_cents: int
    reduction_cents: int
    ground: str
    reduction_ground: str | None
    holder: str | None

    @property
    def amount_cents(self) -> int:
        """What is to pay."""
        return self.quantity * self.price_cents - self.reduction_cents


@dataclass(frozen=True)
class Estimate:
    """What the user is told before the permit is issued. Source: EHDS art. 62(5)."""

    tariff: str
    payer: Payer
    vat_permille: int
    lines: tuple[EstimateLine, ...]

    @property
    def amount_cents(self) -> int:
        """What is to pay, without VAT."""
        return sum(line.amount_cents for line in self.lines)

    @property
    def vat_cents(self) -> int:
        """The VAT, computed once on the sum (EN 16931, BR-CO-17)."""
        return share(self.amount_cents, self.vat_permille)

    @property
    def amount_with_vat_cents(self) -> int:
        """What is to pay, with VAT."""
        return self.amount_cents + self.vat_cents

    def fee_lines(self, *, language: str = "fr") -> tuple[FeeLine, ...]:
        """Return the lines as the permit carries them (EHDS art. 68(10)(g))."""
        is_english = language.startswith("en")
        return tuple(
            FeeLine(line.label_en if is_english else line.label_fr, line.amount_cents)
            for line in self.lines
        )


def share(amount_cents: int, permille: int) -> int:
    """Return so many thousandths of an amount, the half cent up."""
    return (2 * amount_cents * permille + PERMILLE) // (2 * PERMILLE)


def estimate(
    tariff: Tariff,
    payer: Payer,
    work: Collection[Work],
    holder_parts: Collection[HolderPart] = (),
) -> Estimate:
    """Return what the work costs `payer` under `tariff`: its lines, then those of the holders.

    Raises:
        NotFound: work of a code that the tariff does not have.
        InvalidInput: no work, or a holder's cost that names no holder.
    """
    if not work:
        raise InvalidInput("An estimate counts some work: at least the handling of the file.")
    lines = [_priced(tariff, payer, item) for item in work]
    lines += [_passed_on(part) for part in holder_parts]
    return Estimate(tariff.version, payer, tariff.vat_permille, tuple(lines))


def _priced(tariff: Tariff, payer: Payer, work: Work) -> EstimateLine:
    line: TariffLine = tariff.line(work.code)
    if (line.component is Component.HOLDER) != (work.holder is not None):
        raise InvalidInput(f"{work.code}: a holder's cost, and no other, names its holder.")
    reduction = tariff.reduction(payer, line.component)
    full = work.quantity * line.price_cents
    return EstimateLine(
        code=line.code,
        component=line.component,
        label_fr=line.label_fr,
        label_en=line.label_en,
        quantity=work.quantity,
        price_cents=line.price_cents,
        reduction_cents=share(full, reduction.permille) if reduction else 0,
        ground=line.ground,
        reduction_ground=reduction.ground if reduction else None,
        holder=work.holder,
    )


def _passed_on(part: HolderPart) -> EstimateLine:
    return EstimateLine(
        code="holder-estimate",
        component=Component.HOLDER,
        label_fr=part.label,
        label_en=part.label,
        quantity=1,
        price_cents=part.amount_cents,
        reduction_cents=0,
        ground=part.ground,
        reduction_ground=None,
        holder=part.holder,
    )


def incurred(told: Estimate, done: Mapping[int, int]) -> Estimate:
    """Return what a user owes who withdraws: the work done by then, and no more.

    `done` gives the units done of the lines, by their place in the estimate; the handling of the
    file is owed whole. A reduction keeps its share.

    Raises:
        InvalidInput: more than was estimated, or a line that the estimate does not have.

    Source: EHDS art. 62(5); TEHDAS2 D6.3 section 10 (handling is due when withdrawn or refused).
    """
    if any(not 0 <= place < len(told.lines) for place in done):
        raise InvalidInput(f"The estimate has lines 0 to {len(told.lines) - 1}.")
    kept = []
    for place, line in enumerate(told.lines):
        whole = line.component is Component.HANDLING
        quantity = line.quantity if whole else done.get(place, 0)
        if not 0 <= quantity <= line.quantity:
            raise InvalidInput(f"{line.code}: 0 to {line.quantity} units can have been done.")
        if quantity:
            kept.append(_part(line, quantity))
    return Estimate(told.tariff, told.payer, told.vat_permille, tuple(kept))


def _part(line: EstimateLine, quantity: int) -> EstimateLine:
    doubled = 2 * line.reduction_cents * quantity
    reduction = (doubled + line.quantity) // (2 * line.quantity)
    return replace(line, quantity=quantity, reduction_cents=reduction)


def holders_parts(owed: Estimate) -> dict[str, int]:
    """Return what each holder receives of what is owed, without VAT, by the holder's name.

    Source: EHDS art. 62(2), recital 70: one invoice, whose part the body passes on.
    """
    parts: dict[str, int] = {}
    for line in owed.lines:
        if line.holder is not None:
            parts[line.holder] = parts.get(line.holder, 0) + line.amount_cents
    return parts


def holders_received(owed: Estimate, paid_cents: int) -> dict[str, int]:
    """Return what each holder has a right to when `paid_cents`, without VAT, have been paid.

    In proportion to its part, cents left over going to the largest remainders, then by name: what
    is passed on never exceeds what came in.

    Raises:
        InvalidInput: a negative payment, or more than is owed.
    """
    if not 0 <= paid_cents <= owed.amount_cents:
        raise InvalidInput(f"Between 0 and {owed.amount_cents} cents are owed.")
    parts = holders_parts(owed)
    if not parts or not owed.amount_cents:
        return dict.fromkeys(parts, 0)
    total = sum(parts.values()) * paid_cents // owed.amount_cents
    floors = {holder: part * paid_cents // owed.amount_cents for holder, part in parts.items()}
    left = total - sum(floors.values())
    by_remainder = sorted(
        parts, key=lambda holder: (-(parts[holder] * paid_cents % owed.amount_cents), holder)
    )
    for holder in by_remainder[:left]:
        floors[holder] += 1
    return floors
