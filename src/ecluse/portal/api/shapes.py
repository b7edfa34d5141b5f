"""What the API v1 gives and takes. Days are ISO 8601 dates, instants carry their offset.

Names of states, actions, rules and objects are those of the machines (docs/reference/machines.md):
codes for programs, the same in every language.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from ninja import Field, Schema
from pydantic import StringConstraints

Plain: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=5000)]
"""Text that PostgreSQL can keep."""
Code: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
"""A number, a slug, a name of ours."""


class Page(Schema):
    """Where the next page begins; null on the last one."""

    next_cursor: str | None


class Account(Schema):
    """The account of the token, and what the token opens."""

    subject: str
    full_name: str
    organisation: str
    roles: list[str]
    scopes: list[str]
    expires_at: datetime


class Words(Schema):
    """A text in both languages."""

    fr: str
    en: str


class Dataset(Schema):
    """A dataset of the catalogue; `uses` are Data Use Ontology terms, empty if none was given."""

    slug: str
    title: Words
    summary: Words
    holder: str
    category: str
    coverage: Words
    conditions: Words
    uses: list[str]


class DatasetPage(Page):
    """Some datasets, by slug."""

    items: list[Dataset]


class DatasetDetail(Dataset):
    """A dataset with what its last snapshot holds: shapes and counts, no count under the threshold.

    `snapshot` is that of `/catalogue/<slug>.json`; null before the first one.
    """

    snapshot: dict[str, Any] | None


class Clock(Schema):
    """One clock of a file: which rule, whose object, and where it stands.

    `due_on` is null while the clock is suspended and for rules without a figure.
    """

    object: str
    rule: str
    article: str
    started_on: date
    due_on: date | None
    state: Literal["running", "suspended", "completed", "voided"]
    suspended_by: str | None
    ended_on: date | None


class Deadline(Schema):
    """A running clock that has a due day."""

    file: str
    object: str
    rule: str
    article: str
    started_on: date
    due_on: date
    is_late: bool


class DeadlinePage(Page):
    """Some deadlines, the first due first."""

    items: list[Deadline]


class FileLine(Schema):
    """A file as the list shows it."""

    number: str
    kind: str
    title: str
    state: str
    turn: str
    due_on: date | None
    is_suspended: bool
    opened_at: datetime
    filed_at: datetime | None


class FilePage(Page):
    """Some files, the last opened first."""

    items: list[FileLine]


class Object(Schema):
    """One object of a file and its state."""

    id: str
    kind: str
    state: str
    track: str


class Act(Schema):
    """What was done, by which office; never by whom, and the reason only where it was notified."""

    object: str
    action: str
    by: str
    at: datetime
    state_before: str
    state_after: str


class Offer(Schema):
    """What the caller's role does; `why_not` says why it cannot be done now, null if it can."""

    object: str
    action: str
    why_not: str | None


class File(FileLine):
    """A whole file: its objects, its clocks, what was done, what the caller may do."""

    objects: list[Object]
    clocks: list[Clock]
    acts: list[Act]
    offers: list[Offer]


class Start(Schema):
    """Which dataset a new application asks for."""

    dataset: Code


class Answers(Schema):
    """Answers to some questions, by the id of the question; others stay as they are."""

    answers: dict[Code, Any] = Field(max_length=500)


class Reply(Schema):
    """What the applicant says with a file sent again after a request for information."""

    reply: Plain = ""


class WrongAnswer(Schema):
    """What keeps an answer from being submitted; `item` is its place, from 0, in a group."""

    field: str
    item: int | None
    code: str
    message: str


class Application(Schema):
    """An application: the form version that it is pinned to, and its answers.

    Its team reads the answers as they stand, officers as they were submitted.
    """

    number: str
    state: str
    dataset: str
    form: str
    form_version: int
    answers: dict[str, Any]
    problems: list[WrongAnswer]


class Attached(Schema):
    """A file attached to a question."""

    name: str
    type: str
    size: int
    digest: str


class PermitLine(Schema):
    """A permit. `document` is the address of the signed bytes, which alone are the permit."""

    number: str
    application: str
    state: str
    valid_from: date
    valid_until: date
    granted_at: datetime
    revoked_at: datetime | None
    digest: str
    document: str


class PermitPage(Page):
    """Some permits, the last granted first."""

    items: list[PermitLine]


class RegisterLine(Schema):
    """A line of the public register; no natural person is named in it.

    `address` is its page, for ever; `reason` that of a refusal, a suspension or a revocation.
    """

    address: str
    number: str
    file: str
    kind: str
    stage: str
    title: str
    organisation: str
    domicile: str
    purposes: list[str]
    categories: list[str]
    datasets: list[str]
    holders: list[str]
    data_format: str
    summary: str
    reason: str
    received_on: date | None
    decided_on: date | None
    valid_from: date | None
    valid_until: date | None
    ended_on: date | None
    replaces: str


class RegisterPage(Page):
    """Some lines of the register, the last first."""

    items: list[RegisterLine]


class Passport(Schema):
    """GA4GH passport: signed visas, one for each dataset of each permit in force."""

    ga4gh_passport_v1: list[str]


class WebhookWanted(Schema):
    """An address to call, and the events to tell; an empty list for all."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s\x00]+$", max_length=500)]
    events: list[Code] = Field(default=[], max_length=200)


class Webhook(Schema):
    """A subscription; paused once a call failed eight times."""

    id: UUID
    url: str
    events: list[str]
    created_at: datetime
    paused_at: datetime | None


class NewWebhook(Webhook):
    """A subscription just made, with the secret that signs its calls: shown this once."""

    secret: str


class WebhookList(Schema):
    """The subscriptions of the account."""

    items: list[Webhook]


class Attempt(Schema):
    """One call: the status that came back, or the word for why none did."""

    at: datetime
    status: int | None
    failure: str
    milliseconds: int


class Delivery(Schema):
    """One event owed to a webhook, and every attempt to send it."""

    id: UUID
    event: str
    file: str | None
    state: Literal["waiting", "delivered", "given-up"]
    queued_at: datetime
    attempts: list[Attempt]


class DeliveryPage(Page):
    """Some deliveries, the last first."""

    items: list[Delivery]
