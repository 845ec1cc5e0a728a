"""The handover sheet for print: text, Markdown and HTML, with two signature lines and the chain's head."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from dutydesk.domain.handover import Block, Colour, Item, Status
from dutydesk.domain.text import char_width, width
from dutydesk.locale import _, language, pick, times, word
from dutydesk.locale import handover as words
from dutydesk.services.handover_views import FrozenItem, HandoverView, ShiftRef

FORMATS = ("text", "md", "html")
_HAN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_PIECES = re.compile(rf"\s+|[{_HAN}]|[^\s{_HAN}]+")
PAGE = 80
"""Cells of a line on the printed text sheet."""


@dataclass(frozen=True)
class Line:
    """One line of the sheet: its colour, what it says, and the smaller lines below it."""

    colour: Colour
    title: str
    below: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The sheet in words, before it takes a format."""

    title: str
    head: tuple[tuple[str, str], ...]
    blocks: tuple[tuple[str, tuple[Line, ...]], ...]
    signatures: tuple[tuple[str, str], ...]
    seal: tuple[tuple[str, str], ...]


def render(view: HandoverView, desk: str, form: str, *, cells: int = PAGE) -> str:
    """Return the sheet of a handover as `text` of at most `cells` a line, `md` or `html`, in the language spoken."""
    sheet = _sheet(view, desk)
    if form == "text":
        return _text(sheet, min(cells, PAGE))
    return {"md": _markdown, "html": _html}[form](sheet)


def shift_words(shift: ShiftRef) -> str:
    """Return a shift as people name it: `2026-11-22 Night 20:00–08:00`."""
    return f"{shift.day} {pick(shift.title)} {times.hhmm(shift.starts_at)}–{times.hhmm(shift.ends_at)}"


def _sheet(view: HandoverView, desk: str) -> Sheet:
    line = view.line
    cut_off = view.cut_off or 0
    blocks = []
    for block in Block:
        lines = tuple(_line(frozen, cut_off) for frozen in view.items if frozen.item.block is block)
        if lines:
            blocks.append((word(block), lines))
    return Sheet(
        title=_("Handover {number}", number=line.number),
        head=tuple(_head(view, desk)),
        blocks=tuple(blocks),
        signatures=(
            (_("Outgoing"), _outgoing(view)),
            (_("Incoming"), pick(line.accepted_by) if line.accepted_by else ""),
        ),
        seal=tuple(_seal(view)),
    )


def _outgoing(view: HandoverView) -> str:
    """Return who signs as the outgoing; in an emergency relief nobody of that shift could."""
    if view.line.prepared_by:
        return pick(view.line.prepared_by)
    return _("nobody (emergency relief)") if view.line.relief else ""


def _head(view: HandoverView, desk: str) -> Iterable[tuple[str, str]]:
    line = view.line
    yield _("Desk"), desk
    yield _("From"), shift_words(line.from_shift)
    if line.to_shift:
        yield _("To"), shift_words(line.to_shift)
    yield _("Overall state"), word(line.state)
    yield _("Status"), word(line.status)
    if view.cut_off:
        yield _("Facts up to"), times.stamp(view.cut_off)
    if line.prepared_by and line.prepared_at:
        yield _("Prepared"), f"{pick(line.prepared_by)}  {times.stamp(line.prepared_at)}"
    if line.accepted_by and line.accepted_at:
        yield _("Accepted"), f"{pick(line.accepted_by)}  {times.stamp(line.accepted_at)}"
    if line.relief:
        yield _("Emergency relief"), view.relief_reason
        yield _("Countersigned"), _countersigned(view)


def _countersigned(view: HandoverView) -> str:
    if view.countersigned_by is None or view.countersigned_at is None:
        return _("not countersigned yet")
    return f"{pick(view.countersigned_by)}  {times.stamp(view.countersigned_at)}"


def _told(name: str, value: str) -> str:
    return _("{name}: {value}", name=name, value=value)


def _line(frozen: FrozenItem, cut_off: int) -> Line:
    item = frozen.item
    below = []
    facts = words.facts(item, cut_off)
    if facts:
        below.append(" · ".join(facts))
    if item.next_step:
        below.append(_step(item))
    if frozen.words and frozen.answered_by:
        below.append(_("Read back by {name}: {words}", name=pick(frozen.answered_by), words=frozen.words))
    return Line(item.colour, words.title(item), tuple(below))


def _step(item: Item) -> str:
    if item.block is Block.THINGS:
        return _("Where is it? {text}", text=item.next_step)
    return _told(_("Reason") if item.values.get("missed") else _("Next step"), item.next_step)


def _seal(view: HandoverView) -> Iterable[tuple[str, str]]:
    if view.line.status is not Status.SEALED:
        yield _("Seal"), _("not sealed yet")
        return
    yield _("Sheet digest"), view.digest
    yield _("Chain head"), f"{view.chain_head}"
    yield _("Chain entry"), str(view.chain_seq)


# Text ----------------------------------------------------------------------------------------------------------------


def _wrapped(text: str, cells: int) -> list[str]:
    """Wrap a text to terminal cells, Chinese between any two characters; no line begins with a space."""
    lines, current = [""], 0
    for piece in _PIECES.findall(text):
        size = width(piece)
        if piece.isspace() and (not current or current + size > cells):
            continue
        if current and current + size > cells:
            lines.append("")
            current = 0
        for char in piece:
            if current + char_width(char) > cells:
                lines.append("")
                current = 0
            lines[-1] += char
            current += char_width(char)
    return [line.rstrip() for line in lines]


def _indented(first: str, text: str, rest: str, cells: int) -> list[str]:
    wrapped = _wrapped(text, cells - width(first))
    return [(first if number == 0 else rest) + line for number, line in enumerate(wrapped)]


def _pairs(pairs: Iterable[tuple[str, str]], cells: int) -> list[str]:
    listed = list(pairs)
    room = max((width(name) for name, _value in listed), default=0) + 2
    lines = []
    for name, value in listed:
        lines += _indented(name + " " * (room - width(name)), value, " " * room, cells)
    return lines


def _text(sheet: Sheet, cells: int) -> str:
    lines = [sheet.title, "=" * min(cells, width(sheet.title)), "", *_pairs(sheet.head, cells)]
    for name, block in sheet.blocks:
        lines += ["", name, "-" * cells]
        for line in block:
            lines += _indented(f" {words.COLOUR_MARKS[line.colour]} ", line.title, "   ", cells)
            for below in line.below:
                lines += _indented("     ", below, "     ", cells)
    lines += ["", "-" * cells, *_pairs(sheet.seal, cells), ""]
    for role, name in sheet.signatures:
        lines += ["", _told(role, name), "", "______________________________    ________________________"]
        lines += [f"{_('Signature')}{' ' * (34 - width(_('Signature')))}{_('Date and time')}"]
    return "\n".join(lines) + "\n"


# Markdown ------------------------------------------------------------------------------------------------------------

_INSIDE = re.compile(r"([\\`*_\[\]<>|~&])")
_AT_BEGIN = re.compile(r"^(\s*|\s*\d+(?=[.)]\s))([-+#=.)])")


def _plain(text: str) -> str:
    """Escape what Markdown would read as markup; dates, numbers and names stay readable as they are."""
    return _AT_BEGIN.sub(r"\1\\\2", _INSIDE.sub(r"\\\1", text))


def _markdown(sheet: Sheet) -> str:
    lines = [f"# {_plain(sheet.title)}", "", "| | |", "|---|---|"]
    lines += [f"| {_plain(name)} | {_plain(value)} |" for name, value in sheet.head]
    for name, block in sheet.blocks:
        lines += ["", f"## {_plain(name)}", ""]
        for line in block:
            bold = "**" if line.colour is not Colour.GREEN else ""
            lines.append(f"- {bold}{word(line.colour)}{bold} {_plain(line.title)}")
            lines += [f"  - {_plain(below)}" for below in line.below]
    lines += ["", "---", ""]
    lines += [_told(_plain(name), f"`{value}`") + "  " for name, value in sheet.seal]
    for role, name in sheet.signatures:
        lines += [
            "",
            f"{_told(_plain(role), _plain(name))} \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_",
        ]
    return "\n".join(lines) + "\n"


# HTML ----------------------------------------------------------------------------------------------------------------

_STYLE = """
body { font: 11pt/1.4 "Noto Sans", "Noto Sans CJK SC", sans-serif; max-width: 18cm; margin: 1cm auto; color: #111 }
h1 { font-size: 16pt; margin: 0 0 .3cm } h2 { font-size: 12pt; border-bottom: 1px solid #999; margin: .5cm 0 .2cm }
table { border-collapse: collapse } th { text-align: left; font-weight: normal; color: #555; padding-right: .6cm }
th, td { vertical-align: top } ul { list-style: none; padding: 0; margin: 0 } li { margin: .1cm 0; break-inside: avoid }
.mark { display: inline-block; min-width: 1.6cm; font-weight: bold } .red .mark { color: #a00 }
.yellow .mark { color: #850 } .green .mark { color: #555; font-weight: normal }
.below { margin-left: 1.7cm; color: #333 } .seal { font: 8pt monospace; word-break: break-all; margin-top: .6cm }
.sign { display: flex; gap: 1cm; margin-top: 1.2cm }
.sign div { flex: 1; border-top: 1px solid #111; padding-top: .1cm }
"""


def _html(sheet: Sheet) -> str:
    esc = html.escape
    parts = [
        "<!doctype html>",
        f'<html lang="{language()}"><head><meta charset="utf-8"><title>{esc(sheet.title)}</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{esc(sheet.title)}</h1><table>",
        *(f"<tr><th>{esc(name)}</th><td>{esc(value)}</td></tr>" for name, value in sheet.head),
        "</table>",
    ]
    for name, block in sheet.blocks:
        parts.append(f"<h2>{esc(name)}</h2><ul>")
        for line in block:
            below = "".join(f'<div class="below">{esc(text)}</div>' for text in line.below)
            mark = esc(word(line.colour))
            parts.append(
                f'<li class="{line.colour.value}"><span class="mark">{mark}</span>{esc(line.title)}{below}</li>'
            )
        parts.append("</ul>")
    seal = "<br>".join(esc(_told(name, value)) for name, value in sheet.seal)
    room = f"<small>{esc(_('Signature'))} · {esc(_('Date and time'))}</small>"
    signs = "".join(f"<div>{esc(_told(role, name))}<br>{room}</div>" for role, name in sheet.signatures)
    parts.append(f'<div class="seal">{seal}</div><div class="sign">{signs}</div></body></html>')
    return textwrap.dedent("\n".join(parts)) + "\n"
