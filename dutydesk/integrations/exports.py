"""The roster as a file of any format, and where the console puts what it writes."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dutydesk.domain.errors import Invalid, Refused
from dutydesk.domain.text import required
from dutydesk.domain.words import N_, Named
from dutydesk.integrations import files
from dutydesk.services.roster_export import Export

FOLDER = "DUTYDESK_EXPORTS"
"""The environment variable that names the folder of the console's exports."""
_NAME = re.compile(r"[\w(（][\w .,()（）+-]*")


class Format(Named):
    """What the roster is written as."""

    XLSX = "xlsx", N_("Month sheet (xlsx)")
    ICS = "ics", N_("Calendar (ics)")
    CSV = "csv", N_("List (csv)")


def render(export: Export, form: str) -> bytes:
    """Return the roster as a file of the format."""
    if form == "ics":
        from dutydesk.integrations.roster_ics import calendar

        return calendar(export)
    if form == "xlsx":
        from dutydesk.integrations.roster_xlsx import roster_workbook

        return roster_workbook(export)
    from dutydesk.integrations.roster_csv import roster_table
    from dutydesk.integrations.tables import table_csv

    return table_csv(roster_table(export))


def folder(desk: Path | None) -> Path:
    """Return where the console writes: the folder that the environment names, else `exports` beside the desk's file.

    A desk on a server has no file; then it is the folder of the user's data.
    """
    named = os.environ.get(FOLDER, "")
    if named:
        return Path(os.path.expanduser(named))
    if desk is not None:
        return desk.parent / "exports"
    from platformdirs import user_data_path

    return user_data_path("dutydesk", appauthor=False) / "exports"


def keep(content: bytes, place: Path, name: str, form: str) -> str:
    """Write an export under a new name in the console's folder; returns the whole path.

    A name is a name: it leads to no other folder, hides no file and replaces none. Raises Invalid with `file` as field.
    """
    name = required(name, "file", limit=80).removesuffix(f".{form}")
    if not _NAME.fullmatch(name):
        raise Invalid(N_("A name is letters, digits, spaces and - _ . ( ), without a folder."), field="file")
    path = place / f"{name}.{form}"
    if path.exists() or path.is_symlink():
        raise Invalid(N_("{name} is already there; take another name."), field="file", name=path.name)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return files.put(str(path), content)
    except Refused:
        raise Invalid(N_("{name} is already there; take another name."), field="file", name=path.name) from None
