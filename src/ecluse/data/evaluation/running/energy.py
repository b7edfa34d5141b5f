"""The energy that a run takes: measured by the processor where it says so, estimated elsewhere.

Source: https://docs.kernel.org/power/powercap/powercap.html (RAPL, microjoules of a package).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WATTS_A_CORE: Final = 10.0
"""What one busy core takes, for the estimate: a server processor of 64 cores at 280 W takes 4.4 W a
core, a desktop one of 8 cores at 105 W takes 13 W."""
POWERCAP: Final = Path("/sys/class/powercap")
MEASURED: Final = "rapl, whole run"
ESTIMATED: Final = f"estimated: cpu-seconds x {WATTS_A_CORE:g} W"


@dataclass(frozen=True, slots=True)
class Energy:
    """Joules of a run, all cases together, and how they are known."""

    joules: float
    method: str


def counters(root: Path = POWERCAP) -> Mapping[str, tuple[int, int]]:
    """Return the counter of each package in microjoules and where it wraps; none if unreadable."""
    found = {}
    for folder in sorted(root.glob("intel-rapl:?")):
        try:
            told = (folder / "energy_uj", folder / "max_energy_range_uj")
            found[folder.name] = tuple(int(path.read_text(encoding="ascii")) for path in told)
        except (OSError, ValueError):
            return {}
    return {name: (value, most) for name, (value, most) in found.items()}


def between(
    before: Mapping[str, tuple[int, int]],
    after: Mapping[str, tuple[int, int]],
    *,
    cpu_seconds: float,
) -> Energy:
    """Return the energy from one reading to another: of the whole machine, other work included."""
    if not before or before.keys() != after.keys():
        return Energy(cpu_seconds * WATTS_A_CORE, ESTIMATED)
    spent = 0
    for name, (value, most) in after.items():
        gone = value - before[name][0]
        spent += gone if gone >= 0 else gone + most
    return Energy(spent / 1e6, MEASURED)
