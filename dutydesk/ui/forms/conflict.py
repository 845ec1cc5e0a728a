"""Two people changed one record: both texts side by side, and the person chooses."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from dutydesk.locale import _
from dutydesk.ui.forms.asking import WIDE, Asking, KeyLine
from dutydesk.ui.forms.fields import said, shown
from dutydesk.ui.forms.spec import Check, Choice, Field, Pick, Picked
from dutydesk.ui.forms.state import Contest
from dutydesk.ui.widgets.prose import Prose

if TYPE_CHECKING:
    from dutydesk.ui.dialogs import AsksPeople


class Meeting(Enum):
    """What the person does about it."""

    MINE = "mine"
    THEIRS = "theirs"
    EDIT = "edit"


def spoken(spec: Field, raw: Any) -> str:
    """Return what a field holds as people read it."""
    if isinstance(spec, Choice | Check):
        return "" if raw is None else said(spec.all()[raw])
    if isinstance(raw, Picked):
        known = spec.all() if isinstance(spec, Pick) else []
        found = next((shown(option) for option in known if option.value == raw.value), "")
        return found or raw.text or str(raw.value or "")
    return str(raw)


class Meet(Asking[Meeting]):
    """The two versions and three ways on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "choose('mine')", show=False),
        Binding("t", "choose('theirs')", show=False),
        Binding("e,escape", "choose('edit')", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(8)", show=False),
        Binding("pageup", "scroll(-8)", show=False),
    ]

    def __init__(self, sentence: str, contests: Sequence[Contest]) -> None:
        super().__init__()
        self.sentence = sentence
        self.contests = contests

    def compose(self) -> ComposeResult:
        with Vertical(id="ask-panel", classes="-meet"):
            yield Prose("", id="ask-note", markup=False)
            with VerticalScroll(id="ask-body", can_focus=False):
                if self.contests:
                    with Horizontal(classes="versions"):
                        yield Static("", classes="theirs head", markup=False)
                        yield Static("", classes="mine head", markup=False)
                for _contest in self.contests:
                    yield Static("", classes="contested", markup=False)
                    with Horizontal(classes="versions"):
                        yield Prose("", classes="theirs", markup=False)
                        yield Prose("", classes="mine", markup=False)
            yield KeyLine()

    def on_mount(self) -> None:
        """Show both."""
        self.relabel()

    def on_resize(self, event: events.Resize) -> None:
        """Leave room for the frame."""
        self.set_class(event.size.width >= WIDE, "-wide")
        self.query_one("#ask-body").styles.max_height = max(3, event.size.height - 10)

    def relabel(self) -> None:
        """Say everything in the language spoken."""
        self.query_one("#ask-panel").border_title = Content(_(" Changed by somebody else meanwhile "))
        note = self.sentence
        if not self.contests:
            note += "\n" + _("The other change is in other fields: saving yours keeps both.")
        self.query_one("#ask-note", Static).update(Content(note))
        theirs, mine, labels = (list(self.query(kind).results(Static)) for kind in (".theirs", ".mine", ".contested"))
        if self.contests:
            theirs.pop(0).update(Content(_("What stands there now")))
            mine.pop(0).update(Content(_("What you typed")))
        for contest, left, right, label in zip(self.contests, theirs, mine, labels, strict=True):
            label.update(Content(_(contest.field.label)))
            left.update(Content(spoken(contest.field, contest.theirs) or _("(empty)")))
            right.update(Content(spoken(contest.field, contest.mine) or _("(empty)")))
        keys = [
            ("m", _("Save mine"), "choose('mine')"),
            ("t", _("Take theirs, drop mine"), "choose('theirs')"),
            ("esc", _("Go on editing"), "choose('edit')"),
        ]
        self.query_one(KeyLine).show(keys)

    def action_choose(self, what: str) -> None:
        """Answer."""
        self.finish(Meeting(what))

    def action_scroll(self, by: int) -> None:
        """Move by lines."""
        self.query_one("#ask-body", VerticalScroll).scroll_relative(y=by, animate=False)


async def choose_between(app: AsksPeople, sentence: str, contests: Sequence[Contest]) -> Meeting:
    """Show both texts and return what the person does about it."""
    return await app.ask_screen(Meet(sentence, contests)) or Meeting.EDIT
