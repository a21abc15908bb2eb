"""Drawings of Grafana's own pages for lesson 13. They are no screenshots, and each of them says so.

The names of menus, fields and buttons are those of Grafana 13: https://grafana.com/docs/grafana/latest/
"""

import json

from canvas import COLOURS, GREY, INK, Box, Canvas

from classroom.preview import DASHBOARD

DRAWN = json.loads(DASHBOARD.read_text(encoding="utf-8"))  # what is imported and edited here is the course's dashboard
PANEL = next(panel for panel in DRAWN["panels"] if panel["title"].startswith("Traffic"))
BLUE, GREEN = COLOURS["blue"][1], COLOURS["green"][1]


def page(height: float, crumbs: str, chosen: str, entries: list[str]) -> Canvas:
    """A page of Grafana: where it is said to be, and the menu on its left with one entry chosen."""
    c = Canvas(height)
    c.box(15, 15, 770, height - 50, colour="white")
    c.box(15, 15, 770, 38, colour="grey")
    left(c, 32, 34, "Grafana", 13, weight="bold")
    left(c, 190, 34, crumbs, 12, GREY)
    c.box(15, 53, 160, height - 88, colour="group")
    for number, entry in enumerate(entries):
        y = 80 + 32 * number
        if entry == chosen:
            c.box(22, y - 14, 146, 28, colour="blue")
        left(c, 48 if entry.startswith(" ") else 32, y, entry.strip(), 12, BLUE if entry == chosen else INK)
    say_drawing(c, height)
    return c


def say_drawing(c: Canvas, height: float) -> None:
    """Say below the page that it is none."""
    c.text(785, height - 17, "a drawing of Grafana 13, not a screenshot", 11.5, GREY, ha="right")


def left(c: Canvas, x: float, y: float, text: str, size: float = 12.5, colour: str = INK, **style: str) -> None:
    """Write a line that begins at this point."""
    c.text(x, y, text, size, colour, ha="left", **style)


def field(c: Canvas, x: float, y: float, width: float, label: str, content: str) -> Box:
    """Draw a form's field with its label above it. Content in `backticks` is code."""
    left(c, x, y, label, 11.5, GREY)
    box = c.box(x, y + 10, width, 30, colour="white")
    left(c, x + 10, y + 25, content)
    return box


def button(c: Canvas, x: float, y: float, width: float, text: str, step: str = "") -> Box:
    """Draw a button, with the number of the step in which it is pressed."""
    box = c.box(x, y, width, 32, body=text, colour="blue")
    if step:
        c.badge(x, y, step)
    return box


def data_source() -> Canvas:
    """Lesson 13: the way to a new data source."""
    menu = ["Home", "Dashboards", "Explore", "Alerting", "Connections", " Add new connection", " Data sources"]
    c = page(380, "Home > Connections > Data sources", " Data sources", menu)
    c.badge(22, 258, "1")
    left(c, 200, 84, "Data sources", 17, weight="bold")
    add = button(c, 600, 68, 165, "Add new data source", "2")
    second = c.box(200, 130, 565, 195, colour="group")
    left(c, 218, 155, "Add data source", 14, weight="bold")
    left(c, 218, 177, "Choose a data source type", 11.5, GREY)
    c.box(218, 194, 529, 30, colour="white")
    left(c, 228, 209, "Filter by name or type", 12, GREY)
    prometheus = c.box(218, 238, 529, 66, colour="blue")
    c.badge(prometheus.x, prometheus.y, "3")
    c.box(234, 252, 38, 38, "P", colour="orange")
    left(c, 288, 261, "Prometheus", 13.5, BLUE, weight="bold")
    left(c, 288, 283, "Open source time series database & alerting", 12)
    c.arrow(add.bottom(), (add.bottom()[0], second.y))
    return c


def prometheus_settings() -> Canvas:
    """Lesson 13: what a data source must know about Prometheus."""
    menu = ["Home", "Dashboards", "Explore", "Alerting", "Connections", " Add new connection", " Data sources"]
    c = page(500, "Home > Connections > Data sources > prometheus", " Data sources", menu)
    left(c, 200, 84, "prometheus", 17, weight="bold")
    left(c, 200, 112, "Settings", 12.5, BLUE, weight="bold")
    left(c, 275, 112, "Dashboards", 12.5, GREY)
    field(c, 200, 140, 350, "Name", "prometheus")
    left(c, 590, 165, "Default: on", 12.5)
    left(c, 200, 210, "Connection", 13.5, weight="bold")
    url = field(c, 200, 234, 350, "Prometheus server URL *", "`http://127.0.0.1:9090`")
    c.badge(*url.right(0), "1")
    left(c, 565, 259, "where Prometheus listens", 12, GREEN)
    left(c, 200, 304, "Interval behaviour", 13.5, weight="bold")
    interval = field(c, 200, 328, 350, "Scrape interval", "`15s`")
    c.badge(*interval.right(0), "2")
    left(c, 565, 353, "the same as in prometheus.yml", 12, GREEN)
    button(c, 200, 400, 120, "Save & test", "3")
    c.box(340, 400, 425, 32, body="Successfully queried the Prometheus API.", colour="green")
    return c


def new_dashboard() -> Canvas:
    """Lesson 13: import a dashboard from its file."""
    c = page(560, "Home > Dashboards", "Dashboards", ["Home", "Dashboards", "Explore", "Alerting", "Connections"])
    c.badge(22, 98, "1")
    left(c, 200, 84, "Dashboards", 17, weight="bold")
    button(c, 680, 68, 85, "New  ▾", "2")
    c.box(590, 106, 175, 108, colour="white")
    for number, entry in enumerate(("New dashboard", "New folder")):
        left(c, 610, 126 + 32 * number, entry)
    chosen = c.box(597, 177, 161, 30, colour="blue")
    left(c, 610, 192, "Import dashboard", 12.5, BLUE)
    c.badge(chosen.x, chosen.y, "3")
    c.box(200, 112, 365, 32, colour="white")
    left(c, 212, 128, "Search for dashboards and folders", 12, GREY)
    second = c.box(200, 250, 565, 255, colour="group")
    left(c, 218, 273, "Import dashboard", 14, weight="bold")
    c.arrow(chosen.bottom(), (chosen.bottom()[0], second.y))
    upload = c.box(218, 298, 240, 130, "Upload dashboard JSON file", "Drag and drop here or\nclick to browse", "blue")
    c.badge(upload.x, upload.y, "4")
    left(c, 218, 452, "In the folder grafana_dashboard:", 11.5, GREY)
    left(c, 218, 472, f"`{DASHBOARD.name}`", 11)
    field(c, 500, 300, 247, "Name", DRAWN["title"])
    uid = field(c, 500, 360, 247, "Unique identifier (UID)", "`my-titanic`")
    c.badge(*uid.right(0), "5")
    left(c, 500, 422, "another one than the dashboard that is", 11.5, GREEN)
    left(c, 500, 438, "there already", 11.5, GREEN)
    button(c, 500, 458, 100, "Import", "6")
    c.arrow(upload.right(), (492, upload.right()[1]))
    return c


def edit_vis() -> Canvas:
    """Lesson 13: from a panel's menu to its query."""
    c = Canvas(520)
    panel = c.box(15, 25, 430, 225, colour="white")
    left(c, 32, 48, PANEL["title"], 13.5, weight="bold")
    c.text(425, 47, "⋮", 18, BLUE, weight="bold")
    c.badge(403, 47, "1")
    draw_chart(c, panel)
    c.box(465, 25, 165, 205, colour="white")
    for number, (entry, key) in enumerate(
        [("View", "v"), ("Edit", "e"), ("Share", ""), ("Explore", "p x"), ("Inspect", "i"), ("More…", "")]
    ):
        y = 46 + 32 * number
        if entry == "Edit":
            chosen = c.box(472, y - 14, 151, 28, colour="blue")
        left(c, 485, y, entry, 12.5, BLUE if entry == "Edit" else INK)
        c.text(612, y, key, 11.5, GREY, ha="right")
    c.badge(chosen.x, chosen.y + 14, "2")
    left(c, 648, 78, "or press the letter e", 11.5, GREY)
    left(c, 648, 95, "over the panel", 11.5, GREY)
    editor = c.box(15, 280, 770, 205, colour="group")
    c.arrow((chosen.x + 75, 230), (chosen.x + 75, editor.y), colour="orange")
    left(c, 35, 303, "Queries", 13, BLUE, weight="bold")
    left(c, 110, 303, "Transformations", 12.5, GREY)
    left(c, 235, 303, "Alert", 12.5, GREY)
    left(c, 35, 336, "Data source", 11.5, GREY)
    c.box(115, 321, 150, 30, body="Prometheus  ▾", colour="white")
    c.box(35, 364, 730, 108, colour="white")
    left(c, 50, 384, "A", 13, BLUE, weight="bold")
    c.box(468, 371, 110, 26, body="Run queries", colour="blue")
    c.badge(468, 384, "4")
    c.box(600, 371, 75, 26, body="Builder", colour="white")
    c.box(675, 371, 75, 26, body="Code", colour="blue")
    code = c.box(50, 405, 700, 32, colour="white")
    left(c, 62, 421, f"`{PANEL['targets'][0]['expr']}`", 11.5)
    c.badge(*code.right(), "3")
    left(c, 50, 455, "Options", 11.5, GREY)
    left(c, 115, 455, f"Legend: {PANEL['targets'][0]['legendFormat']}", 11.5, GREY)
    say_drawing(c, 520)
    return c


def draw_chart(c: Canvas, panel: Box) -> None:
    """Draw a chart with two lines into a panel: an example, without numbers."""
    bottom = panel.y + panel.height - 30
    for row in range(4):
        c.axes.plot([40, 425], [bottom - 45 * row] * 2, color=COLOURS["group"][1], lw=0.6)
    lines = [("green", [18, 24, 20, 26, 22, 95, 128, 120, 60, 24, 22, 26]), ("orange", [8] * 7 + [28, 30, 26, 9, 8])]
    for colour, heights in lines:
        c.axes.plot([40 + 35 * n for n in range(12)], [bottom - y for y in heights], color=COLOURS[colour][1], lw=1.5)
    left(c, 40, bottom + 15, "— /predict_single", 11, COLOURS["green"][1])
    left(c, 190, bottom + 15, "— /predict_batch", 11, COLOURS["orange"][1])


DIAGRAMS = {
    "data_source": data_source,
    "prometheus_settings": prometheus_settings,
    "new_dashboard": new_dashboard,
    "edit_vis": edit_vis,
}
