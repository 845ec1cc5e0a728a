"""Run the program until its first paint, or `now`, and write down what it has imported: `probe TOLD ARG …`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dutydesk.__main__ import main


def watch_first_paint(told: Path) -> None:
    """Write the imported modules and the memory to `told` at the first paint of the first screen, then leave."""
    from textual.app import App

    shown: Any = App._display

    def display(app: Any, screen: Any, renderable: Any) -> None:
        """Paint, and tell."""
        shown(app, screen, renderable)
        if renderable is not None and not told.exists():
            tell(told)
            app.exit()

    App._display = display  # type: ignore[method-assign]


def tell(told: Path) -> None:
    """Write the imported modules and the resident memory in kB."""
    status = Path("/proc/self/status").read_text().splitlines()
    memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    told.write_text(json.dumps({"modules": sorted(sys.modules), "memory": memory}))


if __name__ == "__main__":
    where = Path(sys.argv.pop(1))
    if "now" in sys.argv:
        code = main()
        tell(where)
        sys.exit(code)
    from dutydesk.ui.terminal import prepare

    prepare()
    watch_first_paint(where)
    sys.exit(main())
