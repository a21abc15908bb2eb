"""Draw the panels with a time axis: lines, and the buckets of a histogram."""

import datetime
import math
import re
from typing import Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .canvas import EDGE, WEAK, Box, Canvas
from .prometheus_api import Json
from .queries import Answer, Series
from .values import code, color_of, name_of, reduced, scale_of, settings_of, shown

TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]  # seconds
LINE = 18  # height of a line of a legend, in pixels


# Lines over time


def draw_time_series(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
    """Lines over time, plain or stacked, with the thresholds and a legend."""
    defaults = panel["fieldConfig"]["defaults"]
    custom = defaults.get("custom", {})
    mode = custom.get("stacking", {}).get("mode", "none")
    unit = "percentunit" if mode == "percent" else defaults.get("unit", "none")
    moments = np.arange(answer.start // answer.step, answer.end // answer.step + 1) * answer.step
    columns = [on_grid(series, moments) for series in answer.series]
    colors = [
        color_of(settings_of(panel, series.name), reduced(series), place) for place, series in enumerate(answer.series)
    ]
    upper = stack(columns, mode) if mode != "none" else columns
    names = [name_of(panel, series) for series in answer.series]
    box = draw_legend(canvas, box, names, colors) if panel["options"].get("legend", {}).get("showLegend", True) else box

    low, high, ticks = value_axis(defaults, upper, unit, whole=defaults.get("decimals") == 0, full=mode == "percent")
    texts = tick_texts(ticks, unit)
    left = max(canvas.text_width(text, 11) for text in texts) + 18
    axes = canvas.plot(box.inside(left, 8, 16, 26), panel["title"])
    axes.set(xlim=(answer.start, answer.end), ylim=(low, high))
    axes.set_yticks(ticks, texts)
    time_axis(canvas, axes, answer, box.w - left - 16)
    axes.grid(color=EDGE, lw=1)

    steps: Literal["post"] | None = "post" if custom.get("lineInterpolation") == "stepAfter" else None
    opacity, width = custom.get("fillOpacity", 0) / 100, custom.get("lineWidth", 1)
    for place in reversed(range(len(upper))):
        line, below = upper[place], upper[place - 1] if mode != "none" and place else np.zeros_like(moments)
        axes.fill_between(moments, np.nan_to_num(below), line, step=steps, color=colors[place], alpha=opacity, lw=0)
        style = "steps-post" if steps else "default"
        axes.plot(
            moments, line, color=colors[place], lw=width, label=names[place], solid_joinstyle="round", drawstyle=style
        )
        alone = ~np.isnan(line) & np.isnan(np.r_[np.nan, line[:-1]]) & np.isnan(np.r_[line[1:], np.nan])
        axes.plot(moments[alone], line[alone], ".", ms=5, color=colors[place])
    if custom.get("thresholdsStyle", {}).get("mode", "off") != "off":
        for step in defaults["thresholds"]["steps"]:
            if step.get("value") is not None and low < step["value"] <= high:
                axes.axhline(step["value"], color=code(step["color"]), lw=1.2, ls=(0, (5, 4)), label="_threshold")


def on_grid(series: Series, moments: np.ndarray) -> np.ndarray:
    """The values of a series at these moments, not-a-number where it has none: there the line is broken."""
    values = dict(zip(np.round(series.times, 3), series.values, strict=True))
    line = np.array([values.get(moment, math.nan) for moment in np.round(moments, 3)])
    return np.where(np.isinf(line), math.nan, line)


def stack(columns: list[np.ndarray], mode: str) -> list[np.ndarray]:
    """The upper edges of lines that stand on top of each other; mode "percent": as shares of their sum."""
    nothing = np.all(np.isnan(columns), axis=0)
    edges = np.cumsum(np.nan_to_num(columns), axis=0)
    if mode == "percent":
        with np.errstate(divide="ignore", invalid="ignore"):
            edges = edges / edges[-1]
    return [np.where(nothing, math.nan, edge) for edge in edges]


def value_axis(
    defaults: Json, lines: list[np.ndarray], unit: str, whole: bool, full: bool
) -> tuple[float, float, list[float]]:
    """The lower and the upper end of the axis, and the values that are written beside it."""
    if full:
        return 0, 1, [0, 0.25, 0.5, 0.75, 1]
    values = np.concatenate(lines)
    values = values[~np.isnan(values)]
    low = defaults.get("min", values.min() if len(values) else 0)
    high = defaults.get("max", values.max() * 1.08 if len(values) else 1)
    high = high if high > low else low + 1
    divisor = scale_of(high, unit)[0]  # so that bytes get round numbers of MiB
    locator = MaxNLocator(4, integer=whole, steps=[1, 2, 2.5, 5, 10])
    ticks = np.array(locator.tick_values(low / divisor, high / divisor)) * divisor
    if "max" not in defaults:
        high = max(high, ticks[-1])
    return low, high, [tick for tick in ticks if low <= tick <= high * (1 + 1e-9)]


def tick_texts(ticks: list[float], unit: str) -> list[str]:
    """All values beside an axis with the same unit, and with as many decimals as the one that needs most."""
    divisor, suffix = scale_of(max(map(abs, ticks)), unit)
    numbers = [round(tick / divisor, 9) for tick in ticks]
    decimals = max(len(re.sub(r"^\d+\.?", "", f"{number:.6g}")) for number in numbers)
    return [f"{number:.{decimals}f}{suffix}" for number in numbers]


def time_axis(canvas: Canvas, axes: Axes, answer: Answer, width: float) -> None:
    """Write the time of day below a plot, as often as there is room."""
    most = max(2, width // 58)
    step = next((step for step in TIME_STEPS if (answer.end - answer.start) / step <= most), 86400)
    ticks = np.arange(math.ceil(answer.start / step) * step, answer.end + 1, step)
    form = "%H:%M" if step >= 60 else "%H:%M:%S"
    texts = [datetime.datetime.fromtimestamp(tick).strftime(form) for tick in ticks]
    edge = canvas.text_width("00:00", 11) / 2 * (answer.end - answer.start) / width
    inner = [answer.start + edge * 0.5 <= tick <= answer.end - edge * 0.8 for tick in ticks]
    axes.set_xticks(ticks, [text if fits else "" for text, fits in zip(texts, inner, strict=True)])


def draw_legend(canvas: Canvas, box: Box, names: list[str], colors: list[str]) -> Box:
    """Write the names of the series at the bottom of a box, in some lines; return what is left of the box."""
    lines: list[list[tuple[str, str]]] = [[]]
    room = box.w - 24
    used = 0.0
    for name, color in zip(names, colors, strict=True):
        width = min(room, canvas.text_width(name, 12) + 36)
        if used and used + width > room:
            lines.append([])
            used = 0
        lines[-1].append((name, color))
        used += width
    lines = lines[: max(1, int(box.h * 0.35 // LINE))]
    top = box.y + box.h - 12 - LINE * (len(lines) - 1)
    for place, line in enumerate(lines):
        x = box.x + 12
        for name, color in line:
            canvas.rectangle(Box(x, top + place * LINE - 2, 14, 4), color, radius=1)
            canvas.text(x + 20, top + place * LINE, name, 12, most=room - 22, name="legend")
            x += canvas.text_width(name, 12) + 36
    return box.inside(bottom=LINE * len(lines) + 2)


# Buckets over time


def draw_heatmap(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
    """The buckets of a histogram over time, a row each; the brighter a cell, the more is in it."""
    moments = np.arange(answer.start // answer.step, answer.end // answer.step + 1) * answer.step
    limits, cells = buckets(answer.series, moments)
    options = panel["options"]
    cells = np.where(cells <= options.get("filterValues", {}).get("le", 0), np.nan, cells)
    most = np.nanmax(cells) if not np.all(np.isnan(cells)) else 1
    least = np.nanmin(cells) if not np.all(np.isnan(cells)) else 0
    scheme = f"{options.get('color', {}).get('scheme', 'Oranges')}_r"
    colors = matplotlib.colormaps[scheme if scheme in matplotlib.colormaps else "Oranges_r"]
    texts = [shown(limit) if math.isfinite(limit) else "more" for limit in limits]
    label = options.get("yAxis", {}).get("axisLabel", "")
    left = max(canvas.text_width(text, 11) for text in texts) + (34 if label else 16)
    axes = canvas.plot(box.inside(left, 8, 16, 26 + LINE + 2), panel["title"])
    half = answer.step / 2
    axes.imshow(
        cells, aspect="auto", origin="lower", cmap=colors, vmin=least * 0.9, vmax=most, interpolation="nearest",
        extent=(moments[0] - half, moments[-1] + half, -0.5, len(limits) - 0.5),
    )  # fmt: skip
    axes.set(xlim=(answer.start, answer.end))
    axes.set_yticks(range(len(texts)), texts)
    time_axis(canvas, axes, answer, box.w - left - 16)
    if label:
        canvas.sheet.text(box.x + 14, box.y + 8 + (box.h - 54) / 2, label, size=11, color=WEAK, rotation=90,
                          ha="center", va="center")  # fmt: skip
    unit = options.get("cellValues", {}).get("unit", "short")
    draw_scale(
        canvas, Box(box.x + 12, box.y + box.h - 16, box.w - 24, 8), colors, shown(least, unit, 0), shown(most, unit, 0)
    )


def buckets(series: list[Series], moments: np.ndarray) -> tuple[list[float], np.ndarray]:
    """The upper limits of the buckets, and what is in each of them alone: a row each, a column for each moment."""
    ordered = sorted(series, key=lambda one: float(one.labels["le"]))
    up_to = np.array([on_grid(one, moments) for one in ordered])
    return [float(one.labels["le"]) for one in ordered], np.maximum(np.diff(up_to, axis=0, prepend=0), 0)


def draw_scale(canvas: Canvas, box: Box, colors: matplotlib.colors.Colormap, least: str, most: str) -> None:
    """The colours of a heatmap, from its least number to its greatest."""
    left, right = (canvas.text_width(text, 11) + 8 for text in (least, most))
    middle = box.y + box.h / 2
    canvas.text(box.x, middle, least, 11, WEAK)
    canvas.text(box.x + box.w, middle, most, 11, WEAK, ha="right")
    width = (box.w - left - right) / 24
    for place in range(24):
        cell = Box(box.x + left + place * width, box.y, width + 0.5, box.h)
        canvas.rectangle(cell, colors(0.1 + 0.9 * place / 23))
