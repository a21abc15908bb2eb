"""The diagrams of lessons 08 to 12 and 20: how an app is watched."""

from itertools import pairwise

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


def model_metrics() -> Canvas:
    """Lesson 10: what the middleware sees of a request, and what only the route sees."""
    c = Canvas(360)
    request = c.box(20, 155, 115, 70, "Request", "one passenger,\nor many")
    c.group(175, 20, 605, 320, "Your app")
    signals = "`http_requests_total`\n`http_request_duration_seconds`\n`http_errors_total`"
    body = f"sees requests\nand status codes\n\n{signals}\n\nthe four golden signals"
    middleware = c.box(190, 55, 250, 270, "Middleware", body, "blue")
    route = c.box(490, 55, 275, 270, colour="orange")
    c.text(627, 74, "Route and model", 14, COLOURS["orange"][1], weight="bold")
    questions = [
        ("What is it asked?", "`prediction_type_total`\n`passenger_age_distribution`"),
        ("What does it answer?", "`titanic_predictions_total`\n`titanic_predictions_output_total`"),
        ("How long does it take?", "`model_inference_seconds`"),
    ]
    for number, (question, metrics) in enumerate(questions):
        c.box(502, 92 + 76 * number, 251, 68, body=f"{question}\n{metrics}", colour="white")
    c.arrow(request.right(), middleware.left())
    c.arrow(middleware.right(), route.left())
    return c


def prediction_log() -> Canvas:
    """Lesson 11: many requests at once, one number each, one line each."""
    c = Canvas(350)
    work = "one thread at a time\ntakes the next number\nand writes its line"
    log = c.box(230, 95, 175, 160, "PredictionLog", work, "blue", "lock")
    for number in range(3):
        request = c.box(20, 30 + 105 * number, 120, 80, "Request", "in a thread")
        c.arrow(request.right(), log.left(0.25 + 0.25 * number))
    lines = "\n".join(f'`{{"execute": {n}, "prediction": {n % 2}, \u2026}}`' for n in (1, 2, 3))
    file = c.box(480, 95, 300, 125, "predictions_\u2026.jsonl", lines, "orange")
    pandas = c.box(480, 265, 300, 65, "pandas", "what was predicted at ten past nine?", "green")
    c.arrow(log.right(0.39), file.left())
    c.arrow(file.bottom(), pandas.top())
    return c


def simulation() -> Canvas:
    """Lesson 12: what the parts of an address mean, and what becomes of a simulated passenger."""
    c = Canvas(300)
    parts = [
        (20, 270, "`/simulate_predictions`", "path", "grey"),
        (325, 235, "`num_executions=25`", "query parameter: 1 to 100", "blue"),
        (595, 185, "`seed=1912`", "query parameter", "blue"),
    ]
    for x, width, code, meaning, colour in parts:
        c.box(x, 45, width, 50, body=code, colour=colour)
        c.text(x + width / 2, 112, meaning, 12, GREY)
    c.text(307, 70, "?", 18, weight="bold")
    c.text(577, 70, "&", 18, weight="bold")
    steps = [
        ("FastAPI", "checks the\nparameters", "grey"),
        ("The route", "invents 25\npassengers", "blue"),
        ("The model", "predicts them\nin one call", "green"),
        ("As always", "counted\nand logged", "orange"),
    ]
    boxes = [c.box(20 + 200 * n, 180, 160, 90, *step) for n, step in enumerate(steps)]
    for before, after in pairwise(boxes):
        c.arrow(before.right(), after.left())
    return c


def workers() -> Canvas:
    """Lesson 12: two workers, whose counters Prometheus sees one at a time, or added up through a folder."""
    c = Canvas(380)
    for x, title in ((20, "Each worker counts for itself"), (410, "All workers write into one folder")):
        c.group(x, 20, 370, 340, title)
        first = c.box(x + 20, 65, 155, 75, "Worker 1", "counted 55", "blue")
        second = c.box(x + 195, 65, 155, 75, "Worker 2", "counted 45", "blue")
        if x == 20:
            prometheus = c.box(x + 100, 270, 170, 70, "Prometheus", "sees 55, or 45", "orange")
            c.arrow(prometheus.top(0.2), first.bottom(), colour="orange")
            c.arrow(prometheus.top(0.8), second.bottom(), colour="orange", dashed=True)
        else:
            prometheus = c.box(x + 100, 270, 170, 70, "Prometheus", "sees 100", "orange")
            shared = c.box(x + 60, 175, 250, 60, body="`PROMETHEUS_MULTIPROC_DIR`\n55 + 45", colour="green")
            c.arrow(first.bottom(), shared.top(0.2))
            c.arrow(second.bottom(), shared.top(0.8))
            c.arrow(prometheus.top(), shared.bottom(), colour="orange")
    return c


def outcomes() -> Canvas:
    """Lesson 20: a prediction waits for its outcome, which comes later; before that, there is an estimate."""
    c = Canvas(400)
    client = c.box(20, 45, 140, 90, "Client", "one passenger")
    app = c.box(270, 45, 220, 90, "The app predicts", "id 5f0c\u2026\nprobability 0.8", "blue", "today")
    waits = c.box(595, 45, 185, 90, "SQLite", "what waits\nfor its outcome", "orange")
    c.arrow(client.right(0.3), app.left(0.3), label="passenger")
    c.arrow(app.left(0.75), client.right(0.75), colour="blue")
    c.text(215, 130, "answer and id", 12, GREY)
    c.arrow(app.right(), waits.left(), label="id, 0.8", colour="orange")
    knows = c.box(20, 195, 140, 90, "Who knows it", "the passenger\nhas survived", "green")
    match = c.box(270, 195, 220, 90, "The app compares", "predicted 1, was 1:\none more is right", "blue", "days later")
    prometheus = c.box(595, 195, 185, 90, "Prometheus", "accuracy, precision,\nrecall, an alert", "orange")
    c.arrow(knows.right(), match.left(), label="id, 1", colour="green")
    c.arrow(waits.bottom(0.2), (632, 165), (440, 165), match.top(0.77), colour="orange")
    c.arrow(match.right(), prometheus.left(), label="counts", colour="blue")
    text = "The estimate needs no outcome: 0.8 and 0.7 and 0.9 should be right in 8 of 10 cases."
    c.box(20, 325, 760, 50, body=text, colour="white")
    return c


def alert_way() -> Canvas:
    """Lesson 23: the way of an alert from the app to a person, with the time that each step takes, and the watchdog."""
    c = Canvas(420)
    app = c.box(20, 60, 130, 90, "The app", "`/metrics`", "grey")
    prometheus = c.box(
        215, 45, 180, 120, "Prometheus", "the rule finds it,\nand finds it again\nfor one minute", "orange"
    )
    manager = c.box(475, 45, 150, 120, "Alertmanager", "who is told,\nwhen,\nhow often?", "blue")
    receiver = c.box(690, 45, 95, 120, "Receiver", "page, mail,\nchat, pager", "green")
    c.arrow(prometheus.left(), app.right(), label="scrape", colour="orange")
    c.arrow(prometheus.right(), manager.left(), label="alert", colour="orange")
    c.arrow(manager.right(), receiver.left(), label="message", colour="blue")
    for x, text in ((182, "15 s"), (305, "15 s + 1 min"), (550, "30 s")):
        c.text(x, 190, text, 14, COLOURS["red"][1], weight="bold")
    c.text(720, 190, "= 2 minutes", 14, COLOURS["red"][1], weight="bold")
    steps = [
        ("Group", "five alerts of the same\nname: one message"),
        ("Inhibition", "what another alert\nexplains is not told"),
        ("Silence", "what somebody knows\nalready is not told"),
    ]
    for number, (title, body) in enumerate(steps):
        c.box(20 + 260 * number, 220, 240, 75, title, body, "blue")
    rule = c.box(20, 335, 240, 65, "Watchdog", "an alert that always fires", "purple")
    way = c.box(280, 335, 240, 65, "a message every minute", "the whole way works", "purple")
    gone = c.box(540, 335, 240, 65, "no message for 3 minutes", "the receiver itself tells that", "red")
    c.arrow(rule.right(), way.left(), colour="purple")
    c.arrow(way.right(), gone.left(), colour="purple", dashed=True)
    return c


DIAGRAMS = {
    "scrape": scrape,
    "four_golden": four_golden,
    "model_metrics": model_metrics,
    "prediction_log": prediction_log,
    "simulation": simulation,
    "workers": workers,
    "outcomes": outcomes,
    "alert_way": alert_way,
}
