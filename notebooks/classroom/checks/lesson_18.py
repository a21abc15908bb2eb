"""The checks of lesson 18."""

import itertools
from typing import Any

from classroom.checks import number, returned, same_number


def exercise_1(in_progress: Any, longest_queue: Any) -> None:
    """Little's law, in two directions."""
    found = number("in_progress", in_progress)
    assert not same_number(found, 12_000), "the time must be in seconds, not in milliseconds"
    assert same_number(found, 12), f"in progress are not {found:g}: multiply the requests a second by the seconds"
    found = number("longest_queue", longest_queue)
    assert not same_number(found, 200), "200 would be for half a second: in 2 seconds the app answers 2 times 400"
    assert same_number(found, 800), f"{found:g} is not how many the app answers in 2 seconds: multiply"


def page_with(total: str, calls: str, last: bool) -> str:
    """A page of metrics with these numbers, among others: the last ones of the page, or not."""
    where = '{endpoint="/predict_single",method="POST"}'
    requests = f"http_request_duration_seconds_count{where} 9.0\nhttp_request_duration_seconds_sum{where} 0.5\n"
    waits = "micro_batch_wait_seconds_count 7.0\nmicro_batch_wait_seconds_sum 0.25\n"
    sizes = (
        "# HELP micro_batch_size_passengers Passengers in a call of the model.\n"
        "# TYPE micro_batch_size_passengers histogram\n"
        f'micro_batch_size_passengers_bucket{{le="1.0"}} 1.0\nmicro_batch_size_passengers_bucket{{le="+Inf"}} {calls}\n'
        f"micro_batch_size_passengers_count {calls}\nmicro_batch_size_passengers_sum {total}\n"
    )
    return requests + (waits + sizes if last else sizes + waits)


def exercise_2(mean_batch_size: Any) -> None:
    """The mean of a histogram, from the page of metrics."""
    cases = ("12.0", "4.0", 3), ("7.0", "2.0", 3.5), ("1.2e+06", "100000.0", 12), ("0.0", "0.0", 0)
    for (total, calls, right), last in itertools.product(cases, (False, True)):
        found = number("mean_batch_size(page)", returned(mean_batch_size(page_with(total, calls, last))))
        case = f"{float(total):,.0f} passengers in {float(calls):,.0f} calls"
        hint = "divide the `_sum` of micro_batch_size_passengers by its `_count`"
        hint = hint if right else "return 0 if there was no call"
        assert same_number(found, right, 0.005), f"for {case} it returns {found:g}, and not {right}: {hint}"
