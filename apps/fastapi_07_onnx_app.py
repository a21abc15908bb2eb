"""Predict without scikit-learn. New: the same model as an ONNX graph, called in the route itself.

Start it, in the folder apps: uvicorn fastapi_07_onnx_app:app --reload
Its lesson: notebooks/19_fastapi_07_onnx_app.ipynb
"""

import math
import struct
from collections.abc import Sequence

import numpy as np
from fastapi import HTTPException
from fastapi.responses import JSONResponse
from onnxruntime import InferenceSession, OrtValue, RunOptions, SessionOptions

from titanic import basic_routes, onnx_model, store
from titanic.answers import BatchResponse, Prediction, batch_answer, single_answer
from titanic.app_frame import frame
from titanic.failure import PredictionError
from titanic.loading import loaded
from titanic.passenger import Passenger, PassengerBatch
from titanic.problem import Problem

# What the trees take, in this order. In lesson 01, DictVectorizer makes such a vector; here it is done by hand.
FEATURES = "Age,Embarked=C,Embarked=Q,Embarked=S,Fare,Parch,Pclass,Sex=female,Sex=male,SibSp"
TEN_DOUBLES = struct.Struct("10d")


def vector(one: Passenger) -> tuple[float, ...]:
    """The features of one passenger; for each word a 1 if it is the passenger's, else a 0."""
    port, sex = one.Embarked, one.Sex
    ports = (port == "C", port == "Q", port == "S")
    return (one.Age, *ports, one.Fare, one.Parch, one.Pclass, sex == "female", sex == "male", one.SibSp)


def probability(score: float) -> float:
    """What the trees' score means, 0 to 1. ValueError: it is no number, or has no end."""
    if not math.isfinite(score):
        raise ValueError(f"a score of {score} gives no probability")
    return 1 / (1 + math.exp(-score))


class Trees:
    """The champion's trees. Problem: there is no champion in ONNX, or it is of another kind."""

    def __init__(self) -> None:
        options = SessionOptions()
        # ONNX Runtime's own threads spin while they wait for each other, as OpenMP's do. Few rows need no help.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        with store.problems("The model in ONNX could not be loaded"):
            self.session = InferenceSession(onnx_model.read(), options, providers=["CPUExecutionProvider"])
        takes = [f"{one.name}: {one.type}" for one in self.session.get_inputs()]
        features = self.session.get_modelmeta().custom_metadata_map.get("columns", "")
        answers = [one.name for one in self.session.get_outputs()]
        if (takes, features, answers) != (["vector: tensor(double)"], FEATURES, ["score"]):
            raise Problem(
                f"The model in ONNX is of another kind: it takes {takes} with the columns '{features}' and answers "
                f"{answers}. Run python course.py train, then start this app again."
            )
        # For a single passenger: two arrays that the session reads and writes in place. Nothing is made anew, nor are
        # the options of a run, which would take a fifth of the time.
        self.run_options = RunOptions()
        self.vector, self.score = np.zeros((1, FEATURES.count(",") + 1)), np.zeros((1, 1), dtype=np.float32)
        self.input = self.vector.data  # its bytes
        self.binding = self.session.io_binding()
        self.binding.bind_ortvalue_input("vector", OrtValue.ortvalue_from_numpy(self.vector))
        self.binding.bind_ortvalue_output("score", OrtValue.ortvalue_from_numpy(self.score))

    def survival_probability(self, one: Passenger) -> float:
        """For the event loop only: two threads would write into the same arrays. PredictionError: the model fails."""
        try:
            TEN_DOUBLES.pack_into(self.input, 0, *vector(one))  # NumPy would look at each number's type first
            self.session.run_with_iobinding(self.binding, self.run_options)
            return probability(self.score.item())
        except Exception as error:  # a model may raise anything
            raise PredictionError(str(error)) from error

    def survival_probabilities(self, passengers: Sequence[Passenger]) -> list[float]:
        """One call of the model for all of these. PredictionError: the model fails."""
        if not passengers:
            return []
        try:
            packed = b"".join([TEN_DOUBLES.pack(*vector(one)) for one in passengers])
            vectors = np.frombuffer(packed).reshape(len(passengers), -1)
            (scores,) = self.session.run(["score"], {"vector": vectors})
            if scores.shape != (len(passengers), 1):
                raise ValueError(f"these are not the scores of {len(passengers)} passengers: {scores}")
            return [probability(score) for score in scores[:, 0].tolist()]
        except Exception as error:
            raise PredictionError(str(error)) from error


app = frame("Titanic Predictor API: ONNX", lambda app: loaded(app, Trees))
app.state.model, app.state.reason = None, onnx_model.NO_MODEL  # until it is loaded


def trees() -> Trees:
    """The loaded trees; 503 if there are none. No dependency (lesson 06): that would take as long as the trees."""
    model: Trees | None = app.state.model
    if model is None:
        raise HTTPException(status_code=503, detail=app.state.reason)
    return model


@app.post("/predict_single")
async def predict_survival(passenger: Passenger) -> Prediction:
    """Predict whether one passenger survives: in so few microseconds that nobody need wait in a thread or a queue."""
    return single_answer(trees().survival_probability(passenger))


@app.post("/predict_batch", response_model=BatchResponse)
def predict_survival_batch(passengers: PassengerBatch) -> JSONResponse:
    """Predict for each passenger of a list; one call of the model for all of them."""
    return batch_answer(trees().survival_probabilities(passengers.root))


# Last, because FastAPI tries one route after the other, and a router takes it several microseconds.
app.include_router(basic_routes.basics)
