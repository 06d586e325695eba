"""A picture: a figure with places in inches, words about it, and the files it is saved to."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.experiment.storage.disk import replacing
from sim.report.plots.colours import GREY
from sim.report.plots.lettering import BOLD, NOTE_PT, TITLE_PT, shortened, width_of
from sim.report.plots.style import house_style, letters_without_rules

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
        self.write(MARGIN_IN, top, shortened(text, room / BOLD), weight="bold")
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
        with house_style(), letters_without_rules():
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
