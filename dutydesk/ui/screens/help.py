"""All keys of the screen in front, in words: made from the same commands as the keys themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.content import Content
from textual.widgets import Static

from dutydesk.domain.text import fit, width
from dutydesk.domain.words import N_
from dutydesk.locale import _
from dutydesk.ui.commands import Command, shown_key
from dutydesk.ui.forms.questions import Reading
from dutydesk.ui.screens.base import DeskScreen

Part = tuple[str, str]
FORM_KEYS = (
    (N_("tab"), N_("next field")),
    (N_("enter"), N_("next field; on the last one, save")),
    ("F10", N_("save")),
    ("esc", N_("leave; what is typed is kept as a draft")),
    ("ctrl+d", N_("discard the draft")),
    ("F4", N_("read what was found below the field")),
)
LIST_KEYS = (
    ("pgup pgdn", N_("one page")),
    ("home end", N_("first and last row")),
)


def _list_keys() -> tuple[Part, ...]:
    """Return the keys of a list; arrows are called as this terminal can show them."""
    return ((" ".join(map(shown_key, ("up", "down"))), N_("one row")), *LIST_KEYS)


class HelpScreen(Reading):
    """The cheat sheet of `behind`; it says why a key does nothing now."""

    def __init__(self, behind: DeskScreen) -> None:
        self.behind = behind
        super().__init__("", Content(""))

    def relabel(self) -> None:
        """Write the sheet in the language spoken."""
        self.heading = _("Keys")
        super().relabel()
        self.text = self._sheet()
        self.query_one("#ask-sheet", Static).update(self.text)

    def _sheet(self) -> Content:
        screen = self.behind
        anywhere = {command.id for command in screen.desk_app.anywhere}
        shown = [command for command in screen.all_commands if not command.hidden]
        goto = [command for command in screen.desk_app.anywhere if command.id.startswith("go.")]
        sections: list[tuple[str, list[Part]]] = [
            (_("This screen"), self._rows(command for command in shown if command.id not in anywhere)),
            (_("Anywhere"), self._rows(command for command in [*shown, *goto] if command.id in anywhere)),
            (_("Lists"), [(key, _(words)) for key, words in _list_keys()]),
            (_("Forms"), [(_(key), _(words)) for key, words in FORM_KEYS]),
        ]
        cells = max(width(key) for _title, rows in sections for key, _words in rows) + 2
        return Content.assemble(*self._lines(sections, cells))

    def _rows(self, commands: Iterable[Command]) -> list[Part]:
        rows: list[Part] = []
        for command in commands:
            words = _(command.help) if command.help else self.behind.title_of(command)
            reason = self.behind.why_not(command)
            said = _("{words} ({reason})", words=words, reason=reason) if reason else words
            rows.append((self.behind.keys_of(command), said))
        return rows

    @staticmethod
    def _lines(sections: list[tuple[str, list[Part]]], cells: int) -> Iterator[Part]:
        for place, (title, rows) in enumerate(section for section in sections if section[1]):
            yield ("\n" if place else "") + f"{title}\n", "bold"
            for key, words in rows:
                yield f"  {fit(key, cells)}", "$accent"
                yield f"{words}\n", ""
