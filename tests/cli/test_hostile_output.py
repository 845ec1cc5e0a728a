"""A desk full of hostile text, spoilt by an older program besides: what commands print steers no terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dutydesk.storage import engine
from tests.cli.conftest import Run
from tests.hostile import BAD
from tests.hostile_fields import World, fill, poison
from tests.services.conftest import START, make_desk


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the desk."""
    from dutydesk.domain import clock

    path = tmp_path_factory.mktemp("hostile") / "desk.sqlite"
    make_desk(path)
    engine.connect(str(path))
    with clock.frozen(START):
        fill(World())
    poison(path)
    return path


def first(run: Run, path: Path, words: tuple[str, ...], key: str) -> str:
    """Return a value of the first record that a list prints."""
    rows = json.loads(run("--db", path, "--login", "eng-b", *words, "--json").out)
    return str((rows if isinstance(rows, list) else next(iter(rows.values())))[0][key])


PRINTED: list[tuple[tuple[str, ...], tuple[tuple[str, ...], str] | None]] = [
    (("now",), None),
    (("people", "list"), None),
    (("ssh-keys",), None),
    (("log", "list"), None),
    (("incident", "list"), None),
    (("incident", "show"), (("incident", "list"), "number")),
    (("measure", "list"), None),
    (("measure", "show"), (("measure", "list"), "number")),
    (("round", "list"), None),
    (("round", "show"), (("round", "list"), "id")),
    (("handover", "list"), None),
    (("handover", "show"), (("handover", "list"), "number")),
    (("handover", "sheet"), (("handover", "list"), "number")),
    (("doctor",), None),
    (("verify",), None),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("words", "of"), PRINTED, ids=[" ".join(words) for words, _of in PRINTED])
def test_what_is_printed_is_text(
    run: Run, spoilt: Path, lang: str, words: tuple[str, ...], of: tuple[tuple[str, ...], str] | None
) -> None:
    named = [first(run, spoilt, *of)] if of else []
    said = run("--db", spoilt, "--login", "eng-b", "--lang", lang, *words, *named)
    assert said.code in (0, 1)
    assert said.out
    assert not BAD.search(said.out + said.err), repr(BAD.search(said.out + said.err))


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_the_sheet_in_every_form(run: Run, spoilt: Path, form: str) -> None:
    number = first(run, spoilt, ("handover", "list"), "number")
    said = run("--db", spoilt, "--login", "eng-b", "--lang", "en", "handover", "sheet", number, "--format", form)
    assert said.code == 0
    assert not BAD.search(said.out)
    assert "[red]x[/]" in said.out.replace("\\", "")
    if form == "html":
        assert "<script" not in said.out
        assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;" in said.out


@pytest.mark.parametrize("words", [("log", "list"), ("incident", "list"), ("measure", "list")])
def test_scripts_read_it_as_it_stands(run: Run, spoilt: Path, words: tuple[str, ...]) -> None:
    """JSON escapes what steers a terminal: a script gets the record, a person looking at it nothing else."""
    said = run("--db", spoilt, "--login", "eng-b", *words, "--json")
    assert json.loads(said.out)
    assert not BAD.search(said.out)
