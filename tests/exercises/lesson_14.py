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


# %% 14.1 wrong: it returns nothing yet: `return` is missing
def psi_of(p, q):
    print(sum((a - b) * math.log(a / b) for a, b in zip(p, q)))


# %% 14.1 wrong: your code ends with TypeError: unsupported operand type(s) for -: 'list' and 'list'
def psi_of(p, q):
    return (p - q) * math.log(p / q)


# %% 14.2 right
def drifted(day):
    names = []
    for name, value in psi_of_day(day).items():
        if value > limit(drift.ALPHA, len(psi.features[name].bins), number=len(day)):
            names.append(name)
    return names


# %% 14.2 right
def drifted(day):
    own = bins.map(lambda number: limit(drift.ALPHA, number, len(day)))
    found = psi_of_day(day)
    return set(found[found > own].index)


# %% 14.2 wrong: 60 passengers of the training data have not drifted
def drifted(day):
    found = psi_of_day(day)
    return list(found[found > limits].index)


# %% 14.2 wrong: your function says of day 5 that nothing drifted, and above their limits are Age, Fare, Pclass
def drifted(day):
    found = psi_of_day(day)
    return list(found[found > 0.25].index)


# %% 14.2 wrong: your function says of day 1 that Age, Embarked
def drifted(day):
    return list(psi_of_day(day).index)


# %% 14.2 wrong: give `limit` the number of bins of each feature
def drifted(day):
    found = psi_of_day(day)
    return list(found[found > limit(drift.ALPHA, 8, len(day))].index)


# %% 14.2 wrong: `limit` wants the number of bins, and takes 1 off
def drifted(day):
    found = psi_of_day(day)
    own = bins.map(lambda number: limit(drift.ALPHA, number - 1, len(day)))
    return list(found[found > own].index)


# %% 14.2 wrong: 300 passengers of the third class alone have drifted, and your function says nothing of them
def drifted(day):
    found = psi_of_day(day)
    own = bins.map(lambda number: limit(drift.ALPHA, number, len(day)))
    return list(found[found > own].index) if len(day) >= 1000 else []


# %% 14.2 wrong: it returns nothing yet
def drifted(day):
    for name, value in psi_of_day(day).items():
        if value > limits[name]:
            print(name)


# %% 14.3 right
next_step = dict(zip(next_step, ["Check the data", "*compare with outcomes*", "Retrain.", "make a new profile"]))

# %% 14.3 right
next_step = dict(zip(next_step, ["check the data", "compare with outcomes", "retrain", "Make new profile."]))

# %% 14.3 right
for case, step in zip(list(next_step), "check the data,compare with outcomes,retrain,new profile".split(",")):
    next_step[case] = step

# %% 14.3 wrong: does not fit 'retrain': that is for when the outcomes say that the model has become worse
next_step = dict.fromkeys(next_step, "retrain")

# %% 14.3 wrong: there is no answer for 'the data are right: more children
next_step["since yesterday every passenger is 30 years old"] = "check the data"

# %% 14.3 wrong: 'ask the boss' is none of the words to choose from
next_step = dict.fromkeys(next_step, "ask the boss")
