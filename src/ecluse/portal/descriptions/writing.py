"""Open a description, write its answers, take in its tables: each is one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ecluse.domain.actors import Actor
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind
from ecluse.domain.metadata import Agent, DatasetDescription, TableGroup, Text
from ecluse.domain.metadata.answers import PAGE_OF, PAGES, Answers, answers_of, with_answers
from ecluse.domain.metadata.storing import to_json
from ecluse.domain.metadata.table_files import read_tables
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.actions import next_number
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.descriptions.actions import TITLE, check_speaks, lock
from ecluse.portal.descriptions.models import DescriptionFile
from ecluse.portal.holders.models import Holder
from ecluse.trust import canonical

SERIES: Final = "JD"
SLUG: Final = 70
TAKEN: Final = frozenset({"catalogue", "feed", "sparql"})
"""What follows `/catalogue/` and is no dataset."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What one page sends: its answers, and the digest of those that it was drawn with."""

    page: str
    answers: Answers
    seen: str


@transaction.atomic
def start(holder: Holder, title: str, *, by: User, now: datetime) -> DescriptionFile:
    """Open the description of a dataset that the catalogue does not know.

    Raises NotAllowed: `by` does not speak for the holder. InvalidInput: no title.
    """
    if not title.strip():
        raise InvalidInput(_("Donnez un titre : il peut être changé jusqu’à la publication."))
    agent = Agent(names=(Text(holder.name, "fr"),))
    said = DatasetDescription(
        titles=(Text(title.strip()[:TITLE], "fr"),), holders=(agent,), publishers=(agent,)
    )
    said, _unread = with_answers(
        said,
        {
            "contact_email": holder.email,
            "access": "NON_PUBLIC",
            "kinds": ("PERSONAL_DATA",),
            "countries": ("FRA",),
            "languages": ("FRA",),
        },
    )
    return _open(holder, _free_slug(title), said, by=by, now=now)


@transaction.atomic
def take_up(holder: Holder, dataset: Dataset, *, by: User, now: datetime) -> DescriptionFile:
    """Open the description that the catalogue already has of a dataset of this holder.

    Raises NotAllowed: not theirs, harvested from a source that keeps it, or taken up already.
    """
    if not holder.datasets.filter(pk=dataset.pk).exists():
        raise NotAllowed(f"{holder.name} does not hold {dataset.slug}.")
    if hasattr(dataset, "harvested"):
        raise NotAllowed(
            f"{dataset.slug} is harvested from {dataset.harvested.source.name}: change it there."
        )
    if DescriptionFile.objects.filter(slug=dataset.slug).exists():
        raise NotAllowed(f"{dataset.slug} is described at this desk already.")
    return _open(holder, dataset.slug, dataset.record.description(), by=by, now=now)


def may_take_up(holder: Holder) -> list[Dataset]:
    """The datasets of a holder that it may take up."""
    known = DescriptionFile.objects.values("slug")
    found = holder.datasets.filter(withdrawn_at=None, harvested=None, record__isnull=False)
    return list(found.exclude(slug__in=known).order_by("slug"))


def _open(
    holder: Holder, slug: str, said: DatasetDescription, *, by: User, now: datetime
) -> DescriptionFile:
    if not holder.has(by):
        raise NotAllowed(f"Only the persons of {holder.name} describe its datasets.")
    year = timezone.localtime(now).year
    number = f"{SERIES}-{year}-{next_number(f'{Kind.DESCRIPTION.value}-{year}'):05}"
    case = cases.open_case(
        Kind.DESCRIPTION, number=number, by=by, now=now, as_actor=Actor.DATA_HOLDER
    )
    made = DescriptionFile.objects.create(
        number=number,
        item=case.item(FILE),
        holder=holder,
        slug=slug,
        content=to_json(said),
        opened_by=by,
        opened_at=now,
        edited_at=now,
    )
    details: dict[str, str | int] = {"dataset": slug, "holder": holder.slug}
    record("description.opened", number, by=by.subject, details=details, at=now)
    return made


def _free_slug(title: str) -> str:
    slug = slugify(title)[:SLUG].strip("-") or "dataset"
    taken = {
        *TAKEN,
        *Dataset.objects.filter(slug__startswith=slug).values_list("slug", flat=True),
        *DescriptionFile.objects.filter(slug__startswith=slug).values_list("slug", flat=True),
    }
    names = chain((slug,), (f"{slug}-{rank}" for rank in count(2)))
    return next(one for one in names if one not in taken)


@transaction.atomic
def save(
    file: DescriptionFile, typed: Typed, *, by: User, now: datetime
) -> tuple[DescriptionFile, tuple[str, ...]]:
    """Keep the answers of one page, understood or not.

    Returns the file, and the questions that somebody else, or another tab, answered otherwise since
    the page was drawn: nothing is kept then. Raises NotAllowed.
    """
    held = lock(file)
    page = {name: answer for name, answer in typed.answers.items() if PAGE_OF[name] == typed.page}
    kept = page_answers(held, typed.page)
    differing = tuple(name for name in page if page[name] != kept[name])
    if typed.seen != seen(held, typed.page) and differing:
        return held, differing
    others = {name: text for name, text in held.unread.items() if PAGE_OF[name] != typed.page}
    said, unread = with_answers(held.said(), page)
    return _write(held, said, {**others, **unread}, by=by, now=now), ()


def page_answers(file: DescriptionFile, page: str) -> Answers:
    """The answers of one page as they are kept, those not understood as they were typed."""
    answers = answers_of(file.said())
    return {one.name: file.unread.get(one.name, answers[one.name]) for one in PAGES[page]}


def seen(file: DescriptionFile, page: str) -> str:
    """The digest of the answers of one page: what a page says that it was drawn with."""
    plain: dict[str, JSON] = {
        name: answer if isinstance(answer, str) else list(answer)
        for name, answer in page_answers(file, page).items()
    }
    return canonical.digest(canonical.encode(plain))


@transaction.atomic
def import_tables(
    file: DescriptionFile, name: str, content: bytes, *, by: User, now: datetime
) -> tuple[DescriptionFile, int]:
    """Take the tables of a file into the description; those of the same file are replaced.

    Returns the file and how many tables. Raises NotAllowed, InvalidInput: see `read_tables`.
    """
    tables = read_tables(name, content)
    held = lock(file)
    said = held.said()
    group = TableGroup(titles=(Text(name),), tables=tables)
    others = tuple(one for one in said.variables if one.titles != group.titles)
    changed, _unread = with_answers(said, {"structured": "yes"})
    unread = {key: text for key, text in held.unread.items() if key != "structured"}
    whole = replace(changed, variables=(*others, group))
    return _write(held, whole, unread, by=by, now=now), len(tables)


@transaction.atomic
def drop_tables(file: DescriptionFile, rank: int, *, by: User, now: datetime) -> DescriptionFile:
    """Take a group of tables out of the description, by its rank from 1. Raises NotAllowed."""
    held = lock(file)
    said = held.said()
    kept = tuple(one for at, one in enumerate(said.variables, start=1) if at != rank)
    whole = replace(said, variables=kept)
    return _write(held, whole, held.unread, by=by, now=now)


def _write(
    file: DescriptionFile,
    said: DatasetDescription,
    unread: Mapping[str, str],
    *,
    by: User,
    now: datetime,
) -> DescriptionFile:
    check_speaks(file, "save-draft", by)
    cases.perform(file.item, "save-draft", by=by, now=now, as_actor=Actor.DATA_HOLDER)
    file.content, file.unread, file.edited_at = to_json(said), dict(unread), now
    file.save(update_fields=["content", "unread", "edited_at"])
    return file
