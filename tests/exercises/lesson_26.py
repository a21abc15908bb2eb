# %% 26.1 right
where = {
    "a model that is trained anew each week": "Volume",
    "the line about each request": "standard-output",
    "the log of the predictions": "volume",
    "the password of the collector": "environment.",
    "the packages": "IMAGE",
}


# %% 26.1 right
where = dict(zip(where, ["image", "environment", "volume", "standard output", "volume"]))


# %% 26.1 wrong: 'the password of the collector' does not fit 'image'
where = dict.fromkeys(where, "image")


# %% 26.1 wrong: 'the log of the predictions' does not fit 'standard output'
where = dict(zip(where, ["image", "environment", "standard output", "standard output", "volume"]))


# %% 26.1 wrong: 'git' is none of the words to choose from
where = dict(zip(where, ["git", "environment", "volume", "standard output", "volume"]))


# %% 26.1 wrong: it is no dictionary any more
where = ["image", "environment", "volume", "standard output", "volume"]


# %% 26.2 right
def rolling_update(copies, replace, is_well):
    if not copies:
        return []
    first, *rest = copies
    replace(first)
    return [first, *rolling_update(rest, replace, is_well)] if is_well(first) else []


# %% 26.2 right
def rolling_update(copies, replace, is_well):
    for number, copy in enumerate(copies):
        replace(copy)
        if not is_well(copy):
            return copies[:number]
    return copies


# %% 26.2 wrong: it replaces B before it has asked whether A is well
def rolling_update(copies, replace, is_well):
    for copy in copies:
        replace(copy)
    return [copy for copy in copies if is_well(copy)]


# %% 26.2 wrong: B is not well, and it replaces C all the same
def rolling_update(copies, replace, is_well):
    done = []
    for copy in copies:
        replace(copy)
        if is_well(copy):
            done.append(copy)
    return done


# %% 26.2 wrong: it asks whether A is well before it has replaced it
def rolling_update(copies, replace, is_well):
    done = []
    for copy in copies:
        if is_well(copy):
            replace(copy)
            done.append(copy)
    return done


# %% 26.2 wrong: it returns ['A', 'B'], and not ['A']
def rolling_update(copies, replace, is_well):
    done = []
    for copy in copies:
        replace(copy)
        done.append(copy)
        if not is_well(copy):
            break
    return done


# %% 26.2 wrong: it asks again and again whether B is well: if not, go no further
def rolling_update(copies, replace, is_well):
    done = []
    for copy in copies:
        replace(copy)
        while not is_well(copy):
            pass
        done.append(copy)
    return done


# %% 26.2 wrong: it replaces A before B: keep the order of the list
def rolling_update(copies, replace, is_well):
    done = []
    for copy in sorted(set(copies)):
        replace(copy)
        if not is_well(copy):
            break
        done.append(copy)
    return done


# %% 26.2 wrong: it returns ['B', 'A'], and not ['A', 'B']
def rolling_update(copies, replace, is_well):
    done = []
    for copy in copies:
        replace(copy)
        if not is_well(copy):
            break
        done.insert(0, copy)
    return done


# %% 26.2 wrong: it returns nothing yet
def rolling_update(copies, replace, is_well):
    for copy in copies:
        replace(copy)
        if not is_well(copy):
            break
