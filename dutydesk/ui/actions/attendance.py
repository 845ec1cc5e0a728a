"""Signing in and out from anywhere (key s)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutydesk.domain.words import N_
from dutydesk.locale import _, pick
from dutydesk.services import attendance
from dutydesk.services.attendance import Offer, Sign, Signed

if TYPE_CHECKING:
    from dutydesk.ui.app import DeskApp


async def sign_in_or_out(app: DeskApp) -> Signed | None:
    """Sign in to the shift or out of it, whichever comes next for this person; None when he left it."""
    offer = await app.desk.ask(attendance.offer)
    if offer.sign is Sign.IN:
        return await _sign_in(app, offer)
    return await (_leave_the_duty(app, offer) if offer.holds_duty else _sign_out(app, offer))


async def _sign_in(app: DeskApp, offer: Offer) -> Signed | None:
    shift = pick(offer.shift.title)
    if offer.extra and not await app.confirm(
        _("You are not planned on the {shift} shift. Sign in as an extra?", shift=shift), _("Sign in")
    ):
        return None
    purpose = _("Your PIN signs you in to the {shift} shift.", shift=shift)
    if offer.late:
        purpose = _("Your PIN signs you in to the {shift} shift, {n} minutes late.", shift=shift, n=offer.late)
    made: list[Signed] = []

    async def sign(pin: str) -> None:
        made.append(await app.desk.ask(attendance.sign_in, pin, shift_id=offer.shift.id, extra=offer.extra))

    if await app.ask_pin(purpose, sign) is None or not made:
        return None
    app.say(_("Signed in to the {shift} shift.", shift=shift), "done")
    return made[0]


async def _sign_out(app: DeskApp, offer: Offer) -> Signed | None:
    shift = pick(offer.shift.title)
    purpose = _("Your PIN signs you out of the {shift} shift.", shift=shift)
    if offer.early:
        purpose = _("Your PIN signs you out of the {shift} shift, {n} minutes early.", shift=shift, n=offer.early)
    made: list[Signed] = []

    async def sign(pin: str) -> None:
        made.append(await app.desk.ask(attendance.sign_out, pin))

    if await app.ask_pin(purpose, sign) is None or not made:
        return None
    app.say(_("Signed out of the {shift} shift.", shift=shift), "done")
    return made[0]


async def _leave_the_duty(app: DeskApp, offer: Offer) -> Signed | None:
    """Sign out although the duty stays with nobody: a reason and the PIN on one form."""
    from dutydesk.ui.forms.signing import Signing
    from dutydesk.ui.forms.spec import FormSpec

    spec = FormSpec(
        None,
        N_("Leave before the handover is accepted"),
        Signing("reason", N_("Why"), attendance.REASON_LIMIT).fields,
        hint=N_("The duty stays yours until the next shift accepts it; key 5 hands over. Leaving now is recorded."),
        save_label=N_("Sign out"),
    )

    async def save(values: dict[str, Any]) -> Signed:
        return await app.desk.ask(attendance.sign_out, values["pin"], reason=values["reason"])

    made: Signed | None = await app.ask_form(spec, save=save)
    if made is not None:
        app.say(_("Signed out of the {shift} shift.", shift=pick(offer.shift.title)), "warning")
    return made
