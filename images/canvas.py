"""What every diagram is drawn with: a white canvas, rounded boxes, arrows and text, all in one style.

A canvas is measured in pixels, as the picture is shown 800 wide; x grows to the right, y downwards.
"""

import io
import math
from pathlib import Path
from typing import NamedTuple

import matplotlib
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon

FOLDER = Path(__file__).resolve().parent
INK, GREY, PALE = "#1b2733", "#56626d", "#f7f9fb"
# For each colour: the fill and the edge. The edge is dark enough to write with.
COLOURS = {
    "blue": ("#e2effb", "#1a629f"),
    "green": ("#e1f4e6", "#22703f"),
    "orange": ("#fdeeda", "#9c5700"),
    "red": ("#fce5e3", "#a8322a"),
    "purple": ("#eee7fa", "#5f3d9e"),
    "grey": ("#eef1f4", GREY),
    "group": (PALE, "#b4bec7"),
    "white": ("#ffffff", "#8494a1"),
    "inner": ("#ffffff", "#1a629f"),
}
POINTS = 0.75  # a pixel, in the points in which Matplotlib counts
Point = tuple[float, float]


class Box(NamedTuple):
    """A box that was drawn: arrows start and end at its sides."""

    x: float
    y: float
    width: float
    height: float

    def left(self, part: float = 0.5) -> Point:
        """A point on the left side; part: 0 is its upper end, 1 its lower end."""
        return self.x, self.y + part * self.height

    def right(self, part: float = 0.5) -> Point:
        """A point on the right side; part: 0 is its upper end, 1 its lower end."""
        return self.x + self.width, self.y + part * self.height

    def top(self, part: float = 0.5) -> Point:
        """A point on the upper side; part: 0 is its left end, 1 its right end."""
        return self.x + part * self.width, self.y

    def bottom(self, part: float = 0.5) -> Point:
        """A point on the lower side; part: 0 is its left end, 1 its right end."""
        return self.x + part * self.width, self.y + self.height


class Canvas:
    """A white picture, 800 wide."""

    def __init__(self, height: float, width: float = 800) -> None:
        inch = POINTS / 72
        self.figure = Figure(figsize=(width * inch, height * inch), facecolor="white")
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        self.axes.set_axis_off()

    def text(
        self, x: float, y: float, text: str, size: float = 13, colour: str = INK,
        weight: str = "normal", ha: str = "center", va: str = "center",
    ) -> None:  # fmt: skip
        """Write lines around the point x, y. A line in `backticks` is code; weight, ha, va: as in Matplotlib."""
        lines = text.split("\n")
        for number, line in enumerate(lines):
            code = line.startswith("`")
            self.axes.text(
                x,
                y + (number - (len(lines) - 1) / 2) * size * 1.35,
                line.strip("`"),
                size=size * POINTS * (0.94 if code else 1),
                color=colour,
                family="DejaVu Sans Mono" if code else "DejaVu Sans",
                parse_math=False,
                weight=weight,
                ha=ha,
                va=va,
            )

    def box(self, x: float, y: float, width: float, height: float, title: str = "", body: str = "",
            colour: str = "grey", badge: str = "") -> Box:  # fmt: skip
        """Draw a rounded box with a bold title over a body, both centred, and a badge on its upper edge."""
        fill, edge = COLOURS[colour]
        style = "round,pad=0,rounding_size=8"
        self.axes.add_patch(FancyBboxPatch((x, y), width, height, style, fc=fill, ec=edge, lw=1.5 * POINTS, zorder=1))
        title_height, body_height = (18 * (text.count("\n") + 1) if text else 0 for text in (title, body))
        middle, gap = x + width / 2, 3 if title and body else 0
        top = y + (height - title_height - gap - body_height) / 2
        if title:
            self.text(middle, top + title_height / 2, title, 14, weight="bold", colour=edge)
        if body:
            self.text(middle, top + title_height + gap + body_height / 2, body, 12.5)
        if badge:
            self.badge(middle, y, badge, colour)
        return Box(x, y, width, height)

    def badge(self, x: float, y: float, text: str, colour: str = "orange") -> None:
        """Draw white words or a number on a dark, round ground, around the point x, y."""
        wide = 7.2 * len(text) + 18 if len(text) > 1 else 20
        self.axes.add_patch(FancyBboxPatch((x - wide / 2, y - 10), wide, 20, "round,pad=0,rounding_size=10",
                                           fc=COLOURS[colour][1], ec="white", lw=1.5 * POINTS, zorder=2))  # fmt: skip
        self.text(x, y, text, 11.5, "white", weight="bold")

    def group(self, x: float, y: float, width: float, height: float, title: str) -> Box:
        """Draw a pale box for other boxes to stand in, its title at the top."""
        self.box(x, y, width, height, colour="group")
        self.text(x + width / 2, y + 18, title, 13, GREY, weight="bold")
        return Box(x, y, width, height)

    def arrow(self, *points: Point, label: str = "", at: Point | None = None, colour: str = "grey",
              dashed: bool = False, wide: float = 1.8) -> None:  # fmt: skip
        """Draw an arrow along these points, with a label: around the point `at`, or above the middle of the arrow."""
        edge = COLOURS[colour][1]
        (from_x, from_y), (x, y) = points[-2:]
        length = math.hypot(x - from_x, y - from_y)
        along_x, along_y = (x - from_x) / length, (y - from_y) / length
        long, half = 6 + 2 * wide, 2.5 + wide  # of the head
        neck_x, neck_y = x - long * along_x, y - long * along_y
        line = [*points[:-1], (neck_x, neck_y)]
        style = (0, (3, 2)) if dashed else "-"
        self.axes.plot(*zip(*line, strict=True), color=edge, lw=wide * POINTS, ls=style, solid_capstyle="butt")
        head = [(x, y)] + [(neck_x + side * along_y, neck_y - side * along_x) for side in (half, -half)]
        self.axes.add_patch(Polygon(head, fc=edge, lw=0))
        if label:
            x, y = at or ((points[0][0] + points[-1][0]) / 2, (points[0][1] + points[-1][1]) / 2 - 12)
            self.text(x, y, label, 12, edge)

    def svg(self, name: str) -> str:
        """The picture as SVG, with text as paths. Drawn again under this name, it is the same text."""
        file = io.StringIO()
        with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": name}):
            self.figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        return file.getvalue()

    def save(self, name: str) -> None:
        """Write the picture into its file."""
        (FOLDER / f"{name}.svg").write_text(self.svg(name), encoding="utf-8", newline="\n")
