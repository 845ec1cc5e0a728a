"""What the keys that work anywhere do; the subjects' own part is imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutydesk.domain.people import Role
from dutydesk.locale import _, ngettext
from dutydesk.ui.commands import Command
from dutydesk.ui.looks import Looks
from dutydesk.ui.screens.base import DeskScreen

if TYPE_CHECKING:
    from dutydesk.services.core import Actor


class Anywhere(Looks):
    """The console with the actions that every screen has."""

    def why_not_write(self) -> str | None:
        """Say why this person may not write, or None."""
        if self.who is None:
            return _("Sign in at this console first.")
        return _("Readers may look, not write.") if self.who.role is Role.READER else None

    def title_of(self, command: Command) -> str:
        """Return the word for a command in the language spoken."""
        if command.id == "desk.sign" and self.top is not None:
            return _("Sign out") if self.top.signed_in else _("Sign in")
        return _(command.title)

    async def action_new_incident(self) -> None:
        """Report a new incident from wherever one is."""
        from dutydesk.ui.actions.incidents import new_incident

        await new_incident(self.me)

    async def action_write_line(self) -> None:
        """Write a line into the shift log from wherever one is."""
        from dutydesk.ui.actions.log import write_line

        await write_line(self.me)

    async def action_sign_in_or_out(self) -> None:
        """Sign in to the shift, or out of it."""
        from dutydesk.ui.actions.attendance import sign_in_or_out

        await sign_in_or_out(self.me)

    def action_find(self) -> None:
        """Say that this screen has nothing to search; screens with a list have their own."""
        self.say(_("There is no list to search here; : finds anything."), "warning")

    async def action_palette(self) -> None:
        """Go to anything by name."""
        from dutydesk.ui.screens.palette import open_palette

        await open_palette(self.me)

    async def action_help(self) -> None:
        """Show every key of the screen in front."""
        from dutydesk.ui.screens.help import HelpScreen

        if self.shown is not None:
            await self.ask_screen(HelpScreen(self.shown))

    def action_copy(self) -> None:
        """Copy the selected record to the clipboard of the terminal (OSC 52)."""
        text = self.shown.copy_text() if self.shown else None
        if not text:
            self.say(_("Nothing is selected that could be copied."), "warning")
            return
        self.copy_to_clipboard(text)
        self.say(_("Copied: {text}", text=" ".join(text.split())), "done")

    def action_redraw(self) -> None:
        """Draw everything again, over what another program wrote on the terminal."""
        self.redraw()

    async def action_back(self) -> None:
        """Leave the screen in front for the one behind it."""
        if len(self.screen_stack) > 1:
            self.screen.dismiss()

    async def action_other_person(self) -> None:
        """Let somebody else take this console, with login and PIN."""
        who = await self.sign_in_dialog()
        if who is not None:
            await self.welcome(who)

    async def welcome(self, who: Actor) -> None:
        """Let `who` sit down at this console: his rights, his language, his colours."""
        from dutydesk.services import people

        self.desk.who = who
        await self.desk.ask(people.beat)
        self.take_likes(await self.desk.ask(people.preferences))
        await self.refresh_top()
        for screen in self.every_screen():
            if isinstance(screen, DeskScreen):
                screen.request_reload()

    async def action_quit(self) -> None:
        """Leave; ask when something typed has not been saved."""
        drafts = await self._open_drafts()
        if drafts and not await self.confirm(
            ngettext(
                "One form is not finished. It is kept as a draft and offered again.",
                "{n} forms are not finished. They are kept as drafts and offered again.",
                drafts,
            ),
            _("Quit"),
        ):
            return
        await self.leave()

    async def action_ask_quit(self) -> None:
        """Ask whether to leave: what ctrl+c does."""
        if self.asking_quit:
            return
        self.asking_quit = True
        try:
            wanted = await self.confirm(_("Leave the console? What is typed is kept as a draft."), _("Quit"))
        finally:
            self.asking_quit = False
        if wanted:
            await self.leave()

    async def _open_drafts(self) -> int:
        if self.who is None:
            return 0
        from dutydesk.domain.errors import DeskError
        from dutydesk.services import drafts

        try:
            return len(await self.desk.ask(drafts.open_forms))
        except DeskError:
            return 0

    async def sign_in_dialog(self) -> Actor | None:
        """Ask for login and PIN; None when the dialog was left."""
        from dutydesk.ui.screens.signin import ask_who

        return await ask_who(self.me)
