"""The doctor's report: the terminal here, the files it is set up with, then the desk; what is wrong, what to do."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence

from dutydesk.cli import common, config
from dutydesk.domain.errors import DeskError
from dutydesk.domain.text import fit, width, wrap
from dutydesk.domain.words import N_, Label, Word
from dutydesk.locale import _, pick, times
from dutydesk.services.doctor import examine
from dutydesk.services.doctor_said import Finding, Said

WIDTH, HEIGHT = 80, 24


def report(args: argparse.Namespace, *, as_json: bool) -> int:
    """Print what was found about terminal, setting up and desk; returns NO when something is wrong."""
    from dutydesk.cli import doctor_setup

    desk = examine(_target(args))
    common.speak_as_at_desk(args)
    findings = [*terminal(), *doctor_setup.setup(args), *desk]
    well = all(finding.well for finding in findings)
    if as_json:
        common.print_json({"well": well, "checks": [_document(finding) for finding in findings]})
        return common.DONE if well else common.NO
    for line in lines(findings, _columns()):
        print(line)
    print(_("All is well.") if well else _("Something needs attention."))
    return common.DONE if well else common.NO


def _target(args: argparse.Namespace) -> str:
    """Return the desk to examine; that its password cannot be read is a finding, not a refusal."""
    try:
        return common.target(args)
    except DeskError:
        return config.target(args.db, args.config)


def _columns() -> int | None:
    """Return the width to break lines at; what is not read on a terminal is not broken."""
    return os.get_terminal_size(1).columns if os.isatty(1) else None


def lines(findings: Sequence[Finding], columns: int | None) -> Iterator[str]:
    """Yield the report: title, state and what was found in columns, and below it what to do."""
    cells = max(width(_(finding.title)) for finding in findings)
    state = max(width(_("ok")), width(_("wrong")))
    room = max(20, columns - cells - state - 4) if columns else 0
    for finding in findings:
        word = _("ok") if finding.well else _("wrong")
        head = f"{fit(_(finding.title), cells)}  {fit(word, state)}  "
        for said in (finding.found, finding.advice):
            if said is None:
                continue
            for text in wrap(say(said), room) if room else [say(said)]:
                yield f"{head}{text}".rstrip()
                head = " " * (cells + state + 4)


def _document(finding: Finding) -> dict[str, object]:
    advice = say(finding.advice) if finding.advice else None
    return {"check": finding.key, "well": finding.well, "found": say(finding.found), "advice": advice}


def say(said: Said) -> str:
    """Return a finding's words in the language spoken."""
    return _(said.message).format(**{name: _spoken(value) for name, value in said.values.items()})


def _spoken(value: object) -> object:
    if isinstance(value, dict) and "at" in value:
        return times.stamp(value["at"])
    if isinstance(value, Word):
        return _(value)
    return pick(value) if isinstance(value, Label) else value


# The terminal


def terminal() -> Iterator[Finding]:
    """Yield what this process can draw on."""
    name = os.environ.get("TERM", "")
    on_terminal = os.isatty(0) and os.isatty(2)
    known = name not in ("", "dumb", "unknown")
    if on_terminal:
        advice = N_("Set TERM to what the terminal is.")
        yield finding("terminal", N_("Terminal"), known, "{term}", advice, term=name or "-")
        yield _size()
        yield _colours(name)
    else:
        yield finding("terminal", N_("Terminal"), True, N_("none here; the console needs one, commands do not"))
    yield _encoding()
    yield _locale()


def finding(key: str, title: str, well: bool, found: str, advice: str = "", **values: object) -> Finding:
    return Finding(key, title, well, Said(found, values), None if well or not advice else Said(advice, values))


def _size() -> Finding:
    try:
        columns, lines = os.get_terminal_size(2)
    except OSError:
        columns, lines = 0, 0
    fits = columns >= WIDTH and lines >= HEIGHT
    advice = N_("Every screen fits from 80 × 24 on; make the window larger.")
    return finding("size", N_("Size"), fits, "{columns} × {lines}", advice, columns=columns, lines=lines)


def _colours(name: str) -> Finding:
    if os.environ.get("NO_COLOR"):
        return finding("colours", N_("Colours"), True, N_("none, as NO_COLOR asks"))
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return finding("colours", N_("Colours"), True, N_("16 million"))
    if "256color" in name:
        return finding("colours", N_("Colours"), True, "256")
    return finding("colours", N_("Colours"), True, N_("16; the theme ansi suits best"))


def _encoding() -> Finding:
    spoken = (sys.stdout.encoding or "").lower().replace("-", "").replace("_", "")
    advice = N_("Chinese needs UTF-8: set LANG=C.UTF-8 or zh_CN.UTF-8.")
    return finding("encoding", N_("Encoding"), spoken == "utf8", "{name}", advice, name=sys.stdout.encoding or "-")


def _locale() -> Finding:
    named = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    utf8 = named in ("", "C", "POSIX") or "utf-8" in named.lower() or "utf8" in named.lower()
    advice = N_("The locale has no UTF-8: set LANG=C.UTF-8 or zh_CN.UTF-8.")
    return finding("locale", N_("Locale"), utf8, "{name}", advice, name=named or "C")
