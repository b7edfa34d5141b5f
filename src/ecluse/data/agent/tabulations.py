"""The duty towards an order to tabulate: answer once, and let the checkers judge what is answered.

What is answered is kept in three steps, so that a killed agent gives no second answer and spends no
privacy budget twice: the files are written beside their place, the memory of the zone keeps the
answer, the files take their place.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from duckdb import DuckDBPyConnection

from ecluse.data import tabulation
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.engines import connect, storage_failures
from ecluse.data.lake import Snapshot, verify
from ecluse.data.optouts import Listing, commitment_alone, is_national, names_of
from ecluse.data.tabulation import Memory
from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.domain import codec, cohorts, data_requests, permits
from ecluse.domain.documents import (
    CheckReport,
    OptOutEvidence,
    OptOutList,
    OutputFile,
    TabulationOrder,
    TabulationReceipt,
)
from ecluse.domain.errors import Replayed, StaleOptOuts
from ecluse.domain.tabulation import policy_of
from ecluse.trust import durable
from ecluse.trust.documents import Verified

MEMORY: Final = "2GiB"
ANSWERS: Final = "answers"
RECEIPT: Final = "receipt.json"


def tabulate(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Answer a data request, both sites by a receipt, the checking room by the files too.

    Raises:
        Refused: the order may not be obeyed, or no table would protect everybody.
        InvalidInput, NotFound: the plan or the cohort does not fit the dataset.
    """
    order = cast(TabulationOrder, verified.document.body)
    target = room.zone.tabulation(order.order_number)
    if not target.exists() and not _resumed(room, order, target):
        _answer(room, verified, target, now=now)
    receipt = read_receipt(target)
    if receipt.order_digest != verified.digest:
        raise Replayed(
            f"Order number {order.order_number} was obeyed for another document: use a new one."
        )
    room.on_progress("tabulation: files")
    return Outcome(
        (
            Answer(receipt, ("public", "checking")),
            Answer(_report(order, target), ("checking",), _blobs(room, receipt, target)),
        ),
        forward_to=("checking",),
        action="tabulation.answered",
    )


def read_receipt(folder: Path) -> TabulationReceipt:
    """Return what was tabulated in a folder."""
    content = json.loads((folder / RECEIPT).read_bytes())
    return cast(TabulationReceipt, codec.decode(content, TabulationReceipt))


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}")


def _resumed(room: Room, order: TabulationOrder, target: Path) -> bool:
    """Give its place to an answer that was kept just before the agent was killed."""
    draft = _beside(target)
    if not (draft / RECEIPT).exists():
        return False
    digest = read_receipt(draft).answer_digest
    with Memory(room.zone.path / ANSWERS).of(order.dataset) as answers:
        is_kept = answers.holds(digest)
    if is_kept:
        _publish(draft, target)
    return is_kept


def _answer(room: Room, verified: Verified, target: Path, *, now: datetime) -> None:
    """Make the answer at `target`, or leave nothing."""
    order = cast(TabulationOrder, verified.document.body)
    data_requests.check_order(order, now=now)
    withdrawn = room.withdrawals(order.request_number)
    permits.check_not_withdrawn(order.request_number, withdrawn, now=now)
    listing = _opt_outs(room, order)
    snapshot = room.zone.lake.snapshot(order.dataset, order.snapshot)
    verify(snapshot, tables=_tables_read(order, snapshot))
    draft = _beside(target)
    shutil.rmtree(draft, ignore_errors=True)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with storage_failures(target.parent):
            _tabulate(room, verified, snapshot, listing, draft)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _publish(draft, target)


def _opt_outs(room: Room, order: TabulationOrder) -> Listing:
    stored = room.state.by_digest(order.opt_out_list_digest, "OptOutList")
    if stored is None:
        raise StaleOptOuts(
            f"The opt-out list of order {order.order_number} was never received: ask the register "
            "to send the list of the decision, then order again."
        )
    opt_outs = cast(OptOutList, stored.document.body)
    data_requests.check_opt_outs(order, opt_outs, stored.digest)
    is_exception = order.opt_out_exception_reason is not None
    return Listing(opt_outs, is_exception, room.zone.opt_out_files)


def _tables_read(order: TabulationOrder, snapshot: Snapshot) -> frozenset[str]:
    """Return the tables that the plan or its cohort reads."""
    named = cohorts.sources(order.cohort) if order.cohort is not None else frozenset()
    sources = [snapshot.model.source(name) for name in sorted(named)]
    events = [table.source.table for table in order.plan.tables if table.source is not None]
    variables = [
        table for one in order.plan.variables if (table := getattr(one, "table", None)) is not None
    ]
    references = [source.reference.table for source in sources if source.reference]
    return frozenset([*events, *variables, *references, *(source.table for source in sources)])


def _tabulate(
    room: Room, verified: Verified, snapshot: Snapshot, listing: Listing, draft: Path
) -> None:
    order, began_at = cast(TabulationOrder, verified.document.body), room.clock()
    folder = room.zone.path / ANSWERS
    folder.mkdir(mode=0o700, exist_ok=True)
    readable = [snapshot.folder, *listing.paths()]
    with connect(memory_limit=MEMORY, readable=readable, writable=[folder]) as connection:
        countable = tabulation.countable(connection, snapshot, listing, number=order.request_number)
        keys = tabulation.counted(connection, snapshot, order.cohort, countable)
        room.on_progress("tabulation: counted")
        with tabulation.prepare(
            order.plan,
            snapshot,
            keys,
            policy=policy_of(order.minimum_count),
            connection=connection,
            memory=Memory(folder),
        ) as made:
            room.on_progress("tabulation: made")
            digests = tabulation.write(made.answer, draft)
            told = _evidence(room, order, snapshot, listing, connection=connection, keys=keys)
            room.on_progress("tabulation: opt-outs")
            receipt = replace(
                _receipt(verified, made.answer, _files(draft, digests), began_at, room),
                opt_outs=told,
            )
            content = json.dumps(codec.encode(receipt), sort_keys=True).encode()
            durable.write(draft / RECEIPT, content)
            room.on_progress("tabulation: written")
            made.keep()
    room.on_progress("tabulation: kept")


def _evidence(
    room: Room,
    order: TabulationOrder,
    snapshot: Snapshot,
    listing: Listing,
    *,
    connection: DuckDBPyConnection,
    keys: PersonKeys,
) -> OptOutEvidence:
    """Keep whom the answer counts, before it is given, and return what binds them and the lists."""
    records, digest = room.zone.records(), order.opt_out_list_digest
    records.make_list(listing, digest)
    names = names_of(snapshot, connection, keys=keys).select("identifier").to_arrow_table()
    held = names["identifier"].to_pylist()
    persons = records.keep(digest, order.order_number, order.request_number, held)
    bases = listing.bases(is_national=is_national(snapshot))
    return commitment_alone(listing, records.commitments(digest, bases), persons)


def _files(folder: Path, digests: Mapping[str, str]) -> tuple[OutputFile, ...]:
    return tuple(
        OutputFile(name, (folder / name).stat().st_size, f"sha256:{digest}")
        for name, digest in sorted(digests.items())
    )


def _receipt(
    verified: Verified,
    answer: tabulation.Answer,
    files: tuple[OutputFile, ...],
    began_at: datetime,
    room: Room,
) -> TabulationReceipt:
    order, counts = cast(TabulationOrder, verified.document.body), answer.counts
    return TabulationReceipt(
        order_number=order.order_number,
        order_digest=verified.digest,
        request_number=order.request_number,
        dataset=answer.dataset,
        snapshot=answer.snapshot,
        opt_out_list_digest=order.opt_out_list_digest,
        plan_digest=answer.plan_digest,
        policy=answer.policy.reference,
        answer_digest=answer.digest,
        table_count=len(answer.tables),
        cell_count=counts.cells,
        primary_count=counts.primary,
        secondary_count=counts.secondary,
        rounding_base=counts.rounding_base,
        epsilon_thousandths=counts.epsilon_thousandths,
        files=files,
        started_at=began_at,
        finished_at=room.clock(),
    )


def _publish(draft: Path, target: Path) -> None:
    draft.rename(target)
    durable.sync_folder(target.parent)


def _report(order: TabulationOrder, folder: Path) -> CheckReport:
    policy = policy_of(order.minimum_count)
    verdicts = tabulation.check(order.plan, folder, policy=policy)
    name = f"{policy.reference}, {policy.minimum_count} persons"
    return CheckReport(order.order_number, order.request_number, name, verdicts, ())


def _blobs(room: Room, receipt: TabulationReceipt, folder: Path) -> tuple[Path, ...]:
    """Copy the files to the zone's blobs, each under its digest: from there alone they leave."""
    room.zone.blobs.mkdir(mode=0o700, exist_ok=True)
    for file in receipt.files:
        durable.write(room.zone.blob(file.digest), (folder / file.name).read_bytes())
    return tuple(dict.fromkeys(room.zone.blob(file.digest) for file in receipt.files))
