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
# The trees' sum becomes a probability and a class. It is not negative exactly if the probability is one half or more;
# so that no rounding can turn the one into the other, this is calculated in double too.
FINISH = f"""{HEADER}
finish (float[N, 2] scores) => (int64[N] prediction, double[N] probability) {{
    second = Constant<value_int = 1>()
    score = Gather<axis = 1>(scores, second)
    exact = Cast<to = {onnx.TensorProto.DOUBLE}>(score)
    probability = Sigmoid(exact)
    half = Constant<value = double {{0.5}}>()
    survives = Greater(probability, half)
    prediction = Cast<to = {onnx.TensorProto.INT64}>(survives)
}}"""


def export(model: Pipeline) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The champion in ONNX, twice: the whole pipeline, and the trees alone.

    The whole takes a tensor for each column, of shape (rows,). The trees take `vector`, of shape (rows, features); what
    these are is noted there as "columns". Both answer with `prediction` and `probability`, of shape (rows,).
    Problem: the pipeline is of another kind.
    """
    kinds = [type(step) for step in model[1:]]
    if kinds != [DictVectorizer, HistGradientBoostingClassifier]:
        names = " and ".join(kind.__name__ for kind in kinds)
        raise Problem(f"Only DictVectorizer and HistGradientBoostingClassifier can be exported here, and not {names}.")
    features = model[1].feature_names_
    trees = compose.merge_graphs(
        booster(model[2]), parser.parse_model(FINISH).graph, [("probabilities", "scores")],
        outputs=["prediction", "probability"],
    )  # fmt: skip
    whole = compose.merge_graphs(parser.parse_model(prepare(features)).graph, trees, [("vector", "vector")])
    return model_of(whole), model_of(trees, columns=",".join(features))


def model_of(graph: onnx.GraphProto, **notes: str) -> onnx.ModelProto:
    """A model with this graph, checked. notes: what is written into its file besides."""
    opsets = [helper.make_opsetid(*opset) for opset in OPSETS.items()]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    helper.set_model_props(model, notes)
    onnx.checker.check_model(model, full_check=True)
    return model


def booster(model: HistGradientBoostingClassifier) -> onnx.GraphProto:
    """The trees, from `vector` to `probabilities`: those of skl2onnx, with all numbers as exact as scikit-learn's."""
    shape = [("vector", DoubleTensorType([None, model.n_features_in_]))]
    options = {id(model): {"zipmap": False, "raw_scores": True}}  # an array, and the sums before they are probabilities
    graph: onnx.GraphProto = to_onnx(model, initial_types=shape, options=options, target_opset=OPSETS).graph
    (node,) = graph.node
    # skl2onnx rounds to float32: a passenger whose age is just above a threshold could end up on its other side. A
    # newer form of the same attributes takes doubles.
    nodes = np.concatenate([tree.nodes for (tree,) in model._predictors])
    exact = {
        "nodes_values": nodes["num_threshold"],
        "class_weights": nodes["value"][nodes["is_leaf"] == 1],
        "base_values": model._baseline_prediction.ravel(),
    }
    kept = [attribute for attribute in node.attribute if attribute.name not in {*exact, "nodes_hitrates"}]
    del node.attribute[:]
    node.attribute.extend(kept)
    for name, numbers in exact.items():
        tensor = numpy_helper.from_array(numbers.astype(np.float64))
        node.attribute.append(helper.make_attribute(f"{name}_as_tensor", tensor))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, ["N", 2]))
    return graph


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
