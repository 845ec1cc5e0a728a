"""Write one log line from a process of its own, and print the instant of the commit: `writer FILE LOGIN TEXT`."""

from __future__ import annotations

import sys
import time

from dutydesk.services import log, people
from dutydesk.storage import engine


def main() -> None:
    """Write, then tell when."""
    path, login, text = sys.argv[1:4]
    engine.connect(path)
    who = people.identify(login, host="bench", terminal="", console="bench-writer")
    log.write(who, text)
    print(time.monotonic(), flush=True)
    engine.disconnect()


if __name__ == "__main__":
    main()
