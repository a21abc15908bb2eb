# %% 14.1 right
def psi_of(p, q):
    total = 0
    for a, b in zip(p, q):
        total += (a - b) * (math.log(a) - math.log(b))
    return round(total, 2)


# %% 14.1 right
import numpy as np


def psi_of(p, q):
    p, q = np.array(p), np.array(q)
    return ((q - p) * np.log(q / p)).sum()


# %% 14.1 wrong: it adds up p * ln(p / q)
def psi_of(p, q):
    return sum(a * math.log(a / b) for a, b in zip(p, q))


# %% 14.1 wrong: it uses the logarithm to base 10
def psi_of(p, q):
    return sum((a - b) * math.log10(a / b) for a, b in zip(p, q))


# %% 14.1 wrong: it takes the first bin only: add up all of them
def psi_of(p, q):
    for a, b in zip(p, q):
        return (a - b) * math.log(a / b)


# %% 14.1 wrong: it returns nothing yet: is `return` missing
def psi_of(p, q):
    print(sum((a - b) * math.log(a / b) for a, b in zip(p, q)))


# %% 14.1 wrong: your code ends with TypeError: unsupported operand type(s) for -: 'list' and 'list'
def psi_of(p, q):
    return (p - q) * math.log(p / q)


# %% 14.2 right
def is_known(passenger, profile):
    known = profile.model_dump()["config"]["feature_map"]["features"]
    for column in known:
        if passenger[column] not in known[column]:
            return False
    return True


# %% 14.2 right
import numpy as np


def is_known(passenger: dict, profile) -> bool:
    known = json.loads(profile.model_dump_json())["config"]["feature_map"]["features"]
    return np.all([passenger[column] in texts for column, texts in known.items()])


# %% 14.2 wrong: only the port is checked, and not the sex
def is_known(passenger, profile):
    return passenger["Embarked"] in profile.model_dump()["config"]["feature_map"]["features"]["Embarked"]


# %% 14.2 wrong: a passenger from Queenstown is known to the profile made before
def is_known(passenger, profile):
    return passenger["Embarked"] in ("C", "Q", "S") and passenger["Sex"] in ("male", "female")


# %% 14.2 wrong: a passenger from Queenstown is known to the profile made before
def is_known(passenger, profile):
    known = psi.model_dump()["config"]["feature_map"]["features"]
    return all(passenger[column] in texts for column, texts in known.items())


# %% 14.2 wrong: it returns nothing yet
def is_known(passenger, profile):
    known = profile.model_dump()["config"]["feature_map"]["features"]
    all(passenger[column] in texts for column, texts in known.items())


# %% 14.3 right
next_step = dict(zip(next_step, ["Check the data", "*compare with outcomes*", "Retrain.", "make a new profile"]))

# %% 14.3 right
for case, step in zip(list(next_step), "check the data,compare with outcomes,retrain,new profile".split(",")):
    next_step[case] = step

# %% 14.3 wrong: does not fit 'retrain': that is for when the outcomes say that the model has become worse
next_step = dict.fromkeys(next_step, "retrain")

# %% 14.3 wrong: there is no answer for 'the data are right: more children
next_step["since yesterday every passenger is 30 years old"] = "check the data"

# %% 14.3 wrong: 'ask the boss' is none of the words to choose from
next_step = dict.fromkeys(next_step, "ask the boss")
