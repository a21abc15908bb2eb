"""Predict without scikit-learn. New: the same model as an ONNX graph, called in the route itself.

Start it, in the folder apps: uvicorn fastapi_07_onnx_app:app --reload
Its lesson: notebooks/19_fastapi_07_onnx_app.ipynb
"""

import math
from collections.abc import Sequence

import numpy as np
from fastapi import HTTPException
from fastapi.responses import JSONResponse
from onnxruntime import InferenceSession, SessionOptions

from titanic import basic_routes, onnx_model, store
from titanic.answers import BatchResponse, Prediction, batch_answer, single_answer
from titanic.app_frame import frame
from titanic.failure import PredictionError
from titanic.loading import loaded
from titanic.passenger import Passenger, PassengerBatch
from titanic.problem import Problem

# What the trees take, in this order. In lesson 01, DictVectorizer makes such a vector; here it is done by hand.
FEATURES = "Age,Embarked=C,Embarked=Q,Embarked=S,Fare,Parch,Pclass,Sex=female,Sex=male,SibSp"


def vector(one: Passenger) -> tuple[float, ...]:
    """The features of one passenger; for each word a 1 if it is the passenger's, else a 0."""
    port, sex = one.Embarked, one.Sex
    ports = (port == "C", port == "Q", port == "S")
    return (one.Age, *ports, one.Fare, one.Parch, one.Pclass, sex == "female", sex == "male", one.SibSp)


def load_session() -> InferenceSession:
    """What runs the champion's trees. Problem: there is no champion in ONNX, or it is of another kind."""
    options = SessionOptions()
    # ONNX Runtime's own threads spin while they wait for each other, as OpenMP's do. Few rows need no help.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with store.problems("The model in ONNX could not be loaded"):
        session = InferenceSession(onnx_model.read(), options, providers=["CPUExecutionProvider"])
    takes = [f"{one.name}: {one.type}" for one in session.get_inputs()]
    features = session.get_modelmeta().custom_metadata_map.get("columns", "")
    answers = [one.name for one in session.get_outputs()]
    if (takes, features, answers) != (["vector: tensor(double)"], FEATURES, ["score"]):
        raise Problem(
            f"The model in ONNX is of another kind: it takes {takes} with the columns '{features}' and answers "
            f"{answers}. Run python course.py train, then start this app again."
        )
    return session


def survival_probabilities(session: InferenceSession, passengers: Sequence[Passenger]) -> list[float]:
    """The probability, 0 to 1, that each of these passengers survives. PredictionError: the model fails."""
    if not passengers:
        return []
    try:
        vectors = np.array([vector(one) for one in passengers], dtype=np.float64)
        (scores,) = session.run(["score"], {"vector": vectors})
        probabilities = [1 / (1 + math.exp(-score)) for score in scores.ravel().tolist()]
        if len(probabilities) != len(passengers) or not all(0 <= one <= 1 for one in probabilities):
            raise ValueError(f"these are not the scores of {len(passengers)} passengers: {scores}")
    except Exception as error:  # a model may raise anything
        raise PredictionError(str(error)) from error
    return probabilities


def loaded_session() -> InferenceSession:
    """The session; 503 if there is none. A dependency (lesson 06) would take as long as half a prediction does here."""
    if app.state.model is None:
        raise HTTPException(status_code=503, detail=app.state.reason)
    return app.state.model


app = frame("Titanic Predictor API: ONNX", lambda app: loaded(app, load_session))
app.state.model, app.state.reason = None, onnx_model.NO_MODEL  # until it is loaded
app.include_router(basic_routes.basics)


@app.post("/predict_single")
async def predict_survival(passenger: Passenger) -> Prediction:
    """Predict whether one passenger survives: in so few microseconds that nobody need wait in a thread or a queue."""
    (probability,) = survival_probabilities(loaded_session(), [passenger])
    return single_answer(probability)


@app.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    return batch_answer(survival_probabilities(loaded_session(), passengers.root))
