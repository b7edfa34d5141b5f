"""A record as pages and files show it: all that is computed, at once, from one version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ecluse.domain.aisystems.contradictions import Contradiction, contradictions_of
from ecluse.domain.aisystems.duties import Slot, slots_of
from ecluse.domain.aisystems.levels import Evaluated, level_of
from ecluse.domain.aisystems.places import region_of
from ecluse.domain.aisystems.rules import Classification, classify
from ecluse.domain.aisystems.states import MOVES, Side
from ecluse.domain.aisystems.systems import AISystem
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems.models import SystemRecord, SystemVersion
from ecluse.portal.aisystems.rulebook import fields, rulebook

AXES: Final = ("specialty", "care_step", "category", "level")
"""What the public table crosses and the filters ask."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A system with all that is computed of it on a day."""

    record: SystemRecord
    system: AISystem
    found: Classification
    slots: tuple[Slot, ...]
    evaluated: Evaluated
    contradictions: tuple[Contradiction, ...]
    regions: frozenset[str]
    running: int

    @property
    def number(self) -> str:
        """The number that names it for ever."""
        return self.system.number

    @property
    def name(self) -> str:
        """Its trade name."""
        return self.system.texts.get("trade_name", self.number)

    @property
    def device_class(self) -> str:
        """Its class as a device, empty if it is none."""
        return self.found.one("mdr_class") or self.found.one("ivdr_class")

    def axes(self) -> Mapping[str, tuple[str, ...]]:
        """The values of each axis of the table."""
        facts = self.system.facts
        return {
            "specialty": (str(facts.get("specialty", "")),),
            "care_step": (str(facts.get("care_step", "")),),
            "category": self.found.of("aia") or ("",),
            "level": (self.evaluated.level.value,),
        }


def shown(record: SystemRecord, version: SystemVersion, *, today: date) -> Shown:
    """Compute all that is shown of a version, under the rules of today."""
    book, system = rulebook(today), record.system(version)
    found = classify(system.facts, book)
    running = [one for one in system.deployments if one.runs_on(today)]
    return Shown(
        record=record,
        system=system,
        found=found,
        slots=slots_of(system.facts, found, book=book, given=system.evidence, today=today),
        evaluated=level_of(system.evaluations, system.readings, today=today),
        contradictions=contradictions_of(system, found, today=today),
        regions=frozenset(region_of(one.finess) for one in running) - {""},
        running=len(running),
    )


def public(*, today: date) -> list[Shown]:
    """Return every published system, by its number."""
    found = SystemRecord.objects.public().with_all().order_by("number")
    return [shown(one, one.published, today=today) for one in found if one.published]


def wanted(every: Iterable[Shown], asked: Mapping[str, str]) -> list[Shown]:
    """Keep the systems that answer all that is asked: axes, `region`, words in `q`."""
    return [one for one in every if _answers(one, asked)]


def _answers(one: Shown, asked: Mapping[str, str]) -> bool:
    axes = one.axes()
    if any(asked.get(axis) and asked[axis] not in axes[axis] for axis in AXES):
        return False
    if asked.get("region") and asked["region"] not in one.regions:
        return False
    said = " ".join((one.number, *public_texts(one.system).values())).casefold()
    return all(word in said for word in asked.get("q", "").casefold().split())


def public_texts(system: AISystem) -> dict[str, str]:
    """Return the declared fields that everybody reads, in their order."""
    return {
        field.key: system.texts[field.key]
        for field in fields()
        if field.is_public and field.key in system.texts
    }


def crossed(every: Iterable[Shown]) -> list[tuple[str, str, str, str, int]]:
    """Count the systems by specialty, step of care, category and level; empty rows are left out."""
    counts: dict[tuple[str, str, str, str], int] = {}
    for one in every:
        axes = one.axes()
        for category in axes["category"]:
            key = (axes["specialty"][0], axes["care_step"][0], category, axes["level"][0])
            counts[key] = counts.get(key, 0) + 1
    return [(*key, counts[key]) for key in sorted(counts)]


def field_changes(record: SystemRecord) -> list[tuple[SystemVersion, str, str, str]]:
    """Return each change of a declared field: the version, the field, before and after."""
    changes = []
    former: Mapping[str, str] = {}
    for version in sorted(record.versions.all(), key=lambda one: one.version):
        flat = _flat(version.content)
        for name in dict.fromkeys((*former, *flat)):
            before, after = former.get(name, ""), flat.get(name, "")
            if before != after:
                changes.append((version, name, before, after))
        former = flat
    return changes


def _flat(content: Mapping[str, Any]) -> dict[str, str]:
    """The texts, answers and status of a version, by name."""
    told = {**content["texts"], **content["facts"], "status": content["status"]}
    return {name: _text(value) for name, value in told.items()}


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(sorted(str(one) for one in value))
    return str(value)


def offers(record: SystemRecord, user: User | None) -> tuple[str, ...]:
    """Return the acts that this person may do to a record now."""
    if user is None:
        return ()
    owns = record.declared_by_id == user.pk
    sides = {Side.PROVIDER: owns, Side.HUB: user.may("aisystem.judge") and not owns}
    return tuple(
        name for name, told in MOVES.items() if record.state in told.states and sides[told.side]
    )
