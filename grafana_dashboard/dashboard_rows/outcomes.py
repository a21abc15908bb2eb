"""What the app of lesson 20 tells: how often the model was right."""

from panel_kinds import BLUE, GREEN, ORANGE, RED, AnyPanel, color, graph, query, stacked, thresholds


def outcomes(predicted: str = "", actual: str = "") -> str:
    """How fast outcomes come, over the whole time range, as they are rare; only those of these classes, if named."""
    classes = {"predicted_class": predicted, "actual_class": actual}
    labels = ", ".join(f'{label}="{value}"' for label, value in classes.items() if value)
    return f"sum(rate(titanic_outcomes_total{{{labels}}}[$__range]))".replace("{}", "")


def was_it_right() -> list[AnyPanel]:
    """What the app of lesson 20 tells: what really happened, compared with what was predicted."""
    accuracy = graph(
        "Accuracy: by outcomes, estimated",
        "By outcomes: the share of predictions that were right, by the outcomes of the time range chosen above. "
        "Estimated: how often the newest predictions should be right by their own probabilities. If only the first "
        "falls, the world has other rules than in training; if both fall, the passengers are harder to judge. Of few "
        "outcomes, the first jumps by chance.",
        "percentunit",
        thresholds((0.76, GREEN), base=RED),
        query(f"({outcomes('0', '0')}\n + {outcomes('1', '1')})\n/\n({outcomes()} > 0)", "by outcomes"),
        query("avg(titanic_estimated_accuracy >= 0)", "estimated"),
    )
    shares = graph(
        "Precision and recall",
        "Precision: of those who were predicted to survive, the share that did. Recall: of those who survived, the "
        "share that was predicted to. If one falls and the other rises, the model says survived too often or too "
        "seldom. Of few outcomes, both jump by chance.",
        "percentunit",
        thresholds(base=BLUE),
        query(f"{outcomes('1', '1')}\n/\n({outcomes('1')} > 0)", "precision"),
        query(f"{outcomes('1', '1')}\n/\n({outcomes('', '1')} > 0)", "recall"),
    )
    right = graph(
        "Outcomes: right and wrong",
        "Outcomes a second, over the time range chosen above. If they stop, nobody tells the app any more what really "
        "happened: an accuracy without new outcomes is about the past.",
        "short",
        thresholds(base=BLUE),
        query(f"{outcomes('0', '0')} + {outcomes('1', '1')}", "right"),
        query(f"{outcomes('0', '1')} + {outcomes('1', '0')}", "wrong"),
    )
    waiting = graph(
        "Predictions without an outcome",
        "How many predictions wait for their outcome. The line rises with the traffic and falls with the outcomes. "
        "If it only rises, outcomes are missing: for whom? Those who answer first are seldom like the others.",
        "none",
        thresholds(base=BLUE),
        query("max(titanic_outcomes_pending)", "waiting"),
    )
    return [
        color(accuracy, {"by outcomes": BLUE, "estimated": ORANGE}).max(1).no_value("no outcomes yet"),
        color(shares, {"precision": "purple", "recall": "light-blue"}).max(1).no_value("no outcomes yet"),
        color(stacked(right), {"right": GREEN, "wrong": RED}).no_value("no outcomes yet"),
        color(waiting, {"waiting": BLUE}).decimals(0).no_value("no app that waits for outcomes"),
    ]
