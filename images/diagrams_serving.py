"""The diagram of lesson 18: how requests that wait together are predicted together."""

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


DIAGRAMS = {"micro_batch": micro_batch}
