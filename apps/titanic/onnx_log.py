"""Log a model in ONNX, beside its other form, in MLflow (lesson 19)."""

import tempfile
from pathlib import Path

import mlflow
import onnx
import pandas as pd
from sklearn.pipeline import Pipeline

from titanic import onnx_export, onnx_proof
from titanic.problem import Problem

NEEDED_TO_LOAD = ["onnx==1.23.2", "onnxruntime==1.28.0", "pandas==2.3.3"]


def log_in_onnx(model: Pipeline, run_id: str, X: pd.DataFrame) -> str | None:
    """Log the model in ONNX too, in the run that made it; the id of that form.

    If it cannot be exported, or does not answer as scikit-learn does, the answer is None, and a sentence says why:
    better none than one that differs.
    """
    try:
        whole, trees = onnx_export.export(model)
        print(f"exported to ONNX: {onnx_proof.prove(model, whole, trees, X)}")
    except Exception as error:  # a converter may raise anything, and scikit-learn's form is logged already
        print(f"There is no model in ONNX. {error if isinstance(error, Problem) else repr(error)}")
        return None
    answer = pd.DataFrame({"prediction": [0], "probability": [0.5]})
    with tempfile.TemporaryDirectory() as folder, mlflow.start_run(run_id=run_id):
        file = Path(folder) / "trees.onnx"
        onnx.save_model(trees, file)
        logged = mlflow.onnx.log_model(
            whole, name="model_onnx", signature=mlflow.models.infer_signature(X.dropna(), answer),
            input_example=X.dropna().head(3), pip_requirements=NEEDED_TO_LOAD, save_as_external_data=False,
            extra_files=[file.as_uri()], onnx_session_options={"intra_op_num_threads": 1, "inter_op_num_threads": 1},
            onnx_execution_providers=["CPUExecutionProvider"],
        )  # fmt: skip
    return str(logged.model_id)
