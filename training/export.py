"""Writes model.onnx (int8 table, linear model and bag as one graph) and golden.json (harmless texts, expected scores)."""
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from bag import GAIN
from featurise import BUCKETS, featurise

# Deviations of a column beyond which its entries are cut.
CLIP = 12.0
GOLDEN_TEXTS = Path(__file__).with_name("golden-texts.json")


def _quantise(table):
    """int8 by columns. The few entries beyond CLIP deviations would cost all others their precision."""
    most = np.minimum(np.abs(table).max(axis=0), CLIP * table.std(axis=0))
    scale = (most / 127).astype(np.float32)
    return np.clip(np.rint(table / scale), -127, 127).astype(np.int8), scale


def _constants(ensemble):
    """One table for both halves: first the linear model's columns, then the bag's; shares of the halves are folded in."""
    linear, linear_scale = _quantise(ensemble.coefficients)
    bag, bag_scale = _quantise(ensemble.bag.table)
    dense, share = ensemble.bag.dense, ensemble.linear_share
    return {
        "table": np.concatenate([linear, bag], axis=1),
        "scale": np.concatenate([share * linear_scale, GAIN * bag_scale]).astype(np.float32),
        "parts": np.array([linear.shape[1], bag.shape[1]], dtype=np.int64),
        "hidden": dense["hidden"],
        "hiddenBias": dense["hiddenBias"],
        "out": (1 - share) * dense["out"],
        "skip": (1 - share) * dense["skip"],
        "bias": (share * ensemble.intercepts + (1 - share) * dense["outBias"]).astype(np.float32),
        "one": np.array([1], dtype=np.int64),
    }


def _nodes():
    """sums = scale * (vals @ table[ids]); the linear half of them are logits, the bag's half goes through its layer."""
    return [
        helper.make_node("Gather", ["table", "ids"], ["rows8"], axis=0),
        helper.make_node("Cast", ["rows8"], ["rows"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["vals", "one"], ["vals1"]),
        helper.make_node("MatMul", ["vals1", "rows"], ["sums1"]),
        helper.make_node("Squeeze", ["sums1", "one"], ["sums8"]),
        helper.make_node("Mul", ["sums8", "scale"], ["sums"]),
        helper.make_node("Split", ["sums", "parts"], ["linear", "bag"], axis=1),
        helper.make_node("MatMul", ["bag", "hidden"], ["hidden0"]),
        helper.make_node("Add", ["hidden0", "hiddenBias"], ["hidden1"]),
        helper.make_node("Relu", ["hidden1"], ["hidden2"]),
        helper.make_node("MatMul", ["hidden2", "out"], ["fromHidden"]),
        helper.make_node("MatMul", ["bag", "skip"], ["fromBag"]),
        helper.make_node("Sum", ["linear", "fromHidden", "fromBag", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
    ]


def write_model(path, ensemble):
    """Padding is id 0 with value 0. No string operators."""
    constants = _constants(ensemble)
    labels = len(constants["bias"])
    graph = helper.make_graph(
        _nodes(),
        "hashed-ngrams",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT32, ["batch", "features"]),
            helper.make_tensor_value_info("vals", TensorProto.FLOAT, ["batch", "features"]),
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", labels])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="bailiff")
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))
    assert constants["table"].shape[0] == BUCKETS


def open_model(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run_model(session, text):
    """Raw scores of one text, one per label."""
    ids, values = featurise(text)
    feeds = {"ids": ids[None, :], "vals": values[None, :]}
    return session.run(["scores"], feeds)[0][0]


def write_golden(folder, labels):
    session = open_model(folder / "model.onnx")
    cases = []
    for text in json.loads(GOLDEN_TEXTS.read_text(encoding="utf-8")):
        scores = {label: round(float(s), 4) for label, s in zip(labels, run_model(session, text))}
        cases.append({"text": text, "scores": scores})
    golden = {"tolerance": 0.01, "cases": cases}
    (folder / "golden.json").write_text(json.dumps(golden, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
