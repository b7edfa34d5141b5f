"""Whom an extract holds, found again from its own files and the lake, not from what was recorded.

An auditor inside the zone has it done beside a proof: the record, which the receipt binds, must
say the same as the files that the project works on.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ecluse.data.agent.zones import Zone
from ecluse.data.engines import connect
from ecluse.data.extraction import ExtractFiles, open_files
from ecluse.data.lake import read_persons
from ecluse.data.optouts import Record, names_of
from ecluse.data.pseudonyms import PERSON_PSEUDONYM, Label
from ecluse.domain.documents import ExtractionOrder, ExtractionReceipt
from ecluse.domain.errors import BadSignature, NotFound
from ecluse.trust.commitments import keyed_digests

MEMORY = "2GiB"


def recount(zone: Zone, order: ExtractionOrder, receipt: ExtractionReceipt, record: Record) -> int:
    """Return how many persons the files of an extract hold, when its record says the same persons.

    Raises:
        NotFound: the extract was destroyed, or its snapshot is no more in the lake.
        BadSignature: its files hold other persons than its record.
    """
    folder = zone.extract(order.permit_number, order.order_number)
    pseudonyms = _pseudonyms(open_files(folder, zone.seals(order.permit_number)), receipt)
    snapshot = zone.lake.snapshot(order.dataset, order.snapshot)
    project = zone.pseudonym_keys().project(order.pseudonym_domain)
    with connect(readable=[snapshot.folder], memory_limit=MEMORY) as connection:
        rows = read_persons(connection, snapshot).select("person_key", "person_id")
        persons = rows.to_arrow_table().combine_chunks()
        named = project.of(Label.PERSON, persons["person_id"].combine_chunks())
        is_held = pc.is_in(named, value_set=pseudonyms)
        keys = persons["person_key"].filter(is_held).to_numpy().astype(np.int32)
        names = names_of(snapshot, connection, keys=keys).select("identifier").to_arrow_table()
    found = keyed_digests(names["identifier"].to_pylist(), record.listed.digest_key)
    if len(keys) != len(pseudonyms) or found != record.persons().data:
        raise BadSignature(
            f"The files of {order.order_number} hold {len(pseudonyms)} persons, and not those of "
            "its record: keep everything as it is, and tell the authority."
        )
    return len(keys)


def _pseudonyms(files: ExtractFiles, receipt: ExtractionReceipt) -> pa.Array:
    """Return the pseudonyms of the persons of every table, each once."""
    found: list[pa.Array] = []
    for table in receipt.tables:
        with files.open(f"{table.table}.parquet") as source, pq.ParquetFile(source) as file:
            if PERSON_PSEUDONYM in file.schema_arrow.names:
                column = file.read(columns=[PERSON_PSEUDONYM]).column(0)
                found.append(pc.unique(column.combine_chunks().cast(pa.string())))
    if not found:
        raise NotFound(f"No table of {receipt.order_number} is about persons.")
    return pc.unique(pa.concat_arrays(found))
