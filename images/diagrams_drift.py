"""The diagrams of lessons 14 to 17: how drift is noticed."""

from canvas import COLOURS, GREY, Canvas
from matplotlib.patches import Rectangle


def psi() -> Canvas:
    """Lesson 14: the ages in training and now, as shares of bins, and the one number for the distance."""
    c = Canvas(330)
    training = [0.128, 0.150, 0.113, 0.123, 0.117, 0.136, 0.107, 0.126]
    now = [0.060, 0.075, 0.060, 0.070, 0.070, 0.200, 0.215, 0.250]
    left = c.group(15, 20, 225, 240, "Training: the profile")
    right = c.group(285, 20, 225, 240, "Now")
    for group, shares, colour in ((left, training, "green"), (right, now, "orange")):
        fill, edge = COLOURS[colour]
        for place, share in enumerate(shares):
            x, height = group.x + 22 + 23 * place, 640 * share
            c.axes.add_patch(Rectangle((x, 228 - height), 19, height, fc=fill, ec=edge, lw=1))
        c.text(group.x + 112, 244, "young  ...  bins of the ages  ...  old", 11, GREY)
    number = c.box(555, 70, 230, 60, "PSI 0.38", "how far apart they are", "purple")
    alert = c.box(555, 190, 230, 60, "Alert", "if chance cannot be the reason", "red")
    c.arrow(left.bottom(), (127, 305), (535, 305), (535, 110), (555, 110), colour="green")
    c.arrow(right.right(0.25), number.left(0.17), colour="orange")
    c.arrow(number.bottom(), alert.top(), colour="red", label="more than its limit", at=(735, 160))
    return c


def drift_queue() -> Canvas:
    """Lesson 15: the way from a prediction to an alert, and what the comparison is made with."""
    c = Canvas(430)
    c.group(15, 15, 400, 215, "Your app")
    predict = c.box(35, 60, 140, 150, "Predict", "the answer\ngoes out\nat once", "blue")
    queue = c.box(255, 60, 140, 150, "ScouterQueue", "collects\n1,000 passengers\nor 30 seconds", "purple")
    server = c.box(
        585, 60, 195, 150, "Scouter's server", "keeps how many were\nin each range of\neach feature", "purple"
    )
    c.arrow(predict.right(), queue.left(), label="insert", colour="purple")
    c.text(215, 155, "1 µs", 12, GREY)
    c.arrow(queue.right(), server.left(), label="counts", colour="purple", at=(500, 123))
    c.text(500, 155, "in the background", 12, GREY)
    training = c.box(35, 315, 170, 90, "Training data", "the passengers that\nthe model knows", "green")
    profile = c.box(255, 315, 140, 90, "Profile", "how its features\nare spread", "green")
    drift = c.box(445, 315, 150, 90, "Drift", "how far are live\nand profile apart?", "orange")
    alert = c.box(645, 315, 135, 90, "Alert", "too far to be\nchance", "red")
    c.arrow(training.right(), profile.left(), colour="green")
    c.arrow(profile.top(), queue.bottom(), colour="green", label="which ranges", at=(325 + 48, 272))
    c.arrow(profile.right(), drift.left(), colour="green")
    c.arrow((682, 210), (682, 262), (520, 262), drift.top(), colour="purple", label="live passengers", at=(612, 250))
    c.arrow(drift.right(), alert.left(), colour="red")
    return c


def transports() -> Canvas:
    """Lesson 16: four ways from the queue to the collector, and what the collector does with a message."""
    c = Canvas(430)
    queue = c.box(20, 130, 130, 150, "ScouterQueue", "in your app:\na message after\n1,000 passengers", "blue")
    brokers = [
        c.box(265, 105, 150, 60, "Redis", "calls it out once", "orange"),
        c.box(265, 195, 150, 60, "RabbitMQ", "keeps it in a queue", "orange"),
        c.box(265, 285, 150, 60, "Kafka", "keeps it in a log", "orange"),
    ]
    c.group(520, 15, 265, 395, "Collector")
    check = c.box(545, 55, 215, 70, "Check", "login, profile, bins:\nall of it, or nothing", "purple")
    store = c.box(545, 165, 215, 70, "Store", "in one file, then say so", "purple")
    c.arrow(check.bottom(), store.top(), colour="purple")
    c.arrow(queue.top(), (85, 75), (545, 75), colour="blue", label="HTTP", at=(340, 61))
    for broker, part in zip(brokers, (0.25, 0.5, 0.75), strict=True):
        start, y = queue.right(part), broker.left()[1]
        c.arrow(start, (205, start[1]), (205, y), broker.left(), colour="orange")
        c.arrow(broker.right(), (465, y), (465, 105), (545, 105), colour="orange")
    results = [
        c.box(545, 285, 65, 60, "Drift", "", "green"),
        c.box(620, 285, 65, 60, "Alerts", "", "red"),
        c.box(695, 285, 65, 60, "Page", "", "green"),
    ]
    for result in results:
        x = result.top()[0]
        c.arrow((x, 235), (x, 285), colour="grey")
    c.text(652, 375, "asked by Scouter's client,\nand by people", 12, GREY)
    c.text(340, 375, "a message broker:\none of these, or none", 12, GREY)
    return c


def records() -> Canvas:
    """Lesson 17: a record of each answer, and the two kinds of checks."""
    c = Canvas(330)
    c.group(15, 15, 205, 300, "The desk")
    guest = c.box(35, 60, 165, 80, "A guest asks", "When do we sail?", "blue")
    model = c.box(35, 210, 165, 80, "Language model", "At noon.", "blue")
    queue = c.box(290, 135, 140, 80, "Record", "question and\nanswer, whole", "purple")
    rules = c.box(500, 40, 140, 100, "Rules", "short?\nsure?\nnames its source?", "green")
    judge = c.box(500, 205, 140, 100, "Judge", "a second model:\nmarks\nfrom 1 to 5", "orange")
    share = c.box(700, 125, 85, 100, "Share", "that\npasses,\nday by day", "red")
    c.arrow(guest.bottom(), model.top(), colour="blue")
    c.arrow((220, 175), queue.left(), colour="purple", label="queue")
    c.arrow(queue.right(0.25), (465, 155), (465, 90), rules.left(), colour="purple")
    c.arrow(queue.right(0.75), (465, 195), (465, 255), judge.left(), colour="purple")
    c.arrow(rules.right(), (743, 90), share.top(), colour="green")
    c.arrow(judge.right(), (743, 255), share.bottom(), colour="orange")
    return c


DIAGRAMS = {"psi": psi, "drift_queue": drift_queue, "transports": transports, "records": records}
