"""Loads the delivery given into the lake given; run as a process so that it can be killed."""

import sys
from datetime import datetime
from pathlib import Path

from ecluse.data.lake import Lake
from ecluse.data.loading import load_delivery

if __name__ == "__main__":
    source, lake, now = sys.argv[1:]
    sys.stdout.write("started\n")
    sys.stdout.flush()
    report = load_delivery(
        Path(source),
        lake=Lake(Path(lake)),
        dataset="claims",
        model="snds",
        now=datetime.fromisoformat(now),
    )
    sys.stdout.write(f"{report.snapshot.snapshot_id}\n")
