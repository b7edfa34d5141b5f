"""`act`: somebody does something to one object of a file, and all that it entails happens."""

from dataclasses import replace

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.clock import Clock
from ecluse.domain.clocks.renewals import check_renewal
from ecluse.domain.clocks.tracks import TRACKS
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES
from ecluse.domain.machines.files import Act, CaseFile, Item, Outcome, start_clock
from ecluse.domain.machines.machine import ALL, Call, ClockEffect, Kind, Verb
from ecluse.domain.machines.permit import IN_FORCE
from ecluse.domain.machines.redress import APPEALABLE
from ecluse.domain.machines.steps import Step, step, why_not

PERIODS = ("permit-duration", "permit-extension")
READING = "read"
OF_PERMIT = frozenset({Kind.AMENDMENT, Kind.RENEWAL, Kind.HOLDER_CALL})
"""What can be made of an active permit."""


def act(file: CaseFile, done: Act) -> Outcome:
    """The file after the act, with the letters and messages to send; or nothing happens at all.

    Raises:
        NotFound: no such object or action.
        NotAllowed: not now, not this role, not this person, or a law's limit is passed.
        InvalidInput: no reason where one is due, a day out of order.
    """
    if done.role is Actor.ENTAILED:
        raise NotAllowed(f"{done.action} follows from another act: nobody does it alone.")
    return _act(file, done)


def _act(file: CaseFile, done: Act) -> Outcome:
    item = file.item(done.item_id)
    taken = step(MACHINES[item.kind], item.state, done.action, done.role, track=item.track)
    _check_reason(taken, done)
    _check_lapse(item, taken, done)
    _check_alone(item, taken, done)
    _check_parent(file, item, done)
    if done.action != READING:
        file = file.remembering(done.person, done.role)
    changed = replace(item, state=taken.state, track=taken.track)
    for effect in taken.clocks:
        changed = _run(file, changed, effect, done)
    outcome = Outcome(
        file.keeping(changed), (taken.letter,) if taken.letter else (), taken.messages
    )
    for call in taken.calls:
        outcome = _called(outcome, call, changed, done)
    outcome = _upheld(outcome, changed, done)
    outcome = _concluded(outcome, changed, done)
    _check_one_permit(outcome.file)
    return outcome


def add(file: CaseFile, kind: Kind, parent_id: str) -> tuple[CaseFile, str]:
    """The file with a draft change, appeal or call about one of its objects, and its id.

    Raises NotAllowed: the permit is not active, or nothing can be appealed there.
    """
    parent = file.item(parent_id)
    _check_addable(kind, parent)
    item_id = f"{kind}-{len(file.of(kind)) + 1}"
    item = Item(item_id, kind, MACHINES[kind].initial, parent_id=parent_id)
    return file.keeping(item), item_id


def _check_addable(kind: Kind, parent: Item) -> None:
    if kind in OF_PERMIT and parent.kind is Kind.PERMIT and parent.state == "active":
        return
    if kind is Kind.APPEAL and (parent.kind, parent.state) in APPEALABLE:
        return
    raise NotAllowed(f"No {kind} can be made of a {parent.kind} that is {parent.state}.")


def _check_reason(taken: Step, done: Act) -> None:
    if taken.needs_reason and not done.reason.strip():
        raise InvalidInput(f"{done.action} needs a reason: write it.")


def _check_lapse(item: Item, taken: Step, done: Act) -> None:
    if not taken.after_lapse:
        return
    running = [clock for clock in item.running() if clock.rule.rule_id in taken.after_lapse]
    if not any(clocks.is_overdue(clock, today=done.on) for clock in running):
        due = ", ".join(f"{clock.rule.rule_id} on {clocks.due_on(clock)}" for clock in running)
        raise NotAllowed(f"{done.action} waits for the end of: {due or 'no clock that runs'}.")


def _check_alone(item: Item, taken: Step, done: Act) -> None:
    for clock in item.running():
        if clock.rule.rule_id in taken.not_while:
            raise NotAllowed(f"{done.action} waits for {clock.rule.rule_id}: it still runs.")


def _check_parent(file: CaseFile, item: Item, done: Act) -> None:
    """What the object depends on is still as it must be for this act. Raises NotAllowed."""
    if item.parent_id is None:
        return
    parent = file.item(item.parent_id)
    if done.action in ("submit", "lodge"):
        _check_addable(item.kind, parent)
    if item.kind is Kind.RENEWAL and done.action == "submit":
        period = _period(parent)
        expires_on = clocks.due_on(period) or done.on
        check_renewal(
            done.on,
            expires_on=expires_on,
            until_on=expires_on,
            renewals=int(period.rule.rule_id == "permit-extension"),
            calendar=file.calendar,
        )


def _period(permit: Item) -> Clock:
    """The clock of the period of a permit: its duration, or its one extension."""
    for rule_id in reversed(PERIODS):
        if rule_id in permit.clocks:
            return permit.clocks[rule_id]
    raise NotAllowed(f"The permit {permit.item_id} has no period.")


def _run(file: CaseFile, item: Item, effect: ClockEffect, done: Act) -> Item:
    if effect.verb is Verb.START:
        until_on = done.until_on if effect.rule_id in PERIODS else None
        return _started(item, start_clock(file, effect.rule_id, on=done.on, until_on=until_on))
    if effect.verb is Verb.REROUTE:
        return _rerouted(file, item, effect.rule_id, done)
    if effect.verb is Verb.REOPEN:
        return _reopened(item, effect.rule_id)
    if effect.verb in (Verb.COMPLETE, Verb.VOID):
        ends = [clock for clock in item.running() if effect.rule_id in (ALL, clock.rule.rule_id)]
        after = {clock.rule.rule_id: _ended(clock, effect.verb, done) for clock in ends}
        return replace(item, clocks={**item.clocks, **after})
    clock = _running(item, effect.rule_id)
    return replace(item, clocks={**item.clocks, effect.rule_id: _turned(clock, effect, done)})


def _started(item: Item, clock: Clock) -> Item:
    rule_id = clock.rule.rule_id
    former = item.clocks.get(rule_id)
    if former is not None and former.is_running:
        raise NotAllowed(f"{rule_id} already runs since {former.started_on}.")
    past = item.past if former is None else (*item.past, former)
    return replace(item, clocks={**item.clocks, rule_id: clock}, past=past)


def _reopened(item: Item, rule_id: str) -> Item:
    """What was taken for done was not: the same clock runs on from its first day."""
    clock = item.clocks.get(rule_id)
    if clock is None or clock.completed_on is None:
        raise NotAllowed(f"{rule_id} was not completed on this {item.kind}.")
    return replace(item, clocks={**item.clocks, rule_id: replace(clock, completed_on=None)})


def _rerouted(file: CaseFile, item: Item, rule_id: str, done: Act) -> Item:
    rules = {plan.decision for plan in TRACKS.values()}
    running = next((clock for clock in item.running() if clock.rule.rule_id in rules), None)
    if running is None:
        raise NotAllowed("No clock runs that could take another track.")
    moved = clocks.reroute(running, file.law_of(rule_id), rule_id, on=done.on)
    ended = clocks.void(running, on=done.on, reason=done.reason)
    after = {**item.clocks, running.rule.rule_id: ended, rule_id: moved}
    return replace(item, clocks=after)


def _ended(clock: Clock, verb: Verb, done: Act) -> Clock:
    if verb is Verb.VOID:
        return clocks.void(clock, on=done.on, reason=done.reason or done.action)
    resumed = clocks.resume(clock, on=done.on) if clock.is_suspended else clock
    return clocks.complete(resumed, on=done.on)


def _turned(clock: Clock, effect: ClockEffect, done: Act) -> Clock:
    if effect.verb is Verb.SUSPEND:
        reasons = clock.rule.suspended_by or {}
        return clocks.suspend(clock, on=done.on, reason=next(iter(reasons), done.action))
    if effect.verb is Verb.RESUME:
        return clocks.resume(clock, on=done.on)
    return clocks.extend(clock, on=done.on, reason=done.reason, until_on=done.until_on)


def _running(item: Item, rule_id: str) -> Clock:
    clock = item.clocks.get(rule_id)
    if clock is None or not clock.is_running:
        raise NotAllowed(f"{rule_id} does not run on this {item.kind}.")
    return clock


def _called(outcome: Outcome, call: Call, caller: Item, done: Act) -> Outcome:
    """What an act entails elsewhere in the file, on the same day."""
    if call.kind is Kind.PERMIT and call.action.startswith("issue"):
        return _issued(outcome, call, caller, done)
    targets = _targets(outcome.file, call, caller)
    if not targets and outcome.file.of(call.kind):
        raise NotAllowed(f"{done.action} needs a {call.kind} that can {call.action}: none can now.")
    for target in targets:
        outcome = _follow(outcome, target.item_id, call.action, done)
    return outcome


def _targets(file: CaseFile, call: Call, caller: Item) -> list[Item]:
    machine = MACHINES[call.kind]
    found = [
        item
        for item in file.of(call.kind)
        if why_not(machine, item.state, call.action, Actor.ENTAILED, track=item.track) is None
    ]
    if call.kind is Kind.PERMIT:
        return [item for item in found if item.item_id == caller.parent_id]
    return found


def _follow(outcome: Outcome, item_id: str, action: str, done: Act) -> Outcome:
    """One further act, that nobody does."""
    follows = replace(done, item_id=item_id, action=action, role=Actor.ENTAILED)
    after = _act(outcome.file, follows)
    return Outcome(
        after.file, (*outcome.letters, *after.letters), (*outcome.messages, *after.messages)
    )


def _issued(outcome: Outcome, call: Call, caller: Item, done: Act) -> Outcome:
    """A new version of the permit. An amended one keeps the period of the version it replaces."""
    file = outcome.file
    former = file.item(caller.parent_id) if caller.parent_id is not None else None
    unit_id = caller.item_id if former is None else former.parent_id
    permit_id = f"permit-{len(file.of(Kind.PERMIT)) + 1}"
    permit = Item(permit_id, Kind.PERMIT, MACHINES[Kind.PERMIT].initial, parent_id=unit_id)
    if former is None:
        return _follow(replace(outcome, file=file.keeping(permit)), permit_id, call.action, done)
    period = replace(_period(former), voided_on=None, void_reason="")
    if call.action == "issue-extended":
        # An extension runs from the end of the period that it extends, not from the decision.
        expires_on = clocks.due_on(period) or done.on
        later = start_clock(file, "permit-extension", on=expires_on, until_on=done.until_on)
        period = replace(later, started_on=done.on, fixed_end=clocks.due_on(later))
    taken = step(MACHINES[Kind.PERMIT], permit.state, call.action, Actor.ENTAILED)
    permit = replace(permit, state=taken.state, clocks={period.rule.rule_id: period})
    return Outcome(file.keeping(permit), outcome.letters, (*outcome.messages, *taken.messages))


def _upheld(outcome: Outcome, appeal: Item, done: Act) -> Outcome:
    """An appeal that is upheld opens the decision appealed again, or restores the permit."""
    if appeal.kind is not Kind.APPEAL or done.action != "uphold" or appeal.parent_id is None:
        return outcome
    parent = outcome.file.item(appeal.parent_id)
    follows = APPEALABLE.get((parent.kind, parent.state))
    if follows is None:
        raise NotAllowed(f"The {parent.kind} is {parent.state}: nothing is left to reconsider.")
    for case in outcome.file.of(Kind.CASE):
        outcome = _follow(outcome, case.item_id, follows.case_action, done)
    return _follow(outcome, parent.item_id, follows.action, done)


def _concluded(outcome: Outcome, changed: Item, done: Act) -> Outcome:
    """A file whose decision units are all settled is decided, in the same act."""
    application = outcome.file.items.get("file")
    if changed.kind is not Kind.DECISION_UNIT or application is None:
        return outcome
    units = outcome.file.of(Kind.DECISION_UNIT)
    if application.state != "processing" or not all(_rests(unit) for unit in units):
        return outcome
    states = {unit.state for unit in units}
    result = "positive" if "granted" in states else "negative"
    name = "withdrawn" if states == {"withdrawn"} else result
    return _follow(outcome, application.item_id, f"conclude-{name}", done)


def _rests(item: Item) -> bool:
    return MACHINES[item.kind].state(item.state).rests


def _check_one_permit(file: CaseFile) -> None:
    """At most one version of a permit is in force for a decision unit. Raises NotAllowed."""
    units = [p.parent_id for p in file.of(Kind.PERMIT) if p.state in IN_FORCE]
    if len(units) != len(set(units)):
        raise NotAllowed(
            "Another permit is in force for this decision: revoke it or let it expire first."
        )
