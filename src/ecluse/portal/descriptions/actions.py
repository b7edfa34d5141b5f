"""What is done to a description once it is written: each is one transaction."""

from datetime import datetime
from typing import Final

from django.db import transaction

from ecluse.domain.actors import Actor
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.metadata.answers import answers_of
from ecluse.domain.metadata.checks import errors
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.catalogue import actions as catalogue
from ecluse.portal.catalogue.actions import digest_of
from ecluse.portal.descriptions.judging import judge
from ecluse.portal.descriptions.models import DescriptionFile, DescriptionVersion

TITLE: Final = 300
BY_HOLDER: Final = frozenset(
    {"save-draft", "submit", "revise", "drop-changes", "confirm-unchanged", "withdraw"}
)
"""What the persons of the holder do, whatever else their account is for."""
BY_HUB: Final = frozenset({"ask-changes", "validate", "publish"})
"""What nobody of the holder decides, an officer or not."""


@transaction.atomic
def submit(file: DescriptionFile, note: str, *, by: User, now: datetime) -> DescriptionFile:
    """Send the description to the hub: a version, frozen. Raises NotAllowed, InvalidInput."""
    held = lock(file)
    said = held.said()
    wrong = errors(said, held.unread)
    if wrong:
        names = ", ".join(dict.fromkeys(one.question for one in wrong[:5]))
        raise InvalidInput(f"{len(wrong)} answers are missing or wrong ({names}): mend them first.")
    version = DescriptionVersion(
        file=held,
        rank=held.versions.count() + 1,
        content=held.content,
        digest=digest_of(said),
        note=note.strip(),
        submitted_by=by,
        submitted_at=now,
    )
    _perform(held, "submit", by=by, now=now, content=Content(digest=version.digest))
    version.save()
    title = answers_of(said)["title_fr"]
    CaseRecord.objects.filter(pk=held.case.pk).update(title=str(title)[:TITLE])
    return again(held)


@transaction.atomic
def act(
    file: DescriptionFile, action: str, *, by: User, now: datetime, reason: str = ""
) -> DescriptionFile:
    """Do anything but write and submit. Raises NotAllowed, InvalidInput: see `cases.perform`."""
    held = lock(file)
    version = held.versions.order_by("-rank").first()
    digest = version.digest if version else None
    if action == "drop-changes" and held.shown is None:
        raise NotAllowed("Nothing of this description is published: withdraw it instead.")
    _perform(held, action, by=by, now=now, content=Content(reason, digest=digest))
    AFTER.get(action, _nothing)(held, by, now)
    return again(held)


def _nothing(file: DescriptionFile, by: User, now: datetime) -> None:
    """Most acts change the state alone."""


def _validated(file: DescriptionFile, by: User, now: datetime) -> None:
    version = _last(file)
    if version.submitted_by_id == by.pk:
        raise NotAllowed("Who submitted a description does not validate it: somebody else must.")
    verdict = judge(file)
    if verdict is not None and verdict.violations:
        raise InvalidInput(
            f"{len(verdict.violations)} rules of the standard are broken: ask for a correction."
        )
    version.validated_by, version.validated_at = by, now
    version.save(update_fields=["validated_by", "validated_at"])


def _published(file: DescriptionFile, by: User, now: datetime) -> None:
    """Show the version in the catalogue, at the permanent address of its dataset."""
    version = _last(file)
    dataset = catalogue.publish(file.slug, version.said(), by=by.subject, now=now)
    file.holder.datasets.add(dataset)
    version.published_at = now
    version.save(update_fields=["published_at"])
    file.shown = version
    file.save(update_fields=["shown"])


def _dropped(file: DescriptionFile, _by: User, now: datetime) -> None:
    """Return to what the catalogue shows."""
    if file.shown is not None:
        file.content, file.unread, file.edited_at = file.shown.content, {}, now
        file.save(update_fields=["content", "unread", "edited_at"])


def _withdrawn(file: DescriptionFile, by: User, now: datetime) -> None:
    """Take the dataset out of the catalogue, if this desk put it there."""
    dataset = file.dataset()
    if file.shown is not None and dataset is not None:
        catalogue.withdraw(dataset, by=by.subject, now=now)
        file.shown = None
        file.save(update_fields=["shown"])


AFTER: Final = {
    "validate": _validated,
    "publish": _published,
    "drop-changes": _dropped,
    "withdraw": _withdrawn,
}
"""What an act does beside moving the description."""


def _perform(
    file: DescriptionFile, action: str, *, by: User, now: datetime, content: Content
) -> None:
    check_speaks(file, action, by)
    as_actor = Actor.DATA_HOLDER if action in BY_HOLDER else Actor.PREPARER
    cases.perform(file.item, action, by=by, now=now, content=content, as_actor=as_actor)


def check_speaks(file: DescriptionFile, action: str, by: User) -> None:
    """Pass if `by` is on the right side for this. Raises NotAllowed."""
    speaks = file.holder.has(by)
    if action in BY_HOLDER and not speaks:
        raise NotAllowed(f"{action} is for the persons of {file.holder.name}.")
    if action in BY_HUB and speaks:
        raise NotAllowed(f"Nobody of {file.holder.name} judges its own description.")
    if action not in BY_HOLDER:
        by.require("description.judge")


def _last(file: DescriptionFile) -> DescriptionVersion:
    return file.versions.latest("rank")


def lock(file: DescriptionFile) -> DescriptionFile:
    """Hold the file until the transaction ends, and read the description again."""
    cases.hold(file.case)
    return again(file)


def again(file: DescriptionFile) -> DescriptionFile:
    """The description as it stands now."""
    return DescriptionFile.objects.select_related("item__case", "holder", "shown").get(pk=file.pk)
