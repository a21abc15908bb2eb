"""The checks of lesson 23."""

from typing import Any

from classroom.checks import assert_words, number, returned, same_number

A = {"fingerprint": "a", "startsAt": "1912-04-14T23:40:00Z"}
B = A | {"fingerprint": "b"}
LATER = A | {"startsAt": "1912-04-15T02:20:00Z"}
B_LATER = B | {"startsAt": "1912-04-15T02:20:00Z"}
FIRES, OVER = {"status": "firing"}, {"status": "resolved"}
MEANING = {
    "for": "that is for what is over by itself after a moment",
    "group_by": "that is for many alerts of the same kind at the same time",
    "inhibition": "that is for alerts that another alert explains",
    "silence": "that is for a time of which you know before",
    "watchdog": "that is for when no alert can come at all",
}


def exercise_1(firing_after: Any) -> None:
    """How many alerts fire after some messages."""
    cases = [
        ("no message", [], 0, ""),
        ("a message with two alerts", [[A | FIRES, B | FIRES]], 2, ""),
        ("the same alert in two messages", [[A | FIRES], [A | FIRES]], 1,
         "an alert that comes again is the same alert"),
        ("an alert that is over", [[A | FIRES], [A | OVER]], 0, "the newest status of an alert counts"),
        ("one alert that goes on and one that is over, in one message", [[A | FIRES, B | FIRES], [A | OVER, B | FIRES]],
         1, "each alert of a message has a status of its own"),
        ("an alert that was over and has begun anew", [[A | FIRES], [A | OVER], [LATER | FIRES]], 1,
         "with another start, it is another alert"),
        ("an alert that is told to be over twice", [[A | FIRES], [A | OVER], [A | OVER]], 0,
         "an alert can be told to be over more than once"),
        ("an alert that fires, and a message about another one", [[A | FIRES], [B | FIRES]], 2,
         "an alert that is in no later message is as it was"),
        ("an alert that fires, and another one that has begun later", [[A | FIRES], [B_LATER | FIRES]], 2,
         "a new start ends the older ones of the same fingerprint only"),
        ("an alert that fires, and a later one that is over", [[A | FIRES], [B_LATER | OVER]], 1,
         "a new start ends the older ones of the same fingerprint only"),
        ("an alert that has begun anew, and whose end nobody has told", [[A | FIRES], [LATER | FIRES]], 1,
         "a new start ends the older ones of the same fingerprint"),
        ("an alert that has begun anew and is over, and whose first end nobody has told", [[A | FIRES], [LATER | OVER]],
         0, "a new start ends the older ones of the same fingerprint, even if it is over itself"),
        ("an alert that has begun anew, and whose first end is told late", [[A | FIRES], [LATER | FIRES], [A | OVER]],
         1, "resolved ends only its own start, so look at fingerprint and startsAt"),
    ]  # fmt: skip
    for case, messages, right, why in cases:
        copies = [[dict(alert) for alert in message] for message in messages]
        found = number("firing_after(messages)", returned(firing_after(copies)))
        reason = f": {why}" if why else ""
        assert same_number(found, right), f"after {case} it returns {found:.12g}, and not {right}{reason}"


def exercise_2(what: Any) -> None:
    """What helps."""
    assert_words(
        what,
        {
            "fifty disks are full at the same time, and fifty messages come": "group_by",
            "now and then, the app is slow for ten seconds, and somebody is woken": "for",
            "tomorrow from 9 to 10, the database is moved, and all know it": "silence",
            "Prometheus was down for a day, and nobody knew": "watchdog",
            "one scrape a day fails, and each time, an alert comes and goes": "for",
            "NetworkDown fires, and so does NoData of each app behind it": "inhibition",
        },
        MEANING,
    )
