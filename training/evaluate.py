"""Evaluates a bundle on public_eval, which no training step reads, and writes evaluation.json and the card's tables.

Recall at a rate f is recall at the threshold that a share f of all honest rows passes; honest rows are the benign and the
borderline ones. Intervals are Wilson's, 95 %. Long texts are judged by overlapping windows, as src/classify/windows.ts cuts them; the highest counts.
"""
import argparse
import json
import math
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

import export
from pool import LICENCES, read_rows

MACRO = ("violent_extremism", "wmd", "malware", "cyberattack_phishing", "harassment_hate", "sexual")
RATES = {"onePercent": 0.01, "onePerMille": 0.001}


def wilson(hits, count):
    if count == 0:
        return 0.0, 0.0
    z, share = 1.96, hits / count
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - spread) / (1 + z * z / count), (middle + spread) / (1 + z * z / count)


def calibrated(raw, label, prior):
    """Calibrated scores of raw ones, as src/classify/calibrate.ts computes them."""
    raw = np.clip(raw.astype(np.float64), 1e-7, 1 - 1e-7)
    logit = np.log(raw / (1 - raw))
    ratio = label["calibration"]["slope"] * logit + label["calibration"]["offset"]
    return 1 / (1 + np.exp(-(ratio + math.log(prior / (1 - prior)))))


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


def evaluate(bundle, data):
    manifest = json.loads((bundle / "manifest.json").read_text())
    rows = list(read_rows(data / "public_eval.jsonl.gz"))
    session = export.open_model(bundle / "model.onnx")
    raw = np.array([raw_scores(session, row.text, manifest["input"]["windowUnits"]) for row in rows])
    labels = manifest["labels"]
    scores = {e["label"]: calibrated(raw[:, i], e, manifest["prior"]) for i, e in enumerate(labels)}
    everywhere = np.ones(len(rows), dtype=bool)
    unseen = np.array([row.source not in LICENCES for row in rows])
    parts = {}
    for name, chosen in {"publicEval": everywhere, "sourcesWithoutTrainingRows": unseen}.items():
        per_label = {e["label"]: evaluate_label(e, scores[e["label"]], rows, chosen) for e in labels}
        parts[name] = {"rows": int(chosen.sum()), "macroOfSix": summary(per_label), "labels": per_label}
    six = [e for e in labels if e["label"] in MACRO]
    return {"modelVersion": manifest["version"], **parts, "honestSources": honest_sources(six, scores, rows)}


def _interval(entry):
    return f"{entry['recall']:.3f} [{entry['low']:.2f}, {entry['high']:.2f}]"


def label_table(part):
    lines = ["| label | positives | AUPRC | recall at 1 % | recall at 0.1 % | at the shipped 1 % threshold: recall / honest rows that pass |", "|---|---|---|---|---|---|"]
    for name, entry in part["labels"].items():
        if entry:
            one, mille, shipped = _interval(entry["onePercent"]), _interval(entry["onePerMille"]), entry["shipped"]["onePercent"]
            passed = f"{shipped['recall']:.3f} / {shipped['falsePositiveRate'] * 100:.1f} %"
            lines.append(f"| {name} | {entry['positives']} | {entry['auprc']:.3f} | {one} | {mille} | {passed} |")
    total = part["macroOfSix"]
    lines.append(f"| **macro of the first six** | | **{total['auprc']:.3f}** | **{total['onePercent']:.3f}** | **{total['onePerMille']:.3f}** | |")
    return lines


def source_table(sources):
    lines = ["| honest rows of | rows | pass at 1 % | pass at 0.1 % |", "|---|---|---|---|"]
    for name, entry in sources.items():
        lines.append(f"| {name} | {entry['rows']} | {entry['onePercent'] * 100:.1f} % | {entry['onePerMille'] * 100:.2f} % |")
    return lines


def tables(result):
    seen, unseen = result["publicEval"], result["sourcesWithoutTrainingRows"]
    return "\n".join(
        [f"All of public_eval, {seen['rows']} rows:", "", *label_table(seen), ""]
        + [f"Only sources that have no row in training, {unseen['rows']} rows:", "", *label_table(unseen), ""]
        + ["Share of honest rows on which any of the six fires, at the shipped thresholds:", "", *source_table(result["honestSources"])]
    )


def write_card(bundle, text):
    card = bundle / "README.md"
    before, rest = card.read_text(encoding="utf-8").split("<!-- evaluation -->\n")
    after = rest.split("<!-- /evaluation -->")[1]
    filled = f"{before}<!-- evaluation -->\n\n{text}\n\n<!-- /evaluation -->{after}"
    card.write_text(filled, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds public_eval.jsonl.gz")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--card", action="store_true", help="write evaluation.json and the tables of README.md")
    arguments = parser.parse_args()
    result = evaluate(arguments.bundle, arguments.data)
    print(tables(result))
    if arguments.card:
        (arguments.bundle / "evaluation.json").write_text(json.dumps(result, indent=1) + "\n")
        write_card(arguments.bundle, tables(result))


if __name__ == "__main__":
    main()
