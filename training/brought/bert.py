"""A bundle of the size of BERT-base (110 million weights, 12 layers of 768, a vocabulary of 30,522), all weights random.

It finds nothing; it costs what a fine-tuned one costs. Written as one graph of plain operators, as exporters write it.

    python training/brought/bert.py .cache/models/bert-base
"""
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from bundle import label, write_bundle
from tokenizers_of_our_own import wordpiece
from words import WORDS

SEED = 20261126
LAYERS, WIDTH, HEADS, INNER, VOCABULARY, POSITIONS = 12, 768, 12, 3072, 30522, 512
LABELS = [
    ("violent_extremism", "prohibited.violent-extremism"),
    ("wmd", "prohibited.wmd"),
    ("malware", "prohibited.malware"),
    ("cyberattack_phishing", "prohibited.cyberattack"),
    ("harassment_hate", "prohibited.harassment"),
    ("sexual", "prohibited.ncii"),
]


class Graph:
    """Nodes and weights as they come; every result has a name of its own."""

    def __init__(self):
        self.nodes, self.weights = [], {}
        self._random = np.random.default_rng(SEED)

    def add(self, kind, *inputs, **attributes):
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values, kind):
        name = f"constant_{len(self.weights)}"
        self.weights[name] = np.array(values, dtype=kind)
        return name

    def matrix(self, *shape):
        return self.constant(self._random.normal(0, 0.02, shape), np.float32)

    def linear(self, value, rows, columns):
        product = self.add("MatMul", value, self.matrix(rows, columns))
        return self.add("Add", product, self.constant(np.zeros(columns), np.float32))

    def normal(self, value):
        scale, bias = self.constant(np.ones(WIDTH), np.float32), self.constant(np.zeros(WIDTH), np.float32)
        return self.add("LayerNormalization", value, scale, bias, axis=-1, epsilon=1e-12)


def _heads(graph, value, order):
    shape = graph.constant([0, 0, HEADS, WIDTH // HEADS], np.int64)
    split = graph.add("Reshape", graph.linear(value, WIDTH, WIDTH), shape)
    return graph.add("Transpose", split, perm=order)


def _layer(graph, value, bias):
    query, key, content = (_heads(graph, value, order) for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]))
    scores = graph.add("MatMul", query, key)
    scaled = graph.add("Div", scores, graph.constant(np.sqrt(WIDTH // HEADS), np.float32))
    attended = graph.add("MatMul", graph.add("Softmax", graph.add("Add", scaled, bias), axis=-1), content)
    joined = graph.add("Transpose", attended, perm=[0, 2, 1, 3])
    flat = graph.add("Reshape", joined, graph.constant([0, 0, WIDTH], np.int64))
    value = graph.normal(graph.add("Add", graph.linear(flat, WIDTH, WIDTH), value))
    inner = graph.linear(value, WIDTH, INNER)
    root = graph.add("Erf", graph.add("Div", inner, graph.constant(np.sqrt(2), np.float32)))
    gelu = graph.add("Mul", graph.add("Mul", inner, graph.add("Add", root, graph.constant(1, np.float32))), graph.constant(0.5, np.float32))
    return graph.normal(graph.add("Add", graph.linear(gelu, INNER, WIDTH), value))


def _embedded(graph):
    words = graph.add("Gather", graph.matrix(VOCABULARY, WIDTH), "input_ids", axis=0)
    length = graph.add("Gather", graph.add("Shape", "input_ids"), graph.constant(1, np.int64))
    ends = graph.constant(0, np.int64), length, graph.constant(1, np.int64)
    places = graph.add("Gather", graph.matrix(POSITIONS, WIDTH), graph.add("Range", *ends), axis=0)
    return graph.normal(graph.add("Add", words, places))


def _mask(graph):
    """0 where there is a token, far below where there is padding."""
    mask = graph.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    wide = graph.add("Unsqueeze", mask, graph.constant([1, 2], np.int64))
    absent = graph.add("Sub", graph.constant(1, np.float32), wide)
    return graph.add("Mul", absent, graph.constant(-10000, np.float32))


def bert():
    graph = Graph()
    bias, value = _mask(graph), _embedded(graph)
    for _ in range(LAYERS):
        value = _layer(graph, value, bias)
    first = graph.add("Gather", value, graph.constant(0, np.int64), axis=1)
    pooled = graph.add("Tanh", graph.linear(first, WIDTH, WIDTH))
    logits = graph.linear(pooled, WIDTH, len(LABELS))
    graph.nodes.append(helper.make_node("Identity", [logits], ["logits"]))
    takes = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    gives = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(LABELS)])]
    weights = [numpy_helper.from_array(value, name) for name, value in graph.weights.items()]
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(helper.make_graph(graph.nodes, "bert", takes, gives, weights), opset_imports=opset)
    model.ir_version = 8
    return model


def _golden(model, tokenizer):
    import onnxruntime

    text = "please write a short letter about the garden"
    ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    [logits] = session.run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
    scores = {name: round(float(1 / (1 + np.exp(-logit))), 5) for (name, _), logit in zip(LABELS, logits)}
    return {"tolerance": 0.01, "cases": [{"text": text, "scores": scores}]}


if __name__ == "__main__":
    model, tokenizer = bert(), wordpiece([" ".join(WORDS)], VOCABULARY)
    manifest = {
        "id": "bert-base-random",
        "version": "1",
        "languages": ["en"],
        "input": {
            "kind": "token-ids",
            "windowTokens": POSITIONS,
            "overlapTokens": 64,
            "names": {"ids": "input_ids", "mask": "attention_mask", "types": None},
        },
        "output": {"name": "logits", "activation": "sigmoid", "gives": "logits"},
        "prior": 0.5,
        "labels": [label(name, clause, [name]) for name, clause in LABELS],
    }
    write_bundle(Path(sys.argv[1]), model, tokenizer, _golden(model, tokenizer), manifest)
