"""Terminal manners: check what we stand on, run the console, leave the terminal as it was found."""

from __future__ import annotations

import codecs
import gc
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from dutydesk import locale
from dutydesk.domain.errors import DeskError
from dutydesk.domain.words import N_
from dutydesk.locale import _, sentence
from dutydesk.ui import marks
from dutydesk.ui.arrival import import_storage, over_ssh
from dutydesk.ui.characters import UTF8, shown

USAGE = 2
NO_PLACES = frozenset({"dumb"})
"""Kinds of terminal that print line below line and nothing else."""
PAINTS_A_SECOND = "200"
"""Textual paints on a timer: at its usual 60 a key waits up to 17 ms for nothing. At rest nothing is painted."""


class Line:
    """The way out to the terminal, in its encoding, and quiet when the line has dropped.

    Textual's writing thread dies of the first failed write, and the program then waits for it for ever.
    `lost` is called once, on that thread.
    """

    def __init__(self, fd: int, lost: Callable[[], None], encoding: str = UTF8) -> None:
        self._fd = fd
        self._encoding = encoding
        self._lost = lost
        self._dropped = False

    def write(self, text: str) -> int:
        """Write all of `text`, or nothing once the line has dropped."""
        data = memoryview(text.encode(self._encoding, "backslashreplace" if self._encoding == UTF8 else "replace"))
        while data and not self._dropped:
            try:
                data = data[os.write(self._fd, data) :]
            except OSError:
                self._dropped = True
                self._lost()
        return len(text)

    def flush(self) -> None:
        """Everything is written at once already."""

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._fd

    def isatty(self) -> bool:
        """Return whether this is a terminal."""
        return os.isatty(self._fd)


def refusal() -> str | None:
    """Return the sentence why no console can run here, or None."""
    if os.environ.get("SSH_ORIGINAL_COMMAND"):
        return _("This login opens the console only: commands and file copies are refused.")
    if not (os.isatty(0) and os.isatty(2)):
        return _("The console needs a terminal; under SSH use `ssh -t`.")
    if os.environ.get("TERM") in NO_PLACES:
        words = N_("TERM={term} says that this terminal cannot place text; set TERM to what it is: xterm-256color.")
        return _(words, term=os.environ["TERM"])
    return None


def read_in(encoding: str) -> None:
    """Have the driver of this process read keys in an encoding; bytes that are none are passed over.

    Textual reads UTF-8 and ends with a traceback at the first byte that is something else: one key of a terminal that
    sends another encoding, or alt with a letter where the terminal sets the eighth bit.
    """
    from textual.drivers import linux_driver

    def decoder(_name: str) -> Callable[[], codecs.IncrementalDecoder]:
        return partial(codecs.getincrementaldecoder(encoding), "ignore")

    linux_driver.getincrementaldecoder = decoder  # type: ignore[assignment]


def prepare() -> None:
    """Set what Textual reads at import: no animation, paints soon after a key, the encoding, the terminal's own size.

    What stands there already goes: with it the client of an SSH session could have files written (`TEXTUAL_LOG`,
    `TEXTUAL_SCREENSHOT`), a module imported (`TEXTUAL_DRIVER`) or the program stopped (`TEXTUAL_ALLOW_SIGNALS`).
    """
    for name in [name for name in os.environ if name.startswith("TEXTUAL") or name in ("COLUMNS", "LINES")]:
        del os.environ[name]
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ["TEXTUAL_FPS"] = PAINTS_A_SECOND
    if os.environ.get("TERM") == "unknown":
        os.environ["TEXTUAL_COLOR_SYSTEM"] = "standard"  # Rich gives 16 million to what it does not know
    for stream in (sys.__stderr__, sys.__stdout__, sys.stderr, sys.stdout):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding=marks.characters().encoding, errors="backslashreplace")


def wants_mouse() -> bool:
    """Return whether the mouse is asked for: `DUTYDESK_MOUSE` decides, else everywhere but under SSH."""
    asked = os.environ.get("DUTYDESK_MOUSE", "")
    return asked not in ("0", "no", "false") if asked else not over_ssh()


def run_console(target: str, login: str | None = None, lang: str | None = None, theme: str | None = None) -> int:
    """Run the console on `target` until the person leaves; returns the exit code.

    2 with one sentence on stderr when it cannot start, 129 and 143 after SIGHUP and SIGTERM.
    """
    if lang:
        locale.use(lang)
    if not marks.characters().chinese:
        locale.use("en")
    reason = refusal()
    if reason:
        print(reason, file=sys.stderr)
        return USAGE
    prepare()
    gc.disable()  # nothing that a start makes is garbage; the app lets the collector run after the first paint
    from dutydesk.ui.app import DeskApp

    import_storage()
    app = DeskApp(target, login, lang, theme)
    app.run(mouse=wants_mouse())
    if app.farewell:
        print(shown(app.farewell, marks.characters()), file=sys.stderr)
    return app.return_code or 0


def note_defect(error: BaseException) -> Path:
    """Write a defect down for whoever mends it, and return the file."""
    from platformdirs import user_state_path

    path = user_state_path("dutydesk", ensure_exists=True) / "defects.log"
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)) + "\n")
    return path


def defect_words(path: Path) -> str:
    """Return what the person reads when the console had to stop."""
    return sentence(
        DeskError(
            N_("The console had to stop because of a defect, noted in {path}. What was typed is kept as a draft."),
            path=str(path),
        )
    )
