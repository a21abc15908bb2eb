"""The sheet on which a dashboard is drawn: pixels from the top left corner, texts that fit, plots in one style."""

import io
import textwrap
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Patch, Rectangle
from matplotlib.typing import ColorType

PAGE, PANEL, EDGE, TRACK = "#111217", "#181B1F", "#2A2D33", "#25282E"
TEXT, WEAK, BRIGHT = "#D5D5E2", "#9A9BAA", "#FFFFFF"
TITLE = 34  # height of a panel's title, in pixels
DOTS_PER_INCH = 72  # so that a point, the unit of matplotlib's fonts and lines, is a pixel


class Picture(Figure):
    """A figure that shows itself in a notebook, also where no plot has been shown before."""

    def _repr_png_(self) -> bytes:
        """The PNG file that Jupyter asks for."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=self.dpi)
        return file.getvalue()

    def __repr__(self) -> str:
        """A text without numbers that change, because it is stored with the notebook."""
        return "<the dashboard as a picture>"


@dataclass(frozen=True)
class Box:
    """A part of the sheet, in pixels; x and y are its left upper corner."""

    x: float
    y: float
    w: float
    h: float

    def inside(self, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> "Box":
        """The same box without so many pixels at its sides."""
        return Box(self.x + left, self.y + top, max(1, self.w - left - right), max(1, self.h - top - bottom))


class Canvas:
    """A sheet of so many pixels."""

    def __init__(self, width: int, height: int) -> None:
        size = (width / DOTS_PER_INCH, height / DOTS_PER_INCH)
        self.figure = Picture(figsize=size, dpi=DOTS_PER_INCH, facecolor=PAGE)
        self._renderer = FigureCanvasAgg(self.figure).get_renderer()
        self.width, self.height = width, height
        self.sheet = self.figure.add_axes((0, 0, 1, 1), label="sheet")
        self.sheet.set(xlim=(0, width), ylim=(height, 0))
        self.sheet.axis("off")

    def text_width(self, text: str, size: float = 12, weight: str = "normal") -> float:
        """How many pixels a text takes in one line."""
        font = FontProperties(size=size, weight=weight)
        width: float = self._renderer.get_text_width_height_descent(text, font, False)[0]
        return width

    def text(
        self, x: float, y: float, text: str, size: float = 12, color: str = TEXT, weight: str = "normal",
        ha: str = "left", va: str = "center", most: float | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        """Write one line. most: its width in pixels at the most; a longer text is cut and ends in "…"."""
        if most is not None and self.text_width(text, size, weight) > most:
            while text and self.text_width(f"{text}…", size, weight) > most:
                text = text[:-1]
            text = f"{text.rstrip()}…"
        # Without parse_math, a text with two $ would be taken for a formula.
        self.sheet.text(x, y, text, size=size, color=color, weight=weight, ha=ha, va=va, parse_math=False, gid=name)

    def paragraph(self, box: Box, text: str, size: float = 13, color: str = TEXT, name: str | None = None) -> None:
        """Write a text of several lines into the middle of a box."""
        letters = max(8, int(box.w / (self.text_width("n", size) * 1.02)))
        lines = textwrap.wrap(text, letters)[: max(1, int(box.h // (size * 1.5)))]
        top = box.y + box.h / 2 - (len(lines) - 1) * size * 0.75
        for place, line in enumerate(lines):
            self.text(box.x + box.w / 2, top + place * size * 1.5, line, size, color, ha="center", name=name)

    def rectangle(self, box: Box, color: ColorType, edge: str = "none", radius: float = 0) -> None:
        """Fill a rectangle."""
        shape: Patch
        if radius:
            shape = FancyBboxPatch(
                (box.x + radius, box.y + radius), box.w - 2 * radius, box.h - 2 * radius,
                boxstyle=f"round,pad={radius},rounding_size={radius}", fc=color, ec=edge, lw=1, mutation_aspect=1,
            )  # fmt: skip
        else:
            shape = Rectangle((box.x, box.y), box.w, box.h, fc=color, ec=edge, lw=1)
        self.sheet.add_artist(shape)  # add_patch would measure it first, which takes longer than drawing it

    def plot(self, box: Box, name: str) -> Axes:
        """Axes that fill this box; what they say beside it has to find room around it."""
        place = (box.x / self.width, 1 - (box.y + box.h) / self.height, box.w / self.width, box.h / self.height)
        axes = self.figure.add_axes(place, label=name, facecolor="none")
        axes.tick_params(length=0, pad=5, labelsize=11, labelcolor=WEAK)
        axes.spines[:].set_visible(False)
        axes.set_axisbelow(True)
        return axes
