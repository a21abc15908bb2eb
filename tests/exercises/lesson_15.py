# %% 15.1 right
def is_known(passenger, profile):
    known = profile.model_dump()["config"]["feature_map"]["features"]
    for column in known:
        if passenger[column] not in known[column]:
            return False
    return True


# %% 15.1 right
import numpy as np


def is_known(passenger: dict, profile) -> bool:
    known = json.loads(profile.model_dump_json())["config"]["feature_map"]["features"]
    return np.all([passenger[column] in texts for column, texts in known.items()])


# %% 15.1 wrong: only the port is checked, and not the sex
def is_known(passenger, profile):
    return passenger["Embarked"] in profile.model_dump()["config"]["feature_map"]["features"]["Embarked"]


# %% 15.1 wrong: the profile `early` does not know Queenstown, and your function says that it does
def is_known(passenger, profile):
    return passenger["Embarked"] in ("C", "Q", "S") and passenger["Sex"] in ("male", "female")


# %% 15.1 wrong: the profile `early` does not know Queenstown, and your function says that it does
def is_known(passenger, profile):
    known = psi.model_dump()["config"]["feature_map"]["features"]
    return all(passenger[column] in texts for column, texts in known.items())


# %% 15.1 wrong: a profile of women only does not know a man, and your function says that it does
def is_known(passenger, profile):
    known = profile.model_dump()["config"]["feature_map"]["features"]
    return passenger["Embarked"] in known["Embarked"] and passenger["Sex"] in ("male", "female")


# %% 15.1 wrong: it returns nothing yet
def is_known(passenger, profile):
    known = profile.model_dump()["config"]["feature_map"]["features"]
    all(passenger[column] in texts for column, texts in known.items())


# %% 15.2 right
def is_stale(times, now, minutes):
    for time in times:
        if (now - time).total_seconds() <= 60 * minutes:
            return False
    return True


# %% 15.2 right
def is_stale(times, now, minutes):
    if len(times) == 0:
        return True
    return pd.Series(times).max() < now - pd.Timedelta(minutes, "min")


# %% 15.2 wrong: something came 4 minutes ago
def is_stale(times, now, minutes):
    return not times or now - times[-1] > pd.Timedelta(minutes=minutes)


# %% 15.2 wrong: the newest time is a day old, and your function says that it is younger than an hour
def is_stale(times, now, minutes):
    return not times or (now - max(times)).seconds > 60 * minutes


# %% 15.2 wrong: the newest time is 4 and a half minutes old, which is more than 4: do not round
def is_stale(times, now, minutes):
    return not times or (now - max(times)).total_seconds() // 60 > minutes


# %% 15.2 wrong: the newest time is 20 seconds old, which is less than half a minute
def is_stale(times, now, minutes):
    return not times or now - max(times) > pd.Timedelta(minutes=int(minutes))


# %% 15.2 wrong: your code ends with ValueError: max()
def is_stale(times, now, minutes):
    return now - max(times) > pd.Timedelta(minutes=minutes)


# %% 15.2 wrong: your function says of an empty list that it is not stale
def is_stale(times, now, minutes):
    return bool(times) and now - max(times) > pd.Timedelta(minutes=minutes)
