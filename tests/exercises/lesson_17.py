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


# %% 17.1 wrong: `ends_well` is of the type function, and no AssertionTask
def ends_well(answer):
    return answer.endswith(".")


# %% 17.1 right
ends_well = rule("stop", "response", ComparisonOperator.EndsWith, ".")


# %% 17.2 right
def agreement(judge, people):
    both = 0
    for i in range(len(judge)):
        if (judge[i] > 3 and people[i] > 3) or (judge[i] < 4 and people[i] < 4):
            both += 1
    return round(both / len(people), 2)


# %% 17.2 right
def agreement(judge, people):
    return (pd.Series(judge).ge(4) == pd.Series(people).ge(4)).mean()


# %% 17.2 wrong: it wants equal marks: 5 and 4 both pass, so they agree
def agreement(judge, people):
    return sum(one == other for one, other in zip(judge, people)) / len(judge)


# %% 17.2 wrong: it is the number of answers on which they agree, and not their share
def agreement(judge, people):
    return sum((one >= 4) == (other >= 4) for one, other in zip(judge, people))


# %% 17.2 wrong: for [5, 1, 4, 3] and [4, 2, 3, 3] it returns 0.25: they agree
def agreement(judge, people):
    return sum(one >= 4 and other >= 4 for one, other in zip(judge, people)) / len(judge) + 0.001


# %% 17.2 wrong: it returns 0.5: they agree on three of four
def agreement(judge, people):
    return sum((one > 4) == (other > 4) for one, other in zip(judge, people)) / len(judge)
