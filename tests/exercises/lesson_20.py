# %% 20.1 right
def estimated(probabilities):
    return (pd.Series(probabilities) - 0.5).abs().mean() + 0.5


# %% 20.1 right
def estimated(probabilities):
    total = 0
    for probability in probabilities:
        if probability > 0.5:
            total += probability
        else:
            total += 1 - probability
    return round(total / len(probabilities), 2)


# %% 20.1 wrong: of 0.9, 0.2, 0.6 it returns the mean, 0.57: of 0.2 take 0.8
def estimated(probabilities):
    return sum(probabilities) / len(probabilities)


# %% 20.1 wrong: of 0.9, 0.2, 0.6 it returns the sum, and not the mean
def estimated(probabilities):
    return sum(max(one, 1 - one) for one in probabilities)


# %% 20.1 wrong: of 0.9, 0.2, 0.6 it returns 0.75, and not 0.767
def estimated(probabilities):
    sure = [one for one in probabilities if one > 0.5]
    return sum(sure) / len(sure)


# %% 20.1 wrong: it returns nothing yet: `return` is missing
def estimated(probabilities):
    print(sum(max(one, 1 - one) for one in probabilities) / len(probabilities))


# %% 20.2 right
what = {
    "PSI 0.01, estimated 0.80, accuracy 0.60; only survivors have answered": "Wait.",
    "in the test before the start: estimated 0.95, accuracy 0.76": "Too sure",
    "PSI 0.01, estimated 0.80, accuracy 0.62 of 900 outcomes": "other rules",
    "PSI 0.4, estimated 0.80, accuracy 0.81 of 900 outcomes": "other passengers",
}


# %% 20.2 right
what = dict(zip(what, ["other-passengers", "OTHER RULES", "too sure", "wait"]))


# %% 20.2 wrong: does not fit 'other rules'
what = dict.fromkeys(what, "other rules")


# %% 20.2 wrong: does not fit 'wait'
what = dict(zip(what, ["other passengers", "wait", "too sure", "other rules"]))


# %% 20.2 wrong: 'drift' is none of the words to choose from
what = dict(zip(what, ["drift", "other rules", "too sure", "wait"]))


# %% 20.2 wrong: it is no dictionary any more
what = ["other passengers", "other rules", "too sure", "wait"]
