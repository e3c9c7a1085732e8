"""Trains the default bundle: hashed n-grams, a logistic regression per label and an embedding bag, int8 table, ONNX.

T1. Only rows of pool.LICENCES and rows of our own shape weights; public_eval is never read here.
T2. Thresholds and calibration come from out-of-fold scores of rows that others wrote, never from scores of rows that
    the model has seen, and never from rows that one generator composed.
T3. Seeded, each fit on one thread: the same command on the same rows gives the same bytes.
"""
import argparse
import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

import export
import featurise as rules
from bag import Bag
from featurise import BUCKETS, CHAR_GRAMS, featurise, shorten
from pool import LABELS, LICENCES, OWN_LICENCE, fold_of, training_pool

SEED = 20261124
VERSION = "2.0.0"
FOLDS = 3
REGULARISATION_C = 4.0
BAG_PASSES = 3
# The two halves' logits are averaged: the linear half carries further to new sources, the bag knows the known ones better.
LINEAR_SHARE = 0.7
# Positives of a rare label carry at least this share of the label's whole weight.
LEAST_POSITIVE_SHARE = 0.03
# No single text may count for more than this, whatever its score (natural logarithm of the ratio).
RATIO_CAP, RATIO_FLOOR = math.log(100), -math.log(10)
# Longest window that is scored at once: a phrase drowns in a long one, and a request behind pages of padding stands in a
# window of its own. Shorter ones make honest long texts pass more often.
WINDOW_UNITS = 400
# A score is the probability if one text in a hundred breached the clause.
PRIOR = 0.01
FALSE_POSITIVE_RATES = {"onePercent": 0.01, "onePerMille": 0.001}
# Too rare to be counted: told from the exponential tail of the highest TAIL_SHARE of honest logits.
EXTREME_RATE, TAIL_SHARE = 1e-5, 0.005

CLAUSES = {
    "violent_extremism": ["prohibited.violent-extremism"],
    "wmd": ["prohibited.wmd"],
    "malware": ["prohibited.malware"],
    "cyberattack_phishing": ["prohibited.cyberattack"],
    "harassment_hate": ["prohibited.harassment"],
    # No breach by itself: one half of the conjunctions of these clauses.
    "sexual": ["prohibited.csam", "prohibited.ncii"],
    "jailbreak": ["fair-use.circumvention"],
    "other_harm": [],
}
STANDALONE = {label: label not in ("sexual", "jailbreak", "other_harm") for label in LABELS}


def matrix(rows):
    columns, values, starts = [], [], [0]
    for row in rows:
        ids, vals = featurise(shorten(row.text))
        columns.append(ids)
        values.append(vals)
        starts.append(starts[-1] + len(ids))
    data = (np.concatenate(values), np.concatenate(columns), np.array(starts))
    return sp.csr_matrix(data, shape=(len(rows), BUCKETS))


def loss_weights(rows, label):
    target = np.array([label in row.policy for row in rows])
    weight = np.array([row.weight(label) for row in rows])
    positive, negative = weight[target].sum(), weight[~target].sum()
    least = LEAST_POSITIVE_SHARE / (1 - LEAST_POSITIVE_SHARE) * negative
    weight[target] *= max(1.0, least / positive)
    return target, weight


@dataclass
class Ensemble:
    """The linear model and the bag over the same features."""

    coefficients: np.ndarray
    intercepts: np.ndarray
    bag: Bag
    linear_share: float = LINEAR_SHARE

    def logits(self, features):
        linear = features @ self.coefficients + self.intercepts
        return self.linear_share * linear + (1 - self.linear_share) * self.bag.logits(features)


def fit_linear(features, target, weight):
    counts = weight > 0
    model = LogisticRegression(C=REGULARISATION_C, solver="liblinear", max_iter=200, tol=1e-3, random_state=SEED)
    model.fit(features[counts], target[counts], sample_weight=weight[counts])
    return model.coef_[0].astype(np.float32), np.float32(model.intercept_[0])


def fit(features, rows, labels=LABELS):
    """An ensemble that has seen these rows and no others."""
    losses = [loss_weights(rows, label) for label in labels]
    linear = Parallel(n_jobs=2)(delayed(fit_linear)(features, *loss) for loss in losses)
    targets = np.stack([target for target, _ in losses], axis=1).astype(np.float32)
    weights = np.stack([weight / weight.mean() for _, weight in losses], axis=1).astype(np.float32)
    bag = Bag(BUCKETS, len(labels), SEED)
    bag.train(features, targets, weights, BAG_PASSES)
    return Ensemble(np.stack([coef for coef, _ in linear], axis=1), np.array([bias for _, bias in linear]), bag)


def fit_all(features, rows):
    """The ensemble of all rows, and for each row the logits of one that has not seen its fold."""
    folds = np.array([fold_of(row, FOLDS, SEED) for row in rows])
    unseen = np.zeros((len(rows), len(LABELS)))
    for fold in range(FOLDS):
        seen = folds != fold
        ensemble = fit(features[seen], [row for row, known in zip(rows, seen) if known])
        unseen[~seen] = ensemble.logits(features[~seen])
        print(f"fold {fold + 1} of {FOLDS}", flush=True)
    return fit(features, rows), unseen


def source_weights(rows):
    """Sources count by the root of their size, so that neither tweets nor one generator set the thresholds."""
    sizes = {}
    for row in rows:
        sizes[row.source] = sizes.get(row.source, 0) + 1
    return np.array([sizes[row.source] ** -0.5 for row in rows])


def weighted_threshold(logits, weights, share):
    """The least logit that honest rows of at most `share` of the weight pass."""
    order = np.argsort(-logits)
    passed = np.cumsum(weights[order]) / weights.sum()
    return float(logits[order][np.searchsorted(passed, share, side="right")])


def extreme_threshold(logits, weights):
    """The logit that honest rows pass at EXTREME_RATE if their highest ones fall off exponentially."""
    start = weighted_threshold(logits, weights, TAIL_SHARE)
    beyond = logits > start
    excess = np.average(logits[beyond] - start, weights=weights[beyond])
    return start + excess * math.log(TAIL_SHARE / EXTREME_RATE)


def platt(logits, target, weights):
    """Slope and offset of the log-likelihood ratio: a logistic regression with both classes of equal mass."""
    weights = weights.copy()
    for side in (target, ~target):
        weights[side] /= weights[side].sum()
    model = LogisticRegression(C=1e6, random_state=SEED).fit(logits[:, None], target, sample_weight=weights * 1e3)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def calibrate(label, rows, logits):
    """The label's entry of the manifest; `rows` are those that others wrote."""
    violating = [i for i, row in enumerate(rows) if label in row.policy]
    honest = [i for i, row in enumerate(rows) if row.honest]
    weights = np.concatenate([source_weights([rows[i] for i in part]) for part in (violating, honest)])
    weights[: len(violating)] *= [rows[i].weight(label) for i in violating]
    target = np.arange(len(weights)) < len(violating)
    slope, offset = platt(logits[violating + honest], target, weights)
    honest_logits, honest_weights = logits[honest], weights[len(violating) :]
    prior = math.log(PRIOR / (1 - PRIOR))

    def score(logit):
        return 1 / (1 + math.exp(-(slope * logit + offset + prior)))

    marks = {name: weighted_threshold(honest_logits, honest_weights, rate) for name, rate in FALSE_POSITIVE_RATES.items()}
    marks["extreme"] = extreme_threshold(honest_logits, honest_weights)
    return {
        "label": label,
        "clauses": CLAUSES[label],
        "standsAlone": STANDALONE[label],
        "calibration": {"slope": round(slope, 6), "offset": round(offset, 6), "cap": round(RATIO_CAP, 3), "floor": round(RATIO_FLOOR, 3)},
        "thresholds": {name: round(score(mark), 3) for name, mark in marks.items()},
        "trainingPositives": len(violating),
    }


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(labels, rows, folder):
    counts = {}
    for row in rows:
        counts[row.source] = counts.get(row.source, 0) + 1
    return {
        "schema": "bailiff-model-bundle/1",
        "id": "bailiff-hashed-ngrams",
        "version": VERSION,
        "languages": ["en"],
        "files": {name: digest(folder / name) for name in ("model.onnx", "golden.json")},
        "input": {"kind": "hashed-ngrams", "featuriser": rules.VERSION, "buckets": BUCKETS, "charGrams": list(CHAR_GRAMS), "wordGrams": [1, 2], "windowUnits": WINDOW_UNITS},
        "output": {"name": "scores", "activation": "sigmoid"},
        "prior": PRIOR,
        "labels": labels,
        "training": {
            "seed": SEED,
            "rows": len(rows),
            "folds": FOLDS,
            "sets": [{"name": n, "licence": LICENCES.get(n, OWN_LICENCE), "rows": counts[n]} for n in sorted(counts)],
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds train.jsonl.gz")
    parser.add_argument("--out", type=Path, required=True, help="bundle folder to write")
    arguments = parser.parse_args()
    rows = training_pool(arguments.data / "train.jsonl.gz", SEED)
    print(f"{len(rows)} rows", flush=True)
    features = matrix(rows)
    print(f"{features.nnz / len(rows):.0f} features a row", flush=True)
    ensemble, unseen = fit_all(features, rows)
    arguments.out.mkdir(parents=True, exist_ok=True)
    export.write_model(arguments.out / "model.onnx", ensemble)
    export.write_golden(arguments.out, LABELS)
    others = np.array([row.source in LICENCES for row in rows])
    theirs = [row for row, other in zip(rows, others) if other]
    labels = [calibrate(label, theirs, unseen[others, at]) for at, label in enumerate(LABELS)]
    text = json.dumps(manifest(labels, rows, arguments.out), indent=2) + "\n"
    (arguments.out / "manifest.json").write_text(text)
    print("written", digest(arguments.out / "model.onnx"))


if __name__ == "__main__":
    main()
