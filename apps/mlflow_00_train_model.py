"""Train the Titanic model: compare four candidates, choose one by a rule, register it as the champion.

The champion is stored in ONNX too, for lesson 19.

Run it with: python course.py train
Its lesson:  notebooks/01_mlflow_00_train_model.ipynb
"""

import operator
import signal
import statistics
import sys
import time

import mlflow
import pandas as pd
from matplotlib.figure import Figure
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import RocCurveDisplay
from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from titanic import aliases, store
from titanic.ctrl_c import interruptible
from titanic.dataset import read_passengers
from titanic.onnx_log import log_in_onnx
from titanic.problem import Problem

SEED = 1912
NUMBERS = ["Pclass", "Age", "SibSp", "Parch", "Fare"]
WORDS = ["Sex", "Embarked"]
# A saved model may hold Python objects, and loading one may run code. skops loads only what is named here.
TRUSTED = [
    "numpy.dtype",
    "operator.methodcaller",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
]
NEEDED_TO_LOAD = ["scikit-learn==1.9.1", "skops==0.16.0", "pandas==2.3.3"]


def from_columns(model: LogisticRegression | RandomForestClassifier) -> Pipeline:
    """Prepare column by column, the usual way: fill gaps and scale the numbers, a 0-1 column for each word."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore")
    return make_pipeline(ColumnTransformer([("numbers", numbers, NUMBERS), ("words", words, WORDS)]), model)


def from_dicts(*steps: object) -> Pipeline:
    """Prepare row by row: each row a dictionary, each dictionary a vector. For few rows this is much faster."""
    return make_pipeline(
        FunctionTransformer(operator.methodcaller("to_dict", "records")), DictVectorizer(sparse=False), *steps
    )


def candidates() -> dict[str, Pipeline]:
    """The four pipelines that compete, untrained, by name."""
    return {
        "columns + logistic regression": from_columns(LogisticRegression()),
        "columns + random forest": from_columns(RandomForestClassifier(min_samples_leaf=3, random_state=SEED)),
        "dicts + logistic regression": from_dicts(SimpleImputer(), StandardScaler(), LogisticRegression()),
        "dicts + gradient boosting": from_dicts(
            HistGradientBoostingClassifier(
                learning_rate=0.1, max_iter=30, min_samples_leaf=5, l2_regularization=5, random_state=SEED
            )
        ),
    }


def folds() -> StratifiedKFold:
    """Five parts, shuffled, the same ones for every candidate."""
    return StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)


def measure(model: Pipeline, X: pd.DataFrame, y: pd.Series) -> dict[str, float]:
    """Accuracy and AUC (means of five folds), and the milliseconds that 1 row and 10,000 rows take (medians)."""
    scores = cross_validate(model, X, y, cv=folds(), scoring=["accuracy", "roc_auc"])
    model.fit(X, y)
    return {
        "accuracy": float(scores["test_accuracy"].mean()),
        "auc": float(scores["test_roc_auc"].mean()),
        "ms_1_row": milliseconds(model, X.head(1), repeats=30),
        "ms_10000_rows": milliseconds(model, X.sample(10_000, replace=True, random_state=SEED), repeats=3),
    }


def milliseconds(model: Pipeline, rows: pd.DataFrame, repeats: int) -> float:
    """The median time that the model takes to predict these rows, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        model.predict_proba(rows)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def roc_curve(model: Pipeline, X: pd.DataFrame, y: pd.Series) -> Figure:
    """How many survivors the model finds against how many false ones it takes in, on passengers it has not seen."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    probabilities = cross_val_predict(model, X, y, cv=folds(), method="predict_proba")[:, 1]
    RocCurveDisplay.from_predictions(y, probabilities, ax=figure.subplots(), plot_chance_level=True)
    return figure


def choose(results: pd.DataFrame) -> str:
    """The rule: of the candidates whose AUC is within 0.01 of the best, the one that predicts one row fastest."""
    good = results[results["auc"] >= results["auc"].max() - 0.01]
    return str(good["ms_1_row"].idxmin())


def train() -> pd.DataFrame:
    """Train, measure and log all candidates; register the best; return a table with one row for each.

    Problem: MLflow's store cannot be used, and why.
    """
    store.open_store()
    X, y = read_passengers()
    # From rows without gaps: from a column with gaps MLflow would conclude that the whole column may be left out.
    signature = mlflow.models.infer_signature(X.dropna(), y)
    models, results, logged = candidates(), {}, {}
    for name, model in models.items():
        print(f"training {name} ...", flush=True)
        with store.problems(), mlflow.start_run(run_name=name):
            results[name] = measure(model, X, y)
            mlflow.log_params({"pipeline": name, "seed": SEED, "rows": len(X), **model[-1].get_params()})
            mlflow.log_metrics(results[name])
            mlflow.log_figure(roc_curve(model, X, y), "roc_curve.png")
            logged[name] = mlflow.sklearn.log_model(
                model, name="model", input_example=X.head(3), signature=signature,
                skops_trusted_types=TRUSTED, pip_requirements=NEEDED_TO_LOAD,
            )  # fmt: skip
    table = pd.DataFrame(results).T
    champion = choose(table)
    table["champion"] = table.index == champion
    with store.problems():
        in_onnx = log_in_onnx(models[champion], logged[champion].run_id, X)
        register(logged[champion].model_id, in_onnx)
    return table


def register(model_id: str, in_onnx: str | None) -> None:
    """Make this model the next version of `titanic`, and its form in ONNX, if there is one, of `titanic_onnx`.

    The alias `champion` moves at the very end, in both: whoever is interrupted before that has the old model in both.
    """
    forms = {store.MODEL_NAME: model_id} | ({store.ONNX_NAME: in_onnx} if in_onnx else {})
    numbers = {name: add_version(name, form) for name, form in forms.items()}
    aliases.move({"champion": numbers[store.MODEL_NAME]})
    for name, number in numbers.items():
        print(f"registered as version {number} of '{name}', alias 'champion'")


def add_version(name: str, model_id: str, tags: dict[str, str] | None = None) -> str:
    """Make this model the next version of this name, with these tags; its number."""
    client = mlflow.MlflowClient()
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    version = client.create_model_version(name, source=f"models:/{model_id}", model_id=model_id, tags=tags)
    return str(version.version)


if __name__ == "__main__":
    try:
        with interruptible(signal.SIGINT):
            print(train().to_string(float_format=lambda number: f"{number:.3f}"))
    except KeyboardInterrupt:
        sys.exit("Stopped: there is no new model.")
    except Problem as problem:
        sys.exit(f"There is no new model. {problem}")
