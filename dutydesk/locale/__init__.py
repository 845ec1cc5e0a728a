"""Chinese and English through gettext: one language at a time in a process, switched at once.

English is the language of the messages in the code; the Chinese catalogue is made by `make catalogues` from
the `.po` files under `zh_CN/` (one a subject).
"""

from __future__ import annotations

import gettext
from pathlib import Path

from dutydesk.domain.errors import DeskError
from dutydesk.domain.words import N_, Named

__all__ = ["LANGUAGES", "N_", "_", "language", "ngettext", "sentence", "use", "word"]

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent
_catalogues: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
_current = "en"


def use(lang: str) -> None:
    """Speak `lang` ("zh" or "en") from now on; anything else is taken as English."""
    global _current
    lang = lang if lang in LANGUAGES else "en"
    if lang not in _catalogues:
        with open(_FOLDER / "zh_CN" / "LC_MESSAGES" / "dutydesk.mo", "rb") as file:
            _catalogues[lang] = gettext.GNUTranslations(file)
    _current = lang


def language() -> str:
    """Return the language spoken now: "zh" or "en"."""
    return _current


def _(message: str, **values: object) -> str:
    """Translate `message` and fill its `{name}` places."""
    text = _catalogues[_current].gettext(message) if message else ""
    return text.format(**values) if values else text


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Translate by number and fill the places; `{n}` is the count."""
    return _catalogues[_current].ngettext(one, many, count).format(n=count, **values)


def word(member: Named) -> str:
    """Return the word people read for a member of a closed set."""
    return _(member.label)


def sentence(error: DeskError) -> str:
    """Return what a refusal says, in the language spoken now."""
    values = {key: word(value) if isinstance(value, Named) else value for key, value in error.values.items()}
    return _(error.sentence).format(**values)
