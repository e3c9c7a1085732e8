"""What the model owes to a source: the same training without it, and without the rows of our own.

H1. Leave one source out: half of its training rows and all of its public_eval rows are scored, by a model that has seen
    the other half and by one that has seen nothing of the source. Neither has seen the scored halves of other sources.
    Honest rows are those of other sources in public_eval.
H2. Without our own rows: the whole pool less them, scored on the sources of public_eval that have no training row. What the
    shipped model reaches there stands in evaluation.json.
"""
import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from evaluate import RATES, recall_at, summary, windows
from pool import LABELS, LICENCES, Row, read_rows, stable_hash, training_pool
from train import SEED, WINDOW_UNITS, fit, matrix

LEFT_OUT = {
    "cysecbench": ("cyberattack_phishing", "malware"),
    "openai_moderation": ("sexual", "harassment_hate", "violent_extremism"),
    "davidson_hate_offensive": ("harassment_hate",),
    "vicomtech_white_supremacy_forum": ("violent_extremism", "harassment_hate"),
    "ailuminate_demo": ("sexual", "wmd"),
    "catqa_english": ("malware", "sexual", "wmd"),
}


def windowed(rows):
    """Features of all windows, and to which row each belongs."""
    pieces = [(at, part) for at, row in enumerate(rows) for part in windows(row.text, WINDOW_UNITS)]
    features = matrix([Row("", "", part, "", (), "") for _, part in pieces])
    return features, np.array([at for at, _ in pieces])


def highest(ensemble, windowed_rows, count):
    features, owner = windowed_rows
    best = np.full((count, len(ensemble.intercepts)), -np.inf)
    np.maximum.at(best, owner, ensemble.logits(features))
    return best


def figures(scores, target, honest):
    chosen = target | honest
    return {
        "positives": int(target.sum()),
        "auroc": round(float(roc_auc_score(target[chosen], scores[chosen])), 3),
        **{name: recall_at(scores, target, honest, rate)["recall"] for name, rate in RATES.items()},
    }


class LeaveOut:
    """The pool without the halves that are scored, and what a model without a source makes of that source."""

    def __init__(self, pool, features, evaluation):
        self._halves = np.array([row.source in LEFT_OUT and stable_hash(row.id, SEED) % 2 == 0 for row in pool])
        self._pool, self._features = pool, features
        self._rows, self._parts = evaluation
        self._with = self._fit(self._halves, LABELS)

    def _fit(self, left, labels):
        return fit(self._features[~left], [row for row, out in zip(self._pool, left) if not out], labels)

    def measure(self, source):
        labels = LEFT_OUT[source]
        half = [row for row, scored in zip(self._pool, self._halves) if scored and row.source == source]
        parts = windowed(half)
        without = self._fit(self._halves | np.array([row.source == source for row in self._pool]), labels)
        rows = [*self._rows, *half]
        mine = np.array([row.source == source for row in rows])
        honest = np.array([row.honest for row in rows]) & ~mine
        result = {}
        for label in labels:
            target = mine & np.array([label in row.policy for row in rows])
            result[label] = {"with": self._figures(self._with, LABELS.index(label), half, parts, target, honest)}
            result[label]["without"] = self._figures(without, labels.index(label), half, parts, target, honest)
        return result

    def _figures(self, ensemble, column, half, parts, target, honest):
        known = highest(ensemble, self._parts, len(self._rows))[:, column]
        scores = np.concatenate([known, highest(ensemble, parts, len(half))[:, column]])
        return figures(scores, target, honest)


def on_unseen(ensemble, rows, parts):
    """Figures over the sources of public_eval without a training row."""
    scores, table = highest(ensemble, parts, len(rows)), {}
    chosen = np.array([row.source not in LICENCES for row in rows])
    honest = np.array([row.honest for row in rows]) & chosen
    for at, label in enumerate(LABELS):
        target = np.array([label in row.policy for row in rows]) & chosen
        recalls = {name: recall_at(scores[:, at], target, honest, rate) for name, rate in RATES.items()}
        table[label] = {"auprc": round(float(average_precision_score(target[chosen], scores[chosen, at])), 3), **recalls}
    return {"macroOfSix": summary(table), "labels": table}


def without_own_rows(pool, features, evaluation):
    rows, parts = evaluation
    kept = np.array([not row.source.startswith("own_") for row in pool])
    ensemble = fit(features[kept], [row for row, keep in zip(pool, kept) if keep])
    return on_unseen(ensemble, rows, parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl.gz and public_eval.jsonl.gz")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    arguments = parser.parse_args()
    pool = training_pool(arguments.data / "train.jsonl.gz", SEED)
    features = matrix(pool)
    rows = list(read_rows(arguments.data / "public_eval.jsonl.gz"))
    evaluation = (rows, windowed(rows))
    result = {"withoutOwnRows": without_own_rows(pool, features, evaluation), "leftOut": {}}
    left_out = LeaveOut(pool, features, evaluation)
    for source in LEFT_OUT:
        result["leftOut"][source] = left_out.measure(source)
        print(source, json.dumps(result["leftOut"][source]), flush=True)
        # After each source: this takes long, and what is done should not be lost.
        arguments.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
