"""One block of persons, from their birth to their files. Blocks never look at each other."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from ecluse.data.synthetic import hospital, registers
from ecluse.data.synthetic.billing import write_claims
from ecluse.data.synthetic.calendar import NEVER, Days, Period
from ecluse.data.synthetic.care import Care, join_lines
from ecluse.data.synthetic.claims import Claims, group
from ecluse.data.synthetic.conditions import Conditions, draw_conditions, draw_deaths
from ecluse.data.synthetic.counting import (
    Marginals,
    count_claims,
    count_deaths,
    count_registrations,
    marginals,
    write_line_truth,
    yearly,
)
from ecluse.data.synthetic.disease_map import write_disease_map
from ecluse.data.synthetic.families import draw_families
from ecluse.data.synthetic.happenings import write_happenings, write_persons
from ecluse.data.synthetic.home_care import write_home_care
from ecluse.data.synthetic.outpatient import Visits, draw_visits, write_visits
from ecluse.data.synthetic.people import People, draw_people
from ecluse.data.synthetic.psychiatry import write_psychiatry
from ecluse.data.synthetic.registrations import (
    Registrations,
    draw_departed,
    draw_registered,
    draw_registrations,
    end_at_death,
    registration_columns,
)
from ecluse.data.synthetic.rehabilitation import draw_rehabilitations, write_rehabilitations
from ecluse.data.synthetic.sendings import count_traps, draw_sendings
from ecluse.data.synthetic.stays import Stays, bleeding_risk, clinic_lines, draw_stays
from ecluse.data.synthetic.traps import inject
from ecluse.data.synthetic.truth import Truth
from ecluse.data.synthetic.writing import Column, Pieces, Rendering, at

PERSON_YEARS: Final = 10_000
"""Persons times years of a block of usual care: what fits in memory with room to spare."""
FEWEST: Final = 500


@dataclass(frozen=True, slots=True)
class Recipe:
    """What all blocks of a country share."""

    period: Period
    seed: int
    national_key: bytes
    rendering: Rendering
    intensity: float = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """What a block must make: its rank, its persons, and where."""

    recipe: Recipe
    rank: int
    first: int
    persons: int
    folder: Path

    def rng(self) -> np.random.Generator:
        """Return the random stream of this block, from its start."""
        return np.random.default_rng([self.recipe.seed, self.rank])


@dataclass(frozen=True, slots=True)
class Made:
    """What a block has made: files, truth of the traps, figures to check, other counts."""

    pieces: Pieces
    truth: Truth
    marginals: Marginals
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class Block:
    """The persons of a block, their illnesses, their care."""

    people: People
    conditions: Conditions
    registered: Registrations
    claims: Claims
    stays: Stays
    visits: Visits


def orders(recipe: Recipe, persons: int, *, folder: Path) -> list[Order]:
    """Return the blocks that make a country of so many persons: they depend on nothing else."""
    size = max(int(PERSON_YEARS / recipe.period.years / max(recipe.intensity, 1)), FEWEST)
    count = max(persons // size, 1)
    bounds = [persons * rank // count for rank in range(count + 1)]
    return [
        Order(recipe, rank, first, end - first, folder / f"{rank:06d}")
        for rank, (first, end) in enumerate(pairwise(bounds))
    ]


def make(order: Order) -> Made:
    """Draw the persons of a block and write all that is known of them."""
    rng = order.rng()
    pieces = Pieces(order.folder, order.recipe.rendering)
    truth = Truth()
    period = order.recipe.period
    block = draw(rng, order)
    write_claims(pieces, block.claims, block.people)
    count_claims(block.claims, block.people, period, truth)
    write_line_truth(pieces, block.claims, block.people)
    _write_stays(rng, pieces, block, truth, period)
    _write_registers(rng, pieces, block, order.recipe)
    count_registrations(block.registered, truth)
    count_deaths(block.people, period, truth)
    write_persons(pieces, block.people, block.conditions)
    write_happenings(pieces, block.people, block.registered, block.stays, block.visits)
    figures = marginals(block.claims, block.stays, block.registered, block.people, period)
    figures["yearly"] = yearly(block.people, period, truth)
    return Made(pieces, truth, figures, _counts(block))


def draw(rng: np.random.Generator, order: Order) -> Block:
    """Return the persons of a block with their care: the first draws of `make`, the same ones."""
    people, conditions, registered = _populate(rng, order)
    claims, stays, visits = _care(rng, people, conditions, order)
    absent = registers.absent_from_register(rng, people, np.unique(claims.lines.person))
    people = replace(people, in_register=~absent, has_own_number=people.has_own_number & ~absent)
    return Block(people, conditions, registered, claims, stays, visits)


def _populate(rng: np.random.Generator, order: Order) -> tuple[People, Conditions, Registrations]:
    people = draw_people(rng, order.persons, order.recipe.period, first=order.first)
    conditions = draw_conditions(rng, people, order.recipe.period)
    people = replace(people, died=draw_deaths(rng, people, conditions, order.recipe.period))
    registered = draw_registered(rng, conditions)
    people = replace(people, died=draw_departed(rng, people, registered, order.recipe.period))
    conditions = end_at_death(conditions, people)
    people = draw_families(rng, people, order.recipe.period)
    rows = draw_registrations(rng, registered, people, conditions, order.recipe.period)
    return people, conditions, rows


def _care(
    rng: np.random.Generator, people: People, conditions: Conditions, order: Order
) -> tuple[Claims, Stays, Visits]:
    recipe = order.recipe
    care = Care(rng, people, conditions, recipe.period, intensity=recipe.intensity)
    clean = care.draw()
    risk = bleeding_risk(people, clean, care.drugs)
    stays = draw_stays(rng, people, conditions, recipe.period, risk)
    lines = inject(rng, join_lines([clean, clinic_lines(stays)]))
    claims = group(rng, lines, people, emission=order.rank + 1)
    return claims, stays, draw_visits(rng, people, clean, recipe.period)


def _write_stays(
    rng: np.random.Generator, pieces: Pieces, block: Block, truth: Truth, period: Period
) -> None:
    people, stays = block.people, block.stays
    sendings = draw_sendings(rng, stays)
    hospital.write_stays(rng, pieces, stays, sendings, people)
    keys = hospital.stay_keys(sendings, people.first)
    for trap, rows in count_traps(sendings, stays, truth).items():
        columns: dict[str, Column] = {"TABLE_YEAR": sendings.year[rows]}
        pieces.write_truth(f"traps/{trap}", columns | at(keys, rows))
    rehabilitated = draw_rehabilitations(rng, stays, people, period)
    write_rehabilitations(pieces, rehabilitated, people, truth)
    write_visits(pieces, block.visits, people, truth)
    write_home_care(rng, pieces, people, block.conditions, period, truth)
    write_psychiatry(rng, pieces, people, block.conditions, period, truth)


def _write_registers(
    rng: np.random.Generator, pieces: Pieces, block: Block, recipe: Recipe
) -> None:
    people, conditions = block.people, block.conditions
    own = registers.own_pseudonyms(people, recipe.national_key)
    last = _last_treated(people, block.claims)
    pieces.write("IR_BEN_R.csv", registers.person_columns(rng, people, own, last))
    pieces.write("IR_IMB_R.csv", registration_columns(block.registered, people))
    deaths, causes = registers.death_columns(rng, people, conditions, recipe.period, own)
    pieces.write("KI_CCI_R.csv", deaths)
    pieces.write("KI_ECD_R.csv", causes)
    years = recipe.period.calendar_years()
    write_disease_map(pieces, people, conditions, years=years, seen=last != NEVER)
    if people.has_demo_citizen:
        pieces.write("IR_PHA_R.csv", registers.drug_columns())


def _last_treated(people: People, claims: Claims) -> Days:
    last = np.zeros(people.count, dtype=np.int32)
    np.maximum.at(last, claims.lines.person, claims.treated)
    return np.where(last > 0, last, NEVER).astype(np.int32)


def _counts(block: Block) -> Counter[str]:
    people = block.people
    codes = block.stays.main_codes()
    return Counter(
        {
            "persons_without_own_number": int((~people.has_own_number & ~people.is_fictive).sum()),
            "persons_with_fictive_number": int(people.is_fictive.sum()),
            "persons_with_two_pseudonyms": int((people.second_pseudonym >= 0).sum()),
            "persons_absent_from_register": int((~people.in_register).sum()),
            "persons_with_unusual_number": int((people.number_kind > 0).sum()),
            "persons_of_unknown_municipality": int((people.municipality < 0).sum()),
            "same_sex_twins": int((people.birth_rank > 1).sum()),
            "digestive_bleeding_stays": sum(
                code.startswith(("K25", "K26", "K92")) for code in codes
            ),
            **{
                f"condition:{name}": int((onset != NEVER).sum())
                for name, onset in block.conditions.items()
            },
        }
    )
