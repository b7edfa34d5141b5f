"""What 5 million opt-outs cost an extraction: `python -m benchmarks.optout_load`

The delivery, the study and the order of `benchmarks.extraction`. For each size, in one run and in
turn: an extraction with a list of no identifier, and one with as many identifiers as asked, in a
file, of which the persons of the country who are out are a part. Prints the seconds of each, of the
clock and of the processor, with the ratio of the second to the first; and once, what the list costs
when it arrives: checking and indexing its file, and making the digests by which extracts will be
proved.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import extraction as study
from ecluse.data.extraction import Warrant, extract
from ecluse.data.lake import Lake
from ecluse.data.optouts import Listing, Records
from ecluse.domain.documents import Basis, ListFile, OptOutList
from ecluse.trust import canonical
from ecluse.trust.zone.extract_keys import ExtractKeys
from ecluse.trust.zone.keys import FileZoneKey

OPT_OUTS = 5_000_000
RUNS = 5
LIST_DIGEST = "sha256:" + "2" * 64


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", default="10000000,200000000")
    asked.add_argument("--opt-outs", type=int, default=OPT_OUTS)
    asked.add_argument("--runs", type=int, default=RUNS)
    asked.add_argument("--folder", type=Path)
    options = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="optouts-", dir=options.folder))
    sizes = [int(rows) for rows in options.rows.split(",")]
    try:
        listed = write_list(folder, max(sizes), options.opt_outs)
        print(json.dumps(arrive(folder, listed)), flush=True)
        for rows in sizes:
            print(json.dumps(measure(folder, listed, rows, options.runs)), flush=True)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, listed: OptOutList, rows: int, runs: int) -> dict[str, Any]:
    """Return the seconds of both extractions, in turn."""
    place = folder / str(rows)
    study.generate(place / "delivery", rows)
    lake = Lake(place / "lake")
    lake.path.mkdir()
    study.load(place / "delivery", lake.path)
    shutil.rmtree(place / "delivery")
    whole = study._warrant(lake)
    nobody = replace(whole, opt_outs=replace(listed, files=()))
    everybody = replace(whole, opt_outs=listed, list_files=folder)
    without, with_ = [], []
    for _ in range(runs):
        without.append(timed(folder, lake, nobody))
        with_.append(timed(folder, lake, everybody))
    shutil.rmtree(place)
    return {
        "rows": rows,
        "opt_outs": listed.count(Basis.EHDS),
        **_compared("seconds", [one for one, _ in without], [one for one, _ in with_]),
        **_compared("cpu_seconds", [one for _, one in without], [one for _, one in with_]),
    }


def _compared(name: str, without: list[float], with_: list[float]) -> dict[str, Any]:
    return {
        f"{name}_without": [round(one, 2) for one in without],
        f"{name}_with": [round(one, 2) for one in with_],
        f"{name}_ratio_of_medians": round(statistics.median(with_) / statistics.median(without), 3),
        f"{name}_ratio_of_least": round(min(with_) / min(without), 3),
    }


def write_list(folder: Path, rows: int, count: int) -> OptOutList:
    """Return a list of so many identifiers in a file: strangers, then one person in a hundred."""
    persons = range(77, max(1_000, rows // study.ROWS_A_PERSON), 100)
    spread = 11_400_714_819_323_198_485
    strangers = sorted(one * spread % 2**64 for one in range(count - len(persons)))
    last = "".join(f"N{one:016d}\n" for one in persons)  # after F: sorted as they must be
    data = b"".join(b"%064X\n" % one for one in strangers) + last.encode()
    digest = canonical.digest(data)
    (folder / digest.removeprefix("sha256:")).write_bytes(data)
    file = ListFile(Basis.EHDS, digest, len(data), data.count(b"\n"))
    return OptOutList("FR-2026-0001", study.NOW, (), files=(file,))


def arrive(folder: Path, listed: OptOutList) -> dict[str, float]:
    """Check the list's file and make its record, as the agent does once; return the seconds."""
    begun = time.perf_counter()
    listing = Listing(listed, folder=folder)
    listing.check_files()
    listing.make_indexes()
    checked = time.perf_counter()
    records_of(folder).make_list(listing, LIST_DIGEST)
    ended = time.perf_counter()
    return {
        "seconds_to_check_and_index_on_arrival": round(checked - begun, 1),
        "seconds_to_digest_on_arrival": round(ended - checked, 1),
    }


def records_of(folder: Path) -> Records:
    return Records(folder / "records", ExtractKeys(folder / "keys", FileZoneKey(bytes(32))))


def timed(folder: Path, lake: Lake, warrant: Warrant) -> tuple[float, float]:
    """Return the seconds of one extraction, and of processor, its records kept as by the agent."""
    # Both lists are under one digest, so that both runs keep records and differ by the list alone.
    target, begun, cpu = folder / "extract", time.perf_counter(), time.process_time()
    extract(
        warrant,
        lake=lake,
        key=study._key(),
        target=target,
        records=records_of(folder),
        clock=lambda: study.NOW,
    )
    seconds = time.perf_counter() - begun, time.process_time() - cpu
    target.chmod(0o700)
    shutil.rmtree(target)
    return seconds


if __name__ == "__main__":
    main()
