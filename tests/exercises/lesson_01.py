# %% 01.1 right
def most_accurate(results):
    return results.sort_values("accuracy").index[-1]


# %% 01.1 right
def most_accurate(results):
    best = max(results.accuracy)
    return next(name for name, row in results.iterrows() if row["accuracy"] == best)


# %% 01.1 wrong: it returns something of the type Index, and not one name
def most_accurate(results):
    return results.index[results["accuracy"] == results["accuracy"].max()]


# %% 01.1 wrong: of the accuracies a 0.81087 and b 0.81089 it chooses a: compare them without rounding
def most_accurate(results):
    return results.round(2)["accuracy"].idxmax()


# %% 01.1 wrong: of the accuracies a 0.81087 and b 0.81089 it chooses a: compare them without rounding
def most_accurate(results):
    return results["accuracy"].round(1).idxmax()


# %% 01.1 wrong: it returns the number 0.9, and not the name of a candidate
def most_accurate(results):
    return results["accuracy"].max()


# %% 01.1 wrong: your rule chooses a
def most_accurate(results):
    return results["auc"].idxmax()


# %% 01.1 wrong: your code ends with KeyError: 'acuracy'. It is line 2 of its cell: `return results["acuracy"].idxmax()`
def most_accurate(results):
    return results["acuracy"].idxmax()


# %% 01.1 wrong: in another order of the same table, it chooses d
def most_accurate(results):
    return results.index[1]


# %% 01.1 wrong: of accuracies 1.1 times as high, it chooses e: it must look for the highest
def most_accurate(results):
    return results[results["accuracy"] > 0.8].index[-1]


# %% 01.1 wrong: your code ends with IndexError
def most_accurate(results):
    return results[results["accuracy"] > 0.88].index[0]


# %% 01.1 wrong: if b is slow and its auc is low, it chooses c: it must look at the accuracy only
def most_accurate(results):
    return results[results["ms_1_row"] < 10]["accuracy"].idxmax()


# %% 01.1 wrong: if b is slow and its auc is low, it chooses c: it must look at the accuracy only
def most_accurate(results):
    return results[results.auc >= results.auc.max() - 0.15].accuracy.idxmax()


# %% 01.2 right
boy = three.head(1).assign(Pclass=2, Sex="male", Age=8, Parch=2, Fare=30, Embarked="S")
probability = round(model.predict_proba(boy)[:, 1].item(), 2)

# %% 01.2 right
boy = pd.DataFrame({"Embarked": ["S"], "Sex": "male", "Pclass": 2, "Age": 8.0, "SibSp": 0, "Parch": 2, "Fare": 30.0})
probability = float(model.predict_proba(boy)[0][1])

# %% 01.2 wrong: `probability` is not a number but of the type ndarray. Take the one number out of it
boy = pd.DataFrame([[2, "male", 8.0, 0, 2, 30.0, "S"]], columns=three.columns)
probability = model.predict_proba(boy)[:, 1]

# %% 01.2 wrong: that is the probability that he dies
boy = pd.DataFrame([[2, "male", 8.0, 0, 2, 30.0, "S"]], columns=three.columns)
probability = model.predict_proba(boy)[0, 0]

# %% 01.2 wrong: these columns are missing or different: Parch
boy = pd.DataFrame([[2, "male", 8.0, 0, 1, 30.0, "S"]], columns=three.columns)
probability = model.predict_proba(boy)[0, 1]

# %% 01.2 wrong: in the table of the boy, these columns are missing or different: Age
boy = pd.DataFrame([[2, "male", pd.NA, 0, 2, 30.0, "S"]], columns=three.columns)
probability = 0.78


# %% 01.2 wrong: `boy` is of the type dict, and not a table
boy = {"Pclass": 2, "Sex": "male", "Age": 8, "SibSp": 0, "Parch": 2, "Fare": 30, "Embarked": "S"}
probability = 0.78

# %% 01.2 wrong: that is in per cent
boy = pd.DataFrame([[2, "male", 8.0, 0, 2, 30.0, "S"]], columns=three.columns)
probability = 78
