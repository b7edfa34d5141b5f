"""Take the descriptions of a source in: what is new, what changed, what is gone, what is refused.

The identity of a description is (source, dct:identifier), never its address or its title: two
sources may say the same address of two things. Updates come first, withdrawals last, and only after
the whole source was read: a source that breaks off loses nothing.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.text import slugify

from ecluse.domain.errors import EcluseError, InvalidInput, NotFound, Unreachable
from ecluse.domain.metadata import DatasetDescription
from ecluse.portal.audit.actions import record
from ecluse.portal.catalogue import actions, resources
from ecluse.portal.catalogue.harvest.found import Found
from ecluse.portal.catalogue.harvest.reading import read_source
from ecluse.portal.catalogue.models import Dataset, HarvestRecord, HarvestRun, Resource, Source

ADDED: Final = "added"
CHANGED: Final = "changed"
UNCHANGED: Final = "unchanged"
REJECTED: Final = "rejected"
WITHDRAWN: Final = "withdrawn"
SAME_IDENTIFIER: Final = "same-identifier"
KEY_BYTES: Final = 32
TITLE: Final = 50
"""How much of a title stands in the name of a harvested dataset, in characters."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one description: the word of the count, and its record if it has one."""

    outcome: str
    record: HarvestRecord | None


@transaction.atomic
def add_source(
    slug: str, *, name: str, kind: Source.Kind, address: str = "", by: str
) -> tuple[Source, str]:
    """Add a source, and return it with its key: shown once, empty but for the `ingest` kind.

    Raises InvalidInput: the name is taken.
    """
    if Source.objects.filter(slug=slug).exists():
        raise InvalidInput(f"A source is called {slug!r} already: give another name.")
    key = secrets.token_urlsafe(KEY_BYTES) if kind == Source.Kind.INGEST else ""
    source = Source.objects.create(
        slug=slug, name=name, kind=kind, address=address, key_digest=digest_of_key(key)
    )
    record("source.added", slug, by=by)
    return source, key


def digest_of_key(key: str) -> str:
    """Return what is kept of a key; nothing of no key."""
    return hashlib.sha256(key.encode()).hexdigest() if key else ""


def harvest(
    source: Source, *, now: datetime, data: bytes | None = None, by: str = "harvest"
) -> HarvestRun:
    """Read a source whole, then take in what it says. `data` is the file of a `file` source.

    A source that cannot be read makes a run that failed and says why; nothing else changes.
    """
    try:
        found = read_source(source, data)
        if not found:
            raise Unreachable("The source answers no dataset: nothing was withdrawn.")
    except EcluseError as error:
        failed = HarvestRun(
            state=HarvestRun.State.FAILED, code=error.code, reason=_storable(str(error))
        )
        return _keep_run(source, failed, by=by, now=now)
    counts = take_in(source, found, now=now)
    done = HarvestRun(state=HarvestRun.State.DONE, counts=counts)
    return _keep_run(source, done, by=by, now=now)


@transaction.atomic
def _keep_run(source: Source, run: HarvestRun, *, by: str, now: datetime) -> HarvestRun:
    run.source, run.started_at = source, now
    run.save()
    record("source.harvested", source.slug, by=by, at=now)
    return run


def take_in(source: Source, found: Sequence[Found], *, now: datetime) -> Mapping[str, int]:
    """Take in all that a source says; what it says no more is withdrawn. Returns counts.

    Series and services count with the datasets.
    """
    counts: Counter[str] = Counter()
    seen: set[int] = set()
    for one in found:
        taken = take_one(source, one, now=now, seen=seen)
        counts[taken.outcome] += 1
        if taken.record is not None:
            seen.add(taken.record.pk)
    gone = source.records.filter(state=HarvestRecord.State.KEPT).exclude(pk__in=seen)
    for held in gone:
        withdraw(held, now=now)
        counts[WITHDRAWN] += 1
    if counts.keys() & {ADDED, CHANGED, WITHDRAWN}:
        resources.forget_rendered(source)
    return dict(sorted(counts.items()))


@transaction.atomic
def take_one(source: Source, found: Found, *, now: datetime, seen: Iterable[int] = ()) -> Taken:
    """Take in one description. `seen` are the records that this reading has met already."""
    same = source.records.filter(kind=found.kind, identifier__in=found.identifiers)
    held = same.order_by("pk").first()
    if held is not None and held.pk in seen:
        return Taken(REJECTED, _reject_double(source, found, now=now))
    if found.refusal:
        return Taken(REJECTED, _reject(source, found, held, now=now))
    digest = actions.digest_of(found.description)
    is_kept = held is not None and held.state == HarvestRecord.State.KEPT
    if held is not None and is_kept and held.digest == digest:
        HarvestRecord.objects.filter(pk=held.pk).update(seen_at=now)
        return Taken(UNCHANGED, held)
    identifier = held.identifier if held else found.identifiers[0]
    kept, is_new = source.records.update_or_create(
        kind=found.kind,
        identifier=identifier,
        defaults={
            **_publish(source, found, held, digest=digest, now=now),
            "state": HarvestRecord.State.KEPT,
            "digest": digest,
            "report": _report(found),
            "seen_at": now,
        },
    )
    return Taken(ADDED if is_new else CHANGED, kept)


def _publish(
    source: Source, found: Found, held: HarvestRecord | None, *, digest: str, now: datetime
) -> dict[str, Dataset | Resource]:
    """Publish what was found under the name that it has, or a new one; return what it became."""
    known = (held.dataset or held.resource) if held else None
    slug, by = known.slug if known else _slug(source, found), f"source:{source.slug}"
    said = found.description
    if isinstance(said, DatasetDescription):
        return {"dataset": actions.publish(slug, said, by=by, now=now)}
    return {"resource": resources.publish(slug, said, digest=digest, by=by, now=now)}


@transaction.atomic
def withdraw(held: HarvestRecord, *, now: datetime) -> None:
    """Take out of the catalogue what its source says no more."""
    HarvestRecord.objects.filter(pk=held.pk).update(state=HarvestRecord.State.WITHDRAWN)
    if held.dataset is not None:
        actions.withdraw(held.dataset, by=f"source:{held.source.slug}", now=now)
    if held.resource is not None:
        resources.withdraw(held.resource, by=f"source:{held.source.slug}", now=now)


def source_of_key(key: str) -> Source:
    """Return the source that a key speaks for. Raises NotFound."""
    found = Source.objects.filter(kind=Source.Kind.INGEST, key_digest=digest_of_key(key)).first()
    if not key or found is None:
        raise NotFound("This key opens no source: ask the hub for one.")
    return found


def _reject(
    source: Source, found: Found, held: HarvestRecord | None, *, now: datetime
) -> HarvestRecord:
    """Keep the report of a refusal; what was published before stays as it was."""
    identifier = held.identifier if held else _name_of(found)
    defaults = {"state": HarvestRecord.State.REJECTED, "report": _report(found), "seen_at": now}
    kept, _ = source.records.update_or_create(
        kind=found.kind, identifier=identifier, defaults=defaults
    )
    return kept


def _reject_double(source: Source, found: Found, *, now: datetime) -> HarvestRecord:
    address = found.description.address or actions.digest_of(found.description)
    reason = f"{_name_of(found)} is the identifier of another one of this source."
    report = {"reason": reason, "refusal": SAME_IDENTIFIER}
    return source.records.update_or_create(
        kind=found.kind,
        identifier=_cut(f"{_name_of(found)} ({address})"),
        defaults={"state": HarvestRecord.State.REJECTED, "report": report, "seen_at": now},
    )[0]


def _name_of(found: Found) -> str:
    if found.identifiers:
        return _cut(found.identifiers[0])
    return actions.digest_of(found.description)


def _cut(text: str) -> str:
    """Return a text that fits the column, still one of its kind."""
    limit = HarvestRecord._meta.get_field("identifier").max_length or 0
    text = _storable(text)
    if len(text) <= limit:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: limit - len(digest)]}{digest}"


def _report(found: Found) -> dict[str, object]:
    left = {_storable(name): count for name, count in found.left.items()}
    written_in = {"profile": found.profile} if found.profile else {}
    return {"reason": found.refusal, "changes": dict(found.changes), "left": left, **written_in}


def _storable(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _slug(source: Source, found: Found) -> str:
    """Return the name of something new: its title, and a digest of its identity."""
    title = slugify(found.description.titles[0].words)[:TITLE].strip("-") or found.kind
    kind = "" if found.kind == HarvestRecord.Kind.DATASET else f"{found.kind}\n"
    named = f"{kind}{source.slug}\n{found.identifiers[0]}"
    identity = hashlib.sha256(named.encode()).hexdigest()
    return f"{title}-{identity[:12]}"
