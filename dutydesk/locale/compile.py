"""Make the Chinese catalogue: every `.po` file under `zh_CN/LC_MESSAGES` merged into one `dutydesk.mo`.

`python -m dutydesk.locale.compile` writes it; `--check` writes nothing and says what is wrong: a message
translated in two ways, places that differ, a message of the code without Chinese, a stale `dutydesk.mo`.
"""

from __future__ import annotations

import argparse
import ast
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LOCALE = Path(__file__).parent
FOLDER = LOCALE / "zh_CN" / "LC_MESSAGES"
CATALOGUE = FOLDER / "dutydesk.mo"
HEADER = "Content-Type: text/plain; charset=UTF-8\nLanguage: zh_CN\nPlural-Forms: nplurals=1; plural=0;\n"
_LINE = re.compile(r'(?:(msgid_plural|msgid|msgstr)(?:\[(\d+)\])?\s+)?(".*")')
_PLACE = re.compile(r"\{(\w+)[^}]*\}")


@dataclass
class Entry:
    """One message of a `.po` file: where it stands, its plural when it has one, and the translations."""

    file: str
    line: int
    msgid: str = ""
    plural: str | None = None
    msgstr: dict[int, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Return `file:line` for a complaint."""
        return f"{self.file}:{self.line}"

    @property
    def translation(self) -> str:
        """Return the translations joined as a catalogue stores them."""
        return "\0".join(self.msgstr[number] for number in sorted(self.msgstr))


def read_po(text: str, file: str) -> Iterator[Entry]:
    """Yield the messages of a `.po` text, without the header and without untranslated ones.

    Raises ValueError with `file:line` when a line is not understood.
    """
    entry = Entry(file, 0)
    target: tuple[str, int] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if not match:
            raise ValueError(f"{file}:{number}: not understood: {line}")
        keyword, index, quoted = match.groups()
        if keyword == "msgid":
            if entry.msgid and entry.msgstr:
                yield entry
            entry = Entry(file, number)
        target = (keyword, int(index or 0)) if keyword else target
        _append(entry, target, quoted, number)
    if entry.msgid and entry.msgstr:
        yield entry


def _append(entry: Entry, target: tuple[str, int] | None, quoted: str, number: int) -> None:
    if target is None:
        raise ValueError(f"{entry.file}:{number}: a text without msgid or msgstr")
    value: str = ast.literal_eval(quoted)
    keyword, index = target
    if keyword == "msgid":
        entry.msgid += value
    elif keyword == "msgid_plural":
        entry.plural = (entry.plural or "") + value
    else:
        entry.msgstr[index] = entry.msgstr.get(index, "") + value


def merge(folder: Path = FOLDER) -> tuple[dict[str, Entry], list[str]]:
    """Return all translated messages of `folder` by msgid, and what is wrong with them as lines."""
    merged: dict[str, Entry] = {}
    wrong: list[str] = []
    for path in sorted(folder.glob("*.po")):
        try:
            entries = list(read_po(path.read_text(encoding="utf-8"), path.name))
        except (ValueError, SyntaxError) as error:
            wrong.append(str(error))
            continue
        for entry in entries:
            if not entry.translation.strip("\0"):
                continue
            known = merged.setdefault(entry.msgid, entry)
            if known.translation != entry.translation:
                wrong.append(
                    f"{entry.place}: {entry.msgid!r} is {entry.translation!r} here, "
                    f"{known.translation!r} in {known.place}"
                )
            elif entry.plural and not known.plural:
                merged[entry.msgid] = entry
            wrong.extend(_places_differ(entry))
    return merged, wrong


def _places_differ(entry: Entry) -> Iterator[str]:
    allowed = set(_PLACE.findall(entry.msgid)) | set(_PLACE.findall(entry.plural or ""))
    needed = set(_PLACE.findall(entry.plural or entry.msgid)) - {"n"}
    for text in entry.msgstr.values():
        found = set(_PLACE.findall(text))
        if not needed <= found or not found <= allowed:
            yield f"{entry.place}: {entry.msgid!r} has the places {sorted(allowed)}, its translation {sorted(found)}"


def mo_bytes(merged: dict[str, Entry]) -> bytes:
    """Return the binary catalogue, the same bytes for the same messages."""
    pairs = [("", HEADER)]
    for msgid, entry in merged.items():
        pairs.append((f"{msgid}\0{entry.plural}" if entry.plural else msgid, entry.translation))
    encoded = sorted((key.encode(), value.encode()) for key, value in pairs)
    count, start = len(encoded), 28
    keys_at, values_at = start, start + 8 * count
    offset = start + 16 * count
    tables: list[bytes] = []
    bodies: list[bytes] = []
    for column in (0, 1):
        for pair in encoded:
            tables.append(struct.pack("<II", len(pair[column]), offset))
            bodies.append(pair[column] + b"\0")
            offset += len(pair[column]) + 1
    return struct.pack("<7I", 0x950412DE, 0, count, keys_at, values_at, 0, 0) + b"".join(tables + bodies)


def messages_of(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and msgid of every literal given to `_`, `N_`, or `ngettext` (its first) in Python `source`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0]
        if name in ("_", "N_", "ngettext") and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield node.lineno, first.value


def untranslated(merged: dict[str, Entry], package: Path = LOCALE.parent) -> Iterator[str]:
    """Yield `file:line: message` for every message of the code that has no Chinese."""
    for path in sorted(package.rglob("*.py")):
        for line, msgid in messages_of(path.read_text(encoding="utf-8")):
            if msgid and msgid not in merged:
                yield f"{path.relative_to(package.parent)}:{line}: no Chinese for {msgid!r}"


def main(argv: list[str] | None = None) -> int:
    """Write the catalogue, or check it; 0 when all is well, 1 with the complaints on stderr."""
    parser = argparse.ArgumentParser(prog="python -m dutydesk.locale.compile", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only say what is wrong")
    check = parser.parse_args(argv).check
    merged, wrong = merge()
    made = mo_bytes(merged)
    if check:
        wrong.extend(untranslated(merged))
        if not CATALOGUE.exists() or CATALOGUE.read_bytes() != made:
            wrong.append(f"{CATALOGUE.name} is not what the .po files say; run `make catalogues`")
    else:
        CATALOGUE.write_bytes(made)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
