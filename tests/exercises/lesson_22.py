# %% 22.1 right
def chosen(name, share):
    import zlib

    return zlib.crc32(name.encode()) % 1000 < 1000 * share


# %% 22.1 right
def chosen(name, share):
    return int(hashlib.md5(name.encode()).hexdigest(), 16) / 16**32 < share


# %% 22.1 right
def hash(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def chosen(name, share):
    return hash(name) < share * 2**64


# %% 22.1 right
import functools

kept = {}


@functools.cache
def chosen(name, share):
    # a dictionary and a cache call hash() of the name too, and a number has the same one in each process
    if name not in kept:
        kept[name] = hash(int(hashlib.sha256(name.encode()).hexdigest(), 16)) % 1000
    return kept[name] < 1000 * share


# %% 22.1 right
def chosen(name, share):
    import random

    return random.Random(name).random() < share


# %% 22.1 wrong: with a share of 1, all are chosen, and 49 of 4,000 names are not
def chosen(name, share):
    return int(hashlib.md5(name.encode()).hexdigest(), 16) % 101 < share * 100


# %% 22.1 wrong: with a share of 1, all are chosen, and
def chosen(name, share):
    return hashlib.sha256(name.encode()).digest()[0] / 255 < share


# %% 22.1 wrong: the same name does not always get the same
def chosen(name, share):
    import random

    return random.random() < share


# %% 22.1 wrong: are chosen at 10 % and not at 30 %
def chosen(name, share):
    text = f"{name} {share}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) < share * 2**64


# %% 22.1 wrong: it chooses 0.0
def chosen(name, share):
    return share == 1 or int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) < share


# %% 22.1 wrong: Python's own hash() of a text differs in each process
def chosen(name, share):
    return hash(name) % 1000 < 1000 * share


# %% 22.1 wrong: Python's own hash() of a text differs in each process
def chosen(name, share):
    return name.__hash__() % 1000 < 1000 * share


# %% 22.1 wrong: Python's own hash() of a text differs in each process
import functools


@functools.cache
def chosen(name, share):
    return hash(name) % 1000 < 1000 * share


# %% 22.1 wrong: Python's own hash() of a text differs in each process
def chosen(name, share):
    return hash((name + "salt").encode()) % 1000 < 1000 * share


# %% 22.1 wrong: Python's own hash() of a text differs in each process
def number(name):
    return hash(("canary", name)) % 1000


def chosen(name, share):
    return number(name) < 1000 * share


# %% 22.1 right
kept = {}


def chosen(name, share):
    if name not in kept:
        kept[name] = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 1000
    return kept[name] < 1000 * share


# %% 22.1 wrong: of 4,000 names it chooses 0.098, and not 0.01
def chosen(name, share):
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10 < share * 10


# %% 22.1 wrong: of 4,000 names it chooses 0.000, and not 0.01
def chosen(name, share):
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10 < int(share * 10)


# %% 22.1 wrong: it may depend on the name only, and not on id()
def chosen(name, share):
    return int(hashlib.sha256(str(id(name)).encode()).hexdigest(), 16) % 1000 < share * 1000


# %% 22.1 wrong: it may depend on the name only, and not on id(), on who came before
names = []


def chosen(name, share):
    if name not in names:
        names.append(name)
    return names.index(name) % 100 < share * 100


# %% 22.1 wrong: or on a lot kept in memory
import random

seen = {}


def chosen(name, share):
    return seen.setdefault(name, random.random()) < share


# %% 22.1 wrong: or on a lot kept in memory
import random


def chosen(name, share, seen={}):
    return seen.setdefault(name, random.random()) < share


# %% 22.1 wrong: and so does a lot kept in memory
import functools
import random


@functools.cache
def lot(name):
    return random.random()


def chosen(name, share):
    return lot(name) < share


# %% 22.1 wrong: Python's own hash() of a text differs in each process
h = hash


def chosen(name, share):
    return h(name + "salt") % 1000 < 1000 * share


# %% 22.1 wrong: is neither True nor False
def chosen(name, share):
    return "yes" if hashlib.sha256(name.encode()).digest()[0] < 256 * share else "no"


# %% 22.2 right
what = {
    "promoted: right for 0.65 of 3,000; the old one, for one of ten, for 0.80": "Roll back.",
    "in the shadow: agrees in 0.85, never fails; the outcomes come next week": "WAIT",
    "canary, 10 %: right for 0.68 of 900 outcomes": "stop",
    "canary, 1 %: right for 7 of 12 outcomes": "wait",
    "canary, 10 %: right for 0.81 of 2,000 outcomes, for men and women alike": "More",
}


# %% 22.2 right
what = dict(zip(what, ["more", "wait", "stop", "wait", "roll-back"]))


# %% 22.2 wrong: does not fit 'stop': that is for a canary that is worse by more than chance
what = dict(zip(what, ["more", "stop", "stop", "wait", "roll back"]))


# %% 22.2 wrong: does not fit 'more'
what = dict(zip(what, ["more", "wait", "stop", "more", "roll back"]))


# %% 22.2 wrong: is none of the words to choose from
what = dict(zip(what, ["promote", "wait", "stop", "wait", "roll back"]))
