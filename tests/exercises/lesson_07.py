# %% 07.1 right
travellers = [dict(Pclass=2, Sex="male", Age=35, SibSp=0, Parch=0, Fare=20.0, Embarked="S")]
travellers.append(travellers[0] | {"Sex": "female"})
travellers.append(travellers[0] | {"Age": 6.0})
batch_answer = requests.post(batch_url, json=travellers).json()

# %% 07.1 right
import json

travellers = [
    {"Pclass": 2, "Sex": sex, "Age": age, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
    for sex, age in {("male", 35): 0, ("female", 35): 1, ("male", 6): 2}
]
with requests.Session() as session:
    batch_answer = json.loads(session.post(batch_url, json=(*travellers,), timeout=5).content)

# %% 07.1 wrong: `batch_answer` is not the JSON that /predict_batch sends: one request for all three
base = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
travellers = [base | {"Sex": sex, "Age": age} for sex, age in [("male", 35), ("female", 35), ("male", 6)]]
batch_answer = [requests.post(single_url, json=one).json() for one in travellers]

# %% 07.1 wrong: `batch_answer` is only a part of the answer: leave out ["batch_predictions"], and keep all of the JSON
base = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
travellers = [base | {"Sex": sex, "Age": age} for sex, age in [("male", 35), ("female", 35), ("male", 6)]]
batch_answer = requests.post(batch_url, json=travellers).json()["batch_predictions"]

# %% 07.1 wrong: `batch_answer` is the text of the answer: take its .json()
base = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
travellers = [base | {"Sex": sex, "Age": age} for sex, age in [("male", 35), ("female", 35), ("male", 6)]]
batch_answer = requests.post(batch_url, json=travellers).text


# %% 07.1 wrong: the Age of the boy is 35, and not 6
base = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
travellers = [base | {"Sex": sex, "Age": 35} for sex in ("male", "female", "male")]
batch_answer = requests.post(batch_url, json=travellers).json()

# %% 07.1 wrong: the Sex of the man is 'female', and not 'male'
base = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
travellers = [base | {"Sex": sex, "Age": age} for sex, age in [("female", 35), ("male", 35), ("male", 6)]]
batch_answer = requests.post(batch_url, json=travellers).json()

# %% 07.1 wrong: `batch_answer` is the whole answer: take its .json()
base = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
travellers = [base | {"Sex": sex, "Age": age} for sex, age in [("male", 35), ("female", 35), ("male", 6)]]
batch_answer = requests.post(batch_url, json=travellers)

# %% 07.1 wrong: `batch_answer` is a function: put brackets behind it, as in .json()
base = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
travellers = [base | {"Sex": sex, "Age": age} for sex, age in [("male", 35), ("female", 35), ("male", 6)]]
batch_answer = requests.post(batch_url, json=travellers).json

# %% 07.1 wrong: `travellers` cannot be sent as JSON (Object of type int64 is not JSON serializable)
import numpy as np

base = {"Pclass": 2, "SibSp": 0, "Parch": 0, "Fare": 20, "Embarked": "S"}
travellers = [base | {"Sex": sex, "Age": np.int64(age)} for sex, age in [("male", 35), ("female", 35), ("male", 6)]]
batch_answer = {}


# %% 07.2 right
def predict_in_chunks(passengers, size):
    """In parts of nearly the same length: nine in parts of 3, where 4 are allowed."""
    found, parts = [], -(-len(passengers) // size)
    with requests.Session() as session:
        for part in range(parts):
            chunk = passengers[part * len(passengers) // parts : (part + 1) * len(passengers) // parts]
            answer = session.post(batch_url, json=chunk, timeout=10)
            found.extend(row["prediction"] for row in answer.json()["batch_predictions"])
    return found


# %% 07.2 right
def predict_in_chunks(passengers, size):
    if not passengers:
        return []
    rows = requests.request("post", url=batch_url, json=passengers[:size]).json()["batch_predictions"]
    return [row["prediction"] for row in rows] + predict_in_chunks(passengers[size:], size)


# %% 07.2 wrong: with size 4, 9 passengers travel in requests of [9]: that is more than the size
def predict_in_chunks(passengers, size):
    rows = requests.post(batch_url, json=passengers).json()["batch_predictions"]
    return [row["prediction"] for row in rows]


# %% 07.2 wrong: with size 4, 9 passengers give [1, 0, 1, 0, 1, 1, 1, 0], and not
def predict_in_chunks(passengers, size):
    predictions = []
    for start in range(0, len(passengers) - size, size):
        rows = requests.post(batch_url, json=passengers[start : start + size]).json()["batch_predictions"]
        predictions += [row["prediction"] for row in rows]
    return predictions


# %% 07.2 wrong: give a list of dictionaries: take row["prediction"] of each row in ["batch_predictions"]
def predict_in_chunks(passengers, size):
    found = []
    for start in range(0, len(passengers), size):
        found += requests.post(batch_url, json=passengers[start : start + size]).json()["batch_predictions"]
    return found


# %% 07.2 wrong: with size 4, 9 passengers travel in 9 requests
def predict_in_chunks(passengers, size):
    return [requests.post(single_url, json=one).json()["prediction"] for one in passengers]


# %% 07.2 wrong: each must be the number 0 or 1
def predict_in_chunks(passengers, size):
    predictions = []
    for start in range(0, len(passengers), size):
        response = requests.post(batch_url, json=passengers[start : start + size])
        predictions += [bool(row["prediction"]) for row in response.json()["batch_predictions"]]
    return predictions


# %% 07.2 wrong: each must be the number 0 or 1
def predict_in_chunks(passengers, size):
    predictions = []
    for start in range(0, len(passengers), size):
        response = requests.post(batch_url, json=passengers[start : start + size])
        predictions += [float(row["prediction"]) for row in response.json()["batch_predictions"]]
    return predictions


# %% 07.2 wrong: your code ends with KeyError: 'batch_predictions'. It is line 5 of its cell
def predict_in_chunks(passengers, size):
    predictions = []
    for start in range(0, len(passengers), size):
        response = requests.post(batch_url, data=str(passengers[start : start + size]))
        predictions += [row["prediction"] for row in response.json()["batch_predictions"]]
    return predictions


# %% 07.2 wrong: with size 4, 9 passengers are predicted, and the check sees no request: send them with `requests`
def predict_in_chunks(passengers, size):
    return [1 if one["Sex"] == "female" else 0 for one in passengers]


# %% 07.2 wrong: with size 1, 3 passengers travel in 4 requests, of [1, 1, 1, 0]; 3 are enough
def predict_in_chunks(passengers, size):
    predictions = []
    for start in range(0, len(passengers) + 1, size):
        rows = requests.post(batch_url, json=passengers[start : start + size]).json()["batch_predictions"]
        predictions += [row["prediction"] for row in rows]
    return predictions


# %% 07.2 wrong: your code ends with KeyError: 'batch_predictions'. It is line 4 of its cell
def predict_in_chunks(passengers, size):
    predictions = []
    for start in range(0, len(passengers), size):
        rows = requests.post(single_url, json=passengers[start : start + size]).json()["batch_predictions"]
    return predictions


# %% 07.2 wrong: and the check sees no request: send them with `requests`
import httpx


def predict_in_chunks(passengers, size):
    predictions = []
    for start in range(0, len(passengers), size):
        rows = httpx.post(batch_url, json=passengers[start : start + size]).json()["batch_predictions"]
        predictions += [row["prediction"] for row in rows]
    return predictions


# %% 07.2 wrong: your function changes what it is given: whoever calls it may need that again
def predict_in_chunks(passengers, size):
    predictions = []
    while passengers:
        rows = requests.post(batch_url, json=passengers[:size]).json()["batch_predictions"]
        predictions += [row["prediction"] for row in rows]
        del passengers[:size]
    return predictions
