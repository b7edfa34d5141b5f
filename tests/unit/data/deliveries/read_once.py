"""Reads a delivery of one file in a process of its own and prints the memory that it took.

python -m tests.unit.data.deliveries.read_once DELIVERY SCRATCH: rows read, rows refused, peak MiB;
0 and 0 when the file was refused, and why on the next line.
"""

import sys
from pathlib import Path

from ecluse.data.deliveries.finding import find
from ecluse.data.deliveries.quarantine import Quarantine
from ecluse.data.deliveries.reading import open_rows
from ecluse.data.engines import connect
from ecluse.data.schemas import model
from ecluse.domain.errors import LoadFailed

if __name__ == "__main__":
    delivery, scratch = Path(sys.argv[1]), Path(sys.argv[2])
    file = find(delivery, model=model("snds")).files[0]
    quarantine = Quarantine(scratch / "quarantine.csv")
    read, refused, why = 0, 0, ""
    try:
        with (
            connect(memory_limit="256MiB", readable=[delivery], writable=[scratch]) as connection,
            open_rows(connection, file, scratch=scratch, quarantine=quarantine) as opened,
        ):
            connection.execute(f"CREATE TEMP TABLE held AS {opened.query}")
            rows = connection.table("held").count("*").fetchall()[0][0]
            counts = opened.finish(rows=rows)
            read, refused = counts.rows_read, counts.rows_quarantined
    except LoadFailed as error:
        why = str(error)
    # Not `ru_maxrss`, which keeps the peak of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    sys.stdout.write(f"{read} {refused} {peak}\n{why}")
