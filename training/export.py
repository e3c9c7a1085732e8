"""Writes model.onnx (int8 table, no string operators) and golden.json (harmless texts, expected scores)."""
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from featurise import BUCKETS, featurise

GOLDEN_TEXTS = Path(__file__).with_name("golden-texts.json")


def _quantise(fitted):
    weights = np.stack([coef for coef, _ in fitted], axis=1)
    scale = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    return np.clip(np.rint(weights / scale), -127, 127).astype(np.int8), scale


def write_model(path, fitted):
    """scores = sigmoid(scale * (vals @ table[ids]) + bias); padding is id 0 with value 0."""
    table, scale = _quantise(fitted)
    bias = np.array([b for _, b in fitted], dtype=np.float32)
    constants = {"table": table, "scale": scale, "bias": bias, "one": np.array([1], dtype=np.int64)}
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows8"], axis=0),
        helper.make_node("Cast", ["rows8"], ["rows"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["vals", "one"], ["vals1"]),
        helper.make_node("MatMul", ["vals1", "rows"], ["sums1"]),
        helper.make_node("Squeeze", ["sums1", "one"], ["sums"]),
        helper.make_node("Mul", ["sums", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "hashed-ngrams",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT32, ["batch", "features"]),
            helper.make_tensor_value_info("vals", TensorProto.FLOAT, ["batch", "features"]),
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", len(fitted)])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="bailiff")
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))
    assert table.shape[0] == BUCKETS


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
