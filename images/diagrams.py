"""The diagrams of the lessons: one function draws one picture, and DIAGRAMS at the end names them all."""

from itertools import pairwise

from canvas import COLOURS, GREY, Canvas

BLUE, GREEN, RED = (COLOURS[name][1] for name in ("blue", "green", "red"))


def course_map() -> Canvas:
    """README and lesson 00: the parts of the course, and who talks to whom."""
    c = Canvas(470)
    c.text(130, 66, "Unsinkable", 25, weight="bold")
    c.text(130, 106, "put a model in production\nand know that it still works", 13, GREY)
    train = c.box(30, 195, 200, 90, "Train", "MLflow: compare four\ncandidates, keep the best", "green", "lesson 01")
    registry = c.box(30, 355, 200, 90, "Model registry", "MLflow: model titanic,\nalias champion", "green")
    clients = c.box(300, 40, 210, 70, "Clients", "browser, script, notebook")
    app = c.box(300, 195, 210, 250, colour="blue", badge="lessons 02 to 07")
    c.text(405, 240, "Serve", 14, BLUE, weight="bold")
    c.text(405, 270, "FastAPI: one passenger\nor many in one request", 12.5)
    c.box(318, 345, 174, 82, "Serve faster", "micro-batches: predict\ntogether what waits", "inner", "lesson 18")
    grafana = c.box(590, 40, 180, 70, "Show", "Grafana: a dashboard", "orange", "lesson 13")
    watch = c.box(590, 195, 180, 90, "Watch", "Prometheus: collect\nmetrics all the time", "orange", "lessons 08 to 12")
    drift = c.box(590, 355, 180, 90, "Catch drift", "Scouter: has the world\nchanged?", "purple", "lessons 14 to 17")
    c.arrow(train.bottom(), registry.top(), label="registers", at=(168, 320), colour="green")
    c.arrow(registry.right(), app.left(0.82), label="loads", colour="green")
    c.arrow(clients.bottom(85 / 210), (385, 183), label="requests", at=(348, 146))
    c.arrow((425, 183), (425, 110), label="answers", at=(458, 146))
    c.arrow(watch.left(), app.right(0.18), label="scrapes\n/metrics", at=(550, 220), colour="orange")
    c.arrow(grafana.bottom(), (680, 183), label="asks", at=(702, 146), colour="orange")
    c.arrow(app.right(0.82), drift.left(), label="drift data", colour="purple", at=(550, 388))
    return c


def model_store() -> Canvas:
    """Lesson 01: runs, versions of a model, and the alias that points to one of them."""
    c = Canvas(450)
    c.group(15, 15, 215, 320, "Four candidates")
    c.group(285, 15, 205, 320, "Four MLflow runs")
    c.group(570, 15, 215, 320, "Registered model: titanic")
    preparation = ("columns", "columns", "dicts", "dicts")
    models = ("logistic regression", "random forest", "logistic regression", "gradient boosting")
    for number, (how, model) in enumerate(zip(preparation, models, strict=True)):
        colour = "green" if number == 3 else "white"
        candidate = c.box(30, 50 + 68 * number, 185, 56, "", f"{how} +\n{model}", colour)
        run = c.box(300, 50 + 68 * number, 175, 56, "", "parameters, metrics,\nplot, model", colour)
        c.arrow(candidate.right(), run.left(), colour="green" if number == 3 else "grey")
    c.text(257, 311, "train\nand log", 12, GREY)
    c.box(590, 50, 175, 44, "", "version 2 comes with\nthe next training", "white")
    version = c.box(590, 118, 175, 44, "version 1", "", "green")
    c.arrow(run.right(), (530, run.right()[1]), (530, version.left()[1]), version.left(), colour="green")
    c.text(530, 311, "register\nthe best", 12, GREEN)
    champion = c.box(590, 226, 175, 84, "alias: champion", "it can move to\nanother version", "orange")
    c.arrow(champion.top(), version.bottom(), label="points to", at=(712, 194), colour="orange")
    app = c.box(570, 372, 215, 62, "An app loads", "`models:/titanic@champion`", "blue")
    c.arrow(champion.bottom(), app.top(), colour="blue")
    c.box(15, 372, 475, 62, "The rule for the best", "of those with nearly the best AUC, the fastest for one row")
    return c


def request_response() -> Canvas:
    """Lesson 02: what goes over the wire, and who does what at the other end."""
    c = Canvas(375)
    client = c.box(20, 70, 140, 130, "Client", "browser\nor script")
    c.group(400, 15, 385, 230, "Server: 127.0.0.1:8000")
    server = c.box(415, 70, 150, 130, "uvicorn\n+ FastAPI", "find the route\nfor GET /", "blue")
    route = c.box(630, 70, 140, 130, "Route", "your function\n`read_root()`\nruns", "green")
    c.arrow(client.right(0.25), server.left(0.25), label="HTTP request: GET /", colour="blue")
    c.arrow(server.left(0.7), client.right(0.7), label="HTTP response: status 200", colour="green")
    c.text(287, 180, '`{"message": "Hello, …"}`', 12)
    c.text(287, 200, "as JSON", 12, GREY)
    c.arrow(server.right(0.25), route.left(0.25), label="call")
    c.arrow(route.left(0.7), server.right(0.7), label="dict")
    c.text(592, 223, "FastAPI turns the dictionary into JSON", 12, GREY)
    c.box(20, 278, 372, 80, "GET reads", "Ask as often as you like:\nnothing changes.", "blue")
    c.box(412, 278, 373, 80, "POST changes something", "Sent twice,\nit is done twice.", "orange")
    return c


def dependency() -> Canvas:
    """Lesson 03: the guard in front of one route."""
    c = Canvas(370)
    public = c.box(20, 25, 140, 56, "`GET /public`", "")
    public_route = c.box(530, 25, 160, 56, "", "`public_endpoint()`", "green")
    c.arrow(public.right(), public_route.left(), label="no guard")
    admin = c.box(20, 148, 140, 56, "`GET /admin`", "")
    guard = c.box(240, 132, 190, 88, "The guard", "`require_admin()`", "orange")
    admin_route = c.box(530, 148, 160, 56, "", "`admin_endpoint()`", "green")
    c.box(220, 285, 230, 66, "Who is asking?", "`get_current_user_role()`", "purple")
    c.arrow(admin.right(), guard.left())
    c.arrow(guard.right(), admin_route.left(), label="admin", colour="green")
    c.arrow((310, 220), (310, 285), label="depends on", at=(265, 252), colour="orange")
    c.arrow((360, 285), (360, 220), label="role", at=(382, 252), colour="purple")
    refused = c.box(530, 290, 160, 56, "", "the route never runs", "red")
    c.arrow(guard.right(0.8), (480, 202.4), (480, 318), refused.left(), colour="red")
    c.text(522, 262, "user, guest", 12, RED)
    for route, code in ((public_route, "200"), (admin_route, "200"), (refused, "403")):
        colour, ink = ("green", GREEN) if code == "200" else ("red", RED)
        c.arrow(route.right(), (735, route.right()[1]), colour=colour)
        c.text(762, route.right()[1], code, 16, ink, weight="bold")
    return c


def health() -> Canvas:
    """Lesson 04: who asks for the health of a service, and what follows from the answer."""
    c = Canvas(370)
    clients = c.box(20, 150, 100, 70, "Clients", "")
    title, task = "Load balancer", "or Kubernetes,\nor a monitor:\nasks each copy\nagain and again"
    asker = c.box(205, 20, 190, 330, title, task, "blue")
    c.arrow(clients.right(), asker.left(), label="requests", wide=4)
    well = c.box(600, 20, 180, 140, "Copy 1 is well", "gets the requests", "green")
    ill = c.box(600, 210, 180, 140, "Copy 2 is not well", "gets none until\nit is well again", "red")
    for copy, answer, colour in ((well, "200", "green"), (ill, "503", "red")):
        c.arrow(asker.right((copy.y + 10) / 330), copy.left(30 / 140), label="`GET /health`", dashed=True)
        c.arrow(copy.left(70 / 140), asker.right((copy.y + 50) / 330), label=answer, colour=colour, dashed=True)
    c.arrow(asker.right(110 / 330), well.left(110 / 140), label="requests", wide=4)
    c.text(497, 325, "no requests", 12, RED)
    return c


def request_way() -> Canvas:
    """Lesson 05: the way of one request through the app, and the three ways out before its end."""
    c = Canvas(628)
    c.group(270, 15, 515, 598, "For each request: POST /predict_single")
    steps = [
        ("JSON body", "what the client sent", "grey"),
        ("Passenger", "Pydantic checks the types", "blue"),
        ("Model loaded?", "", "blue"),
        ("DataFrame", "one row, seven columns", "blue"),
        ("predict_proba", "one call of the model", "green"),
        ("Probability > 0.5 ?", "yes: Survived, no: Not Survived", "blue"),
        ("JSON answer: 200", "prediction, survival_status", "grey"),
    ]
    boxes = [c.box(290, 58 + 80 * number, 245, 54, *step) for number, step in enumerate(steps)]
    for box, following in pairwise(boxes):
        c.arrow(box.bottom(), following.top())
    exits = [(1, "422", "this is no Passenger"), (2, "503", "there is no model"), (4, "500", "the model fails")]
    for number, code, reason in exits:
        way_out = c.box(610, boxes[number].y, 160, 54, code, reason, "red")
        c.arrow(boxes[number].right(), way_out.left(), colour="red")
    c.group(15, 163, 205, 309, "Once, at start-up")
    store = c.box(30, 205, 175, 60, "MLflow", "`titanic@champion`", "green")
    load = c.box(30, 300, 175, 60, "lifespan", "`load_model()`", "green")
    model = c.box(30, 395, 175, 60, "The model", "kept in memory", "green")
    c.arrow(store.bottom(), load.top(), colour="green")
    c.arrow(load.bottom(), model.top(), colour="green")
    c.arrow((205, boxes[4].left()[1]), boxes[4].left(), colour="green")
    return c


def validation() -> Canvas:
    """Lesson 06: the three things that a field says, and what each field refuses."""
    c = Canvas(530)
    kind = c.box(20, 25, 190, 84, "Type", "what is it?\n`Age: float`", "blue", "1")
    limit = c.box(260, 25, 220, 84, "Constraint", "which values can be true?\n`gt=0, lt=100`", "orange", "2")
    words = c.box(530, 25, 250, 84, "Documentation", 'what does it mean?\n`description="Age in years"`', "grey", "3")
    c.arrow(kind.right(), limit.left())
    c.arrow(limit.right(), words.left())
    for x, heading in ((75, "field"), (245, "passes"), (440, "refused: 422"), (662, "refused by")):
        c.text(x, 145, heading, 13, GREY, weight="bold")
    rows = [
        ("Pclass", "1, 2, 3", "4", 1, "Literal[1, 2, 3]"),
        ("Sex", '"male", "female"', '"woman"', 1, 'Literal["male", "female"]'),
        ("Age", "more than 0, less than 100", "-5", 2, "gt=0, lt=100"),
        ("SibSp", "whole, 0 to 20", "2.5", 1, "int"),
        ("Parch", "whole, 0 to 20", "21", 2, "ge=0, le=20"),
        ("Fare", "0 to 10,000", "NaN", 2, "allow_inf_nan=False"),
        ("Embarked", '"C", "Q", "S"', '"X"', 1, 'Literal["C", "Q", "S"]'),
        ("Agee", "no such field", '"Agee": 24', 2, 'extra="forbid"'),
    ]
    for number, (field, passes, refused, step, rule) in enumerate(rows):
        y = 166 + 44 * number
        c.text(75, y + 17, field, 14, weight="bold")
        c.box(140, y, 210, 34, "", passes, "green" if passes != "no such field" else "white")
        c.box(370, y, 140, 34, "", refused, "red")
        c.badge(545, y + 17, str(step), "blue" if step == 1 else "orange")
        c.text(567, y + 17, f"`{rule}`", 13, ha="left")
    return c


def batch() -> Canvas:
    """Lesson 07: three requests against one request with three passengers."""
    c = Canvas(450)
    c.group(15, 15, 770, 200, "Three requests to /predict_single: the model is called three times")
    c.group(15, 235, 770, 200, "One request to /predict_batch: the model is called once")
    # For each request: its y, its height, and what it holds from left to right.
    ways = [
        (56, 42, "passenger 0", "1 row", "one call", "Survived"),
        (108, 42, "passenger 1", "1 row", "one call", "Not Survived"),
        (160, 42, "passenger 2", "1 row", "one call", "Survived"),
        (274, 146, "a list:\npassenger 0,\npassenger 1,\npassenger 2", "3 rows", "one call",
         "a list:\nSurvived,\nNot Survived,\nSurvived"),
    ]  # fmt: skip
    for y, height, passengers, rows, calls, answers in ways:
        request = c.box(35, y, 140, height, "", passengers, "white")
        table = c.box(270, y, 110, height, "", rows, "blue")
        model = c.box(445, y, 110, height, "", calls, "green")
        answer = c.box(625, y, 140, height, "", answers, "white")
        c.arrow(request.right(), table.left(), label="POST")
        c.arrow(table.right(), model.left())
        c.arrow(model.right(), answer.left(), label="JSON")
    return c


DIAGRAMS = {
    "map": course_map,
    "model_store": model_store,
    "request_response": request_response,
    "dependency": dependency,
    "health": health,
    "request_way": request_way,
    "validation": validation,
    "batch": batch,
}
