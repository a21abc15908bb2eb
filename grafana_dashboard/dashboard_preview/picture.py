"""Put the panels of a dashboard into its grid."""

import datetime
import re
import time

from titanic.problem import Problem

from .canvas import BRIGHT, EDGE, PANEL, TEXT, TITLE, WEAK, Box, Canvas, Picture
from .durations import MOMENT, moment
from .panels import draw_content
from .prometheus_api import Json
from .queries import Answer, ask_all
from .values import code

# The grid of Grafana: 24 columns; a row is 30 pixels high, with 8 between two of them.
COLUMNS, ROW, GAP = 24, 30, 8
MARGIN, HEADER = 16, 52


def draw(
    dashboard: Json, url: str, minutes: float | None = None, width: int = 1280, now: float | None = None
) -> Picture:
    """Draw a dashboard (the content of its JSON file) from the Prometheus at this address.

    minutes: the time range up to now (Unix seconds), else that of the dashboard. width: in pixels. If no Prometheus
    answers, or the dashboard shows another time than that up to now, the picture says so.
    """
    panels = dashboard.get("panels", [])
    now = now or time.time()
    boxes = [place_of(panel["gridPos"], width) for panel in panels]
    canvas = Canvas(width, int(max((box.y + box.h for box in boxes), default=200) + MARGIN))
    try:
        minutes = minutes or minutes_up_to_now(dashboard, now)
        widths = {place: int(box.w - 32) for place, box in enumerate(boxes) if panels[place]["type"] != "row"}
        answers = ask_all(dashboard, url, minutes, widths, now)
    except Problem as problem:
        draw_header(canvas, dashboard, "")
        canvas.paragraph(Box(MARGIN, HEADER, width - 2 * MARGIN, 300), str(problem), 22, code("light-red"), "problem")
        return canvas.figure
    end = datetime.datetime.fromtimestamp(next((answer.end for answer in answers.values()), 0))
    draw_header(canvas, dashboard, f"{time_range(minutes)}, until {end:%H:%M:%S}")
    for place, (panel, box) in enumerate(zip(panels, boxes, strict=True)):
        draw_panel(canvas, box, panel, answers.get(place, Answer()))
    return canvas.figure


def minutes_up_to_now(dashboard: Json, now: float) -> float:
    """The time range of the dashboard. Problem: it does not go up to now."""
    shown = dashboard.get("time", {})
    begin, end = str(shown.get("from", "now-15m")), str(shown.get("to", "now"))
    # The end of today, now/d, is still to come: until then Grafana, too, has nothing to show.
    if not re.fullmatch(MOMENT, begin) or not re.fullmatch("now(/[mhdwMy])?", end):
        raise Problem(
            f"The dashboard shows the time from {begin} to {end}, but the preview draws only up to now: save it with a"
            " range such as the last 15 minutes, or give the preview its own, such as --minutes 15."
        )
    return max(1, now - moment(begin, now)) / 60


def place_of(grid: Json, width: int) -> Box:
    """Where a panel is, in pixels, from its place in the grid."""
    column = (width - 2 * MARGIN + GAP) / COLUMNS
    return Box(
        MARGIN + grid["x"] * column,
        HEADER + grid["y"] * (ROW + GAP),
        grid["w"] * column - GAP,
        grid["h"] * (ROW + GAP) - GAP,
    )


def time_range(minutes: float) -> str:
    """A time range up to now, in words."""
    if minutes == 1:
        return "the last minute"
    return f"the last {minutes:.0f} minutes" if minutes >= 2 else f"the last {60 * minutes:.0f} seconds"


def draw_header(canvas: Canvas, dashboard: Json, shown: str) -> None:
    """The title of the dashboard, and the time range that is shown."""
    middle = HEADER / 2
    right = canvas.text_width(shown, 13)
    canvas.text(MARGIN, middle, dashboard.get("title", ""), 19, TEXT, "bold", most=canvas.width - 3 * MARGIN - right)
    canvas.text(canvas.width - MARGIN, middle, shown, 13, WEAK, ha="right", name="time range")


def draw_panel(canvas: Canvas, box: Box, panel: Json, answer: Answer) -> None:
    """Draw the frame and the title of a panel, then what is in it. A row is its title alone."""
    if panel["type"] == "row":
        canvas.text(box.x, box.y + box.h / 2, panel["title"], 16, TEXT, "bold", most=box.w, name="row")
        return
    canvas.rectangle(box, PANEL, EDGE, radius=3)
    draw_content(canvas, box.inside(top=TITLE), panel, answer)
    canvas.text(box.x + 12, box.y + TITLE / 2, panel.get("title", ""), 13.5, BRIGHT, most=box.w - 24, name="title")
