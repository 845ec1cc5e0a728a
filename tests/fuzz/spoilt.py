"""Files that somebody spoilt: a valid one with parts cut, doubled, swapped, and values of the wrong kind put in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from hypothesis import strategies as st

VALUE = re.compile(r"(?<== )[^\n]+")
LITERALS = [
    *(
        "0",
        "-1",
        "1",
        "2",
        "7",
        "999999999999999999999999",
        "1e999",
        "-inf",
        "nan",
        "0.5",
        "true",
        "false",
        '""',
        '" "',
    ),
    *('"x"', '"08:00"', '"24:00"', '"20:00"', '"slot"', '"eng-a"', '"Asia/Shanghai"', '"Mars/Base"', "'''\n'''"),
    *("[]", "{}", "[[]]", "[1]", '["x"]', '["mon"]', '[["eng-a", "eng-b"], "eng-c"]', '{ en = "x" }', '{ "" = "" }'),
    *("0001-01-01", "9999-12-31", "1899-12-31", "2026-02-30", "2026-11-22", "2026-11-22T00:00:00Z", "08:00:00"),
    *('"\\u0000"', '"\\u202e[red]{x}"', '"值班"', '"' + "x" * 5000 + '"', "9" * 4400, "[" * 2000, "{a=" * 2000, "="),
]
"""What may stand behind an equals sign, and what may not."""
JUNK = [
    *(b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xc3(", b"\xed\xa0\x80", b"\x1b[2J", b"\r", b"\n", b"\x85"),
    *("值班".encode("gbk"), "值班".encode("utf-16"), b'"', b"'", b"'''", b"[[", b"]]", b"[", b"{", b"}", b"#", b"="),
    *(b"a." * 3000, b"[a." * 3000, b"x = " + b"[" * 3000, b"9" * 5000, b"=1+1", b"@SUM(A1)", b",", b";", b"\t"),
]
"""What is put in between."""


@st.composite
def edited(draw: st.DrawFn, content: bytes, most: int = 4) -> bytes:
    """Draw a valid file with a few edits: cut, doubled, moved, junk put in, or an end that is missing."""
    for _ in range(draw(st.integers(1, most))):
        first = draw(st.integers(0, len(content)))
        last = min(len(content), first + draw(st.integers(0, 60)))
        way = draw(st.sampled_from(["cut", "double", "junk", "bytes", "end", "swap"]))
        middle = {
            "cut": b"",
            "double": content[first:last] * 3,
            "junk": draw(st.sampled_from(JUNK)) if way == "junk" else b"",
            "bytes": draw(st.binary(max_size=8)) if way == "bytes" else b"",
            "swap": content[first:last][::-1],
        }.get(way, b"")
        content = content[:first] if way == "end" else content[:first] + middle + content[last:]
    return content


@st.composite
def revalued(draw: st.DrawFn, content: bytes, most: int = 3) -> bytes:
    """Draw a TOML file that is well formed mostly, with other values behind some keys, or lines left out."""
    text = content.decode()
    for _ in range(draw(st.integers(1, most))):
        places = list(VALUE.finditer(text))
        if not places:
            break
        place = draw(st.sampled_from(places))
        literal = draw(st.sampled_from(LITERALS))
        if draw(st.booleans()):
            text = text[: place.start()] + literal + text[place.end() :]
        else:
            lines = text.splitlines()
            at = draw(st.integers(0, len(lines) - 1))
            lines[at : at + 1] = draw(st.sampled_from([[], [lines[at]] * 2, [f"odd = {literal}"]]))
            text = "\n".join(lines)
    return text.encode()


def spoilt(content: bytes) -> st.SearchStrategy[bytes]:
    """Return a strategy for a TOML file that is spoilt in one way or another, or is no such file at all."""
    return st.one_of(revalued(content), edited(content), st.binary(max_size=300))


# Workbooks


def repacked(book: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return a workbook whose parts went through `change(name, content)`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


CELLS = [
    *(('r="B3"', 'r="XFD1048576"'), ('r="B3"', 'r="A0"'), ('r="3"', 'r="1048576"'), ('r="3"', 'r="-1"')),
    *(('t="s"', 't="b"'), ('t="s"', 't="d"'), ('t="s"', 't="e"'), ('t="n"', 't="s"'), ("<v>1</v>", "<v>-1</v>")),
    *(("<v>", "<v>9"), ("<v>", "<v>1e308"), ("<v>", "<v>-700000"), ("<v>", "<v>nan"), ("</v>", "&amp;</v>")),
    *(("<sheetData>", "<sheetData>" + "<row>" * 500), ("<row", "<row hidden='1'"), ("</row>", ""), ("<c ", "<x ")),
    *(("<v>", "<f>1+1</f><v>"), ("<v>46338</v>", "<v>0</v>"), ("<v>46338</v>", "<v>3000000</v>"), ("s=", "S=")),
    *(('s="', 's="9999'), ("<worksheet", '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'), ("encoding=", "Encoding=")),
]
"""What is replaced by what in the XML of a sheet."""


@st.composite
def reworked(draw: st.DrawFn, book: bytes) -> bytes:
    """Draw a workbook whose XML is spoilt inside, in the sheets mostly."""
    swaps = draw(st.lists(st.sampled_from(CELLS), max_size=3))
    part = draw(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"]))
    part = draw(st.sampled_from([part, part, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]))
    edits = draw(st.booleans())
    seed = draw(edited(b" " * 3000, most=2)) if edits else b""

    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        for old, new in swaps:
            content = content.replace(old.encode(), new.encode(), 20)
        at = len(seed) * 7 % max(1, len(content))
        return content[:at] + seed.strip() + content[at + (3 if edits else 0) :]

    return repacked(book, change)


def bomb(megabytes: int = 10) -> bytes:
    """Return a small file that unpacks to a sheet of that many megabytes of zeros."""
    out = io.BytesIO()
    rows = b'<row><c t="n"><v>0</v></c></row>' * (megabytes * 1_000_000 // 32)
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    with zipfile.ZipFile(io.BytesIO(plain_book())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            sheet = name == "xl/worksheets/sheet1.xml"
            new.writestr(name, head + rows + b"</sheetData></worksheet>" if sheet else old.read(name))
    return out.getvalue()


def plain_book() -> bytes:
    """Return a workbook with one small sheet."""
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["x", 1])
    book.save(out)
    return out.getvalue()
