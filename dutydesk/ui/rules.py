"""The style rules of the console, each text of them read once in a process.

Textual reads every style sheet again whenever a screen brings one of its own: a tenth of what a first visit costs.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

Read = dict[tuple[Any, ...], list[RuleSet]]


class KeptRules(Stylesheet):
    """A style sheet whose rules are kept by their text and the colours they were read with."""

    _kept: ClassVar[dict[frozenset[tuple[str, str]], Read]] = {}

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._keep()

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other colours; what was read with them before is still known."""
        self._parse_cache = {}
        super().set_variables(variables)
        self._keep()

    def reparse(self) -> None:
        """Bring in what is new; a mistake in it leaves the rules as they were."""
        self.parse()

    def _keep(self) -> None:
        self._parse_cache: Any = self._kept.setdefault(frozenset(self._variables.items()), {})
