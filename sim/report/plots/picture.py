"""A picture: a figure laid out in inches, its texts, and the files it is saved to."""

import contextlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from sim.experiment.storage.disk import replacing
from sim.report.plots.colours import GREY
from sim.report.plots.lettering import (
    BOLD,
    LINE_IN,
    NOTE_PT,
    TITLE_PT,
    shortened,
    width_of,
    wrapped,
)
from sim.report.plots.style import house_style, letters_without_rules
from sim.report.words import ended

WIDTH_IN = 7.2
"""The width of a double column."""
MARGIN_IN = 0.1
SCALE_IN = 0.08
"""The width of a colour bar."""
_SECOND_IN = 0.27  # below the title
_TITLE_ROOM_IN = (WIDTH_IN - 2 * MARGIN_IN) / BOLD
MOST_PANELS = 12
"""With more panels a figure would not fit on a page: the rest is left out, which a note says."""
DPI = 200
SCREEN_FORMATS = ("png",)
"""The formats that a run writes; an SVG would take as long again, a PDF twice as long."""
PAPER_FORMATS = (*SCREEN_FORMATS, "svg", "pdf")
"""The formats written when an answer is published or a report is written."""


class Picture(Figure):
    """A figure that grows downwards: its title, how to read it, panels, and a note at its end.

    Places are in inches from the upper left corner; `top` is where the next element goes. It has a
    description for those who cannot see it.
    """

    def __init__(self, title: str, explained: str = "") -> None:
        super().__init__(figsize=(WIDTH_IN, WIDTH_IN))
        FigureCanvasAgg(self)
        self.title = self.description = title
        self._corner = self.dpi_scale_trans + ScaledTranslation(0.0, 1.0, self.transFigure)  # type: ignore[arg-type]
        self._bounds: dict[Axes, tuple[float, float, float, float]] = {}
        self.write(MARGIN_IN, MARGIN_IN, title, size=TITLE_PT, weight="bold")
        lines = wrapped(ended(explained) if explained else "", WIDTH_IN - 2 * MARGIN_IN)
        self.write(MARGIN_IN, _SECOND_IN, "\n".join(lines), color=GREY, linespacing=1.1)
        self.top = _SECOND_IN + len(lines) * LINE_IN

    def axes_at(self, left: float, top: float, width: float, height: float, **options: Any) -> Axes:
        """Axes of a given size, `left` and `top` inches from the upper left corner."""
        axes = self.add_axes((0.0, 0.0, 1.0, 1.0), **options)
        self._bounds[axes] = (left, top, width, height)
        return axes

    def write(self, left: float, top: float, text: str, **options: Any) -> Text:
        """Text whose upper left corner is `left` and `top` inches from the figure's."""
        look = {"va": "top", "ha": "left", "transform": self._corner, **options}
        return self.text(left, -top, text, **look)

    def heading(self, text: str, aside: str) -> None:
        """The heading of a panel, with a small note at the right."""
        room = WIDTH_IN - 3 * MARGIN_IN - width_of(aside, NOTE_PT)
        self.write(MARGIN_IN, self.top, shortened(text, room / BOLD), weight="bold")
        self.write(WIDTH_IN - MARGIN_IN, self.top, aside, ha="right", color=GREY, size=NOTE_PT)

    def panel(
        self, heading: str, aside: str, left: float, height: float, gap: float,
        right: float = MARGIN_IN,
    ) -> Axes:  # fmt: skip
        """Axes below a heading, `left` inches from the left; the next element is `gap` below."""
        self.heading(heading, aside)
        axes = self.axes_at(left, self.top + 0.2, WIDTH_IN - left - right, height)
        self.top += height + gap
        return axes

    def panels(
        self, count: int, columns: int, left: float, step: tuple[float, float]
    ) -> list[tuple[int, float, float]]:
        """The column, left and top of each of some panels, row by row; moves `top` below them.

        `step` is the distance in inches between the left edges of neighbouring panels, and between
        the tops of rows.
        """
        places = (divmod(place, columns) for place in range(count))
        found = [(column, left + column * step[0], self.top + row * step[1])
                 for row, column in places]  # fmt: skip
        self.top += -(-count // columns) * step[1]
        return found

    def key(self, left: float, top: float, entries: Mapping[str, Artist], columns: int) -> None:
        """A legend without a frame: marks with their meanings."""
        self.legend(
            list(entries.values()),
            list(entries),
            ncols=columns,
            loc="upper left",
            bbox_to_anchor=(left, -top),
            bbox_transform=self._corner,
            borderaxespad=0.0,
            borderpad=0.0,
            columnspacing=1.4,
            handlelength=1.5,
            handletextpad=0.4,
        )

    def colour_scale(
        self, colours: ScalarMappable, left: float, top: float, height: float
    ) -> Colorbar:
        """A colour bar to the right of a panel."""
        bar = self.colorbar(colours, cax=self.axes_at(left, top, SCALE_IN, height))
        bar.outline.set_visible(False)
        return bar

    def finished(self, below: float, note: str, sentences: Iterable[str]) -> "Picture":
        """Finish the picture `below` inches below its top, with a note and its description."""
        height_in = self.top + below
        self.set_size_inches(WIDTH_IN, height_in)
        for axes, (left, top, width, height) in self._bounds.items():
            bottom = 1.0 - (top + height) / height_in
            axes.set_position((left / WIDTH_IN, bottom, width / WIDTH_IN, height / height_in))
        right, bottom = WIDTH_IN - MARGIN_IN, height_in - MARGIN_IN / 2
        self.write(right, bottom, note, ha="right", va="bottom", size=NOTE_PT, color=GREY)
        self.description = " ".join((ended(self.title), *sentences))
        return self

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save as any figure, in the house style, since ticks are created when first drawn."""
        is_pdf = str(options.get("format") or fname).lower().endswith("pdf")
        with house_style(), letters_without_rules() if is_pdf else contextlib.nullcontext():
            super().savefig(fname, **options)

    def write_to(
        self, folder: Path, name: str, formats: Sequence[str] = PAPER_FORMATS
    ) -> list[Path]:
        """Write `name` in some formats, and its title and description as a text file.

        Each file is written completely or not at all, with the same bytes each time.
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
        """Write one format; each contains the description in words, and none has a date."""
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
    """An SVG that screen readers treat as one picture with a description."""
    description_element = f"</title>\n <desc>{escape(description)}</desc>"
    return svg.replace("<svg ", '<svg role="img" ', 1).replace("</title>", description_element, 1)


def title_before(subject: str, rest: str) -> str:
    """A title that begins with a subject, shortened to the room available."""
    return f"{shortened(subject, _TITLE_ROOM_IN - width_of(rest, TITLE_PT), TITLE_PT)}{rest}"


def first_fitting(*titles: str) -> str:
    """The first title that fits, else the last one, shortened."""
    for title in titles:
        if width_of(title, TITLE_PT) <= _TITLE_ROOM_IN:
            return title
    return shortened(titles[-1], _TITLE_ROOM_IN, TITLE_PT)


def key_columns(entries: Iterable[str], room: float = WIDTH_IN - 2 * MARGIN_IN) -> int:
    """The number of columns of a legend with as few rows as fit into a width in inches.

    Rows are as even as possible; an empty legend has one column.
    """
    widths = [width_of(words) + 0.45 for words in entries]
    most = max(1, min(len(widths), int(room / max(widths, default=room))))
    rows = max(1, -(-len(widths) // most))
    return max(1, -(-len(widths) // rows))
