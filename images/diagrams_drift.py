"""The diagrams of lessons 14 and 15: how drift is noticed."""

from canvas import GREY, Canvas


def drift_queue() -> Canvas:
    """Lesson 14: the way from a prediction to an alert, and what the comparison is made with."""
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
    """Lesson 15: four ways from the queue to the collector, and what the collector does with a message."""
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


DIAGRAMS = {"drift_queue": drift_queue, "transports": transports}
