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
def drifted(day):
    row = psi_of_day(day)
    most = pd.Series({name: limit(drift.ALPHA, len(psi.features[name].bins), len(day)) for name in row.index})
    return row.index[row > most]


# %% 14.2 right
def drifted(day):
    found = set()
    for name in day.columns:
        if psi_of_day(day)[name] * len(day) > chi2.isf(drift.ALPHA, len(psi.features[name].bins) - 1):
            found.add(name)
    return found


# %% 14.2 wrong: for 60 passengers of the training data, the list is
def drifted(day):
    row = psi_of_day(day)
    return list(row.index[row > limits])


# %% 14.2 wrong: on day 7, the list is
def drifted(day):
    return [name for name, found in psi_of_day(day).items() if found > 0.25]


# %% 14.2 wrong: on day 7, the list is []
def drifted(day):
    return []


# %% 14.2 wrong: your code ends with KeyError
def drifted(day):
    return [name for name, found in psi_of_day(day).items() if found > limits[len(day)]]


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
