"""The code lists of a cohort, each checked against the nomenclature of its event source."""

from dataclasses import dataclass

from ecluse.data.nomenclatures.checking import CodeCheck, check
from ecluse.data.nomenclatures.versions import Nomenclatures, On
from ecluse.data.schemas import Model
from ecluse.domain.cohorts import Cohort, Events, leaves


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """One code list of a cohort; `checks` is empty when it could not be checked, `why` says why."""

    events: Events
    nomenclature: str | None
    checks: tuple[CodeCheck, ...] = ()
    why: str = ""

    @property
    def problems(self) -> tuple[CodeCheck, ...]:
        """The codes that are not known."""
        return tuple(found for found in self.checks if found.status != "known")


def check_cohort(
    cohort: Cohort, model: Model, nomenclatures: Nomenclatures, *, on: On = None
) -> tuple[SourceCheck, ...]:
    """Check every code list of `cohort`, each list once, in the order of the tree.

    Raises:
        NotFound: an event source that the model does not have, or no version that held then.
    """
    lists = dict.fromkeys(leaf for leaf in leaves(cohort) if isinstance(leaf, Events))
    return tuple(_check(events, model, nomenclatures, on) for events in lists)


def _check(events: Events, model: Model, nomenclatures: Nomenclatures, on: On) -> SourceCheck:
    name = model.source(events.source).nomenclature
    if name is None:
        return SourceCheck(events, None, why=f"{events.source} names no nomenclature")
    if name not in nomenclatures.names():
        return SourceCheck(events, name, why=f"the nomenclature {name} is not loaded")
    nomenclature = nomenclatures.get(name)
    return SourceCheck(
        events,
        name,
        check((*events.codes, *events.but_not), nomenclature, on=on, match=events.match),
    )
