"""The identity dialog: login and PIN, when neither the command line nor the account says who is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutydesk.domain.words import N_
from dutydesk.services import people
from dutydesk.ui.forms.spec import FormSpec, Pin, Text

if TYPE_CHECKING:
    from dutydesk.services.core import Actor
    from dutydesk.ui.app import DeskApp

FIRST = FormSpec(
    None,
    N_("Who is at this console?"),
    [Text("login", N_("Login"), required=True, limit=32), Pin("pin", N_("PIN"), required=True)],
    hint=N_("esc closes the console."),
    save_label=N_("Enter"),
)
OTHER = FormSpec(
    None,
    N_("Somebody else at this console"),
    FIRST.fields,
    hint=N_("esc leaves everything as it is."),
    save_label=N_("Enter"),
)


async def ask_who(app: DeskApp) -> Actor | None:
    """Ask for login and PIN until they are right; None when the person left.

    Wrong PINs wait, longer each time, and are recorded; the sentence stands under the field. Source: DESIGN 3.
    """

    async def enter(values: dict[str, Any]) -> Actor:
        return await app.desk.raw(people.enter, values["login"], values["pin"], **app.console_here.as_words())

    who: Actor | None = await app.ask_form(OTHER if app.who else FIRST, save=enter)
    return who
