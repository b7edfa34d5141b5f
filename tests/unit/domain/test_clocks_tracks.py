"""Which clock gives the due day shown, and which step beside it would outlast it."""

from datetime import date

from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.france import FRANCE
from ecluse.domain.clocks.tracks import PARALLEL, TRACKS, Track, governing, outlasting

PARIS = CALENDARS["FR"]
ON = date(2030, 3, 4)


def test_every_track_names_rules_of_the_table() -> None:
    named = {rule for plan in TRACKS.values() for rule in (*plan.decides, plan.decision)}

    assert set(TRACKS) == set(Track)
    assert named <= set(EHDS.rules)
    assert set(PARALLEL) <= set(FRANCE.rules)


def test_the_due_day_shown_passes_from_the_trusted_holder_to_the_access_body() -> None:
    first = clocks.start(EHDS, "trusted-holder-assessment", on=ON, calendar=PARIS)
    done = clocks.complete(first, on=date(2030, 4, 29))
    second = clocks.start(
        EHDS, "decision-after-trusted-holder", on=date(2030, 4, 29), calendar=PARIS
    )

    assert governing(Track.TRUSTED_HOLDER, [first]) == first
    assert governing(Track.TRUSTED_HOLDER, [done, second]) == second
    assert governing(Track.TRUSTED_HOLDER, [done]) is None


def test_a_prolonged_authorisation_outlasts_the_decision_and_is_told() -> None:
    decision = clocks.start(EHDS, "decision", on=ON, calendar=PARIS)  # due 4 June
    opinion = clocks.start(FRANCE, "committee-opinion", on=ON, calendar=PARIS)
    authority = clocks.start(FRANCE, "authority-authorisation", on=ON, calendar=PARIS)
    longer = clocks.extend(authority, on=date(2030, 4, 30), reason="Complexité.")

    assert outlasting(Track.STANDARD, [decision, opinion, authority], today=ON) == ()
    assert outlasting(Track.STANDARD, [decision, opinion, longer], today=ON) == (longer,)


def test_nothing_outlasts_a_decision_that_was_taken() -> None:
    authority = clocks.start(FRANCE, "authority-authorisation", on=ON, calendar=PARIS)

    assert outlasting(Track.STANDARD, [authority], today=ON) == ()
