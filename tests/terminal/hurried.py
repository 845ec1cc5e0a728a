"""Run the program impatiently: `python -m tests.terminal.hurried NAME=SECONDS… -- ARGUMENT…` shortens its waits.

The names are `busy` (how long a locked database is waited for), `beat` (between signs of life of a console), `draft`
(until a draft that could not be kept is tried again) and `at` (the instant at which its clock starts).
"""

from __future__ import annotations

import sys
import time

from dutydesk.domain import clock


def hurry(name: str, seconds: float) -> None:
    """Set one wait."""
    if name == "at":
        ahead = seconds - time.time()
        clock.use(lambda: time.time() + ahead)
    elif name == "busy":
        from dutydesk.storage import engine

        engine.BUSY_SECONDS = seconds  # type: ignore[assignment]
    elif name == "beat":
        from dutydesk.ui import desk

        desk.BEAT_SECONDS = seconds  # type: ignore[assignment]
    elif name == "draft":
        from dutydesk.ui.forms import drafts

        drafts.AGAIN_SECONDS = seconds
    else:
        raise ValueError(name)


if __name__ == "__main__":
    waits = sys.argv[1 : sys.argv.index("--")]
    for wait in waits:
        name, _equals, seconds = wait.partition("=")
        hurry(name, float(seconds))
    from dutydesk.__main__ import main

    sys.exit(main(sys.argv[sys.argv.index("--") + 1 :]))
