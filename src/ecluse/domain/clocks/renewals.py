"""Whether a permit may be extended: once, for ten years at most, asked a month before its end."""

from datetime import date

from ecluse.domain.clocks.calendars import Calendar
from ecluse.domain.clocks.clock import due_on, start
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.errors import NotAllowed


def check_renewal(
    asked_on: date, *, expires_on: date, until_on: date, renewals: int, calendar: Calendar
) -> None:
    """Pass if a permit that was extended `renewals` times may be extended until `until_on`.

    Raises NotAllowed: a second extension, asked less than one month before expiry, over ten years.
    Source: EHDS art. 68(12); Reg. 1182/71 art. 3(4) second subparagraph for the month before.
    """
    if renewals:
        raise NotAllowed("The permit was extended once: a new application is needed (68(12)).")
    latest = due_on(start(EHDS, "renewal-request", on=expires_on, calendar=calendar))
    if latest is not None and asked_on > latest:
        raise NotAllowed(
            f"An extension of a permit that expires on {expires_on} is asked by {latest},"
            f" not on {asked_on} (68(12)): a new application is needed."
        )
    start(EHDS, "permit-extension", on=expires_on, calendar=calendar, until_on=until_on)
