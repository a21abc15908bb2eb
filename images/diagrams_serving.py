"""The diagrams of lessons 18, 19 and 22: predicted together, without scikit-learn, and by two models at once."""

from canvas import GREY, Canvas


def micro_batch() -> Canvas:
    """Lesson 18: three requests, one queue, one worker, one call of the model, three answers."""
    c = Canvas(330)
    c.group(165, 20, 615, 290, "Your app")
    queue = c.box(190, 75, 150, 180, "Queue", "full: answer\n503 at once", "blue")
    worker = c.box(410, 75, 150, 180, "Worker", "takes all\nthat wait,\nwithout a timer", "green")
    model = c.box(630, 75, 130, 180, "Model", "one call, in\na thread: 16 rows\ntake little longer\nthan one", "orange")
    for number in range(3):
        request = c.box(20, 55 + 80 * number, 110, 60, "Request")
        c.arrow(request.right(), queue.left(0.2 + 0.3 * number))
    c.arrow(queue.right(), worker.left(), label="3 rows", at=(375, 150))
    c.arrow(worker.right(0.35), model.left(0.35), label="1 table", at=(595, 122))
    c.arrow(model.left(0.65), worker.right(0.65), colour="orange", label="3 answers", at=(595, 210))
    c.text(472, 285, "each request gets the answer for its own row", 12, GREY)
    return c


def onnx() -> Canvas:
    """Lesson 19: the pipeline is exported, proved equal, registered, and its trees are served by another runtime."""
    c = Canvas(330)
    c.group(20, 20, 500, 290, "python course.py train")
    pipeline = c.box(45, 70, 130, 90, "Pipeline", "scikit-learn", "orange")
    graph = c.box(205, 70, 130, 90, "Graph", "ONNX", "green")
    proof = c.box(45, 205, 290, 80, "Proof", "11,000 passengers and each threshold:\nthe same answers?", "blue")
    registry = c.box(
        375, 70, 125, 215, "Registry", "titanic\n\ntitanic_onnx:\nthe whole graph\nand the trees", "purple"
    )
    c.arrow(pipeline.right(), graph.left(), label="export", at=(190, 60))
    c.arrow(pipeline.bottom(), proof.top(65 / 290))
    c.arrow(graph.bottom(), proof.top(225 / 290))
    c.arrow(proof.right(), registry.left(175 / 215), label="yes", at=(355, 232))
    c.group(560, 20, 220, 290, "Your app")
    app = c.box(585, 70, 170, 215, "ONNX Runtime", "runs the trees\n\nno scikit-learn,\nno pandas,\nno MLflow", "green")
    c.arrow(registry.right(), app.left(), label="trees", at=(543, 165))
    return c


def shadow() -> Canvas:
    """Lesson 22: the champion answers, the challenger predicts the same later; both follow the registry's aliases."""
    c = Canvas(420)
    client = c.box(20, 150, 110, 90, "Client", "one passenger")
    c.group(190, 20, 590, 380, "Your app")
    champion = c.box(220, 150, 150, 90, "Champion", "version 1\nanswers", "green")
    queue = c.box(430, 150, 130, 90, "Queue", "full: dropped", "orange")
    challenger = c.box(620, 150, 140, 90, "Challenger", "version 2, in\nthe shadow", "purple")
    c.arrow(client.right(0.3), champion.left(0.3))
    c.arrow(champion.left(0.7), client.right(0.7), colour="green", label="answer", at=(160, 228))
    c.arrow(champion.right(), queue.left(), label="a copy", at=(400, 183))
    c.arrow(queue.right(), challenger.left())
    c.arrow(client.top(), (75, 85), (690, 85), challenger.top(), colour="purple", dashed=True)
    c.text(480, 70, "canary: one request of ten is answered by the challenger", 12, GREY)
    follower = c.box(220, 290, 150, 90, "Follower", "looks each second:\nload, try, take over", "blue")
    counts = c.box(620, 290, 140, 90, "Counters", "agree: true, false,\ndropped, failed", "orange")
    registry = c.box(20, 290, 110, 90, "Registry", "champion: 1\nchallenger: 2", "blue")
    c.arrow(registry.right(), follower.left(), colour="blue")
    c.arrow(follower.top(), champion.bottom(), colour="blue")
    c.arrow(follower.right(), (500, 335), (500, 270), (655, 270), challenger.bottom(0.25), colour="blue")
    c.arrow(challenger.bottom(0.75), counts.top(0.75), colour="orange")
    return c


def login() -> Canvas:
    """Lesson 24: who gets in by which way, and what is kept."""
    c = Canvas(420)
    person = c.box(20, 25, 150, 76, "A person", "name, password")
    token = c.box(270, 25, 170, 76, "POST /token", "Argon2;\nfew wrong guesses", "purple")
    machine = c.box(20, 165, 150, 76, "A machine", "API key")
    watcher = c.box(20, 320, 150, 76, "Prometheus,\nload balancer")
    lock = c.box(270, 165, 170, 76, "The lock", "who is there?\nhow often?", "orange")
    predict = c.box(560, 110, 220, 60, "/predict_single", "users, admins, machines", "green")
    admin = c.box(560, 190, 220, 60, "/admin, /erase", "admins only", "green")
    opened = c.box(560, 328, 220, 60, "/health, /metrics", "open: no person is in them", "blue")
    log = c.box(560, 25, 220, 60, "What is kept", "a pseudonym, 30 days", "orange")
    c.arrow(person.right(0.3), token.left(0.3), colour="purple")
    c.arrow(token.left(0.75), person.right(0.75), label="token", at=(220, 97), colour="purple")
    c.arrow(person.bottom(), (95, 132), (310, 132), lock.top(0.235), label="token", at=(220, 145), colour="orange")
    c.arrow(machine.right(), lock.left(), label="key", colour="orange")
    c.arrow(lock.right(0.3), (500, 187.8), (500, 140), predict.left(), colour="green")
    c.arrow(lock.right(0.7), admin.left(0.47), colour="green", label="role", at=(500, 235))
    c.arrow(predict.top(), log.bottom(), colour="orange")
    refused = c.box(270, 275, 170, 34, "", "401, before the body", "red")
    c.arrow(lock.bottom(), refused.top(), colour="red")
    c.arrow(watcher.right(), opened.left(), colour="blue")
    return c


DIAGRAMS = {"micro_batch": micro_batch, "onnx": onnx, "shadow": shadow, "login": login}
