"""The diagram of lesson 21: a new model against the one that serves."""

from canvas import GREY, Canvas


def challenger() -> Canvas:
    """Lesson 21: who has learnt from whom, who is held out, and the rule that decides which version is champion."""
    c = Canvas(450)
    c.group(20, 20, 760, 130, "Passengers in the order of time")
    first = c.box(45, 60, 200, 70, "Lesson 01", "1,306 passengers", "grey")
    older = c.box(290, 60, 200, 70, "Outcomes", "the older half", "green")
    newest = c.box(535, 60, 220, 70, "Outcomes", "the newest half: held out", "orange")
    champion = c.box(45, 205, 200, 70, "Champion", "it serves", "grey")
    other = c.box(290, 205, 200, 70, "Challenger", "it is new", "green")
    rule = c.box(
        535, 190, 220, 100, "The rule", "better by more than chance,\nnot slower,\nno group much worse", "blue"
    )
    c.arrow(first.bottom(), champion.top())
    c.text(190, 178, "learns from", 12, GREY)
    c.arrow(first.bottom(0.85), other.top(0.1), colour="green")
    c.arrow(older.bottom(), other.top(), colour="green")
    c.arrow(newest.bottom(), rule.top(), colour="orange", label="both predict them", at=(708, 171))
    c.arrow(other.right(), rule.left(0.5), colour="green")
    c.arrow(champion.bottom(0.7), (185, 295), (512, 295), (512, 265), rule.left(0.75))
    c.group(20, 325, 760, 105, "MLflow: aliases of the model titanic")
    moved = c.box(535, 357, 220, 58, body="`champion`\nnow the challenger", colour="purple")
    kept = c.box(170, 357, 200, 58, body="`previous`\nthe old champion", colour="purple")
    c.arrow(rule.bottom(), moved.top(), colour="blue", label="yes: promote", at=(700, 310))
    c.arrow(kept.right(), moved.left(), colour="red", label="roll back")
    return c


DIAGRAMS = {"challenger": challenger}
