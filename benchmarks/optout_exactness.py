"""Are those who opted out, and they alone, out of extracts? `python -m benchmarks.optout_exactness`

A synthetic country is written and loaded: persons insured through one or two others, same-sex twins
who share the number of their parent but for their rank, persons without a number of their own, and
here some who had a provisional number before. One person in twenty opts out, each by one number
drawn among those that they have. Then extracts drawn at random are made twice: with the list, and
with the exception of EHDS art. 71(4), which keeps everybody.

Expected in each: those of the second who neither opted out nor are unknown to the register, by what
was drawn when the country was made. Prints exact figures; exits with 1 if one is wrong.
"""

import argparse
import csv
import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.extraction import Warrant, extract
from ecluse.data.lake import Lake, Snapshot
from ecluse.data.loading import load_delivery
from ecluse.data.pseudonyms import Label, PseudonymKeys
from ecluse.data.synthetic import Country, write_country
from ecluse.domain import documents as d
from ecluse.domain.cohorts import AtLeast, Cohort, Events, cohort_of
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey
from ecluse.trust.pseudonyms.national_numbers import FileNationalKey, name_person
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number as number_of

PERSONS, EXTRACTS, SHARE, PROVISIONAL, SEED = 100_000, 50, 0.05, 0.02, 71
NATIONAL = bytes(range(32))
YEARS = (2021, 2022, 2023)
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
DIGESTS = tuple("sha256:" + digit * 64 for digit in "123")
CLASSES = (
    "A02",
    "A10",
    "B01",
    "C03",
    "C07",
    "C09",
    "C10",
    "J01",
    "M01",
    "N02",
    "N05",
    "N06",
    "R03",
)


@dataclass(slots=True)
class Person:
    """One person as the country made them: identity in the lake, every number, and whether out."""

    identity: str
    pseudonym: str
    rank: int
    own: str | None
    provisional: str | None = None
    others: tuple[str, ...] = ()
    is_out: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What all extracts add up to."""

    persons: int = 0
    with_several_insured: int = 0
    with_provisional_number: int = 0
    same_sex_twins: int = 0
    unknown_to_the_register: int = 0
    opted_out: int = 0
    by_own_number: int = 0
    by_provisional_number: int = 0
    by_insured_and_rank: int = 0
    extracts: int = 0
    persons_in_cohorts: int = 0
    opted_out_in_cohorts: int = 0
    unknown_in_cohorts: int = 0
    persons_extracted: int = 0
    twins_kept_whose_twin_is_out: int = 0
    opted_out_extracted: int = 0
    others_left_out: int = 0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--persons", type=int, default=PERSONS)
    asked.add_argument("--extracts", type=int, default=EXTRACTS)
    asked.add_argument("--folder", type=Path)
    options = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="optouts-", dir=options.folder))
    try:
        figures = measure(folder, options.persons, options.extracts)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(asdict(figures), indent=2))
    sys.exit(1 if figures.opted_out_extracted or figures.others_left_out else 0)


def measure(folder: Path, persons: int, extracts: int) -> Figures:
    """Return the figures of one country and so many extracts."""
    drawn = random.Random(SEED)  # noqa: S311 - a draw to repeat, not a secret
    country = Country(persons=persons, years=YEARS, seed=SEED)
    write_country(country, folder, national_key=NATIONAL)
    people = read_people(folder)
    give_provisional_numbers(folder / "delivery" / "IR_BEN_R.csv", people, drawn)
    lake = Lake(folder / "lake")
    load_delivery(folder / "delivery", lake=lake, dataset="country", model="snds", now=NOW)
    shutil.rmtree(folder / "delivery")
    listed, figures = opt_out(people, drawn)
    named = pseudonyms_of(people)
    for number in range(extracts):
        wanted = order(lake.snapshot("country"), number, drawn)
        everybody = run(wanted, listed, lake, folder / "with", is_exception=True)
        kept = run(wanted, listed, lake, folder / "without", is_exception=False)
        figures = judged(figures, named, everybody, kept)
        print(f"extract {number + 1}: {len(everybody)} persons, {len(kept)} kept", file=sys.stderr)
    return figures


# -- the country -----------------------------------------------------------------------------------


def read_people(folder: Path) -> list[Person]:
    """Return everybody whom a lake can know, from the truth and the register as it is delivered."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    several: dict[str, list[str]] = {}
    with (folder / "delivery" / "IR_BEN_R.csv").open(encoding="latin-1") as file:
        for row in csv.DictReader(file, delimiter=";"):
            rows[row["NUM_ENQ"], row["BEN_RNG_GEM"]] = row
            several.setdefault(row["NUM_ENQ_IDT"], []).append(
                f"{row['NUM_ENQ']}{row['BEN_RNG_GEM']}"
            )
    key, people = FileNationalKey(NATIONAL), []
    for one in pq.read_table(folder / "truth" / "persons.parquet").to_pylist():
        claimant = f"{one['pseudonym']}{one['birth_rank']}"
        row = rows.get((one["pseudonym"], str(one["birth_rank"])))
        own = name_person(number_of(one["person_index"]), key)
        if row is None:
            people.append(Person(claimant, one["pseudonym"], one["birth_rank"], None))
        elif row["BEN_CDI_NIR"] in {"00", "03", "04"}:
            known = own if row["NUM_ENQ_ANO"] == own else None
            identity = row["NUM_ENQ_IDT"]
            others = tuple(several[identity])
            rank = one["birth_rank"]
            people.append(Person(identity, one["pseudonym"], rank, known, None, others))
    return people


def give_provisional_numbers(register: Path, people: list[Person], drawn: random.Random) -> None:
    """Add to the register, for some, the row of the number that they had before their own."""
    key = FileNationalKey(NATIONAL)
    chosen = {one.identity: one for one in people if one.own and drawn.random() < PROVISIONAL}
    with register.open(encoding="latin-1") as file:
        read = list(csv.DictReader(file, delimiter=";"))
    first = {row["NUM_ENQ_IDT"]: row for row in reversed(read)}
    with register.open("a", encoding="latin-1", newline="") as file:
        writer = csv.DictWriter(file, list(read[0]), delimiter=";", lineterminator="\n")
        for number, (identity, one) in enumerate(chosen.items()):
            one.provisional = name_person(f"8{number_of(number)[1:]}", key)
            pseudonym = hashlib.sha256(f"former {number}".encode()).hexdigest()[:17].upper()
            writer.writerow(
                {**first[identity], "NUM_ENQ": pseudonym, "NUM_ENQ_ANO": one.provisional}
            )


def opt_out(people: list[Person], drawn: random.Random) -> tuple[tuple[str, ...], Figures]:
    """Put one person in twenty out, each by one number drawn among theirs; return the list."""
    listed, routes = set(), {"own": 0, "provisional": 0, "insured": 0}
    for one in people:
        if drawn.random() >= SHARE:
            continue
        one.is_out = True
        known = {"own": one.own, "provisional": one.provisional}
        known["insured"] = drawn.choice(one.others or (one.identity,))
        route = drawn.choice([name for name, value in known.items() if value])
        listed.add(str(known[route]))
        routes[route] += 1
    ranks = [one.rank for one in people]
    return tuple(sorted(listed)), Figures(
        persons=len(people),
        with_several_insured=sum(len(one.others) > 1 for one in people),
        with_provisional_number=sum(one.provisional is not None for one in people),
        same_sex_twins=2 * ranks.count(2),
        unknown_to_the_register=sum(one.own is None for one in people),
        opted_out=sum(one.is_out for one in people),
        by_own_number=routes["own"],
        by_provisional_number=routes["provisional"],
        by_insured_and_rank=routes["insured"],
    )


# -- the extracts ----------------------------------------------------------------------------------


def keys() -> PseudonymKeys:
    return PseudonymKeys(FileKey(FIRST, bytes(range(32))), FileKey(SECOND, bytes(range(32, 64))))


def pseudonyms_of(people: list[Person]) -> dict[str, Person]:
    """Return everybody by the pseudonym that the project gives them."""
    identities = pa.array([one.identity for one in people], pa.string())
    made = keys().project("FR-2026-0001").of(Label.PERSON, identities)
    return dict(zip(made.to_pylist(), people, strict=True))


def order(snapshot: Snapshot, number: int, drawn: random.Random) -> d.ExtractionOrder:
    """Return an order drawn at random: whom, which years."""
    first = date(drawn.choice(YEARS), 1, 1)
    return d.ExtractionOrder(
        order_number=f"FR-2026-0001-E{number + 1}",
        permit_number="FR-2026-0001",
        permit_digest=DIGESTS[0],
        dataset="country",
        snapshot=snapshot.snapshot_id,
        tables=(d.TableScope("ER_PHA_F", ("PHA_PRS_C13", "event_date")),),
        cohort=cohort(first, drawn),
        care_from=first,
        care_to=date(YEARS[-1], 12, 31),
        flux_until=date(YEARS[-1] + 2, 1, 1),
        pseudonym_domain="FR-2026-0001",
        opt_out_list_digest=DIGESTS[1],
        ordered_by="one@x.example",
    )


def cohort(first: date, drawn: random.Random) -> Cohort:
    classes = tuple(sorted(drawn.sample(CLASSES, drawn.randint(1, 4))))
    events = Events("drug_atc", classes).during(first, date(YEARS[-1], 12, 31))
    return cohort_of(AtLeast(events, drawn.randint(1, 3)))


def run(
    wanted: d.ExtractionOrder,
    listed: tuple[str, ...],
    lake: Lake,
    target: Path,
    *,
    is_exception: bool,
) -> frozenset[str]:
    """Return the pseudonyms of an extract, which is then removed."""
    permit = replace(permit_of(wanted), applies_opt_out_exception=is_exception)
    permit = replace(permit, opt_out_exception_reason="Measured." if is_exception else None)
    opt_outs = d.OptOutList(permit.permit_number, permit.decided_at, listed)
    warrant = Warrant(wanted, DIGESTS[2], permit, DIGESTS[0], opt_outs, DIGESTS[1])
    extract(warrant, lake=lake, key=keys(), target=target, clock=lambda: NOW)
    rows = pq.read_table(target / "ER_PHA_F.parquet", columns=["person_pseudonym"])
    found = frozenset(rows["person_pseudonym"].unique().to_pylist())
    target.chmod(0o700)
    shutil.rmtree(target)
    return found


def permit_of(wanted: d.ExtractionOrder) -> d.Permit:
    scope = d.DatasetScope("country", wanted.tables, date(YEARS[0], 1, 1), wanted.care_to)
    return d.Permit(
        permit_number=wanted.permit_number,
        application_number="A-1",
        title="Benchmark",
        organisation="Benchmark",
        persons=(d.AuthorisedPerson("one@x.example", "One", is_principal_investigator=True),),
        purposes=("e",),
        purpose_text="Measure.",
        datasets=(scope,),
        data_format=d.DataFormat.PSEUDONYMISED,
        applies_opt_out_exception=False,
        opt_out_exception_reason=None,
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
        environment="",
        fees=(),
        conditions=(),
        minimum_count=11,
        assessed_by=(),
        decided_by="two@x.example",
        decided_at=datetime(2026, 1, 5, tzinfo=UTC),
    )


def judged(
    figures: Figures,
    named: dict[str, Person],
    everybody: frozenset[str],
    kept: frozenset[str],
) -> Figures:
    """Add one extract to the figures, by what the country drew and nothing of the product."""
    whole = [named[one] for one in everybody]
    expected = {one for one in everybody if named[one].own and not named[one].is_out}
    counts = {
        "extracts": 1,
        "persons_in_cohorts": len(whole),
        "opted_out_in_cohorts": sum(one.is_out for one in whole),
        "unknown_in_cohorts": sum(one.own is None for one in whole),
        "persons_extracted": len(kept),
        "twins_kept_whose_twin_is_out": len(list(_beside(named, kept))),
        "opted_out_extracted": sum(named[one].is_out for one in kept),
        "others_left_out": len(expected - kept),
    }
    added = {name: getattr(figures, name) + count for name, count in counts.items()}
    return replace(figures, **added)


def _beside(named: dict[str, Person], kept: frozenset[str]) -> Iterator[Person]:
    """Yield the persons kept whose twin, under the same number, is out."""
    out = {one.pseudonym for one in named.values() if one.is_out}
    for one in kept:
        if named[one].pseudonym in out:
            yield named[one]


if __name__ == "__main__":
    main()
