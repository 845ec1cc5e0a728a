"""Measure the budgets of DESIGN 7 on this machine.

python -m tests.bench [NAME …] [--quick] [--ten-years] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import desks, line, measures, on_server
from tests.bench.bulk import Size
from tests.bench.report import Measured, table, write_json, write_markdown
from tests.terminal.harness import ROOT

NAMES = ("start", "now", "typing", "switching", "news", "rest", "bytes", "server", "moving", "months", "lines", "years")

TEN_YEARS = ("lines", "years")
"""Measured on the ten-year desk, which takes minutes to make."""


def main() -> int:
    """Measure, print the table, keep the JSON; 1 when a budget is missed."""
    given = _parse()
    for name in ("dutydesk", "tests/bench"):
        compileall.compile_dir(str(ROOT / name), quiet=1)
    chosen = given.names or [name for name in NAMES if name not in TEN_YEARS or given.ten_years]
    rows: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="dutydesk-bench-") as folder:
        for name, measure in _measures(Path(folder), given.quick).items():
            if name in chosen:
                print(f"{name} …", file=sys.stderr, flush=True)
                rows.extend(measure())
    print(table(rows))
    write_json(rows, given.json)
    if given.markdown:
        write_markdown(rows, given.markdown)
    return 1 if any(row.verdict == "FAIL" for row in rows) else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the budgets of DESIGN 7.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, 20,000 incidents, a short rest")
    parser.add_argument("--ten-years", action="store_true", help="a ten-year desk against a thirty-day one as well")
    parser.add_argument("--json", type=Path, default=desks.KEPT / "bench.json", help="where the values are kept")
    parser.add_argument("--markdown", type=Path, help="write the table into this file between its two marks")
    given = parser.parse_args()
    wrong = [name for name in given.names if name not in NAMES]
    if wrong:
        parser.error(f"no measurement {wrong[0]}; there are {', '.join(NAMES)}")
    return given


def _measures(folder: Path, quick: bool) -> dict[str, Callable[[], list[Measured]]]:
    home = folder / "home"
    home.mkdir()
    times = 5 if quick else 15

    def demo(name: str) -> Path:
        return measures.copied(desks.demo(folder, 30 if quick else 90), folder, name)

    def big() -> Path:
        count = 20_000 if quick else 400_000
        return desks.big(f"incidents-{count}", Size(count))

    return {
        "start": lambda: measures.start(demo("start"), home, times),
        "now": lambda: measures.command(demo("now"), home, times),
        "typing": lambda: measures.typing(demo("typing"), home),
        "switching": lambda: measures.switching(demo("switching"), home),
        "news": lambda: measures.news(demo("news"), home),
        "rest": lambda: measures.rest(demo("rest"), home, 10 if quick else 75),
        "bytes": lambda: line.measure(demo("bytes"), home),
        "server": lambda: on_server.measure(demo("server"), home, times),
        "moving": lambda: measures.moving(big(), home),
        "months": lambda: measures.months(big(), home),
        "lines": lambda: measures.lines(home),
        "years": lambda: measures.years(home, 3 if quick else 7),
    }


if __name__ == "__main__":
    sys.exit(main())
