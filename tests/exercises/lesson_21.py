# %% 21.1 right
def compared(champion, challenger, survived):
    outcome = np.array(survived)
    before, after = ((np.array(one) > 0.5) == outcome for one in (champion, challenger))
    return after.astype(int) - before.astype(int)


# %% 21.1 right
def compared(champion, challenger, survived):
    def is_right(probability, outcome):
        return 1 if round(probability) == outcome else 0

    return [is_right(b, s) - is_right(a, s) for a, b, s in zip(champion, challenger, survived, strict=True)]


# %% 21.1 wrong: 1 is for the challenger, -1 for the champion
def compared(champion, challenger, survived):
    return [((a > 0.5) == s) - ((b > 0.5) == s) for a, b, s in zip(champion, challenger, survived, strict=True)]


# %% 21.1 wrong: compare each prediction with the outcome, not with the other prediction
def compared(champion, challenger, survived):
    return [(b > 0.5) - (a > 0.5) for a, b in zip(champion, challenger, strict=True)]


# %% 21.1 wrong: of [0.5, 0.9], [0.9, 0.5] and [0, 0] it returns
def compared(champion, challenger, survived):
    far = [[abs(p - s) for p, s in zip(one, survived, strict=True)] for one in (champion, challenger)]
    return [1 if after < 0.5 <= before else -1 if before < 0.5 <= after else 0 for before, after in zip(*far)]


# %% 21.1 wrong: it returns one number: return a list
def compared(champion, challenger, survived):
    pairs = zip(champion, challenger, survived, strict=True)
    return sum(((b > 0.5) == s) - ((a > 0.5) == s) for a, b, s in pairs)


# %% 21.1 wrong: it returns a list of 1, and there are 4 passengers
def compared(champion, challenger, survived):
    for a, b, s in zip(champion, challenger, survived, strict=True):
        return [((b > 0.5) == s) - ((a > 0.5) == s)]


# %% 21.1 wrong: it returns nothing yet: `return` is missing
def compared(champion, challenger, survived):
    print([((b > 0.5) == s) - ((a > 0.5) == s) for a, b, s in zip(champion, challenger, survived, strict=True)])


# %% 21.1 wrong: it returns one number: return a list
def compared(champion, challenger, survived):
    before, after = ((np.array(one) > 0.5) == np.array(survived) for one in (champion, challenger))
    return (after.astype(int) - before.astype(int)).sum()


# %% 21.1 wrong: it returns a generator, and no list: list(...) makes one of it
def compared(champion, challenger, survived):
    return (((b > 0.5) == s) - ((a > 0.5) == s) for a, b, s in zip(champion, challenger, survived, strict=True))


# %% 21.1 wrong: it returns [0, 0.5, -0.5, 0], and not [0, 1, -1, 0]
def compared(champion, challenger, survived):
    pairs = zip(champion, challenger, survived, strict=True)
    return [(((b > 0.5) == s) - ((a > 0.5) == s)) / 2 for a, b, s in pairs]


# %% 21.2 right
what = dict(zip(what, ["Luck.", "PROMOTE", "group", "promote", "slow", "leakage"]))


# %% 21.2 right
what = {case: answer for case, answer in reversed(list(zip(what, "luck promote group promote slow leakage".split())))}


# %% 21.2 wrong: does not fit 'promote'
what = dict.fromkeys(what, "promote")


# %% 21.2 wrong: does not fit 'group': that is for a challenger that is better on the whole, and much worse for some, by
what = dict(zip(what, ["luck", "group", "group", "promote", "slow", "leakage"]))


# %% 21.2 wrong: does not fit 'slow': that is for a challenger that takes more than 1.5 times as long
what = dict(zip(what, ["luck", "promote", "group", "slow", "slow", "leakage"]))


# %% 21.2 wrong: 'keep' is none of the words to choose from
what = dict(zip(what, ["luck", "promote", "keep", "promote", "slow", "leakage"]))


# %% 21.2 wrong: there is no answer for
what = what | {"+0.04 of 600, low -0.01, high 0.09; no group is worse; 1.1 times as long": "luck"}
