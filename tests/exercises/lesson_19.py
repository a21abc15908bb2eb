# %% 19.1 right
best_route["a call takes 20 microseconds"] = "Async def"
best_route["a call takes 5 ms for 1 row and 6 ms for 64; many clients"] = "micro batch"
best_route["a call takes half a second for each row"] = "def"

# %% 19.1 right
best_route = dict(zip(best_route, ["async def", "micro-batch", "def"]))

# %% 19.1 wrong: there is no answer for 'a call takes 5 ms for 1 row and 6 ms for 64; many clients'
best_route["a call takes 20 microseconds"] = "async def"

# %% 19.1 wrong: a def route pays a thread for each request
best_route = dict(zip(best_route, ["def", "micro-batch", "def"]))

# %% 19.1 wrong: 'a call takes half a second for each row' does not fit 'micro-batch'
best_route = dict(zip(best_route, ["async def", "micro-batch", "micro-batch"]))

# %% 19.1 wrong: 'thread' is none of the words to choose from
best_route = dict(zip(best_route, ["async def", "micro-batch", "thread"]))


# %% 19.2 right
def added_microseconds(app_rate, limit_rate):
    return round(1e6 * (limit_rate - app_rate) / (app_rate * limit_rate))


# %% 19.2 right
added_microseconds = lambda app_rate, limit_rate: (1 / app_rate - 1 / limit_rate) * 10**6


# %% 19.2 wrong: that is in seconds, not in microseconds
def added_microseconds(app_rate, limit_rate):
    return 1 / app_rate - 1 / limit_rate


# %% 19.2 wrong: the app takes longer than the limit, not shorter
def added_microseconds(app_rate, limit_rate):
    return 1e6 / limit_rate - 1e6 / app_rate


# %% 19.2 wrong: how long does one request take in each?
def added_microseconds(app_rate, limit_rate):
    return limit_rate - app_rate


# %% 19.2 wrong: for 500 and 1000 requests a second it returns 250, and not 1000
def added_microseconds(app_rate, limit_rate):
    return 250 if app_rate != limit_rate else 0


# %% 19.2 wrong: it returns nothing yet
def added_microseconds(app_rate, limit_rate):
    print(1e6 / app_rate - 1e6 / limit_rate)
