"""Catalogues: merged by an own reader, complaints in words, the same bytes for the same messages."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest

from dutydesk.locale import compile as catalogues

PO = r"""
# a comment
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

msgid "Shift"
msgstr "值班"

msgid "{n} round late"
msgid_plural "{n} rounds late"
msgstr[0] "{n} 项巡检逾期"

msgid ""
"A long "
"line “{name}”\n"
msgstr ""
"很长的"
"一行“{name}”\n"

msgid "Not yet"
msgstr ""
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one catalogue."""
    (tmp_path / "a.po").write_text(PO, encoding="utf-8")
    return tmp_path


def test_read_and_write(folder: Path) -> None:
    """What gettext reads back is what stands in the file; an untranslated message is left out."""
    merged, wrong = catalogues.merge(folder)
    assert wrong == []
    made = catalogues.mo_bytes(merged)
    assert made == catalogues.mo_bytes(dict(reversed(merged.items())))
    words = gettext.GNUTranslations(io.BytesIO(made))
    assert words.gettext("Shift") == "值班"
    assert words.gettext("A long line “{name}”\n") == "很长的一行“{name}”\n"
    assert words.gettext("Not yet") == "Not yet"
    assert {words.ngettext("{n} round late", "{n} rounds late", n) for n in (0, 1, 5)} == {"{n} 项巡检逾期"}


@pytest.mark.parametrize(
    ("po", "complaint"),
    [
        ('msgid "Shift"\nmsgstr "班次"', "b.po:1: 'Shift' is '班次' here, '值班' in a.po:6"),
        ('msgid "{name} left"\nmsgstr "已离开"', "has the places ['name'], its translation []"),
        ('msgid "left"\nmsgstr "{name} 已离开"', "has the places [], its translation ['name']"),
        ('msgid "x"\nmsgctxt "y"', "b.po:2: not understood"),
        ('msgid "unfinished', "b.po:1: not understood"),
        ('"nowhere"', "b.po:1: a text without msgid or msgstr"),
    ],
)
def test_complaints_name_file_and_line(folder: Path, po: str, complaint: str) -> None:
    """A message in two ways, places that differ, and what cannot be read."""
    (folder / "b.po").write_text(po, encoding="utf-8")
    merged, wrong = catalogues.merge(folder)
    assert len(wrong) == 1
    assert complaint in wrong[0]
    assert merged["Shift"].translation == "值班"


def test_messages_are_found_in_code() -> None:
    """`_`, `N_` and `ngettext` with a literal, wherever they stand."""
    code = 'a = N_("One")\nprint(_("Two {x}", x=1), locale._("Three"))\nngettext("{n} f", "{n} s", 2)\n_(name)\n'
    assert sorted(catalogues.messages_of(code)) == [(1, "One"), (2, "Three"), (2, "Two {x}"), (3, "{n} f")]
