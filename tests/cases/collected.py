"""The case files: facts about duty desks restated from other projects' tests, each with its source.

A folder holds `*.json` files, each a list of cases: `id`, `kind`, `input`, `expect`, and where it comes from. What does
not concern the product, and where it chose otherwise, stands with the reason in `data/outside.toml`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OWN = Path(__file__).parent / "data"


class BadCases(Exception):
    """A case file that cannot be used, with a sentence that says why."""


class Fields(dict[str, Any]):
    """A table of a case that remembers which of its keys were asked for: none may be passed over in silence."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__({key: watched(value) for key, value in data.items()})
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value and remember that it was asked for."""
        self.asked.add(key)
        return super().get(key, default)

    def each(self) -> Iterator[tuple[str, Any]]:
        """Yield every key with its value: tables whose keys are data."""
        for key in self:
            yield key, self[key]

    def passed_over(self) -> list[str]:
        """Return the keys that nobody asked for, those of the tables inside included."""
        missed = [key for key in self if key not in self.asked]
        for key in self.asked & set(self):
            missed += [f"{key}.{name}" for name in passed_over(super().__getitem__(key))]
        return sorted(missed)


def watched(value: Any) -> Any:
    """Return a value of a case with every table in it watched."""
    if isinstance(value, dict):
        return Fields(value)
    return [watched(item) for item in value] if isinstance(value, list) else value


def passed_over(value: Any) -> list[str]:
    """Return the keys inside a value that nobody asked for."""
    if isinstance(value, Fields):
        return value.passed_over()
    return [name for item in value for name in passed_over(item)] if isinstance(value, list) else []


@dataclass(frozen=True)
class Case:
    """One case; `given` is its input and `expect` what it answers, both watched."""

    file: str
    id: str
    kind: str
    given: Any
    expect: Any
    timezone: str = "UTC"
    note: str = ""
    source: str = ""
    test: str = ""

    def __str__(self) -> str:
        return f"{self.file}, case {self.id} ({self.kind})"


@dataclass(frozen=True)
class Difference:
    """A case, or a test of another project, that the product answers otherwise on purpose.

    `elsewhere` marks one that our own files do not hold; it counts for other folders.
    """

    reason: str
    id: str = ""
    source: str = ""
    test: str = ""
    elsewhere: bool = False

    def about(self, case: Case) -> bool:
        """Whether this is the difference that the case shows."""
        if self.id:
            return case.id == self.id
        return case.test == self.test and case.source == self.source


@dataclass(frozen=True)
class Outside:
    """What the product does not answer, or answers otherwise, each with its reason."""

    kinds: dict[str, str] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()

    def difference(self, case: Case) -> Difference | None:
        """Return why the product answers this case otherwise; None when it does not."""
        return next((known for known in self.differences if known.about(case)), None)


def read_outside(path: Path = OWN / "outside.toml") -> Outside:
    """Read the kinds that do not concern the product and the known differences; each must have a reason."""
    data = tomllib.loads(path.read_text("utf-8"))
    kinds = {entry["kind"]: entry["reason"] for entry in data.get("kinds", [])}
    differences = tuple(Difference(**entry) for entry in data.get("differences", []))
    for reason in (*kinds.values(), *(known.reason for known in differences)):
        if len(reason.split()) < 5:
            raise BadCases(f"{path.name}: “{reason}” is no reason.")
    return Outside(kinds, differences)


def read_folder(folder: Path) -> list[Case]:
    """Return all cases of the `*.json` files in a folder; raises BadCases naming the file and the case."""
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        raise BadCases(f"There are no case files (*.json) in {folder}.")
    cases = [case for path in files for case in _read_file(path)]
    ids = [case.id for case in cases]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BadCases(f"{folder.name}: the id {twice[0]} stands there twice.")
    return cases


def _read_file(path: Path) -> Iterator[Case]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise BadCases(f"{path.name}: this is not JSON ({error}).") from None
    if not isinstance(data, list):
        raise BadCases(f"{path.name}: a case file is a list of cases.")
    for number, entry in enumerate(data, start=1):
        where = f"{path.name}, case number {number}"
        if not isinstance(entry, dict):
            raise BadCases(f"{where}: this is not a case.")
        for key in ("id", "kind", "input", "expect"):
            if key not in entry:
                raise BadCases(f"{where}: {key} is missing.")
        texts = {key: str(entry[key]) for key in ("timezone", "note", "source", "test") if key in entry}
        given, expect = watched(entry["input"]), watched(entry["expect"])
        yield Case(path.name, str(entry["id"]), str(entry["kind"]), given, expect, **texts)
