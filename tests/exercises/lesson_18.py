# %% 18.1 right
in_progress = 400 * 30 / 1000
longest_queue = 2 * 400.0

# %% 18.1 right
in_progress, longest_queue = 12, 800

# %% 18.1 wrong: the time must be in seconds, not in milliseconds
in_progress = 400 * 30
longest_queue = 800

# %% 18.1 wrong: in progress are not 13333.3
in_progress = 400 / 0.03
longest_queue = 800

# %% 18.1 wrong: 200 would be for half a second
in_progress = 12
longest_queue = 400 / 2

# %% 18.1 wrong: `longest_queue` still holds the three dots
in_progress = 12


# %% 18.2 right
def mean_batch_size(page):
    values = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    calls = float(values["micro_batch_size_passengers_count"])
    return round(float(values["micro_batch_size_passengers_sum"]) / calls, 2) if calls else 0


# %% 18.2 right
from prometheus_client.parser import text_string_to_metric_families


def mean_batch_size(page):
    found = {one.name: one.value for family in text_string_to_metric_families(page) for one in family.samples}
    calls = found["micro_batch_size_passengers_count"]
    return found["micro_batch_size_passengers_sum"] / max(calls, 1)


# %% 18.2 wrong: for 7 passengers in 2 calls it returns 4, and not 3.5
def mean_batch_size(page):
    total = float(page.split("micro_batch_size_passengers_sum ")[1].split()[0])
    calls = float(page.split("micro_batch_size_passengers_count ")[1].split()[0])
    return round(total / calls) if calls else 0


# %% 18.2 wrong: your code ends with ZeroDivisionError
def mean_batch_size(page):
    total = float(page.split("micro_batch_size_passengers_sum ")[1].split()[0])
    calls = float(page.split("micro_batch_size_passengers_count ")[1].split()[0])
    return total / calls


# %% 18.2 wrong: for 12 passengers in 4 calls it returns 0.333333, and not 3
def mean_batch_size(page):
    total = float(page.split("micro_batch_size_passengers_sum ")[1].split()[0])
    calls = float(page.split("micro_batch_size_passengers_count ")[1].split()[0])
    return calls / total if total else 0


# %% 18.2 wrong: `mean_batch_size(page)` is a text
def mean_batch_size(page):
    return page.split("micro_batch_size_passengers_sum ")[1].split()[0]


# %% 18.2 wrong: and not 3: divide the `_sum` of micro_batch_size_passengers by its `_count`
def mean_batch_size(page):
    lines = page.splitlines()
    total = [line for line in lines if "_sum" in line][0]
    calls = [line for line in lines if "_count" in line][0]
    return float(total.split()[-1]) / max(float(calls.split()[-1]), 1)


# %% 18.2 wrong: and not 3: divide the `_sum` of micro_batch_size_passengers by its `_count`
def mean_batch_size(page):
    lines = page.splitlines()
    total = [line for line in lines if "_sum" in line][-1]
    calls = [line for line in lines if "_count" in line][-1]
    return float(total.split()[-1]) / max(float(calls.split()[-1]), 1)


# %% 18.2 wrong: for 0 passengers in 0 calls it returns nan, and not 0: return 0 if there was no call
def mean_batch_size(page):
    total = float(page.split("micro_batch_size_passengers_sum ")[1].split()[0])
    calls = float(page.split("micro_batch_size_passengers_count ")[1].split()[0])
    return total / calls if calls else float("nan")  # as numpy does it


# %% 18.2 wrong: the name of your function now stands for something of the type float: run the cell with `def` again
mean_batch_size = 3.5
