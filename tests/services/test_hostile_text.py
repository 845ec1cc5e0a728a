"""Hostile text into every field that takes text: kept as text, or refused with a sentence. Source: DESIGN 3."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest

from dutydesk.domain import clock
from dutydesk.domain.errors import DeskError
from dutydesk.storage import chain, engine
from tests import server
from tests.hostile import BAD, NOTHING, TOO_MUCH, dirty, plain
from tests.hostile_fields import FIELDS, NOT_FREE, World, text_parameters
from tests.services.conftest import ENGINES, START


@pytest.fixture(scope="module", params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return one desk on each engine that all of it is written on."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("hostile") / "desk.sqlite"
        shutil.copy(request.getfixturevalue("desk_template"), path)
        yield from _opened(str(path))
        return
    with server.copied(request.getfixturevalue("server_template")) as address:
        yield from _opened(address)


def _opened(target: str) -> Iterator[World]:
    engine.connect(target)
    with clock.frozen(START):
        yield World()
    engine.disconnect()


def held(place: str) -> list[str]:
    """Return what stands in `table.column`, with runs of blanks as one."""
    table, _dot, column = place.partition(".")
    rows = engine.db.execute_sql(f"select {column} from {table} where {column} is not null").fetchall()
    return [plain(text) for (text,) in rows]


def test_every_text_of_every_use_case_is_here() -> None:
    found = set(text_parameters())
    assert found - set(FIELDS) - NOT_FREE == set(), "a new text: put it into FIELDS or NOT_FREE"
    assert (set(FIELDS) | NOT_FREE) - found == set(), "gone"


@pytest.mark.parametrize("name", FIELDS)
def test_nothing_is_nothing_too_much_a_sentence_and_all_else_text(world: World, name: str) -> None:
    field = FIELDS[name]
    for typed in NOTHING.values():
        if field.empty:
            field.write(world, typed)
        else:
            with pytest.raises(DeskError) as caught:
                field.write(world, typed)
            assert not BAD.search(str(caught.value))
    for typed in TOO_MUCH.values():
        begin = time.process_time()
        with pytest.raises(DeskError, match="Too long: ") as caught:
            field.write(world, typed)
        assert caught.value.field is not None
        assert time.process_time() - begin < 4
    for typed, kept in field.texts():
        field.write(world, typed)
        assert any(all(each in text for each in kept) for text in held(field.kept)), typed


def test_nothing_on_the_desk_steers_a_terminal(world: World) -> None:
    assert dirty(engine.url()) == []
    assert chain.verify().broken is None
