"""Run the program with a clock that can be set: `python -m tests.faults.jumping FILE ARGUMENT…`.

The file holds by how many seconds the clock is ahead of the real one; what passes meanwhile passes as ever.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from dutydesk.domain import clock

if __name__ == "__main__":
    ahead = Path(sys.argv[1])
    clock.use(lambda: time.time() + int(ahead.read_text() or 0))
    from dutydesk.__main__ import main

    sys.exit(main(sys.argv[2:]))
