"""Four calm themes: a quiet ground, and colour only for state. Source: SCREENS, principle 2."""

from __future__ import annotations

from textual.theme import Theme

DEFAULT = "dark"

THEMES: tuple[Theme, ...] = (
    Theme(
        name="dark",
        primary="#6f9ec9",
        secondary="#54708c",
        accent="#7fb4e6",
        warning="#e0b04c",
        error="#f0736a",
        success="#7fbf7f",
        foreground="#d6dade",
        background="#14181c",
        surface="#1b2026",
        panel="#242b33",
        variables={
            "border": "#3c4854",
            "text-muted": "#9aa2aa",
            "input-cursor-background": "#d6dade",
            "block-cursor-text-style": "none",
        },
    ),
    Theme(
        name="light",
        primary="#2d5f8f",
        secondary="#5a7896",
        accent="#1d5c9c",
        warning="#8a5a00",
        error="#b3261e",
        success="#2c6e2f",
        foreground="#20262c",
        background="#f7f8f9",
        surface="#eef0f2",
        panel="#e1e5e9",
        dark=False,
        variables={"border": "#aab4be", "text-muted": "#5c656e", "block-cursor-text-style": "none"},
    ),
    Theme(
        name="contrast",
        primary="#ffffff",
        secondary="#c0c0c0",
        accent="#00ffff",
        warning="#ffff00",
        error="#ff6060",
        success="#00ff00",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#202020",
        variables={"border": "#ffffff", "text-muted": "#d0d0d0", "block-cursor-text-style": "bold"},
    ),
    Theme(
        name="ansi",
        primary="ansi_blue",
        secondary="ansi_cyan",
        accent="ansi_bright_cyan",
        warning="ansi_yellow",
        error="ansi_bright_red",
        success="ansi_green",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        dark=True,
        ansi=True,
        variables={
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "border": "ansi_bright_black",
            "border-blurred": "ansi_bright_black",
            "text-muted": "ansi_bright_black",
            "block-cursor-foreground": "ansi_black",
            "block-cursor-background": "ansi_white",
            "input-cursor-background": "ansi_white",
            "input-cursor-foreground": "ansi_black",
            "input-cursor-text-style": "none",
            "input-selection-background": "ansi_bright_blue",
            "input-selection-foreground": "ansi_black",
        },
    ),
)
NAMES = tuple(theme.name for theme in THEMES)


def after(name: str) -> str:
    """Return the theme that follows `name` when f3 is pressed."""
    return NAMES[(NAMES.index(name) + 1) % len(NAMES)] if name in NAMES else DEFAULT
