# %% 05.1 right
me = passenger | {"Pclass": 3, "Sex": "male", "Fare": 7.5}
response = requests.post(f"{app.url}/predict_single", json=me)
my_answer = response.json()

# %% 05.1 right
me = dict(Pclass="2", Sex="male", Age="50", SibSp="0", Parch="0", Fare="13", Embarked="S")  # as a web form sends it
my_answer = {"survival_status": "Not Survived", "prediction": 0}

# %% 05.1 wrong: this passenger survives
me = passenger
my_answer = requests.post(f"{app.url}/predict_single", json=me).json()

# %% 05.1 wrong: `my_answer` is the whole answer: take its .json()
me = passenger | {"Sex": "male"}
my_answer = requests.post(f"{app.url}/predict_single", json=me)

# %% 05.1 wrong: `my_answer` is a function: put brackets behind it, as in .json()
me = passenger | {"Sex": "male"}
my_answer = requests.post(f"{app.url}/predict_single", json=me).json

# %% 05.1 wrong: in `me`, these fields are missing: Embarked
me = {"Pclass": 3, "Sex": "male", "Age": 40, "SibSp": 0, "Parch": 0, "Fare": 8}
my_answer = requests.post(f"{app.url}/predict_single", json=me).json()

# %% 05.1 wrong: `my_answer` is the text of the answer: take its .json()
me = passenger | {"Sex": "male"}
my_answer = requests.post(f"{app.url}/predict_single", json=me).text


# %% 05.1 wrong: and `my_answer` is 'Not Survived'
me = passenger | {"Sex": "male"}
my_answer = requests.post(f"{app.url}/predict_single", json=me).json()["survival_status"]

# %% 05.1 wrong: `me` cannot be sent as JSON (Object of type int64 is not JSON serializable): use plain numbers
import numpy as np

me = passenger | {"Sex": "male", "Pclass": np.int64(3)}
my_answer = {"survival_status": "Not Survived", "prediction": 0}

# %% 05.1 wrong: `me` cannot be sent as JSON (Out of range float values are not JSON compliant
me = passenger | {"Sex": "male", "Age": float("nan")}
my_answer = {"survival_status": "Not Survived", "prediction": 0}

# %% 05.2 right
address = app.url + "/predict_single"  # written out once


def ask(passenger):
    with requests.Session() as session:
        response = session.request("POST", address, json=passenger, timeout=5)
    return response.json()["survival_status"] if response.ok else f"no answer ({response.status_code})"


# %% 05.2 right
def ask(one):
    response = requests.post(f"{app.url}/predict_single", json=one)
    try:
        response.raise_for_status()
    except requests.HTTPError as error:
        return "no answer (%d)" % error.response.status_code
    return "Survived" if response.json()["prediction"] else "Not Survived"


# %% 05.2 right
import httpx


def ask(passenger):
    with httpx.Client(base_url=app.url) as client:
        response = client.post("/predict_single", json=passenger)
    return response.json()["survival_status"] if response.is_success else f"no answer ({response.status_code})"


# %% 05.2 wrong: for a class with 400 digits, for which the app answers 500, it returns 'no answer (422)'
def ask(passenger):
    response = requests.post(f"{app.url}/predict_single", json=passenger)
    if response.status_code != 200:
        return "no answer (422)"
    return response.json()["survival_status"]


# %% 05.2 wrong: for a sex of ten million letters, for which the app answers 413, it returns 'no answer (500)'
def ask(passenger):
    response = requests.post(f"{app.url}/predict_single", json=passenger)
    if response.status_code == 200:
        return response.json()["survival_status"]
    return "no answer (422)" if response.status_code == 422 else "no answer (500)"


# %% 05.2 wrong: for the lady of this lesson in the third class it returns 'Survived', and not 'Not Survived'
def ask(passenger):
    if len(passenger) < 7:
        return "no answer (422)"
    if passenger["Pclass"] > 3:
        return "no answer (500)"
    return "Survived" if passenger["Sex"] == "female" else "Not Survived"


# %% 05.2 wrong: your code ends with KeyError: 'survival_status'. It is line 2 of its cell: `return requests.post(
def ask(passenger):
    return requests.post(f"{app.url}/predict_single", json=passenger).json()["survival_status"]


# %% 05.2 wrong: for the lady of this lesson it returns nothing: is a `return` missing?
def ask(passenger):
    print(requests.post(f"{app.url}/predict_single", json=passenger).json()["survival_status"])


# %% 05.2 wrong: for the lady of this lesson it returns {'prediction': 1, 'survival_status': 'Survived'}
def ask(passenger):
    return requests.post(f"{app.url}/predict_single", json=passenger).json()


# %% 05.2 wrong: nothing answers at http://127.0.0.1:9. Run the cell `app = start_app(...)` above again, then this one
def ask(passenger):
    return requests.post("http://127.0.0.1:9/predict_single", json=passenger).json()["survival_status"]
