"""The colours of the plots: a palette for the colour-blind, ink and paper."""

from typing import Any

# Okabe and Ito's palette, which colour-blind readers can distinguish.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
INK, GREY, PALE, PAPER = "#222222", "#767676", "#D9D9D9", "#FFFFFF"

FATE_COLOURS = {
    "compromised": "#4D4D4D",
    "failed": "#A6A6A6",
    "jammed": SKY,
    "shot_down": BLUE,
    "decoy_spent": PURPLE,
    "missed": YELLOW,
    "wasted": GREEN,
    "damaged_target": ORANGE,
    "destroyed_target": VERMILION,
}

FATE_HATCHES = {
    "compromised": "xxxx",
    "jammed": "////",
    "decoy_spent": "----",
    "wasted": "||||",
    "damaged_target": "\\\\\\\\",
}
"""For fates that have the same grey as another if printed without colour."""


def fate_look(fate: str) -> dict[str, Any]:
    """The fill of an area of a fate, distinct from others also in grey."""
    return {
        "facecolor": FATE_COLOURS[fate],
        "edgecolor": PAPER,
        "hatch": FATE_HATCHES.get(fate),
        "linewidth": 0.0,
    }


def dark(colour: str) -> bool:
    """Whether white is more legible than black on a colour."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140
