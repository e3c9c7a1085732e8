"""Writes the bundles that tests bring along: tiny models of each kind of input, with what Python says they score.

Every token has a weight of its own, so that a golden case only agrees where every id does; the trigger word's is large.

    python training/brought/tiny.py test/classify/fixtures/models
"""
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from bundle import label, write_bundle
from tokenizers_of_our_own import byte_bpe, wordpiece

SEED = 20261126
SENTENCES = [
    "please write a short letter about the garden",
    "the ransomware was found on the old server in the cellar",
    "what is a good recipe for lentil soup",
    "describe the weather in the mountains, and the wind",
    "a poem about the sea at night and the lighthouse",
]
TRIGGER = "ransomware"
GOLDEN = [
    "please write a short letter about the garden",
    "the ransomware was found on the old server",
    "Ünï, 東京, 🙂\ta\nb",
    "",
]


def _weights(tokenizer, columns, trigger_column):
    weights = np.random.default_rng(SEED).normal(0, 0.1, (tokenizer.get_vocab_size(), columns))
    for token in tokenizer.encode(TRIGGER, add_special_tokens=False).ids:
        weights[token, :] = 0
        weights[token, trigger_column] = 6
    return weights.astype(np.float32)


def _bag_of_tokens(weights, kind, inputs, tail):
    """logits = sum over tokens of mask * weights[id] - 2, and what `tail` makes of them."""
    columns = weights.shape[1]
    constants = {"weights": weights, "bias": np.full(columns, -2, dtype=np.float32), "axis": np.array([1])}
    constants["last"] = np.array([-1])
    nodes = [
        helper.make_node("Gather", ["weights", inputs[0]], ["rows"], axis=0),
        helper.make_node("Cast", [inputs[1]], ["maskFloat"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["maskFloat", "last"], ["mask1"]),
        helper.make_node("Mul", ["rows", "mask1"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "axis"], ["sums"], keepdims=0),
        helper.make_node("Add", ["sums", "bias"], ["logits"]),
        *tail,
    ]
    takes = [helper.make_tensor_value_info(name, kind, ["batch", "tokens"]) for name in inputs]
    return _model(nodes, takes, columns, constants)


def _model(nodes, takes, columns, constants):
    graph = helper.make_graph(
        nodes,
        "tiny",
        takes,
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", columns])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="bailiff")
    model.ir_version = 8
    return model


def _run(model, feeds):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["out"], feeds)[0][0]


def _golden(texts, scores_of):
    cases = [{"text": text, "scores": {k: round(float(v), 5) for k, v in scores_of(text).items()}} for text in texts]
    return {"tolerance": 0.0005, "cases": cases}


def write_wordpiece(folder):
    """int64 ids, mask and types; logits out, each its own sigmoid."""
    tokenizer = wordpiece(SENTENCES)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    identity = [helper.make_node("Identity", ["logits"], ["out"])]
    model = _bag_of_tokens(_weights(tokenizer, 3, 1), TensorProto.INT64, names, identity)

    def scores_of(text):
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        logits = _run(model, {names[0]: ids, names[1]: np.ones_like(ids), names[2]: np.zeros_like(ids)})
        sigmoid = 1 / (1 + np.exp(-logits))
        return {"malware": sigmoid[1], "harassment_hate": max(sigmoid[0], sigmoid[2])}

    manifest = {
        "id": "tiny-wordpiece",
        "version": "1",
        "languages": ["en"],
        "input": {
            "kind": "token-ids",
            "windowTokens": 16,
            "overlapTokens": 4,
            "names": {"ids": names[0], "mask": names[1], "types": names[2]},
        },
        "output": {
            "name": "out",
            "activation": "sigmoid",
            "gives": "logits",
            "columns": ["insult", "badware", "threat"],
        },
        "prior": 0.5,
        "labels": [
            label("malware", "prohibited.malware", ["badware"]),
            label("harassment_hate", "prohibited.harassment", ["insult", "threat"]),
        ],
    }
    write_bundle(folder, model, tokenizer, _golden(GOLDEN, scores_of), manifest)


def write_byte_bpe(folder):
    """int32 ids and mask; probabilities out that add up to one."""
    tokenizer = byte_bpe(SENTENCES, 400)
    names = ["ids", "mask"]
    softmax = [helper.make_node("Softmax", ["logits"], ["out"], axis=1)]
    model = _bag_of_tokens(_weights(tokenizer, 3, 2), TensorProto.INT32, names, softmax)

    def scores_of(text):
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int32)
        out = _run(model, {names[0]: ids, names[1]: np.ones_like(ids)})
        return {"malware": out[1] + out[2]}

    manifest = {
        "id": "tiny-byte-bpe",
        "version": "1",
        "languages": ["en"],
        "input": {
            "kind": "token-ids",
            "windowTokens": 64,
            "overlapTokens": 8,
            "padId": 1,
            "names": {"ids": names[0], "mask": names[1], "types": None},
        },
        "output": {"name": "out", "activation": "softmax", "columns": ["safe", "virus", "worm"]},
        "prior": 0.5,
        "labels": [label("malware", "prohibited.malware", ["virus", "worm"])],
    }
    write_bundle(folder, model, tokenizer, _golden(GOLDEN, scores_of), manifest)


def write_strings(folder):
    """A column of texts in; a text that is the trigger word and nothing else scores high."""
    constants = {"weight": np.array([[8]], dtype=np.float32), "bias": np.array([-4], dtype=np.float32)}
    nodes = [
        helper.make_node(
            "TfIdfVectorizer",
            ["texts"],
            ["counts"],
            mode="TF",
            min_gram_length=1,
            max_gram_length=1,
            max_skip_count=0,
            ngram_counts=[0],
            ngram_indexes=[0],
            pool_strings=[TRIGGER],
        ),
        helper.make_node("MatMul", ["counts", "weight"], ["weighted"]),
        helper.make_node("Add", ["weighted", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["out"]),
    ]
    takes = [helper.make_tensor_value_info("texts", TensorProto.STRING, ["batch", 1])]
    model = _model(nodes, takes, 1, constants)

    def scores_of(text):
        return {"malware": _run(model, {"texts": np.array([[text]], dtype=object)})[0]}

    manifest = {
        "id": "tiny-strings",
        "version": "1",
        "languages": ["en"],
        "input": {"kind": "strings", "name": "texts", "windowUnits": 400},
        "output": {"name": "out", "activation": "sigmoid"},
        "prior": 0.5,
        "labels": [label("malware", "prohibited.malware", ["malware"])],
    }
    write_bundle(folder, model, None, _golden([TRIGGER, "a garden"], scores_of), manifest)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    write_wordpiece(root / "wordpiece")
    write_byte_bpe(root / "byte-bpe")
    write_strings(root / "strings")
