"""The till's own dark theme: every text on every ground has a contrast of at least 7."""

from __future__ import annotations

from textual.theme import Theme

GROUND = "#0b0f14"
SURFACE = "#131a21"
PANEL = "#1d2730"
TEXT = "#eef3f7"
MUTED = "#a9b8c6"
BLUE = "#86c9ff"
AMBER = "#ffd27d"
GREEN = "#86e6ae"
RED = "#ffaea6"
INK = "#0b0f14"
"""Text on a filled block of one of the bright colours."""

THEME = Theme(
    name="till",
    primary=BLUE,
    secondary=MUTED,
    accent=AMBER,
    warning=AMBER,
    error=RED,
    success=GREEN,
    foreground=TEXT,
    background=GROUND,
    surface=SURFACE,
    panel=PANEL,
    dark=True,
    text_alpha=1.0,
    variables={
        "text": TEXT,
        "text-muted": MUTED,
        "text-disabled": MUTED,
        "text-primary": BLUE,
        "text-success": GREEN,
        "text-warning": AMBER,
        "text-error": RED,
        "text-accent": AMBER,
        "ink": INK,
        "border": PANEL,
        "border-blurred": PANEL,
        "scrollbar": "#33424f",
        "scrollbar-hover": BLUE,
        "scrollbar-active": BLUE,
        "scrollbar-background": GROUND,
        "scrollbar-background-hover": GROUND,
        "scrollbar-background-active": GROUND,
        "scrollbar-corner-color": GROUND,
        "input-cursor-background": AMBER,
        "input-cursor-foreground": INK,
        "input-selection-background": "#2b4c66",
        "block-cursor-background": "#254257",
        "block-cursor-foreground": TEXT,
        "footer-background": SURFACE,
    },
)

READABLE = (
    *((ink, ground) for ink in (TEXT, MUTED, BLUE, AMBER, GREEN, RED)
      for ground in (GROUND, SURFACE)),
    *((ink, PANEL) for ink in (TEXT, MUTED, BLUE, AMBER, GREEN, RED)),
    (TEXT, "#254257"),
    (TEXT, "#2b4c66"),
    *((INK, ground) for ground in (BLUE, AMBER, GREEN, RED)),
)  # fmt: skip
"""Text and ground as the screens pair them."""
