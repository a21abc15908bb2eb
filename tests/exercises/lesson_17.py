# %% 17.1 right
ends_well = AssertionTask(
    id="full_stop", context_path="response", operator=ComparisonOperator.Matches, expected_value=r"\.$"
)

# %% 17.1 right
ends_well = AssertionTask("x", expected_value=".", operator=ComparisonOperator.EndsWith, context_path="response")

# %% 17.1 wrong: 'At noon. Or later?' passes: the full stop must be at the end
ends_well = AssertionTask(
    "ends_well", context_path="response", operator=ComparisonOperator.Contains, expected_value="."
)

# %% 17.1 wrong: it cannot be checked: context_path must be a field that a record has
ends_well = AssertionTask("ends_well", context_path="answer", operator=ComparisonOperator.EndsWith, expected_value=".")

# %% 17.1 wrong: 'At noon.' does not pass
ends_well = AssertionTask(
    "ends_well", context_path="response", operator=ComparisonOperator.StartsWith, expected_value="."
)


# %% 17.1 wrong: 'At noon!' passes, and its end is no full stop
ends_well = AssertionTask(
    "ends_well", context_path="response", operator=ComparisonOperator.Matches, expected_value="[.!]$"
)

# %% 17.1 wrong: 'From berth 44.' does not pass
ends_well = AssertionTask(
    "ends_well", context_path="response", operator=ComparisonOperator.Matches, expected_value=r"[a-z]\.$"
)

# %% 17.1 wrong: 'At noon!' passes, and its end is no full stop
ends_well = AssertionTask(
    "ends_well", context_path="response", operator=ComparisonOperator.Matches, expected_value="[^a-z?]$"
)

# %% 17.1 wrong: 'From berth 44.' does not pass
ends_well = AssertionTask(
    "ends_well", context_path="response", operator=ComparisonOperator.EndsWith, expected_value="noon."
)


# %% 17.1 wrong: `ends_well` is of the type function, and no AssertionTask
def ends_well(answer):
    return answer.endswith(".")


# %% 17.2 right
def agreement(judge, people):
    same = 0
    for one, other in zip(judge, people):
        if (one > 3 and other > 3) or (one <= 3 and other <= 3):
            same += 1
    return same / len(people)


# %% 17.2 right
import numpy as np


def agreement(judge, people):
    return np.mean((np.array(judge) >= 4) == (np.array(people) >= 4))


# %% 17.2 wrong: it wants equal marks: 5 and 4 both pass
def agreement(judge, people):
    return sum(a == b for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: it is a number, and no share
def agreement(judge, people):
    return sum((a >= 4) == (b >= 4) for a, b in zip(judge, people))


# %% 17.2 wrong: where neither passes, as with 1 and 2, they agree too
def agreement(judge, people):
    return sum(a >= 4 and b >= 4 for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: 4 passes too: >= 4
def agreement(judge, people):
    return sum((a > 4) == (b > 4) for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: 3 does not pass: >= 4
def agreement(judge, people):
    return sum((a >= 3) == (b >= 3) for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: it looks at the marks of the judge only
def agreement(judge, people):
    return sum(a >= 4 for a in judge) / len(judge)


# %% 17.2 wrong: it looks at the marks of the people only
def agreement(judge, people):
    return sum(b >= 4 for b in people) / len(people)


# %% 17.2 wrong: that is the share on which they do not agree
def agreement(judge, people):
    return sum((a >= 4) != (b >= 4) for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: // and round leave nothing of a share
def agreement(marks, people):
    return sum((one >= 4) == (other >= 4) for one, other in zip(marks, people)) // len(marks)


# %% 17.2 wrong: and Python reads a >= 4 == b >= 4 as a chain of three comparisons
def agreement(judge, people):
    return sum(a >= 4 == b >= 4 for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: where both pass, as with 5 and 4, they agree too
def agreement(judge, people):
    return sum(a < 4 and b < 4 for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: not where one of them does
def agreement(judge, people):
    return sum(a >= 4 or b >= 4 for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: it is in percent, and no share
def agreement(judge, people):
    return 100 * sum((a >= 4) == (b >= 4) for a, b in zip(judge, people)) / len(judge)


# %% 17.2 wrong: it returns nothing yet
def agreement(judge, people):
    share = sum((a >= 4) == (b >= 4) for a, b in zip(judge, people)) / len(judge)
