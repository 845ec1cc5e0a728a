"""What was measured: values beside their budgets, as a table and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Measured:
    """One value; without a budget it is told only. `detail` says what lies behind it."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    detail: str = ""
    samples: tuple[float, ...] = field(default=(), repr=False)

    @property
    def verdict(self) -> str:
        """PASS, FAIL, or nothing without a budget."""
        if self.budget is None:
            return ""
        return "PASS" if self.value <= self.budget else "FAIL"


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return median(list(values))


def high(values: Iterable[float]) -> float:
    """Return the value that nineteen of twenty do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def ratio(name: str, ours: Sequence[float], theirs: Sequence[float], unit: str, budget: float | None) -> Measured:
    """Return how many times `theirs` ours is, by the medians."""
    own, other = middle(ours), middle(theirs)
    detail = f"{own:.1f} {unit} / {other:.1f} {unit}; by the least {min(ours) / min(theirs):.2f}"
    return Measured(name, own / other, "x", budget, detail, tuple(ours))


def table(rows: Sequence[Measured]) -> str:
    """Return the rows as text."""
    cells = [("what", "measured", "budget", "", "")]
    for row in rows:
        budget = "" if row.budget is None else f"{row.budget:g} {row.unit}"
        cells.append((row.name, f"{row.value:.2f} {row.unit}", budget, row.verdict, row.detail))
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    return "\n".join(_line(line, widths) for line in cells)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, value, budget, verdict, detail = cells
    left = f"{name:<{widths[0]}}  {value:>{widths[1]}}  {budget:>{widths[2]}}"
    return f"{left}  {verdict:<{widths[3]}}  {detail}".rstrip()


def _machine() -> dict[str, Any]:
    from dutydesk.storage.engine import sqlite_version

    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": ".".join(map(str, sqlite_version())),
        "textual": version("textual"),
        "peewee": version("peewee"),
    }


BEGIN, END = "<!-- bench -->", "<!-- end of bench -->"


def write_markdown(rows: Sequence[Measured], path: Path) -> None:
    """Write the rows as a table into a document, between its two marks; rows of an earlier run that are missing stay.

    Raises ValueError when the document has no marks.
    """
    before, found, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    kept, closed, after = rest.partition(END)
    if not (found and closed):
        raise ValueError(f"{path} has no {BEGIN} … {END}")
    lines = {line.split(" | ")[0]: line for line in kept.splitlines() if line.startswith("| ")}
    for head in ("| what", "|---"):
        lines.pop(head, None)
    lines |= {_cells(row).split(" | ")[0]: _cells(row) for row in rows}
    about = ", ".join(f"{name} {value}" for name, value in _machine().items())
    table_head = "| what | measured | budget | | behind it |\n|---|---|---|---|---|"
    text = "\n".join([BEGIN, f"Measured with {about}.", "", table_head, *lines.values(), END])
    path.write_text(before + text + after, encoding="utf-8")


def _cells(row: Measured) -> str:
    budget = "" if row.budget is None else f"{row.budget:g} {row.unit}"
    verdict = {"PASS": "met", "FAIL": "**missed**"}.get(row.verdict, "")
    return f"| {row.name} | {row.value:.2f} {row.unit} | {budget} | {verdict} | {row.detail} |"


def write_json(rows: Sequence[Measured], path: Path) -> None:
    """Keep the rows, their samples and the machine they were taken on."""
    machine = {**_machine(), "load": round(os.getloadavg()[0], 2)}
    kept = [
        {**asdict(row), "verdict": row.verdict, "samples": [round(each, 2) for each in row.samples]} for row in rows
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine, "measured": kept}, indent=1) + "\n", encoding="utf-8")
