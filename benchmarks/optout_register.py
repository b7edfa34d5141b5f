"""The register of opt-outs at 5 million entries: `python -m benchmarks.optout_register`

In PostgreSQL, at each of two sizes in one run: entries made by the server itself, one in twenty of
them taken back since (its row closed, another beside it). Then, at a date when all were out:

- who was out then, as a signed list whose identifiers stream to a file: seconds, MiB a second, and
  the most memory that this process ever held;
- one person's answer (`look_up`, journalled) and one person's refusal: median and 95th percentile
  of milliseconds, over people drawn among those who are in the register.

Prints one line of JSON for each size, then the ratio of each figure of the second to the first: a
list should take as many times longer as there are more entries, an answer about as long.
"""
# ruff: noqa: PLC0415 — Django starts once the database exists

import argparse
import json
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.site import public_site

if TYPE_CHECKING:
    from ecluse.portal.accounts.models import User
    from ecluse.portal.optouts.actions import Concerned

SIZES = "500000,5000000"
PEOPLE = 200
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SINCE, BACK, DECIDED = (NOW - timedelta(days=days) for days in (400, 30, 60))
SEED = 7
COLUMNS = (
    "declaration, receipt_digest, opt_out_id, basis, identifier, capacity, from_at, until, "
    "recorded_at, recorded_by, cause, superseded_at"
)
ENTRIES = f"""
INSERT INTO optouts_optout ({COLUMNS})
SELECT md5('declaration ' || n)::uuid, encode(sha256(convert_to('receipt ' || n, 'UTF8')), 'hex'),
    upper(encode(sha256(convert_to('person ' || n, 'UTF8')), 'hex')),
    'ehds-71', 'own', 'self', %(since)s, NULL, %(since)s, 'citizen', 'declared',
    CASE WHEN n %% 20 = 0 THEN %(back)s::timestamptz END
FROM generate_series(%(first)s::bigint, %(last)s) AS n
"""  # noqa: S608 - constants alone
TAKEN_BACK = f"""
INSERT INTO optouts_optout ({COLUMNS})
SELECT declaration, receipt_digest, opt_out_id, basis, identifier, capacity, from_at,
    superseded_at, superseded_at, recorded_by, 'reversed', NULL
FROM optouts_optout AS former
WHERE superseded_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM optouts_optout AS later
        WHERE later.declaration = former.declaration AND later.cause = 'reversed')
"""  # noqa: S608 - constants alone

READY = """
UPDATE pg_index SET indisready = {} WHERE indrelid = 'optouts_optout'::regclass AND NOT indisprimary
"""
"""Whether the indexes follow what is written: made anew once, they need not meanwhile."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sizes", default=SIZES)
    asked.add_argument("--people", type=int, default=PEOPLE)
    options = asked.parse_args()
    first, second = (int(size) for size in options.sizes.split(","))
    with public_site(now=NOW):
        desk = officer()
        small = measure(0, first, people=options.people, desk=desk)
        print(json.dumps(small), flush=True)
        large = measure(first, second, people=options.people, desk=desk)
        print(json.dumps(large), flush=True)
    print(json.dumps({f"{name}_ratio": round(large[name] / small[name], 2) for name in small}))


def officer() -> "User":
    """The keys of the register and of the third party, and the desk that asks."""
    from ecluse.domain.documents import Signer
    from ecluse.domain.roles import Role
    from ecluse.portal.accounts.actions import create_account
    from ecluse.portal.audit import identity
    from ecluse.trust import keys

    key = keys.create_key(identity.key_folder(), Signer.REGISTER, now=NOW)
    identity.keyring().with_key(key.public()).save(identity.keyring_path())
    (identity.key_folder() / "national.key").write_bytes(bytes(range(32)))
    return create_account(
        "desk@hub.example",
        full_name="Desk",
        organisation="Hub",
        roles={Role.OPT_OUT_DESK},
        password=None,
        by="set-up",
    )


def measure(known: int, size: int, *, people: int, desk: "User") -> dict[str, float]:
    """Bring the register to a size, and return its figures."""
    from ecluse.portal.optouts import actions
    from ecluse.portal.optouts.actions import Concerned
    from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number

    begun = time.perf_counter()
    fill(known, size)
    filled = time.perf_counter()
    sent = actions.publish_list(f"B-{size}", as_of=DECIDED, by=desk, now=NOW)
    listed = time.perf_counter()
    body = sent.document.body
    (file,) = body.files  # type: ignore[union-attr]
    assert file.count == size, (file.count, size)
    dice = random.Random(SEED + size)  # noqa: S311 - whom to ask about
    whom = [Concerned(synthetic_national_number(dice.randrange(2_000_000))) for _ in range(people)]
    outs = timed(lambda one: actions.opt_out(one, by=desk, now=NOW), whom)
    looks = timed(lambda one: actions.look_up(one, by=desk, now=NOW), whom)
    return {
        "entries": size,
        "seconds_to_fill": round(filled - begun, 1),
        "seconds_to_list": round(listed - filled, 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "list_mib_a_second": round(file.size / 2**20 / (listed - filled), 1),
        "answer_ms_median": round(statistics.median(looks), 2),
        "answer_ms_p95": round(statistics.quantiles(looks, n=20)[-1], 2),
        "refusal_ms_median": round(statistics.median(outs), 2),
        "refusal_ms_p95": round(statistics.quantiles(outs, n=20)[-1], 2),
    }


def fill(known: int, size: int) -> None:
    """Make entries up to this size, then all indexes at once, which costs a third of one by one.

    The exclusion is not checked on what is made here: that each identifier is there once, the list
    tells. It is in place afterwards, for the refusals that are timed.
    """
    from django.db import connection

    years = {"since": SINCE, "back": BACK, "first": known + 1, "last": size}
    with connection.cursor() as cursor:
        cursor.execute(READY.format("FALSE"))
        cursor.execute(ENTRIES, years)
        cursor.execute(TAKEN_BACK)
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute("VACUUM (FULL, ANALYZE) optouts_optout")
        cursor.execute(READY.format("TRUE"))


def timed(act: Callable[["Concerned"], object], whom: Iterable["Concerned"]) -> list[float]:
    """Return the milliseconds of an act for each person."""
    found = []
    for one in whom:
        begun = time.perf_counter()
        act(one)
        found.append((time.perf_counter() - begun) * 1000)
    return found


if __name__ == "__main__":
    main()
