"""The roster as sheets: written, printed, read back; and sheets that somebody made elsewhere, taken or refused."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dutydesk import locale
from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError, Invalid, Refused
from dutydesk.domain.grid import Grid, address
from dutydesk.domain.roster_words import letters
from dutydesk.integrations import exports, files, sheet_files, tables
from dutydesk.integrations.tables import Column, Table
from dutydesk.locale import sentence, times
from dutydesk.services import notices, people, roster, roster_export, roster_import
from dutydesk.services.core import Actor
from dutydesk.services.roster_views import NewChange
from dutydesk.storage import chain, engine
from dutydesk.storage.models.roster import RosterChange
from tests.services.conftest import START, Clock, make_desk

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    locale.use("en")
    times.use_zone("Asia/Shanghai")
    yield
    locale.use("en")


def written(who: Actor, tmp_path: Path, form: str, name: str = "roster") -> Path:
    path = tmp_path / f"{name}.{form}"
    path.write_bytes(exports.render(roster_export.export(who, *NOVEMBER), form))
    return path


def on(who: Actor, day: int, kind: str) -> list[str]:
    slots = roster.view(who, date(2026, 11, day), date(2026, 11, day)).slots
    return [place.login for slot in slots if slot.kind == kind for place in slot.people]


def faults(who: Actor, grid: Grid, month: date | None = None) -> list[str]:
    with pytest.raises(roster_import.Faulty) as caught:
        roster_import.take(who, grid, "x.csv", month)
    return [sentence(fault) for fault in caught.value.faults]


def sheet(*rows: tuple[Any, ...]) -> Grid:
    return Grid(rows)


# Writing


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_month_sheet_is_as_departments_print_it(chief: Actor, tmp_path: Path, lang: str) -> None:
    locale.use(lang)
    book = openpyxl.load_workbook(written(chief, tmp_path, "xlsx"))
    page = book["2026-11"]
    english = lang == "en"
    assert page["A1"].value == (
        "Duty Desk: duty roster November 2026" if english else "信息科 Duty Desk 2026年11月值班表"
    )
    assert [page.cell(3, 3).value, page.cell(3, 3).number_format] == [datetime(2026, 11, 1), "d"]
    assert [page.cell(row, 3).value for row in (4, 5)] == (["Sun", "weekend"] if english else ["日", "周末"])
    assert page.cell(5, 3).fill.start_color.rgb == page.cell(8, 3).fill.start_color.rgb == "00DDEBF7"
    assert page.cell(5, 4).fill.fill_type is None
    names = [page.cell(row, 2).value for row in range(6, 10)]
    assert set(names) == ({f"Eng. {x}" for x in "ABCD"} if english else {f"{x}工" for x in "甲乙丙丁"})
    mine = names.index("Eng. A" if english else "甲工") + 6
    assert page.cell(mine, 24).value == ("D" if english else "白")
    duties = [cell.value for cell in page[mine][2:32] if cell.value]
    assert page.cell(mine, 33).value == len(duties)
    text = "\n".join(str(cell.value) for row in page.iter_rows() for cell in row if cell.value)
    assert (
        "D = Day 08:00–20:00; N = Night 20:00–08:00" if english else "白＝白班 08:00–20:00；夜＝夜班 20:00–08:00"
    ) in text
    assert (page.freeze_panes, page.print_title_rows, page.print_title_cols) == ("C6", "$3:$5", "$A:$B")
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("landscape", 1)


@pytest.mark.parametrize("form", ["xlsx", "csv", "ics"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_month_with_nobody_on_it_is_a_sheet_as_well(chief: Actor, form: str, lang: str) -> None:
    locale.use(lang)
    content = exports.render(roster_export.export(chief, date(2019, 2, 1), date(2019, 2, 28)), form)
    if form == "xlsx":
        page = openpyxl.load_workbook(io.BytesIO(content))["2019-02"]
        assert page.cell(3, 30).value == datetime(2019, 2, 28)


def test_what_would_be_a_formula_stays_text(tmp_path: Path) -> None:
    bad = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]
    table = Table("=t", (Column("a", "=head"), Column("n", "n")), tuple((text, -1) for text in bad))
    lines = tables.table_csv(table, mark=False).decode().splitlines()
    assert all(line.lstrip('"').startswith("'") and line.endswith((",-1", ",n")) for line in lines)
    page = openpyxl.load_workbook(io.BytesIO(tables.table_xlsx(table))).active
    cells = [cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert all(cell.data_type == "s" for cell in cells)
    assert all(cell.quotePrefix for cell in cells if cell.value != "n")
    assert page["B3"].value == -1


def test_a_file_is_whole_or_not_there_and_replaces_nothing_unasked(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    assert files.put(str(target), b"one") == str(target)
    with pytest.raises(Refused, match="already there"):
        files.put(str(target), b"two")
    assert target.read_bytes() == b"one"
    files.put(str(target), b"two", force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert target.read_bytes() == b"two"
    for wrong in (tmp_path, tmp_path / "none" / "a.csv", Path("/dev/null")):
        with pytest.raises(DeskError):
            files.put(str(wrong), b"x", force=True)


def test_a_missing_package_says_how_to_get_it() -> None:
    with pytest.raises(Refused, match=r"pip install 'dutydesk\[excel\]'"):
        files.package("no_such_package_here", "excel")


# Reading back


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_written_reads_back_as_the_same(
    chief: Actor, eng_a: Actor, tmp_path: Path, form: str, lang: str
) -> None:
    slot = next(s for s in roster.duties(chief, eng_a.person_id, *NOVEMBER) if s.day > date(2026, 11, 23))
    other = next(p for p in people.everyone(chief) if p.login == "eng-c")
    part = NewChange("replace", person_out=eng_a.person_id, person_in=other.id, from_at=slot.starts_at + 3600)
    roster.edit(chief, slot.shift_id or 0, part, reason="late")
    locale.use(lang)
    grid = sheet_files.read(str(written(chief, tmp_path, form)))
    head = chain.head()
    found = roster_import.take(chief, grid, "roster")
    assert (found.diff, found.same, found.untouched) == ((), 18, 0)
    assert chain.head() == head
    if form == "xlsx":
        listed = sheet_files.read(str(tmp_path / "roster.xlsx"), grid.others[0])
        assert roster_import.compare(chief, listed).diff == ()


def test_a_sheet_becomes_the_roster_and_everybody_is_told_once(chief: Actor, eng_a: Actor, eng_d: Actor) -> None:
    swapped = {("eng-a", 25): on(chief, 25, "day")[0], ("eng-a", 26): on(chief, 26, "night")[0]}
    assert "eng-a" not in swapped.values()
    grid = sheet(("姓名", "11-25", "26日", "27"), ("甲工", "白", "夜班", "休"))
    december = date(2026, 11, 1)
    before = chain.head()
    dry = roster_import.compare(chief, grid, december)
    assert [(line.day.day, line.kind) for line in dry.diff] == [(25, "day"), (26, "night")]
    assert (chain.head(), dry.untouched) == (before, 2)
    roster_import.take(chief, grid, "值班.xlsx", december)
    assert on(chief, 25, "day") == on(chief, 26, "night") == ["eng-a"]
    rows = list(RosterChange.select().order_by(RosterChange.id))
    assert {(row.kind, row.source, row.reason) for row in rows} == {("replace", "hand", "由 值班.xlsx 导入")}
    told = [line for line in notices.mine(eng_a) if "imported" in line.said.message]
    assert [line.said.values["into"] for line in told] == [2]
    assert chain.verify().broken is None


def test_a_list_takes_parts_of_shifts(chief: Actor) -> None:
    grid = sheet(
        ("Date", "Shift", "From", "To", "Login", "Name"),
        ("2026-11-25", "Night", "20:00", "00:00", "eng-a", ""),
        ("2026/11/25", "night", "0:00", "", "", "Eng. B"),
        ("2026-11-25", "Day", "", "", "", ""),
    )
    roster_import.take(chief, grid, "parts.csv")
    slot = next(s for s in roster.view(chief, date(2026, 11, 25), date(2026, 11, 25)).slots if s.kind == "night")
    assert [(p.login, p.from_at - slot.starts_at, p.to_at - slot.starts_at) for p in slot.people] == [
        ("eng-a", 0, 4 * 3600),
        ("eng-b", 4 * 3600, 12 * 3600),
    ]
    assert roster_import.compare(chief, grid).diff == ()


# Refusing


def test_every_fault_is_named_by_its_cell_and_nothing_is_written(chief: Actor) -> None:
    head = chain.head()
    grid = sheet(
        ("Roster November 2026",),
        ("No.", "Name", 25, 26, 27, "Duties"),
        ("", "", "Wed", "Thu", "Fri"),
        (1, "Eng. A", "D", "", "D N", 3),
        (2, "x", "", "N", "", 1),
        (3, "Eng. B", "Late", "", "", 1),
        (4, "Eng. A", "", "N", "", 1),
        ("", "", "N", "", "", ""),
        ("", "Made by: ____", "", "", "", ""),
    )
    assert faults(chief, grid) == [
        "B5: there is no person “x”.",
        "C6: “Late” is no shift here; write one of Day, Night.",
        "B7: “Eng. A” has a row already, B4.",
        "B8: whose row is this? A name is missing.",
    ]
    assert chain.head() == head


def test_what_the_desk_cannot_take_is_named_too(chief: Actor, now: Clock) -> None:
    grid = sheet(
        ("Date", "Shift", "Name", "From", "To"),
        ("2026-11-22", "Day", "Eng. B", "", ""),
        ("2027-02-01", "Day", "Eng. B", "", ""),
        ("2026-11-25", "Day", "Reader", "", ""),
        ("2026-11-26", "Day", "Eng. A", "07:00", ""),
        ("2026-11-27", "Day", "Eng. A", "", ""),
        ("2026-11-27", "Day", "Eng. A", "", ""),
        ("yesterday", "Day", "Eng. A", "nine", ""),
    )
    found = faults(chief, grid)
    assert found[:2] == [
        "A8: “yesterday” is no day; write 2026-11-22.",
        "D8: “nine” is no time; write 20:00 or 2026-11-22 20:00.",
    ]
    assert [fault.partition(":")[0] for fault in found[2:]] == ["C3", "C5", "C7", "C4", "C2"]
    assert "plan and publish it first" in found[2]
    assert found[-1].endswith("has begun or is signed for; Eng. A stays on it.")


def test_two_people_of_one_name_need_their_logins(chief: Actor) -> None:
    people.add(chief, "eng-z", "甲工", "engineer")
    grid = sheet(("姓名", date(2026, 11, 25)), ("甲工", "白"))
    with pytest.raises(roster_import.Faulty) as caught:
        roster_import.compare(chief, grid)
    assert "write the login" in sentence(caught.value.faults[0])
    assert roster_import.compare(chief, sheet(("姓名", date(2026, 11, 25)), ("eng-z", "白"))).diff


def test_only_the_supervisor_imports(eng_a: Actor) -> None:
    with pytest.raises(Refused):
        roster_import.compare(eng_a, sheet(("姓名", date(2026, 11, 25)), ("甲工", "白")))


def test_any_bytes_give_a_sentence(chief: Actor, tmp_path: Path) -> None:
    good = written(chief, tmp_path, "xlsx").read_bytes()
    plain = written(chief, tmp_path, "csv").read_bytes()
    dice = random.Random(7)
    path = tmp_path / "any"
    for turn in range(60):
        base = [bytes(dice.randbytes(400)), b"PK\x03\x04" + dice.randbytes(200), good, plain, b"\xd0\xcf\x11\xe0"][
            turn % 5
        ]
        data = bytearray(base)
        for _each in range(dice.randrange(1, 30)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(data[: dice.randrange(len(data) + 1)] if turn % 2 else data)
        with suppress(DeskError):
            roster_import.compare(chief, sheet_files.read(str(path)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_is_read_as_excel_writes_it(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"姓名{mark}2026-11-25\r\n甲工{mark}白\r\n\r\n".encode(encoding))
    assert sheet_files.read(str(path)).rows == (("姓名", "2026-11-25"), ("甲工", "白"))


def test_letters_are_short_and_never_the_same() -> None:
    assert letters({"d": "白班", "n": "夜班"}) == {"d": "白", "n": "夜"}
    assert letters({"day": "Day", "duty": "Duty", "n": "Night"}) == {"day": "Da", "duty": "Du", "n": "N"}
    assert letters({"a": "Day", "b": "Day 2", "c": "day"}) == {"a": "a", "b": "Day 2", "c": "c"}
    assert [address(0, 0), address(6, 27)] == ["A1", "AB7"]


def test_a_file_without_a_roster_is_refused(chief: Actor) -> None:
    for grid in (sheet(), sheet(("a", "b"), (1, 2)), sheet(("Name", date(2026, 11, 25)), ("Eng. A", ""))):
        with pytest.raises(Invalid):
            roster_import.compare(chief, grid)


def test_a_desk_with_posts_and_one_shift_writes_the_posts(tmp_path: Path) -> None:
    make_desk(tmp_path / "desk.sqlite", "split-cycle")
    engine.connect(str(tmp_path / "desk.sqlite"))
    try:
        with clock.frozen(START):
            _check_posts(people.identify("chief"), tmp_path)
    finally:
        engine.disconnect()


def _check_posts(chief: Actor, tmp_path: Path) -> None:
    def held() -> dict[str, str]:
        slot = roster.view(chief, date(2026, 11, 25), date(2026, 11, 25)).slots[0]
        return {place.post: place.login for place in slot.people}

    before = held()
    assert set(before) == {"specialist", "network", "system"}
    locale.use("zh")
    path = written(chief, tmp_path, "xlsx")
    assert roster_import.compare(chief, sheet_files.read(str(path))).diff == ()
    book = openpyxl.load_workbook(path)
    page = book["2026-11"]
    rows = {page.cell(row, 27).value: row for row in range(6, 10) if page.cell(row, 27).value}
    assert set(rows) == {"专", "网", "系"}
    first, second = page.cell(rows["专"], 27), page.cell(rows["网"], 27)
    first.value, second.value = "网", "专责"
    book.save(path)
    roster_import.take(chief, sheet_files.read(str(path)), "posts.xlsx")
    after = held()
    assert after == before | {"specialist": before["network"], "network": before["specialist"]}
    assert roster_import.compare(chief, sheet_files.read(str(path))).diff == ()
    text = "\n".join(str(cell.value) for row in page.iter_rows() for cell in row if cell.value)
    assert "网＝网络管理员；专＝专责；系＝系统管理员" in text
