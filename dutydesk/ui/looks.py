"""Language and colours of the console: f2 and f3, remembered per person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from textual.app import App

from dutydesk import locale
from dutydesk.domain.words import N_
from dutydesk.locale import _
from dutydesk.ui import marks, theme
from dutydesk.ui.console import ConsoleApp

THEME_WORDS = {
    "dark": N_("Colours: dark"),
    "light": N_("Colours: light"),
    "contrast": N_("Colours: high contrast"),
    "ansi": N_("Colours: those of the terminal"),
}


def no_chinese() -> str:
    """Return why this console speaks English to somebody who would rather read Chinese."""
    return _("This terminal shows no Chinese: it needs UTF-8 (LANG=C.UTF-8) and a font; see --ascii.")


class Looks(ConsoleApp):
    """The console with themes and languages."""

    _dressed = False

    def take_theme_early(self, name: str) -> None:
        """Choose the theme before anything is drawn, so that nothing is drawn twice."""
        for each in theme.THEMES:
            self.register_theme(each)
        self.set_reactive(App.theme, name if name in theme.NAMES else theme.DEFAULT)
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)
        self._refresh_truecolor_filter(self.ansi_theme)

    def _watch_theme(self, theme_name: str) -> None:
        """Skip the first call, which only repeats what `take_theme_early` did: it would draw everything again."""
        if self._dressed:
            super()._watch_theme(theme_name)
        self._dressed = True

    def refresh_css(self, animate: bool = True) -> None:
        """Read the colours anew and style every screen with them, a screen at a time: keys go in between."""
        del animate
        self.stylesheet.set_variables(self.get_css_variables())
        self.stylesheet.reparse()
        self.run_worker(self._restyle(), group="css", exclusive=True)

    async def _restyle(self) -> None:
        self.stylesheet.update_nodes([self], animate=False)
        for screen in reversed(self.screen_stack):
            await asyncio.sleep(0)
            if not screen.is_attached:
                continue
            self.stylesheet.update(screen, animate=False)
            screen._css_update_count = self._css_update_count
        await asyncio.sleep(0)
        front = self.screen
        if front.is_mounted:
            lay_out = getattr(front, "lay_out", front._refresh_layout)  # a dialog does it in turns of its own
            lay_out(self.size)

    def _watch_app_focus(self, focus: bool) -> None:
        """Whether the terminal has the focus changes nothing here; see `ConsoleApp.on_event`."""

    def take_likes(self, likes: Mapping[str, str]) -> None:
        """Speak and look as the person likes, unless the command line says otherwise."""
        lang = self.asked_lang or likes.get("lang")
        if lang and lang != self.lang:
            self.speak(lang)
        wanted = self.asked_theme or likes.get("theme")
        if wanted in theme.NAMES and wanted != self.theme:
            self.theme = wanted

    def speak(self, lang: str) -> None:
        """Speak `lang` ("zh" or "en") on every screen at once; what is typed stays.

        A terminal that shows no Chinese is spoken to in English.
        """
        locale.use(lang if marks.characters().chinese else "en")
        self.lang = locale.language()
        for screen in self.every_screen():
            relabel = getattr(screen, "speak", None) or getattr(screen, "relabel", None)
            if relabel:
                relabel()
            else:
                screen.refresh(layout=True)

    def action_next_language(self) -> None:
        """Switch to the other language and remember it."""
        if not marks.characters().chinese:
            self.say(no_chinese(), "warning")
            return
        self.speak("en" if self.lang == "zh" else "zh")
        self.remember("lang", self.lang)

    def action_next_theme(self) -> None:
        """Switch to the next theme and remember it."""
        self.theme = theme.after(self.theme)
        self.remember("theme", self.theme)
        self.say(_(THEME_WORDS[self.theme]))

    def remember(self, key: str, value: str) -> None:
        """Keep a preference of the person at this console."""
        if self.who is None:
            return
        from dutydesk.services import people

        def kept(_answer: Any) -> None:
            """Nothing to say: the effect is what the person sees."""

        self.desk.run(people.prefer, key, value, done=kept)
