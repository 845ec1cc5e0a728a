"""Chinese and English through gettext: one language at a time in a process, switched at once.

English is the language of the messages in the code; the Chinese catalogue is made by `make catalogues` from
the `.po` files under `zh_CN/` (one a subject).
"""

from __future__ import annotations

import gettext
from pathlib import Path

from dutydesk.domain.errors import DeskError
from dutydesk.domain.text import clean
from dutydesk.domain.words import N_, Label, Named, Word
from dutydesk.locale.catalogue import Catalogue

__all__ = ["LANGUAGES", "N_", "_", "in_language", "language", "ngettext", "pick", "sentence", "use", "word"]

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent
_catalogues: dict[str, gettext.NullTranslations | Catalogue] = {"en": gettext.NullTranslations()}
_current = "en"


def use(lang: str) -> None:
    """Speak `lang` ("zh" or "en") from now on; anything else is taken as English."""
    global _current
    lang = lang if lang in LANGUAGES else "en"
    _catalogue(lang)
    _current = lang


def _catalogue(lang: str) -> gettext.NullTranslations | Catalogue:
    if lang not in _catalogues:
        _catalogues[lang] = Catalogue(_FOLDER / "zh_CN" / "LC_MESSAGES" / "dutydesk.mo")
    return _catalogues[lang]


def language() -> str:
    """Return the language spoken now: "zh" or "en"."""
    return _current


def _(message: str, **values: object) -> str:
    """Translate `message` and fill its `{name}` places."""
    text = _catalogues[_current].gettext(message) if message else ""
    return text.format(**values) if values else text


def in_language(lang: str, message: str, **values: object) -> str:
    """Translate `message` into `lang` whatever is spoken now; for text that is stored in the desk's language."""
    text = _catalogue(lang if lang in LANGUAGES else "en").gettext(message) if message else ""
    return text.format(**values) if values else text


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Translate by number and fill the places; `{n}` is the count."""
    return _catalogues[_current].ngettext(one, many, count).format(n=count, **values)


def word(member: Named) -> str:
    """Return the word people read for a member of a closed set."""
    return _(member.label)


def pick(label: Label) -> str:
    """Return a desk's own name in the language spoken, or in the one it has."""
    return (label.zh or label.en) if _current == "zh" else (label.en or label.zh)


def _spoken(value: object) -> object:
    if isinstance(value, Named):
        return word(value)
    if isinstance(value, DeskError):
        return sentence(value)
    if isinstance(value, Word):
        return _(value)
    value = pick(value) if isinstance(value, Label) else value
    return clean(value) if isinstance(value, str) else value


def sentence(error: DeskError) -> str:
    """Return what a refusal says, in the language spoken now."""
    return _(error.sentence).format(**{key: _spoken(value) for key, value in error.values.items()})
