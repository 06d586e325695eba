"""The house style of the plots: paper, colours, words for numbers, and pictures to save."""

import contextlib
import dataclasses
import datetime
import functools
import io
import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib
import numpy as np
from fontTools import subset
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font, ttfFontProperty
from matplotlib.text import Text
from matplotlib.textpath import TextToPath
from numpy.typing import NDArray

from sim.experiment.storage.disk import replacing

Floats = NDArray[np.float64]

WIDTH_IN = 7.2
"""Double column."""
MARGIN_IN = 0.1
MOST_PANELS = 12
"""A figure with more panels would fit no page: the rest is left out, with a note on the figure."""
DPI = 200
FORMATS = ("png", "svg")
"""What a run writes, which is done often: a PDF takes as long as these two."""
PAPER_FORMATS = (*FORMATS, "pdf")
"""What is written where an answer is published or a report is written."""

TITLE_PT, BODY_PT, NOTE_PT = 8.5, 7.0, 6.0
LINE_IN = 1.25 * BODY_PT / 72

# Okabe and Ito's palette, which the colour-blind can distinguish too.
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

INTERVAL = (0.05, 0.5, 0.95)
"""The median between the ends of the 90 % interval."""

_FONT = "DejaVu Sans of matplotlib"
"""The font that comes with matplotlib, by a name that no font of the user's has."""

_STYLE: dict[str, Any] = {
    "font.family": _FONT,
    "font.size": BODY_PT,
    "text.color": INK,
    "text.parse_math": False,  # a dollar is a dollar
    "text.hinting": "none",  # so that a line is as wide at any dpi as it was measured
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": BODY_PT,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "xtick.labelsize": BODY_PT,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "xtick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.color": INK,
    "ytick.labelsize": BODY_PT,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
    "legend.fontsize": BODY_PT,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "patch.linewidth": 0.5,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.hashsalt": "raids-and-talks",  # ids that are the same each time
    "svg.fonttype": "path",
    "pdf.fonttype": 42,  # whole letters, which journals require
}
_LOCK = threading.RLock()


@functools.cache
def _whole_style() -> dict[Any, Any]:
    """What matplotlib brings along, with the house's own above it: nothing is left to the user."""
    with warnings.catch_warnings(action="ignore"):  # of settings that will go
        brought = dict(matplotlib.rcParamsDefault)
    return {key: value for key, value in brought.items() if "backend" not in key} | _STYLE


def _bring_font() -> None:
    """Let matplotlib know its own font by our name: a user's of the same name may be another."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for style in ("", "-Bold", "-Oblique", "-BoldOblique"):
        entry = ttfFontProperty(get_font(folder / f"DejaVuSans{style}.ttf"))
        fontManager.ttflist.append(dataclasses.replace(entry, name=_FONT))


_bring_font()


@contextlib.contextmanager
def _boxes_for_letters() -> Iterator[None]:
    """No warning about letters that the font does not have: a box stands for each."""
    with _LOCK, warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


@contextlib.contextmanager
def _letters_without_rules() -> Iterator[None]:
    """A PDF gets its letters without the font's rules for setting them: all are in their places.

    To cut these tables to measure took a third of the time of a report.
    """
    before = subset.Options._drop_tables_default
    subset.Options._drop_tables_default = [*before, "GDEF", "GPOS", "GSUB", "MATH"]
    try:
        yield
    finally:
        subset.Options._drop_tables_default = before


@contextlib.contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, whatever the user's own; one thread at a time."""
    with _boxes_for_letters(), matplotlib.rc_context(_whole_style()):
        yield


class Picture(Figure):
    """A figure with a title, a description for those who cannot see it, and places in inches."""

    def __init__(self, title: str, height_in: float, width_in: float = WIDTH_IN) -> None:
        super().__init__(figsize=(width_in, height_in))
        FigureCanvasAgg(self)
        self.width_in, self.height_in = width_in, height_in
        self.title = title
        self.description = ""
        self.write(MARGIN_IN, MARGIN_IN, title, size=TITLE_PT, weight="bold")

    def axes_at(self, left: float, top: float, width: float, height: float, **options: Any) -> Axes:
        """Axes of a size, `left` and `top` inches from the upper left corner."""
        w, h = self.width_in, self.height_in
        bounds = (left / w, 1.0 - (top + height) / h, width / w, height / h)
        return self.add_axes(bounds, **options)

    def write(self, left: float, top: float, text: str, **options: Any) -> Text:
        """Text whose upper left corner is `left` and `top` inches from the figure's."""
        x, y = left / self.width_in, 1.0 - top / self.height_in
        return self.text(x, y, text, **{"va": "top", "ha": "left", **options})

    def heading(self, top: float, text: str, aside: str) -> None:
        """The heading of a panel, and something small at its right."""
        room = self.width_in - 3 * MARGIN_IN - width_of(aside, NOTE_PT)
        self.write(MARGIN_IN, top, shortened(text, room / 1.12), weight="bold")  # bold is wider
        right = self.width_in - MARGIN_IN
        self.write(right, top, aside, ha="right", color=GREY, size=NOTE_PT)

    def key(self, left: float, top: float, entries: Mapping[str, Artist], columns: int) -> None:
        """A legend without a frame: marks by what they mean."""
        self.legend(
            list(entries.values()),
            list(entries),
            ncols=columns,
            loc="upper left",
            bbox_to_anchor=(left / self.width_in, 1.0 - top / self.height_in),
            borderaxespad=0.0,
            borderpad=0.0,
            columnspacing=1.4,
            handlelength=1.5,
            handletextpad=0.4,
        )

    def note(self, text: str) -> None:
        """A note in the lower right corner."""
        left, top = self.width_in - MARGIN_IN, self.height_in - MARGIN_IN / 2
        self.write(left, top, text, ha="right", va="bottom", size=NOTE_PT, color=GREY)

    def described(self, *sentences: str) -> "Picture":
        """The finished picture, with its title and these sentences as its description."""
        self.description = " ".join((f"{self.title.rstrip('.')}.", *sentences))
        return self

    def savefig(self, *arguments: Any, **options: Any) -> None:
        """Save as any figure, in the house style: ticks are created when they are first drawn."""
        with house_style(), _letters_without_rules():
            super().savefig(*arguments, **options)

    def write_to(
        self, folder: Path, name: str, formats: Sequence[str] = PAPER_FORMATS
    ) -> list[Path]:
        """Write `name` in some formats, and its title and description as text next to them.

        Each file is whole or not there at all, and the same bytes each time.
        """
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / f"{name}.{form}" for form in (*formats, "txt")]
        for file in files:
            with replacing(file) as part:
                if file.suffix == ".txt":
                    part.write_text(f"{self.description}\n", encoding="utf-8")
                else:
                    self._save(part, file.suffix[1:])
        return files

    def as_png(self, dpi: int) -> bytes:
        """The picture as the bytes of a PNG file, for a screen."""
        with io.BytesIO() as written:
            self.savefig(written, format="png", dpi=dpi, metadata={"Software": None})
            return written.getvalue()

    def _save(self, file: Path, form: str) -> None:
        """Write one format; each describes in words what it shows, and none has a date."""
        metadata: dict[str, dict[str, Any]] = {
            "png": {"Title": self.title, "Description": self.description, "Software": None},
            "svg": {"Title": self.title, "Description": self.description, "Date": None},
            "pdf": {"Title": self.title, "Subject": self.description, "CreationDate": None,
                    "Creator": None, "Producer": None},
        }  # fmt: skip
        self.savefig(file, format=form, dpi=DPI, metadata=metadata[form])
        if form == "svg":
            text = _readable(file.read_text(encoding="utf-8"), self.description)
            file.write_text(text, encoding="utf-8", newline="\n")


def _readable(svg: str, description: str) -> str:
    """An SVG that a screen reader takes for one picture and reads the description of."""
    description_element = f"</title>\n <desc>{escape(description)}</desc>"
    return svg.replace("<svg ", '<svg role="img" ', 1).replace("</title>", description_element, 1)


# --- words -----------------------------------------------------------------------------------


@functools.lru_cache(4096)
def width_of(text: str, size: float = BODY_PT) -> float:
    """The width of a line of text, in inches."""
    font = FontProperties(family=_FONT, size=size)
    with _boxes_for_letters():
        width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72.0


def wrapped(text: str, width_in: float, size: float = BODY_PT) -> list[str]:
    """Text broken at spaces into lines no wider than `width_in`, where its words allow."""
    lines: list[str] = []
    for word in re.split(r"[ \t\n]+", text.strip()):  # not at no-break spaces
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= width_in:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shortened(text: str, width_in: float, size: float = BODY_PT) -> str:
    """The first words of a text, as many as `width_in` has room for."""
    first, *rest = wrapped(text, width_in, size)
    return f"{first.rstrip(',;:')}…" if rest else first


def number(value: float) -> str:
    """A number in three figures at most, with a true minus and no needless zeros."""
    if abs(value) >= 1000:
        places = 2 - int(np.floor(np.log10(abs(value))))
        return f"{round(value, places):,.0f}".replace("-", "−")
    return f"{float(f'{value:.3g}'):g}".replace("-", "−")


def rough(value: float) -> str:
    """A number in two figures, the second also where it is 0."""
    value = float(f"{value:.2g}")
    if 0.01 <= abs(value) < 100:
        return f"{value:#.2g}".rstrip(".").replace("-", "−")
    return number(value)


def decimal(value: float) -> str:
    """A share in two decimals with its sign."""
    return f"{value:+.2f}".replace("-", "−")


def dollars(value: float) -> str:
    """An amount of money in $, k$, M$ or bn$."""
    value = float(f"{value:.2g}")
    for size, unit in ((1e9, "bn$"), (1e6, "M$"), (1e3, "k$")):
        if abs(value) >= size:
            return f"{number(value / size)} {unit}"
    return f"{number(value)} $"


def sentence(text: str) -> str:
    """Text with a capital at its start."""
    return text[:1].upper() + text[1:]


def counted(n: int, of: int) -> str:
    """How many runs of how many."""
    return f"{n:,} runs" if n == of else f"{n:,} of {of:,} runs"


def day_words(date: datetime.date, with_year: bool) -> str:
    """A date as on a tick: 1 Jun, or Jun 2025 where years matter."""
    return f"{date:%b %Y}" if with_year else f"{date.day} {date:%b}"


def dark(colour: str) -> bool:
    """Whether white reads better than black on a colour."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140


# --- places ----------------------------------------------------------------------------------


def interval(values: Floats) -> tuple[float, float, float]:
    """The lower end, the median and the upper end of the 90 % interval."""
    low, median, high = np.quantile(values, INTERVAL)
    return float(low), float(median), float(high)


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Positions at least `gap` apart, in the order of the wanted ones and as near as can be."""
    order = np.argsort(wanted, kind="stable")
    blocks: list[list[float]] = []  # [mean of wanted first places, how many]
    for value in np.asarray(wanted, float)[order]:
        blocks.append([value, 1.0])
        while len(blocks) > 1 and _top(blocks[-2], gap) > blocks[-1][0]:
            (first, m), (second, n) = blocks[-2:]
            blocks[-2:] = [[(m * first + n * (second - m * gap)) / (m + n), m + n]]
    placed = [first + k * gap for first, n in blocks for k in range(int(n))]
    places = np.empty(len(placed))
    places[order] = placed
    return [float(place) for place in places]


def _top(block: list[float], gap: float) -> float:
    """Where the next place after a block is free."""
    return block[0] + block[1] * gap


def flag_levels(left: Sequence[float], width: Sequence[float]) -> list[int]:
    """Levels for labels that fly to the right of their poles: no label meets another or a pole.

    `left` are the poles' places. Level 0 is nearest to the ground.
    """
    levels = [0] * len(left)
    done: list[int] = []
    for k in sorted(range(len(left)), key=lambda k: -left[k]):
        crossed = [levels[j] for j in done if left[j] <= left[k] + width[k]]
        levels[k] = max(crossed, default=-1) + 1
        done.append(k)
    return levels
