"""The console on a server whose line breaks: it says so, keeps what is typed, and saves once. Source: DESIGN 2."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests import server
from tests.terminal.conftest import terminal
from tests.terminal.harness import Terminal

__all__ = ["terminal"]

SAVE = "\x1b[21~"
NUMBERS = itertools.count()
Console = Callable[..., Terminal]


@pytest.fixture
def desk(own_server: server.Server) -> str:
    """Return a desk of today on a server that may be stopped."""
    return own_server.copy("present", f"desk{next(NUMBERS)}")


@pytest.fixture
def console(terminal: Console, desk: str) -> Iterator[Console]:
    """Return how to open a console on it as Eng. A."""

    def start(lang: str = "en", login: str = "eng-a") -> Terminal:
        opened = terminal("-m", "dutydesk", "--db", desk, "--login", login, "--lang", lang)
        opened.wait_for("1 值班" if lang == "zh" else "1 Shift")
        opened.wait_until_quiet(0.2)
        return opened

    return start


def titles(address: str) -> list[str]:
    import psycopg

    with psycopg.connect(address) as connection:
        return [title for (title,) in connection.execute("select title from incident order by id").fetchall()]


def test_a_save_while_the_server_is_away_goes_through_once(
    console: Console, desk: str, own_server: server.Server
) -> None:
    here = console()
    here.write("n")
    here.wait_for("New incident")
    here.write("Core switch")
    here.wait_until_quiet(1.0)
    own_server.stop()
    here.wait_for("no connection")
    here.write(" is down")
    here.write(SAVE)
    here.wait_for("Saving")
    own_server.start(own_server.port)
    here.wait_for(lambda text: "no connection" not in text and "INC-" in text, 30)
    assert titles(desk) == ["Core switch is down"]
    here.write("\x1b")
    here.wait_for("To do next")


def test_killed_while_the_server_is_away_the_draft_is_offered(
    console: Console, desk: str, own_server: server.Server
) -> None:
    here = console("zh")
    here.write("n")
    here.wait_for("新建事件")
    own_server.stop()
    here.wait_for("连接中断")
    here.write("打印服务器又死机")
    here.wait_for("打印服务器又死机")
    here.wait_until_quiet(1.2)
    here.kill9()
    own_server.start(own_server.port)
    again = console("zh")
    again.write("n")
    assert "打印服务器又死机" in again.wait_for("打印服务器又死机")
    again.write(SAVE)
    again.wait_for("INC-")
    assert titles(desk) == ["打印服务器又死机"]
    third = console("zh", "eng-b")
    third.write("n")
    third.wait_for("新建事件")
    assert "打印服务器" not in "".join(third.wait_until_quiet(0.5).splitlines()[4:9])


def test_a_console_shows_another_ones_commit_within_a_second_after_the_line_was_cut(
    console: Console, desk: str, own_server: server.Server
) -> None:
    import time

    import psycopg

    here, there = console(), console(login="eng-b")
    with psycopg.connect(desk, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'dutydesk' and pid <> pg_backend_pid()"
        )
    here.wait_for("is back")
    there.wait_for("is back")
    there.write("l")
    there.wait_until_quiet(0.3)
    there.write("seen at once\r")
    there.wait_for(lambda text: "seen at once" in text and "> seen" not in text)
    begin = time.monotonic()
    here.wait_for("seen at once")
    assert time.monotonic() - begin < 1.5
