"""Write the champion down as an ONNX graph, which needs no scikit-learn to run (lesson 19)."""

import numpy as np
import onnx
from onnx import compose, helper, numpy_helper, parser
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import Pipeline

from titanic.problem import Problem

# The versions of the two sets of operators, and of the file's format.
OPSETS, IR_VERSION = {"": 21, "ai.onnx.ml": 3}, 10
HEADER = f"""<ir_version: {IR_VERSION}, opset_import: ["": {OPSETS[""]}, "ai.onnx.ml": {OPSETS["ai.onnx.ml"]}]>"""
TYPES = {
    **{"Pclass": "int64", "Sex": "string", "Age": "double", "SibSp": "int64", "Parch": "int64", "Fare": "double"},
    "Embarked": "string",
}
# From the sum of the trees, the score, to a probability and a class. In double: a probability that is close to one half
# must not be rounded to exactly that.
FINISH = f"""{HEADER}
finish (float[N, 1] score) => (int64[N] prediction, double[N] probability) {{
    rows = Constant<value_ints = [-1]>()
    scores = Reshape(score, rows)
    exact = Cast<to = {onnx.TensorProto.DOUBLE}>(scores)
    probability = Sigmoid(exact)
    half = Constant<value = double {{0.5}}>()
    survives = Greater(probability, half)
    prediction = Cast<to = {onnx.TensorProto.INT64}>(survives)
}}"""


def export(model: Pipeline) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The champion in ONNX, twice: the whole pipeline, and the trees alone.

    The whole takes a tensor for each column, of shape (rows,), and answers with `prediction` and `probability`, of the
    same shape. The trees take `vector`, of shape (rows, features), and answer with `score`, of shape (rows, 1): the
    probability is 1 / (1 + exp(-score)). What the features are is noted there as "columns".
    Problem: the pipeline is of another kind.
    """
    kinds = [type(step) for step in model[1:]]
    if kinds != [DictVectorizer, HistGradientBoostingClassifier]:
        names = " and ".join(kind.__name__ for kind in kinds)
        raise Problem(f"Only DictVectorizer and HistGradientBoostingClassifier can be exported here, and not {names}.")
    features = model[1].feature_names_
    trees = trees_of(model[2])
    before, after = (parser.parse_model(text).graph for text in (prepare(features), FINISH))
    whole = compose.merge_graphs(before, trees, [("vector", "vector")])
    whole = compose.merge_graphs(whole, after, [("score", "score")])
    return model_of(whole), model_of(trees, columns=",".join(features))


def model_of(graph: onnx.GraphProto, **notes: str) -> onnx.ModelProto:
    """A model with this graph, checked. notes: what is written into its file besides."""
    opsets = [helper.make_opsetid(*opset) for opset in OPSETS.items()]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    helper.set_model_props(model, notes)
    onnx.checker.check_model(model, full_check=True)
    return model


def trees_of(model: HistGradientBoostingClassifier) -> onnx.GraphProto:
    """The trees, from `vector` to `score`: as skl2onnx writes them, but with numbers as exact as scikit-learn's."""
    vector, options = [("vector", DoubleTensorType([None, model.n_features_in_]))], {id(model): {"zipmap": False}}
    (converted,) = to_onnx(model, initial_types=vector, options=options, target_opset=OPSETS).graph.node
    # It rounds to float32: a passenger whose age is just above a threshold could end up on its other side. A newer form
    # of the same attributes takes doubles. And it makes a classifier; its regressor gives the score that we want.
    nodes = np.concatenate([tree.nodes for (tree,) in model._predictors])
    exact = {
        "nodes_values": nodes["num_threshold"],
        "target_weights": nodes["value"][nodes["is_leaf"] == 1],
        "base_values": model._baseline_prediction.ravel(),
    }
    attributes = {one.name.replace("class_", "target_"): helper.get_attribute_value(one) for one in converted.attribute}
    for name in [*exact, "nodes_hitrates", "classlabels_int64s", "post_transform"]:
        del attributes[name]
    attributes |= {f"{name}_as_tensor": numpy_helper.from_array(one.astype(float)) for name, one in exact.items()}
    node = helper.make_node(
        "TreeEnsembleRegressor", ["vector"], ["score"], domain="ai.onnx.ml", n_targets=1, **attributes
    )
    takes = helper.make_tensor_value_info("vector", onnx.TensorProto.DOUBLE, ["N", model.n_features_in_])
    answers = helper.make_tensor_value_info("score", onnx.TensorProto.FLOAT, ["N", 1])
    return helper.make_graph([node], "trees", [takes], [answers])


def prepare(features: list[str]) -> str:
    """What stands before the trees, in ONNX's own language: from columns to `vector`, as DictVectorizer does it.

    features: those of the vector in their order, such as "Age" for a number or "Sex=male" for one word of a column.
    """
    lines, parts = ["column = Constant<value_ints = [-1, 1]>()"], []
    words: dict[str, list[str]] = {}
    for feature in features:
        name, _, word = feature.partition("=")
        if name not in words:
            words[name] = []
            parts.append(f"{name}_double")
        words[name] += [word] if word else []
    for name, known in words.items():
        if known:
            listed = ", ".join(f'"{word}"' for word in known)
            lines.append(f"{name}_part = ai.onnx.ml.OneHotEncoder<cats_strings = [{listed}], zeros = 1>({name})")
        else:
            lines.append(f"{name}_part = Reshape({name}, column)")
        lines.append(f"{name}_double = Cast<to = {onnx.TensorProto.DOUBLE}>({name}_part)")
    lines.append(f"vector = Concat<axis = 1>({', '.join(parts)})")
    inputs = ", ".join(f"{kind}[N] {name}" for name, kind in TYPES.items())
    body = "\n    ".join(lines)
    return f"{HEADER}\nprepare ({inputs}) => (double[N, {len(features)}] vector) {{\n    {body}\n}}"
