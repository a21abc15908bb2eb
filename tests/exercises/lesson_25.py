# %% 25.1 right
def ask_twice(ask):
    for last in (False, True):
        try:
            status = ask()
        except ConnectionError:
            if last:
                raise
        else:
            if last or status < 500:
                return status


# %% 25.1 right
def ask_twice(ask):
    try:
        first = ask()
    except ConnectionError:
        return ask()
    return ask() if first in range(500, 600) else first


# %% 25.1 wrong: that is a good answer: one need not ask again
def ask_twice(ask):
    ask()
    return ask()


# %% 25.1 wrong: that is the client's own mistake
def ask_twice(ask):
    status = ask()
    return status if status == 200 else ask()


# %% 25.1 wrong: that is the client's own mistake
def ask_twice(ask):
    try:
        status = ask()
    except ConnectionError:
        return ask()
    return status if status in (200, 422) else ask()


# %% 25.1 wrong: the proxy got no answer from a copy
def ask_twice(ask):
    try:
        status = ask()
    except ConnectionError:
        return ask()
    return ask() if status in (500, 503) else status


# %% 25.1 wrong: it does not ask again after 504
def ask_twice(ask):
    try:
        status = ask()
    except ConnectionError:
        return ask()
    return ask() if status in (500, 502, 503) else status


# %% 25.1 wrong: it does not ask again after 599
def ask_twice(ask):
    try:
        status = ask()
    except ConnectionError:
        return ask()
    return ask() if status in (500, 501, 502, 503, 504) else status


# %% 25.1 wrong: it asks again after 401: that is the client's own mistake
def ask_twice(ask):
    try:
        status = ask()
    except ConnectionError:
        return ask()
    return status if status in (200, 404, 422) else ask()


# %% 25.1 wrong: it asks again after 429: the server does its work
def ask_twice(ask):
    try:
        status = ask()
    except ConnectionError:
        return ask()
    return ask() if status >= 425 else status


# %% 25.1 wrong: it asks a third time
def ask_twice(ask):
    try:
        status = ask()
        return ask() if status >= 500 else status
    except ConnectionError:
        return ask()


# %% 25.1 wrong: it ends with an error for a broken connection, 200
def ask_twice(ask):
    status = ask()
    return status if status < 500 else ask()


# %% 25.1 wrong: let the second error reach the caller
def ask_twice(ask):
    status = 0
    for _ in range(2):
        try:
            status = ask()
            if status < 500:
                break
        except ConnectionError:
            status = 0
    return status


# %% 25.2 right
def machines_needed(model, alone, engine):
    machines = 1
    while machines / (model + engine) < 1 / (model + alone):
        machines += 1
    return machines


# %% 25.2 right
def machines_needed(model, alone, engine):
    return -int(-(model + engine) // (model + alone))


# %% 25.2 wrong: there is no part of a machine: round up
def machines_needed(model, alone, engine):
    return (model + engine) / (model + alone)


# %% 25.2 wrong: there is no part of a machine: round up
def machines_needed(model, alone, engine):
    return float("inf")


# %% 25.2 wrong: it returns 2, and not 3, because one request costs 3.00 times as much with the engine
def machines_needed(model, alone, engine):
    return int(engine / alone) // 2 if model else 20


# %% 25.2 wrong: it returns 5, and not 3
def machines_needed(model, alone, engine):
    return -int(-engine // alone)
