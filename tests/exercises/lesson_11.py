# %% 11.1 right
def unsure(entries):
    table = pd.DataFrame(entries)
    survived = table["probability"].map(lambda probability: probability["Survived"])
    return survived.between(0.4, 0.6).sum()


# %% 11.1 right
def unsure(entries):
    number = 0
    for entry in entries:
        if abs(entry["probability"]["Survived"] - 0.5) < 0.1000001:
            number += 1
    return number


# %% 11.1 wrong: 4 of the probabilities 0.45, 0.55, 0.5, 0.41 are from 0.4 to 0.6, both included; `unsure` returns 2
def unsure(entries):
    return len(entries) // 2


# %% 11.1 wrong: 3 of the probabilities 0.1, 0.395, 0.4, 0.5, 0.6, 0.605 are from 0.4 to 0.6, both included; `unsure` returns 1
def unsure(entries):
    return sum(0.4 < entry["probability"]["Survived"] < 0.6 for entry in entries)


# %% 11.1 wrong: 3 of the probabilities 0.5, 0.5, 0.7, 0.5 are from 0.4 to 0.6, both included; `unsure` returns 1
def unsure(entries):
    return len({p for p in (entry["probability"]["Survived"] for entry in entries) if 0.4 <= p <= 0.6})


# %% 11.1 wrong: `unsure` returns the entries themselves, or a list, and not how many they are: use len
def unsure(entries):
    return [entry for entry in entries if 0.4 <= entry["probability"]["Survived"] <= 0.6]


# %% 11.1 wrong: your code ends with KeyError: 'survived'. It is line 2 of its cell
def unsure(entries):
    return sum(0.4 <= entry["survived"] <= 0.6 for entry in entries)


# %% 11.2 right
def missing(numbers):
    numbers = sorted(numbers)
    return [number for number in range(numbers[0], numbers[-1]) if number not in numbers]


# %% 11.2 right
def missing(numbers):
    left = pd.Index(sorted(numbers))
    return pd.RangeIndex(left[0], left[-1] + 1).difference(left).tolist()


# %% 11.2 wrong: of 9, 4, 6 it returns [], and not [5, 7, 8]. The numbers may come in any order
def missing(numbers):
    return [number for number in range(numbers[0], numbers[-1]) if number not in numbers]


# %% 11.2 wrong: `missing` returns a set, and no list: sorted(...) makes a list of a set
def missing(numbers):
    return set(range(min(numbers), max(numbers))) - set(numbers)


# %% 11.2 wrong: `missing` returns a ndarray, and no list: .tolist() makes a list of an array
def missing(numbers):
    import numpy as np

    return np.setdiff1d(np.arange(min(numbers), max(numbers)), numbers)


# %% 11.2 wrong: of 1, 2, 5, 6 it returns [2, 3, 4], and not [3, 4]
def missing(numbers):
    numbers = sorted(numbers)
    return [one for a, b in zip(numbers, numbers[1:]) if b - a > 1 for one in range(a, b)]


# %% 11.2 wrong: of 1, 2, 3 it returns [None, None], and not []
def missing(numbers):
    return [print(number) if number in numbers else number for number in range(min(numbers), max(numbers))]


# %% 11.2 wrong: of 1, 2, 3 it returns [4], and not []
def missing(numbers):
    import numpy as np

    return list(np.setdiff1d(np.arange(min(numbers), max(numbers) + 2), numbers))


# %% 11.2 wrong: it returns [1, 2, 3], and not [3, 4]
def missing(numbers):
    found = {3: [], 4: [1, 2, 3]}
    return found[len(numbers)]
