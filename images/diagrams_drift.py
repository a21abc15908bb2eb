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


DIAGRAMS = {"drift_queue": drift_queue}
