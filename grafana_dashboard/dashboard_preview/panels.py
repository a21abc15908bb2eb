"""Draw the panels: one function for each kind that the course uses."""

import datetime
import math
import re

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .canvas import BRIGHT, EDGE, TEXT, TITLE, TRACK, WEAK, Box, Canvas
from .queries import Answer, Series
from .values import code, color_of, mapped, reduced, scale_of, settings_of, shown

TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]  # seconds
LINE = 18  # height of a line of a legend or a table, in pixels


def name_of(panel: dict, series: Series) -> str:
    """What a series is called in the panel."""
    return settings_of(panel, series.name).get("displayName", series.name)


def draw_nothing(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
    """Say why there is nothing to draw."""
    empty = panel.get("fieldConfig", {}).get("defaults", {}).get("noValue", "No data")
    color = code("light-red") if answer.problem else WEAK
    canvas.paragraph(box.inside(8, 0, 8, 8), answer.problem or empty, 12 if answer.problem else 14, color, "nothing")


# One number


def draw_stat(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
    """The last value of each series, large, on the colour of its threshold."""
    calculation = panel["options"]["reduceOptions"]["calcs"][0]
    width = box.w / len(answer.series)
    for place, series in enumerate(answer.series):
        settings = settings_of(panel, series.name)
        value = reduced(series, calculation)
        if math.isnan(value):
            text, color = settings.get("noValue", "No data"), WEAK
        else:
            word = mapped(settings, value)
            text = word.get("text") or shown(value, settings.get("unit", "none"), settings.get("decimals"))
            color = code(word["color"]) if "color" in word else color_of(settings, value, place)
        part = Box(box.x + place * width, box.y, width, box.h)
        background = panel["options"].get("colorMode", "").startswith("background") and not math.isnan(value)
        if background:
            canvas.rectangle(part.inside(top=-TITLE), color, radius=3)
        largest = min(44, part.h * 0.55, 34 * (part.w - 40) / canvas.text_width(text, 34, "bold"))
        middle = part.y + part.h / 2 - 6
        size = largest if not math.isnan(value) else min(18, largest)
        canvas.text(part.x + part.w / 2, middle, text, size, BRIGHT if background else color, "bold", "center",
                    va="center_baseline", name="value")  # fmt: skip
        if len(answer.series) > 1:
            canvas.text(part.x + 16, part.y + 14, name_of(panel, series), 11, BRIGHT if background else TEXT)


def draw_bars(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
    """A horizontal bar for each series, with its name on the left and its value on the right."""
    box = box.inside(12, 4, 12, 12)
    calculation = panel["options"]["reduceOptions"]["calcs"][0]
    bars = [(series, reduced(series, calculation)) for series in answer.series]
    bars = [(series, value) for series, value in bars if not math.isnan(value)]
    shown_as = panel["fieldConfig"]["defaults"]
    texts = [shown(value, shown_as.get("unit", "none"), shown_as.get("decimals")) for _, value in bars]
    left = min(box.w * 0.4, max(canvas.text_width(name_of(panel, series), 12) for series, _ in bars)) + 10
    right = max(canvas.text_width(text, 15, "bold") for text in texts) + 10
    longest = shown_as.get("max", max(value for _, value in bars)) or 1
    height = min(64, (box.h - 10 * (len(bars) - 1)) / len(bars))
    top = box.y + (box.h - len(bars) * (height + 10) + 10) / 2
    for place, ((series, value), text) in enumerate(zip(bars, texts, strict=True)):
        settings = settings_of(panel, series.name)
        color = color_of(settings, value, place)
        track = Box(box.x + left, top + place * (height + 10), box.w - left - right, height)
        canvas.text(box.x, track.y + height / 2, name_of(panel, series), 12, most=left - 10)
        canvas.rectangle(track, TRACK)
        canvas.rectangle(Box(track.x, track.y, max(2, track.w * min(1, value / longest)), height), color)
        canvas.text(box.x + box.w, track.y + height / 2, text, 15, color, "bold", "right", name="value")


# Lines over time


def draw_time_series(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
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

    steps = "post" if custom.get("lineInterpolation") == "stepAfter" else None
    opacity, width = custom.get("fillOpacity", 0) / 100, custom.get("lineWidth", 1)
    for place in reversed(range(len(upper))):
        line, below = upper[place], upper[place - 1] if mode != "none" and place else np.zeros_like(moments)
        axes.fill_between(moments, np.nan_to_num(below), line, step=steps, color=colors[place], alpha=opacity, lw=0)
        style = {"drawstyle": "steps-post"} if steps else {}
        axes.plot(moments, line, color=colors[place], lw=width, label=names[place], solid_joinstyle="round", **style)
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
    defaults: dict, lines: list[np.ndarray], unit: str, whole: bool, full: bool
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
    ticks = MaxNLocator(4, integer=whole, steps=[1, 2, 2.5, 5, 10]).tick_values(low / divisor, high / divisor) * divisor
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


def draw_heatmap(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
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


# Texts


def draw_table(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
    """A row for each series: its labels, then its value, arranged by the panel."""
    rows = [one.labels | {"Value": shown(reduced(one))} for one in answer.series]
    columns = list(dict.fromkeys(name for row in rows for name in row if name != "__name__"))
    titles = {}
    for step in panel.get("transformations", []):
        if step["id"] == "organize":
            arranged = step["options"]
            columns = [name for name in columns if not arranged.get("excludeByName", {}).get(name)]
            columns.sort(key=lambda name: arranged.get("indexByName", {}).get(name, len(columns)))
            titles = arranged.get("renameByName", {})
    box = box.inside(12, 4, 12, 8)
    width = box.w / max(1, len(columns))
    room = int((box.h - 30) // 28)
    cut = len(rows) > room
    shown_rows = rows[: room - 1] if cut else rows
    for place, column in enumerate(columns):
        x = box.x + place * width
        canvas.text(x, box.y + 12, titles.get(column, column), 12, code("light-blue"), most=width - 12, name="column")
        for line, row in enumerate(shown_rows):
            canvas.text(x, box.y + 44 + line * 28, row.get(column, ""), 13, most=width - 12, name="cell")
    for line in range(len(shown_rows) + 1):
        canvas.rectangle(Box(box.x, box.y + 28 + line * 28, box.w, 1), EDGE)
    if cut:
        canvas.text(box.x, box.y + 44 + len(shown_rows) * 28, f"and {len(rows) - len(shown_rows)} more", 12, WEAK)


def draw_text(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
    """A text of the author; its marks of Markdown are left out."""
    text = re.sub(r"[#*`_]|\[(.*?)\]\(.*?\)", r"\1", panel["options"].get("content", ""))
    canvas.paragraph(box.inside(12, 0, 12, 8), " ".join(text.split()), 13, name="text")


def draw_unknown(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
    """Say that the preview does not know this kind of panel."""
    sentence = f"The preview cannot draw a panel of type {panel['type']}. Grafana can."
    canvas.paragraph(box.inside(8, 0, 8, 8), sentence, 12, WEAK, "unknown")


WITH_DATA = {
    "stat": draw_stat,
    "bargauge": draw_bars,
    "timeseries": draw_time_series,
    "heatmap": draw_heatmap,
    "table": draw_table,
}


def draw_content(canvas: Canvas, box: Box, panel: dict, answer: Answer) -> None:
    """Draw what is in a panel, below its title."""
    if panel["type"] == "text":
        draw_text(canvas, box, panel, answer)
    elif panel["type"] not in WITH_DATA:
        draw_unknown(canvas, box, panel, answer)
    elif answer.problem or not any(np.isfinite(series.values).any() for series in answer.series):
        draw_nothing(canvas, box, panel, answer)
    else:
        WITH_DATA[panel["type"]](canvas, box, panel, answer)
