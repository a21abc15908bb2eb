"""Draw the panels: one function for each kind that the course uses."""

import math
import re

import numpy as np

from .canvas import BRIGHT, EDGE, TEXT, TITLE, TRACK, WEAK, Box, Canvas
from .plots import draw_heatmap, draw_time_series
from .prometheus_api import Json
from .queries import Answer
from .values import code, color_of, mapped, name_of, reduced, settings_of, shown


def draw_nothing(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
    """Say why there is nothing to draw."""
    empty = panel.get("fieldConfig", {}).get("defaults", {}).get("noValue", "No data")
    color = code("light-red") if answer.problem else WEAK
    canvas.paragraph(box.inside(8, 0, 8, 8), answer.problem or empty, 12 if answer.problem else 14, color, "nothing")


# One number


def draw_stat(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
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
            name, room, hue = name_of(panel, series), part.w - 12, BRIGHT if background else TEXT
            size = max(8, min(11, 11 * room / canvas.text_width(name or " ", 11)))
            canvas.text(part.x + 6, part.y + 14, name, size, hue, most=room, name="series")


def draw_bars(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
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


# Texts


def draw_table(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
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


def draw_text(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
    """A text of the author; its marks of Markdown are left out."""
    text = re.sub(r"[#*`_]|\[(.*?)\]\(.*?\)", r"\1", panel["options"].get("content", ""))
    canvas.paragraph(box.inside(12, 0, 12, 8), " ".join(text.split()), 13, name="text")


def draw_unknown(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
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


def draw_content(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
    """Draw what is in a panel, below its title."""
    if panel["type"] == "text":
        draw_text(canvas, box, panel, answer)
    elif panel["type"] not in WITH_DATA:
        draw_unknown(canvas, box, panel, answer)
    elif answer.problem or not any(np.isfinite(series.values).any() for series in answer.series):
        draw_nothing(canvas, box, panel, answer)
    else:
        WITH_DATA[panel["type"]](canvas, box, panel, answer)
