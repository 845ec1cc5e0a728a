"""Another terminal at the same desk: a process that writes what it is told to, `python -m tests.ui.other_terminal`.

A line says the desk's file, the instant and what to write; the answer is `ok`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from dutydesk.domain import clock
from tests.terminal.harness import ROOT


class OtherTerminal:
    """Starts the process with the first thing to write; `write` waits until it is committed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def write(self, path: Path, what: int) -> None:
        """Let the other terminal write one of four things, at this instant."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.ui.other_terminal"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(path), clock.now(), what]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer == "ok", answer

    def __enter__(self) -> OtherTerminal:
        """Return it; nothing is started yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(10)


def _write(path: str, at: int, what: int) -> None:
    from dutydesk.domain.errors import DeskError
    from dutydesk.services import incident_lists, incident_work, incidents, log, measures, people
    from dutydesk.storage import engine

    engine.connect(path)
    with clock.frozen(at):
        who = people.identify("eng-b")
        try:
            if what == 0:
                log.write(who, "another terminal writes")
            elif what == 1:
                incidents.open_incident(who, incidents.NewIncident(title="another terminal's incident"))
            elif what == 2:
                measures.open_measure(who, measures.NewMeasure("another terminal's measure"))
            else:
                for line in incident_lists.open_lines(who, 1):
                    incident_work.note(who, line.id, "another terminal's note")
        except DeskError as refused:
            del refused  # the moment does not allow it
    engine.disconnect()


if __name__ == "__main__":
    for line in sys.stdin:
        _write(*json.loads(line))
        print("ok", flush=True)
