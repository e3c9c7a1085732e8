"""A small network over the same n-grams: an embedding bag, a hidden layer, one logit a label. Plain numpy, one thread.

G1. Seeded and single-threaded: the same rows give the same numbers.
G2. In each pass a share of a text's n-grams is left out, so that no single one carries a label.
"""
import numpy as np
import scipy.sparse as sp

WIDTH, HIDDEN = 48, 64
BATCH = 128
RATE = 0.05
DROPPED = 0.5
# A text's vector has length 1 over hundreds of n-grams; the sum of their embeddings would be tiny.
GAIN = 8.0


def _sigmoid(logits):
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


class Bag:
    """Parameters: `table` [buckets, WIDTH], then dense ones; all float32."""

    def __init__(self, buckets, labels, seed):
        rng = np.random.default_rng(seed)

        def normal(scale, *shape):
            return (rng.standard_normal(shape) * scale).astype(np.float32)

        self.table = normal(0.1, buckets, WIDTH)
        self.dense = {
            "hidden": normal(WIDTH**-0.5, WIDTH, HIDDEN),
            "hiddenBias": np.zeros(HIDDEN, np.float32),
            "out": normal(HIDDEN**-0.5, HIDDEN, labels),
            "skip": normal(WIDTH**-0.5, WIDTH, labels),
            "outBias": np.full(labels, -3, np.float32),
        }
        self._table_squares = np.full((buckets, WIDTH), 1e-6, np.float32)
        self._squares = {name: np.full_like(value, 1e-6) for name, value in self.dense.items()}
        self._rng = rng

    def _forward(self, sums):
        d = self.dense
        hidden = np.maximum(sums @ d["hidden"] + d["hiddenBias"], 0)
        return hidden, hidden @ d["out"] + sums @ d["skip"] + d["outBias"]

    def logits(self, features):
        return self._forward(GAIN * (features @ self.table))[1]

    def train(self, features, targets, weights, epochs):
        """`targets` and `weights` are [rows, labels]; Adagrad on the weighted cross-entropy."""
        for _ in range(epochs):
            order = self._rng.permutation(features.shape[0])
            for start in range(0, len(order), BATCH):
                rows = np.sort(order[start : start + BATCH])
                self._step(features[rows], targets[rows], weights[rows])

    def _step(self, batch, targets, weights):
        columns, local = np.unique(batch.indices, return_inverse=True)
        kept = self._rng.random(len(batch.data)) >= DROPPED
        data = (GAIN / (1 - DROPPED) * batch.data * kept).astype(np.float32)
        some = sp.csr_matrix((data, local, batch.indptr), shape=(batch.shape[0], len(columns)))
        sums = some @ self.table[columns]
        hidden, logits = self._forward(sums)
        error = (weights * (_sigmoid(logits) - targets)).astype(np.float32) / BATCH
        back = (error @ self.dense["out"].T) * (hidden > 0)
        gradients = {
            "hidden": sums.T @ back,
            "hiddenBias": back.sum(axis=0),
            "out": hidden.T @ error,
            "skip": sums.T @ error,
            "outBias": error.sum(axis=0),
        }
        to_sums = back @ self.dense["hidden"].T + error @ self.dense["skip"].T
        for name, gradient in gradients.items():
            self._squares[name] += gradient * gradient
            self.dense[name] -= RATE * gradient / np.sqrt(self._squares[name])
        gradient = some.T @ to_sums
        squares = self._table_squares[columns] + gradient * gradient
        self._table_squares[columns] = squares
        self.table[columns] -= RATE * gradient / np.sqrt(squares)
