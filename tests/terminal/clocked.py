"""Run the program with its clock set: `python -m tests.terminal.clocked EPOCH ARGUMENT…`; it goes on from there."""

from __future__ import annotations

import sys
import time

from dutydesk.domain import clock

if __name__ == "__main__":
    shift = int(sys.argv[1]) - time.time()
    clock.use(lambda: time.time() + shift)
    from dutydesk.__main__ import main

    sys.exit(main(sys.argv[2:]))
