# %% 13.1 right
order = ["Many requests came at once.", "The app was down.", "Every prediction failed."]
slowness_was_the_cause = False

# %% 13.1 right
order[0] = "many requests came at once"
order[1:] = ["the app was down", "every prediction failed"]
slowness_was_the_cause = 1 > 2

# %% 13.1 wrong: one of them came earlier: look at the hill in the panel Traffic
order = ["the app was down", "many requests came at once", "every prediction failed"]
slowness_was_the_cause = False

# %% 13.1 wrong: two of them changed places
order = ["many requests came at once", "every prediction failed", "the app was down"]
slowness_was_the_cause = False

# %% 13.1 wrong: it was not: when the requests began to fail, the rush was over
order = ["many requests came at once", "the app was down", "every prediction failed"]
slowness_was_the_cause = True

# %% 13.1 wrong: `slowness_was_the_cause` is neither True nor False, but 'no'
order = ["many requests came at once", "the app was down", "every prediction failed"]
slowness_was_the_cause = "no"

# %% 13.2 right
my_query = 'sum by (type) (rate(prediction_type_total{type="simulation"}[$__rate_interval]))'

# %% 13.2 right
kind = '{type=~"sim.+"}'
my_query = f"rate(prediction_type_total{kind}[${{__rate_interval}}])"

# %% 13.2 wrong: it takes the type of which there is most, whichever that is
my_query = "max(rate(prediction_type_total[$__rate_interval]))"

# %% 13.2 wrong: it takes the type of which there is most, whichever that is
my_query = "topk(1, rate(prediction_type_total[$__rate_interval]))"

# %% 13.2 wrong: it counts all but those that are single
my_query = 'sum(rate(prediction_type_total{type!="single"}[$__rate_interval]))'

# %% 13.2 wrong: it counts the requests; each of them predicts many passengers
my_query = 'sum(rate(http_requests_total{endpoint="/simulate_predictions"}[$__rate_interval]))'

# %% 13.2 wrong: its window is not $__rate_interval
my_query = 'sum(rate(prediction_type_total{type="simulation"}[1m]))'

# %% 13.2 wrong: it asks for the growth in the whole window, and not in a second
my_query = 'sum(increase(prediction_type_total{type="simulation"}[$__rate_interval]))'

# %% 13.2 wrong: it divides by 60, however long the window is: use `rate`
my_query = 'sum(increase(prediction_type_total{type="simulation"}[$__rate_interval])) / 60'

# %% 13.2 wrong: its window is always a minute: write $__rate_interval in place of it
my_query = 'sum(rate(prediction_type_total{type="simulation"}[1m])) # $__rate_interval'

# %% 13.3 right
my_panel |= {"title": "mean age of the passengers.", "description": "If it moves, other people arrive than before."}
my_panel["fieldConfig"]["defaults"]["unit"] = "y"
sums, counts = (f"increase(passenger_age_distribution_{end}[$__rate_interval])" for end in ("sum", "count"))
my_panel["targets"][0]["expr"] = f"{sums} / {counts}"

# %% 13.3 right
mean = "sum(rate(passenger_age_distribution_sum[$__rate_interval])) / sum(rate(titanic_predictions_total[$__rate_interval]))"
my_panel["title"] = "Mean age of the passengers"
my_panel["description"] = "The mean age in this moment. A sudden change: other people arrive. Find out from where."
my_panel["fieldConfig"]["defaults"] |= {"unit": "y", "thresholds": {"mode": "absolute", "steps": []}}
my_panel["targets"] = [{"expr": mean, "refId": "B"}]

# %% 13.3 wrong: it divides the count by the sum: turn it over
my_panel |= {"title": "Mean age of the passengers", "description": "If it moves, other people arrive than before."}
my_panel["fieldConfig"]["defaults"]["unit"] = "y"
sums, counts = (f"sum(rate(passenger_age_distribution_{end}[$__rate_interval]))" for end in ("sum", "count"))
my_panel["targets"][0]["expr"] = f"{counts} / {sums}"

# %% 13.3 wrong: delta is for values that rise and fall
my_panel |= {"title": "Mean age of the passengers", "description": "If it moves, other people arrive than before."}
my_panel["fieldConfig"]["defaults"]["unit"] = "y"
sums, counts = (f"sum(delta(passenger_age_distribution_{end}[$__rate_interval]))" for end in ("sum", "count"))
my_panel["targets"][0]["expr"] = f"{sums} / {counts}"

# %% 13.3 wrong: it is the mean age of all passengers so far
my_panel |= {"title": "Mean age of the passengers", "description": "If it moves, other people arrive than before."}
my_panel["fieldConfig"]["defaults"]["unit"] = "y"
mean = "sum(passenger_age_distribution_sum) / sum(passenger_age_distribution_count)"
my_panel["targets"][0]["expr"] = f"{mean} + 0 * sum(rate(passenger_age_distribution_count[$__rate_interval]))"

# %% 13.3 wrong: its numbers are not the right ones: look at the function, the labels and the window
my_panel |= {"title": "Mean age of the passengers", "description": "If it moves, other people arrive than before."}
my_panel["fieldConfig"]["defaults"]["unit"] = "y"
sums, counts = (f"increase(passenger_age_distribution_{end})" for end in ("sum[$__rate_interval]", "count[1m]"))
my_panel["targets"][0]["expr"] = f"{sums} / {counts}"

# %% 13.3 wrong: its window is always a minute: write $__rate_interval in place of it
my_panel |= {"title": "Mean age of the passengers", "description": "If it moves, other people arrive than before."}
my_panel["fieldConfig"]["defaults"]["unit"] = "y"
sums, counts = (f"increase(passenger_age_distribution_{end}[1m])" for end in ("sum", "count"))
my_panel["targets"][0]["expr"] = f"{sums} / {counts} # $__rate_interval"

# %% 13.3 wrong: the unit is 's', and not 'y'
my_panel = copy.deepcopy(panels["Latency: time to answer"])
my_panel |= {"title": "Mean age of the passengers", "description": "If it moves, other people arrive than before."}

# %% 13.3 wrong: the description is very short
my_panel |= {"title": "Mean age of the passengers", "description": "The mean age."}

# %% 13.3 wrong: there is no query yet
my_panel |= {"title": "Mean age of the passengers", "description": "If it moves, other people arrive than before."}
my_panel["fieldConfig"]["defaults"]["unit"] = "y"

# %% 13.3 wrong: the title is 'Latency', and not 'Mean age of the passengers'
my_panel["title"] = "Latency"
