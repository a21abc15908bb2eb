"""The diagrams of lessons 08 to 10: how an app is watched."""

from canvas import COLOURS, GREY, Canvas

RED = COLOURS["red"][1]


def scrape() -> Canvas:
    """Lesson 08: who asks whom, and what is kept."""
    c = Canvas(330)
    clients = c.box(20, 60, 130, 90, "Clients", "browser,\nscripts")
    app = c.box(
        265, 30, 190, 150, "Your app", "counts each request\nin a counter\n`http_requests_total`", "blue", "port 8000"
    )
    prometheus = c.box(595, 30, 185, 150, "Prometheus", "keeps each value\nwith its time", "orange", "port 9090")
    c.arrow(clients.right(), app.left(), label="requests")
    c.arrow(prometheus.left(0.35), app.right(0.35), label="GET /metrics", colour="orange")
    c.text(525, 128, "every 15 seconds", 12, GREY)
    c.box(
        20,
        225,
        435,
        88,
        "The app tells a number",
        '`http_requests_total{endpoint="/"} 42`\nnow, and no history',
        "blue",
    )
    c.box(485, 225, 295, 88, "Prometheus tells a story", "how many in the last minute?\nmore than yesterday?", "orange")
    c.arrow((360, 180), (360, 225), colour="blue")
    c.arrow((687, 180), (687, 225), colour="orange")
    return c


def four_golden() -> Canvas:
    """Lesson 09: the four golden signals, each with its question and its metric."""
    c = Canvas(390)
    signals = [
        ("Latency", "How long does an answer take?", "http_request_duration_seconds", "histogram", "blue"),
        ("Traffic", "How much is asked?", "http_requests_total", "counter", "green"),
        ("Errors", "How often do we fail?", "http_errors_total", "counter", "red"),
        ("Saturation", "How full are we?", "http_requests_in_progress", "gauges", "orange"),
    ]
    for number, (name, question, metric, kind, colour) in enumerate(signals):
        x, y = 20 + 390 * (number % 2), 25 + 185 * (number // 2)
        c.box(x, y, 370, 150, name, f"{question}\n\n`{metric}`", colour, kind)
    return c


DIAGRAMS = {"scrape": scrape, "four_golden": four_golden}
