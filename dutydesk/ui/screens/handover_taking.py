"""Taking over: accept, return, emergency relief. What would be refused is said before a PIN is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutydesk.domain import clock
from dutydesk.locale import _, times
from dutydesk.services import handover, shift_views

if TYPE_CHECKING:
    from dutydesk.ui.screens.handover import HandoverScreen


async def accept(screen: HandoverScreen) -> None:
    """Accept the handover as the incoming engineer."""
    if screen.standing is None or screen.standing.line.id is None:
        return
    number, key = screen.standing.line.number, screen.standing.line.id
    if not await _here(screen, _("Sign in to the incoming shift first (key s), then accept.")) or not _all_read(screen):
        return

    async def sign(pin: str) -> None:
        await screen.desk_app.desk.ask(handover.accept, pin, key)

    purpose = _("You take over the duty with everything in handover {number}.", number=number)
    if await screen.desk_app.ask_pin(purpose, sign):
        await _taken_over(screen, key)


async def _here(screen: HandoverScreen, otherwise: str) -> bool:
    """Return whether this person is signed in on the incoming shift; `otherwise` is said."""
    following = screen.standing.line.to_shift if screen.standing else None
    who = screen.desk_app.who
    if following is None or who is None:
        return True
    here = who.person_id in await screen.desk_app.desk.raw(handover.signed_in, following.id)
    if not here:
        rule = (await screen.desk_app.desk.raw(shift_views.facts)).attendance
        opens, now = following.starts_at - rule.sign_in_before * 60, clock.now()
        early = _("Signing in to the incoming shift (key s) is possible from {when}.", when=times.when(opens, now))
        screen.say(early if now < opens else otherwise, "warning")
    return here


def _all_read(screen: HandoverScreen) -> bool:
    """Return whether every item is read back; else say how many are not and go to the first."""
    left = screen.standing.view.unanswered if screen.standing and screen.standing.view else []
    if left:
        screen.records.move_to(str(left[0].id))
        screen.say(_("{count} red or yellow items are not read back yet.", count=len(left)), "warning")
    return not left


async def _taken_over(screen: HandoverScreen, handover_id: int) -> None:
    if screen.part is not None:
        await screen.part.keeper.drop()
    view = await screen.desk_app.desk.ask(handover.view, handover_id)
    await screen.reread()
    head = view.chain_head[:12]
    screen.say(_("{number} accepted and sealed. Chain head {head}.", number=view.line.number, head=head), "done")


async def give_back(screen: HandoverScreen) -> None:
    """Return the handover to the outgoing engineer with a reason."""
    if screen.standing is None or screen.standing.line.id is None:
        return
    reason = await screen.desk_app.ask_line(
        _("Why do you return it?"), limit=handover.WORDS_LIMIT, key="handover-return"
    )
    if reason:
        await screen.desk_app.desk.ask(handover.give_back, screen.standing.line.id, reason)
        await screen.reread()
        screen.say(_("Returned to the outgoing engineer."), "done")


async def relieve(screen: HandoverScreen) -> None:
    """Take over without the other party, with a reason; the supervisor countersigns."""
    if not await _here(screen, _("Sign in to the incoming shift first (key s), then take over.")):
        return
    hint = _("The other party cannot hand over. The supervisor will countersign this.")
    reason = await screen.desk_app.ask_line(
        _("Emergency relief: why?"), limit=handover.WORDS_LIMIT, hint=hint, key="handover-relief"
    )
    if not reason:
        return
    taken: list[int] = []

    async def sign(pin: str) -> None:
        view = await screen.desk_app.desk.ask(handover.relieve, pin, reason)
        taken.append(view.line.id or 0)

    if await screen.desk_app.ask_pin(_("You take over the duty alone."), sign):
        await _taken_over(screen, taken[0])
