"""The catalogue that is searched where it lies says what gettext reads out of the same file."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from dutydesk.locale.catalogue import Catalogue
from dutydesk.locale.compile import CATALOGUE


def test_every_message_as_gettext_reads_it() -> None:
    ours = Catalogue(CATALOGUE)
    with CATALOGUE.open("rb") as file:
        theirs = gettext.GNUTranslations(file)
    known = [key for key in theirs._catalog if key]  # type: ignore[attr-defined]
    assert len(known) > 2000
    for key in known:
        if isinstance(key, str):
            assert ours.gettext(key) == theirs.gettext(key)
        else:
            assert all(
                ours.ngettext(key[0], "many", count) == theirs.ngettext(key[0], "many", count) for count in (1, 5)
            )
    assert any(isinstance(key, tuple) for key in known)


@pytest.mark.parametrize("unknown", ["", "\x00", "~~~ not there", "\ud800", "张三", "A" * 5000])
def test_what_is_not_in_it_stays_as_it_is(unknown: str) -> None:
    ours = Catalogue(CATALOGUE)
    assert ours.ngettext(unknown or "one", "many", 1) == (unknown or "one")
    assert ours.ngettext("one sheep", "{n} sheep", 2) == "{n} sheep"
    if unknown:
        assert ours.gettext(unknown) == unknown


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.mo"
    path.write_bytes(b"\x95\x04\x12\xde" + bytes(24))
    with pytest.raises(ValueError, match="little-endian"):
        Catalogue(path)
