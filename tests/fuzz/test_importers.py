"""Whatever is in a file that is brought in: it is taken, or one sentence says where it is wrong. Never a traceback."""

from __future__ import annotations

import io
import re
import string
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dutydesk import locale
from dutydesk.cli import common, config
from dutydesk.domain import calendar, checklists, deadlines, fatigue, policy, rates
from dutydesk.domain.errors import DeskError
from dutydesk.domain.grid import Grid
from dutydesk.domain.tables import toml
from dutydesk.integrations import sheet_files
from dutydesk.locale import sentence
from dutydesk.services import allowance, planning, roster_export, roster_import
from dutydesk.services import desk as desks
from dutydesk.services import policy as policies
from dutydesk.services.core import Actor
from dutydesk.storage import engine, text_files
from dutydesk.storage.shipped import data_path
from dutydesk.ui import keymap
from tests.fuzz.spoilt import JUNK, bomb, edited, plain_book, repacked, reworked, spoilt

SECONDS = 4.0
"""Processor time that any file may take, with other tests on the same cores: twice what a person would wait."""
TRIES = 40
QUICK = settings(
    max_examples=TRIES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
LONG = settings(QUICK, max_examples=3000, derandomize=False)

Read = Callable[[str, str], Any]
TOML_READERS: dict[str, tuple[str, Read]] = {
    "policy": ("policies/split-cycle.toml", policy.read_policy),
    "policy-week": ("policies/weekly-team.toml", policy.read_policy),
    "calendar": ("calendars/cn.toml", calendar.read_calendar),
    "rates": ("rates/example.toml", rates.read_rates),
    "rooms": ("checklists/rooms.toml", checklists.read_rooms),
    "checklist": ("checklists/ups-room.toml", checklists.read_checklist),
    "people": ("demo/people.toml", desks.read_people),
    "law": ("legal/cn.toml", deadlines.read_rules),
    "guidance": ("fatigue/hse.toml", fatigue.read_guidance),
}
ANSWER = re.compile(r"file\.toml(?:, line \d+|, \[|, item |:| )")
"""The file, and then the line, the table, the item or the key."""


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    locale.use("en")
    yield
    locale.use("en")


@contextmanager
def in_time() -> Iterator[None]:
    """Fail when it takes more processor time than a person would wait."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS


def told(error: DeskError) -> str:
    """Return the sentence of a refusal, which is one that can be shown in both languages."""
    said = sentence(error)
    assert said
    assert {place for _text, place, *_ in string.Formatter().parse(error.sentence) if place} <= set(error.values)
    locale.use("zh")
    assert sentence(error)
    locale.use("en")
    return said


def taken(read: Read, content: bytes) -> str | None:
    """Read a file as the program does; return what was refused, None when it was taken."""
    with in_time():
        return refused(lambda: read(text_files.decoded(content, "file.toml"), "file.toml"))


def refused(call: Callable[[], Any]) -> str | None:
    """Do something; return the sentence of its refusal, None when there was none."""
    try:
        call()
    except DeskError as error:
        return told(error)
    return None


def check_toml(name: str, data: st.DataObject) -> None:
    """Draw a spoilt file and check that what is wrong with it is said, and where."""
    shipped, read = TOML_READERS[name]
    said = taken(read, data.draw(spoilt(data_path(shipped).read_bytes())))
    assert said is None or ANSWER.search(said), said


@pytest.mark.parametrize("name", TOML_READERS)
@given(data=st.data())
@QUICK
def test_any_toml_is_taken_or_refused_in_a_sentence(name: str, data: st.DataObject) -> None:
    check_toml(name, data)


@pytest.mark.parametrize(
    ("name", "key", "wrong", "said"),
    [
        ("policy", "zone", "Mars", "file.toml: There is no time zone “Mars”. Write it as Asia/Shanghai."),
        ("policy", "from", "25:00", "file.toml, [shifts.duty]: “25:00” is not a time of day. Write it as 08:30."),
        ("policy-week", "turn_at", "8", "file.toml, [[rotation]] 1: “8” is not a time of day. Write it as 08:30."),
        ("guidance", "sleep_to", "x", "file.toml, [rest]: “x” is not a time of day. Write it as 08:30."),
        ("rates", "from", "x", "file.toml, [night]: “x” is not a time of day. Write it as 08:30."),
    ],
)
def test_a_wrong_time_or_zone_is_said_with_its_place(name: str, key: str, wrong: str, said: str) -> None:
    shipped, read = TOML_READERS[name]
    content = re.sub(rf'(?m)^{key} = "[^"]*"', f'{key} = "{wrong}"', data_path(shipped).read_text("utf-8"), count=1)
    assert taken(read, content.encode()) == said


@pytest.mark.soak
@pytest.mark.parametrize("name", TOML_READERS)
@given(data=st.data())
@LONG
def test_any_toml_for_long(name: str, data: st.DataObject) -> None:
    check_toml(name, data)


MONSTERS = {
    "deep arrays": b"x = " + b"[" * 200_000,
    "deep tables": b"x = " + b"{a = " * 90_000,
    "a long name": b"a" + b".a" * 200_000 + b" = 1",
    "a long header": b"[a" + b".a" * 200_000 + b"]",
    "a long inline name": b"x = { a" + b".a" * 200_000 + b" = 1 }",
    "a spaced name": b"a" + b" . a" * 100_000 + b" = 1",
    "a quoted name": b'"a"' + b'."a"' * 100_000 + b" = 1",
    "a long number": b"x = " + b"9" * 400_000,
    "many headers": b"".join(b"[a%d.b.c.d.e]\n" % number for number in range(15_000)),
    "open text": b"x = '''" + b"y\n" * 200_000,
    "one line": b"x = [" + b"0.1," * 60_000 + b"]",
    "too much": b"#" * 500_001,
}
"""What the standard library's reader takes minutes, all of the stack or all of the memory for; each file is allowed."""


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_is_refused_at_once(name: str) -> None:
    assert taken(desks.read_people, MONSTERS[name])


def test_what_the_sentence_says() -> None:
    """The line is the one where it is wrong, and every reason has its own words."""
    assert taken(desks.read_people, b"\n\nx = [[[" + b"[" * 5000) == "file.toml, line 3: this is nested too deeply."
    assert taken(desks.read_people, b"\na" + b".a" * 100 + b"=1") == "file.toml, line 2: this is nested too deeply."
    assert taken(desks.read_people, b"x = 1\nx = 2") == "file.toml, line 2: this is not TOML."
    assert taken(desks.read_people, b"\nx = " + b"9" * 4400) == "file.toml, line 2: this is not TOML."
    gbk = "# a\nname = '值班'\n".encode("gbk")
    assert taken(desks.read_people, gbk) == ("file.toml, line 2: this is not UTF-8; save the file as text in UTF-8.")
    assert "UTF-8" in (taken(desks.read_people, "[[people]]".encode("utf-16")) or "")
    assert taken(desks.read_people, b"#" * 500_001) == "file.toml is larger than 500 kB."


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-8"])
def test_what_windows_writes_is_read(mark: str) -> None:
    text = data_path("demo/people.toml").read_text(encoding="utf-8").replace("\n", "\r\n")
    assert taken(desks.read_people, text.encode(mark)) is None


def test_an_honest_file_is_not_called_deep() -> None:
    """Dots in texts and in lists of numbers are no names."""
    assert toml(f"x = [{', '.join(['0.5'] * 300)}]\ny = '{'.' * 500}'\n", "x")["x"][0] == 0.5


# The desk behind it: what was read is also carried out


def rolled_back(call: Callable[[], Any]) -> str | None:
    """Do something at the desk and undo it; return what was refused."""
    with in_time(), engine.db.atomic() as change:
        said = refused(call)
        change.rollback()
    return said


@given(data=st.data())
@settings(QUICK, max_examples=15)
def test_a_policy_that_is_taken_can_be_carried_out(chief: Actor, data: st.DataObject) -> None:
    content = data.draw(revalued_policy())
    rolled_back(lambda: policies.adopt(chief, text_files.decoded(content, "p"), "p", date(2026, 12, 1)))


@given(data=st.data())
@settings(QUICK, max_examples=15)
def test_a_calendar_and_rates_that_are_taken_can_be_carried_out(chief: Actor, data: st.DataObject) -> None:
    year = data.draw(spoilt(data_path("calendars/cn.toml").read_bytes()[-4000:]))
    rolled_back(lambda: planning.import_calendar(chief, text_files.decoded(year, "c"), "c"))
    money = data.draw(spoilt(data_path("rates/example.toml").read_bytes()))
    rolled_back(lambda: allowance.set_rates(chief, text_files.decoded(money, "r"), date(2026, 12, 1), source="r"))


def revalued_policy() -> st.SearchStrategy[bytes]:
    """Return a strategy for policies that are well formed and odd."""
    from tests.fuzz.spoilt import revalued

    return revalued(data_path("policies/twelve-hour.toml").read_bytes())


# config.toml and keys.toml


@given(content=st.one_of(spoilt(b'db = "x"\nlogin = "eng-a"\nlang = "zh"\n'), st.binary(max_size=60)))
@QUICK
def test_any_config_file(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "config.toml"
    path.write_bytes(content)
    said = refused(lambda: config.read(path))
    assert said is None or path.name in said, said


@given(content=st.one_of(spoilt(b'[keys]\n"desk.incident" = "i"\n"desk.palette" = ["ctrl+k", ":"]\n'), st.binary()))
@QUICK
def test_any_keys_file(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "keys.toml"
    path.write_bytes(content)
    keys, wrong = keymap.read(path)
    assert all(isinstance(key, str) for each in keys.values() for key in each)
    assert all(line.endswith(".") or line.endswith("。") for line in wrong), wrong


@given(content=st.binary(max_size=80))
@QUICK
def test_any_pin_file(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "pin"
    path.write_bytes(content)
    said = refused(lambda: common._pin_from_file(str(path)))
    assert said is None or "cannot be read" in said, said


# Sheets


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the month of a desk as the program itself writes it, by form; made once."""
    from dutydesk.domain import clock
    from dutydesk.integrations import exports
    from dutydesk.services import people
    from tests.services.conftest import START, make_desk

    path = tmp_path_factory.mktemp("month") / "desk.sqlite"
    make_desk(path)
    engine.connect(str(path))
    with clock.frozen(START):
        found = roster_export.export(people.identify("chief"), date(2026, 11, 1), date(2026, 11, 30))
        written = {form: exports.render(found, form) for form in ("csv", "xlsx")}
    engine.disconnect()
    return written


def compared(who: Actor, content: bytes, name: str) -> None:
    """Read a sheet and compare it with the roster; every refusal names the file, a line or a cell."""
    path = text_files.Path(engine.url()).with_name(name)
    path.write_bytes(content)
    faults: list[DeskError] = []

    def compare() -> None:
        try:
            roster_import.compare(who, sheet_files.read(str(path)), date(2026, 11, 1))
        except roster_import.Faulty as faulty:
            faults.extend(faulty.faults)

    with in_time():
        refused(compare)
    assert all(re.match(r"[A-Z]+\d+\b", told(fault)) for fault in faults)


@given(data=st.data())
@settings(QUICK, max_examples=30)
def test_any_csv(chief: Actor, month: dict[str, bytes], data: st.DataObject) -> None:
    compared(
        chief, data.draw(st.one_of(edited(month["csv"], most=8), edited(month["csv"][:400]), st.binary())), "x.csv"
    )


@given(data=st.data())
@settings(QUICK, max_examples=20)
def test_any_workbook(chief: Actor, month: dict[str, bytes], data: st.DataObject) -> None:
    book = month["xlsx"]
    compared(chief, data.draw(st.one_of(reworked(book), reworked(book), edited(book))), "x.xlsx")


@pytest.mark.soak
@given(data=st.data())
@settings(LONG, max_examples=1500)
def test_any_sheet_for_long(chief: Actor, month: dict[str, bytes], data: st.DataObject) -> None:
    book = month["xlsx"]
    form = data.draw(st.sampled_from(["csv", "xlsx"]))
    drawn = data.draw(reworked(book) if form == "xlsx" else edited(month["csv"], most=12))
    compared(chief, drawn, f"x.{form}")


def sheet_error(tmp_path: Any, content: bytes) -> str:
    """Return what is said about a sheet that is refused."""
    path = tmp_path / "sheet"
    path.write_bytes(content)
    with in_time(), pytest.raises(DeskError) as caught:
        sheet_files.read(str(path))
    return told(caught.value).replace(str(path), "sheet")


LAUGHS = b'<!DOCTYPE l [<!ENTITY a0 "ha">' + b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)
)


def with_sheet(content: bytes) -> bytes:
    """Return a workbook whose only sheet is this XML."""
    return repacked(plain_book(), lambda name, old: content if name == "xl/worksheets/sheet1.xml" else old)


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "sheet is neither a csv nor an xlsx."),
        (b"\0" * 5000, "sheet is neither a csv nor an xlsx."),
        (b"a,b\n\x01,c", "sheet is neither a csv nor an xlsx."),
        (b'a,b\nc,d\n"e,f\n', "sheet, line 3: this is no csv; perhaps a quotation mark is missing."),
        (b"a,b\n" + b"x" * 200_000, "sheet, line 2: this is no csv; perhaps a quotation mark is missing."),
        (b"a,b\n" * 5001, "sheet has more than 5000 lines."),
        (b"a" * 8_000_001, "sheet is larger than 8 MB."),
        (b"PK\x03\x04" + b"x" * 100, "sheet is no workbook that can be read."),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "sheet is an old Excel file; save it as .xlsx or .csv."),
        (
            with_sheet(LAUGHS + b"]>" + SHEET % b"<row><c><v>&a11;</v></c></row>"),
            "sheet is no workbook that can be read.",
        ),
        (with_sheet(SHEET % (b"<row>" * 30_000)), "sheet is no workbook that can be read."),
        (with_sheet(SHEET % (b"<row><c><v>0</v></c></row>" * 5001)), "sheet has more than 5000 lines."),
        (with_sheet(SHEET % b'<row r="1048576"><c r="A1048576"><v>0</v></c></row>'), "sheet has more than 5000 lines."),
        (b"a,b\n" + b"c," * 500 + b"d\n", "sheet has more than 500 columns."),
        (with_sheet(SHEET % (b"<row>" + b"<c><v>0</v></c>" * 501 + b"</row>")), "sheet has more than 500 columns."),
        (with_sheet(SHEET % b'<row r="1"><c r="SG1"><v>0</v></c></row>'), "sheet has more than 500 columns."),
    ],
    ids=range(16),
)
def test_sheets_that_are_none(tmp_path: Any, content: bytes, said: str) -> None:
    assert sheet_error(tmp_path, content) == said


def test_empty_columns_at_the_end_do_not_count(tmp_path: Any) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"a,b" + b"," * 900 + b"\n")
    assert sheet_files.read(str(path)).rows[0][:3] == ("a", "b", "")


@pytest.mark.parametrize("megabytes", [10, 60])
def test_a_bomb_of_zeros(tmp_path: Any, megabytes: int) -> None:
    packed = bomb(megabytes)
    assert len(packed) < 500_000
    assert sheet_error(tmp_path, packed) in (
        "sheet has more than 5000 lines.",
        "sheet is no workbook that can be read.",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_encodings_of_excel(tmp_path: Any, encoding: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes("日期,班次,姓名\r\n2026-11-22,白班,甲工\r\n".encode(encoding))
    assert sheet_files.read(str(path)).rows[1] == ("2026-11-22", "白班", "甲工")


def test_merged_cells_formulas_and_dates_out_of_time(tmp_path: Any, chief: Actor) -> None:
    """Merged cells, formulas without a value, numbers and days beyond every calendar: read, or named."""
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.append(["姓名", dt.date(2026, 11, 22), dt.date(1900, 1, 1), dt.date(9999, 12, 31), 1e300, -1, dt.time(8)])
    page.append(["甲工", "白班", "=1+1", None, True, float("inf"), dt.timedelta(days=400)])
    page.merge_cells("B2:D2")
    out = io.BytesIO()
    book.save(out)
    compared(chief, out.getvalue(), "x.xlsx")
    for day in ("0000-01-01", "9999-12-31", "1899-12-31", "2026-13-01", "２０２６-11-22"):
        compared(chief, f"日期,班次,姓名\n{day},白班,甲工\n".encode(), "x.csv")


def test_junk_in_every_cell_names_the_cell(chief: Actor) -> None:
    for junk in JUNK:
        text = junk.decode("utf-8", "replace")[:200]
        with pytest.raises(DeskError) as caught:
            roster_import.compare(chief, Grid((("日期", "班次", "姓名"), (text, text, text or "x"))), date(2026, 11, 1))
        assert told(caught.value)
