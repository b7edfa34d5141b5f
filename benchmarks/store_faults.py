"""R4: copies over a network that fails: `python -m benchmarks.store_faults [--seeds 20]`.

A real S3 server (SeaweedFS) behind a proxy that fails in one way, with 15 % of the requests, drawn
by a seed. Each copy is taken up again until it is sealed, then read without the proxy. One line a
way: how many copies, requests, failures and runs; how many were sealed, and how many are whole.
"""

import argparse
import tempfile
from pathlib import Path

from tests.unit.hosting.faulty_copies import MOST_RUNS, Outcome, copy_through
from tests.unit.hosting.faulty_proxy import Failure
from tests.unit.hosting.servers import seaweedfs

HEADINGS = ("the network", "copies", "requests", "failures", "most runs", "sealed", "whole")


def main() -> None:
    """Copy with every seed and every failure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, seaweedfs(Path(name)) as server:
        print(f"Seeds 1 to {options.seeds}, {MOST_RUNS} runs at most.\n")
        print("| " + " | ".join(HEADINGS) + " |")
        print("|---" * len(HEADINGS) + "|")
        for failure in Failure:
            folders = [Path(name) / f"{failure.name}-{n}" for n in range(options.seeds)]
            outcomes = [
                copy_through(failure, seed, folder, server)
                for seed, folder in enumerate(folders, start=1)
            ]
            print("| " + " | ".join(map(str, line(failure, outcomes))) + " |", flush=True)


def line(failure: Failure, outcomes: list[Outcome]) -> tuple[object, ...]:
    return (
        failure.value,
        len(outcomes),
        sum(one.requests for one in outcomes),
        sum(one.failures for one in outcomes),
        max(one.runs for one in outcomes),
        sum(one.is_sealed for one in outcomes),
        sum(one.is_whole for one in outcomes),
    )


if __name__ == "__main__":
    main()
