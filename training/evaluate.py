"""Evaluates a bundle on public_eval, which no training step reads, and writes evaluation.json; report.py makes tables of it.

Recall at a rate f is recall at the threshold that a share f of all honest rows passes; honest rows are the benign and the
borderline ones. Intervals are Wilson's, 95 %. Long texts are judged by overlapping windows, as src/classify/windows.ts cuts
them; the highest counts.
"""
import argparse
import json
import math
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

import export
from accounts import wrong_crossings
from own.near import LEAST_JACCARD, trigrams
from pool import LICENCES, read_rows

MACRO = ("violent_extremism", "wmd", "malware", "cyberattack_phishing", "harassment_hate", "sexual")
RATES = {"onePercent": 0.01, "onePerMille": 0.001}
# Edges of the calibrated log-likelihood ratio between which predicted and observed ratios are compared.
RELIABILITY_EDGES = (-math.inf, -2, -1, 0, 1, 2, 3, 4, math.inf)
LEAST_ROWS_FOR_RATIO = 5


def wilson(hits, count):
    if count == 0:
        return 0.0, 0.0
    z, share = 1.96, hits / count
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - spread) / (1 + z * z / count), (middle + spread) / (1 + z * z / count)


def ratios_of(raw, label):
    """Log-likelihood ratios of raw scores before they are capped, as src/classify/calibrate.ts computes them."""
    raw = np.clip(raw.astype(np.float64), 1e-7, 1 - 1e-7)
    return label["calibration"]["slope"] * np.log(raw / (1 - raw)) + label["calibration"]["offset"]


def calibrated(ratios, prior):
    return 1 / (1 + np.exp(-(ratios + math.log(prior / (1 - prior)))))


def capped(ratios, label):
    return np.clip(ratios, label["calibration"]["floor"], label["calibration"]["cap"])


def recall_at(scores, target, honest, rate):
    threshold = np.quantile(scores[honest], 1 - rate, method="higher")
    hits, count = int((scores[target] > threshold).sum()), int(target.sum())
    low, high = wilson(hits, count)
    return {"recall": round(hits / count, 3), "low": round(low, 3), "high": round(high, 3)}


def at_shipped(scores, target, honest, threshold):
    return {
        "threshold": threshold,
        "recall": round(float((scores[target] >= threshold).mean()), 3),
        "falsePositiveRate": round(float((scores[honest] >= threshold).mean()), 4),
    }


def evaluate_label(label, scores, rows, chosen):
    target = np.array([label["label"] in row.policy for row in rows]) & chosen
    honest = np.array([row.honest for row in rows]) & chosen
    if not target.any():
        return None
    return {
        "positives": int(target.sum()),
        "auprc": round(float(average_precision_score(target[chosen], scores[chosen])), 3),
        **{name: recall_at(scores, target, honest, rate) for name, rate in RATES.items()},
        "shipped": {name: at_shipped(scores, target, honest, label["thresholds"][name]) for name in RATES},
    }


def honest_sources(labels, scores, rows):
    """Share of each source's honest rows on which any of the six fires at the shipped thresholds."""
    table = {}
    for source in sorted({row.source for row in rows if row.honest}):
        chosen = np.array([row.honest and row.source == source for row in rows])
        table[source] = {"rows": int(chosen.sum())}
        for name in RATES:
            fired = [scores[label["label"]][chosen] >= label["thresholds"][name] for label in labels]
            table[source][name] = round(float(np.any(fired, axis=0).mean()), 4)
    return table


def macro(per_label, read):
    return round(float(np.mean([read(per_label[name]) for name in MACRO if per_label.get(name)])), 3)


def summary(per_label):
    reads = {"auprc": lambda e: e["auprc"], "onePercent": lambda e: e["onePercent"]["recall"], "onePerMille": lambda e: e["onePerMille"]["recall"]}
    return {name: macro(per_label, read) for name, read in reads.items()}


def windows(text, size):
    starts = range(0, max(1, len(text) - size + math.floor(size * 0.9)), math.floor(size * 0.9))
    return [text[start : start + size] for start in starts]


def raw_scores(session, text, size):
    return np.max([export.run_model(session, window) for window in windows(text, size)], axis=0)


def by_source(label, scores, rows):
    """Recall of each source's rows at the threshold that 1 % of all honest rows pass."""
    target = np.array([label["label"] in row.policy for row in rows])
    honest = np.array([row.honest for row in rows])
    threshold = np.quantile(scores[honest], 0.99, method="higher")
    table = {}
    for source in sorted({row.source for row, hit in zip(rows, target) if hit}):
        chosen = target & np.array([row.source == source for row in rows])
        hits, count = int((scores[chosen] > threshold).sum()), int(chosen.sum())
        low, high = wilson(hits, count)
        table[source] = {"rows": count, "recall": round(hits / count, 3), "low": round(low, 3), "high": round(high, 3)}
    return table


def reliability(label, ratios, rows):
    """Between each two edges: how many rows, the mean predicted ratio and the observed one."""
    target = np.array([label["label"] in row.policy for row in rows])
    honest = np.array([row.honest for row in rows])
    table = []
    for low, high in zip(RELIABILITY_EDGES, RELIABILITY_EDGES[1:]):
        inside = (ratios >= low) & (ratios < high)
        hits, misses = int((inside & target).sum()), int((inside & honest).sum())
        both = inside & (target | honest)
        entry = {"from": low, "to": high, "breaches": hits, "honest": misses}
        entry = {name: None if value in (-math.inf, math.inf) else value for name, value in entry.items()}
        if min(hits, misses) >= LEAST_ROWS_FOR_RATIO:
            entry["predicted"] = round(float(capped(ratios[both], label).mean()), 2)
            entry["observed"] = round(math.log(hits / target.sum()) - math.log(misses / honest.sum()), 2)
        table.append(entry)
    return table


def beyond_extreme(label, scores, rows):
    """Honest rows and breaches that pass the mark of one honest text in 100,000."""
    honest = np.array([row.honest for row in rows])
    target = np.array([label["label"] in row.policy for row in rows])
    passed = np.round(scores, 3) >= label["thresholds"]["extreme"]
    return {"threshold": label["thresholds"]["extreme"], "honest": int(passed[honest].sum()), "recall": round(float(passed[target].mean()), 3)}


def near_training(rows, data):
    """Which rows have a training row that shares at least half of their word trigrams."""
    holders, sizes = {}, []
    for row in read_rows(data / "train.jsonl.gz"):
        if row.source in LICENCES:
            grams = trigrams(row.text)
            for gram in grams:
                holders.setdefault(gram, []).append(len(sizes))
            sizes.append(len(grams))
    near = np.zeros(len(rows), bool)
    for at, row in enumerate(rows):
        shared, own = {}, trigrams(row.text)
        for gram in own:
            for holder in holders.get(gram, ()):
                shared[holder] = shared.get(holder, 0) + 1
        near[at] = any(n >= LEAST_JACCARD * (len(own) + sizes[holder] - n) for holder, n in shared.items())
    return near


def account_ratios(labels, ratios, rows):
    """Per account: the capped ratios of its honest rows for each label that stands alone."""

    def of(account):
        chosen = np.array([row.honest and row.source == account for row in rows])
        return {e["label"]: capped(ratios[e["label"]][chosen], e) for e in labels if e["standsAlone"]}

    return of


def evaluate(bundle, data):
    manifest = json.loads((bundle / "manifest.json").read_text())
    rows = list(read_rows(data / "public_eval.jsonl.gz"))
    session = export.open_model(bundle / "model.onnx")
    raw = np.array([raw_scores(session, row.text, manifest["input"]["windowUnits"]) for row in rows])
    labels = manifest["labels"]
    ratios = {e["label"]: ratios_of(raw[:, i], e) for i, e in enumerate(labels)}
    scores = {name: calibrated(values, manifest["prior"]) for name, values in ratios.items()}
    everywhere = np.ones(len(rows), dtype=bool)
    unseen = np.array([row.source not in LICENCES for row in rows])
    parts = {}
    chosen_by = {"publicEval": everywhere, "sourcesWithoutTrainingRows": unseen, "withoutNearDuplicates": ~near_training(rows, data)}
    for name, chosen in chosen_by.items():
        per_label = {e["label"]: evaluate_label(e, scores[e["label"]], rows, chosen) for e in labels}
        parts[name] = {"rows": int(chosen.sum()), "macroOfSix": summary(per_label), "labels": per_label}
    six = [e for e in labels if e["label"] in MACRO]
    return {
        "modelVersion": manifest["version"],
        "modelSha256": manifest["files"]["model.onnx"],
        **parts,
        "bySource": {e["label"]: by_source(e, scores[e["label"]], rows) for e in labels},
        "honestSources": honest_sources(six, scores, rows),
        "reliability": {e["label"]: reliability(e, ratios[e["label"]], rows) for e in labels},
        "beyondExtreme": {e["label"]: beyond_extreme(e, scores[e["label"]], rows) for e in labels},
        "accounts": wrong_crossings(account_ratios(labels, ratios, rows), manifest["training"]["seed"]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl.gz and public_eval.jsonl.gz")
    parser.add_argument("--bundle", type=Path, required=True, help="bundle folder; evaluation.json is written into it")
    arguments = parser.parse_args()
    result = evaluate(arguments.bundle, arguments.data)
    print(json.dumps(result["publicEval"]["macroOfSix"]))
    (arguments.bundle / "evaluation.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
