"""The banner of the README: a ship on a sea that is a chart. It has a ground of its own, for light and dark pages."""

import numpy as np
from canvas import Canvas
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle

WIDTH, HEIGHT = 800, 230
NIGHT, GRID, SMOKE, WHITE, PALE = "#12263a", "#24425c", "#29435b", "#ffffff", "#b9cfe2"
SEA = ["#1d4f7a", "#185f95", "#2a7fba"]  # from the back to the front
HULL, HOUSE, FUNNEL, SIGNAL, LAMP = "#0b1622", "#e9f0f6", "#d9822b", "#57c98a", "#ffd27a"


def wave(x: np.ndarray | float, level: float, height: float, length: float, shift: float) -> np.ndarray:
    """How far down the surface of the sea is, at each x: two waves, one on the other, as in a busy chart."""
    turns = 2 * np.pi * (np.asarray(x) + shift) / length
    return level + height * np.sin(turns) + 0.35 * height * np.sin(2.3 * turns + 1)


def banner() -> Canvas:
    """README: the name, the question of the course, and the ship."""
    c = Canvas(HEIGHT, WIDTH)
    c.figure.set_facecolor("none")
    ground = FancyBboxPatch((0, 0), WIDTH, HEIGHT, "round,pad=0,rounding_size=14", fc=NIGHT, lw=0)
    c.axes.add_patch(ground)
    draw_grid(c)
    draw_smoke(c, 545)
    draw_ship(c, 545, 172)
    x = np.linspace(0, WIDTH, 161)
    for order, (colour, level, shift) in enumerate(zip(SEA, (180, 192, 206), (0, 70, 150), strict=True)):
        surface = zip(x, wave(x, level, 5, 190, shift), strict=True)
        # The ship (2) is in front of the first wave (1) and behind the others (3, 4).
        sea = Polygon([(0, HEIGHT), *surface, (WIDTH, HEIGHT)], fc=colour, lw=0, zorder=(1, 3, 4)[order])
        c.axes.add_patch(sea)
        sea.set_clip_path(ground)
    draw_measurements(c, x)
    c.text(40, 62, "Unsinkable", 42, WHITE, ha="left", weight="bold")
    c.text(40, 122, "How do I put a model in production,\nand how do I know that it still works?", 17, PALE, ha="left")
    return c


def draw_grid(c: Canvas) -> None:
    """The lines of a dashboard's chart, faint."""
    for x in range(40, WIDTH, 80):
        c.axes.plot([x, x], [0, HEIGHT], color=GRID, lw=0.6, zorder=1)
    for y in range(30, HEIGHT, 40):
        c.axes.plot([0, WIDTH], [y, y], color=GRID, lw=0.6, zorder=1)


def draw_smoke(c: Canvas, x: float) -> None:
    """What the four funnels of the ship at x leave behind: one cloud of many circles."""
    for part in range(4):
        for puff in range(11):
            middle = (x + 46 + 30 * part - 11 * puff, 72 - 7 * puff + puff**2 / 2)
            c.axes.add_patch(Circle(middle, 2.5 + 7 * np.sin(np.pi * puff / 10), fc=SMOKE, lw=0, zorder=1.5))


def draw_ship(c: Canvas, x: float, y: float) -> None:
    """A steamer with four funnels; x, y: where her stern meets the water."""
    for part in range(4):
        left = x + 48 + 30 * part
        funnel = [(left, y - 48), (left - 5, y - 92), (left + 9, y - 92), (left + 14, y - 48)]
        c.axes.add_patch(Polygon(funnel, fc=FUNNEL, lw=0, zorder=2))
        top = [(left - 3.9, y - 82), (left - 5, y - 92), (left + 9, y - 92), (left + 10.1, y - 82)]
        c.axes.add_patch(Polygon(top, fc=HULL, lw=0, zorder=2))
    for mast, height in ((22, 96), (186, 100)):
        c.axes.plot([x + mast, x + mast], [y - 30, y - height], color=HOUSE, lw=1, zorder=2)
    c.axes.plot([x + 22, x + 48, x + 186], [y - 96, y - 100, y - 100], color=HOUSE, lw=0.4, zorder=2)
    c.axes.add_patch(Rectangle((x + 34, y - 52), 136, 14, fc=HOUSE, lw=0, zorder=2))
    c.axes.add_patch(Rectangle((x + 24, y - 40), 158, 14, fc=HOUSE, lw=0, zorder=2))
    hull = [(x - 8, y - 30), (x + 214, y - 34), (x + 190, y + 58), (x + 22, y + 58)]
    c.axes.add_patch(Polygon(hull, fc=HULL, ec="#3b5670", lw=0.8, zorder=2))
    c.axes.plot([x + 1, x + 209], [y - 8, y - 10], color=FUNNEL, lw=1.2, zorder=2)
    for window in range(17):
        c.axes.add_patch(Rectangle((x + 16 + 10.4 * window, y - 22), 3.4, 3.4, fc=LAMP, lw=0, zorder=2))
        if window < 14:
            c.axes.add_patch(Rectangle((x + 32 + 10.4 * window, y - 36), 3.4, 4.4, fc=NIGHT, lw=0, zorder=2))


def draw_measurements(c: Canvas, x: np.ndarray) -> None:
    """The sea in front as a line of a chart, with a point for each measurement."""
    c.axes.plot(x[2:-2], wave(x[2:-2], 206, 5, 190, 150), color=SIGNAL, lw=1.8, zorder=5)
    points = np.arange(40, WIDTH, 40)
    c.axes.plot(points, wave(points, 206, 5, 190, 150), "o", color=SIGNAL, mec=NIGHT, mew=0.8, ms=5, zorder=5)


DIAGRAMS = {"banner": banner}
