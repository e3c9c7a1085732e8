"""What the model owes to a source: the same training without it, and without the rows of our own.

H1. Leave one source out: half of its training rows and all of its public_eval rows are scored, by a model that has seen
    the other half and by one that has seen nothing of the source. Honest rows are those of other sources in public_eval.
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


def leave_out(source, labels, pool, features, evaluation):
    rows, parts = evaluation
    scored_half = np.array([row.source == source and stable_hash(row.id, SEED) % 2 == 0 for row in pool])
    halves = [row for row, scored in zip(pool, scored_half) if scored]
    theirs = (halves, windowed(halves))
    honest = np.array([row.honest and row.source != source for row in rows] + [False] * len(halves))
    mine = np.array([row.source == source for row in rows] + [True] * len(halves))
    result = {label: {} for label in labels}
    for name, left in {"with": scored_half, "without": np.array([row.source == source for row in pool])}.items():
        ensemble = fit(features[~left], [row for row, out in zip(pool, left) if not out], labels)
        scores = np.concatenate([highest(ensemble, parts, len(rows)), highest(ensemble, theirs[1], len(halves))])
        for at, label in enumerate(labels):
            target = mine & np.array([label in row.policy for row in [*rows, *halves]])
            result[label][name] = figures(scores[:, at], target, honest)
    return result


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
    for source, labels in LEFT_OUT.items():
        result["leftOut"][source] = leave_out(source, labels, pool, features, evaluation)
        print(source, json.dumps(result["leftOut"][source]), flush=True)
        # After each source: this takes long, and what is done should not be lost.
        arguments.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
