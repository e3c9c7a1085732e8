"""Makes tables of evaluation.json for the bundle's card and docs/classification.md, and its reliability diagrams.

Each file keeps its own words; what stands between `<!-- NAME -->` and `<!-- /NAME -->` is replaced. test/classify/model/card.test.ts
holds both against evaluation.json.
"""
import argparse
import json
import re
from pathlib import Path

from diagram import reliability_svg

DISGUISED = ("violent_extremism", "wmd", "malware", "cyberattack_phishing", "harassment_hate", "sexual", "jailbreak")
SHORT = {"violent_extremism": "extremism", "cyberattack_phishing": "cyberattack", "harassment_hate": "harassment"}


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(head, rows):
    return "\n".join([row(*head), "|" + "---|" * len(head), *(row(*cells) for cells in rows)])


def interval(entry):
    return f"{entry['recall']:.3f} [{entry['low']:.2f}, {entry['high']:.2f}]"


def labels_table(part):
    rows = []
    for name, entry in part["labels"].items():
        if entry:
            shipped = entry["shipped"]["onePercent"]
            passed = f"{shipped['recall']:.3f} / {shipped['falsePositiveRate'] * 100:.1f} %"
            rows.append([name, entry["positives"], f"{entry['auprc']:.3f}", interval(entry["onePercent"]), interval(entry["onePerMille"]), passed])
    total = part["macroOfSix"]
    rows.append(["**macro of the first six**", "", *(f"**{total[key]:.3f}**" for key in ("auprc", "onePercent", "onePerMille")), ""])
    head = ["label", "positives", "AUPRC", "recall at 1 %", "recall at 0.1 %", "at the shipped 1 % threshold: recall / honest rows that pass"]
    return table(head, rows)


def honest_table(sources):
    rows = [[name, e["rows"], f"{e['onePercent'] * 100:.1f} %", f"{e['onePerMille'] * 100:.2f} %"] for name, e in sources.items()]
    return table(["honest rows of", "rows", "pass at 1 %", "pass at 0.1 %"], rows)


def by_source_table(by_source):
    rows = [[label, source, e["rows"], interval(e)] for label, sources in by_source.items() for source, e in sources.items()]
    return table(["label", "source", "rows", "recall at 1 %"], rows)


def reliability_table(reliability):
    rows = []
    for label, bins in reliability.items():
        for entry in bins:
            if "predicted" in entry:
                edges = f"{'' if entry['from'] is None else entry['from']} … {'' if entry['to'] is None else entry['to']}"
                rows.append([label, edges, entry["breaches"], entry["honest"], f"{entry['predicted']:.2f}", f"{entry['observed']:.2f}"])
    return table(["label", "ratio", "breaches", "honest rows", "predicted", "observed"], rows)


def extreme_table(extremes):
    rows = [[label, e["threshold"], e["honest"], f"{e['recall']:.3f}"] for label, e in extremes.items()]
    return table(["label", "mark (score)", "honest rows that reach it", "recall"], rows)


def accounts_table(accounts):
    rows = []
    for account, labels in accounts.items():
        for label, volumes in labels.items():
            if any(entry["crossed"] for entry in volumes.values()):
                rows.append([account, label, *(f"{e['crossed']}/{e['days']} (≤ {e['upper']:.3f})" for e in volumes.values())])
    volumes = next(iter(next(iter(accounts.values())).values()))
    quiet = sum(not any(e["crossed"] for e in v.values()) for labels in accounts.values() for v in labels.values())
    bounds = ["the other pairs", f"{quiet} pairs", *(f"0/{e['days']} (≤ {1 - 0.05 ** (1 / e['days']):.4f})" for e in volumes.values())]
    return table(["account", "label", *(f"{int(v):,} texts a day" for v in volumes)], [*rows, bounds])


def left_out_table(left_out):
    rows = []
    for source, labels in left_out.items():
        for label, entry in labels.items():
            seen, unseen = entry["with"], entry["without"]
            cells = (f"{seen[key]:.3f} / {unseen[key]:.3f}" for key in ("auroc", "onePercent", "onePerMille"))
            rows.append([source, label, seen["positives"], *cells])
    return table(["source left out", "label", "positives", "AUROC with / without", "recall at 1 %", "recall at 0.1 %"], rows)


def ablation_table(without, shipped):
    parts = [("without our own rows", without), ("with them", shipped)]
    rows = [[f"macro, {name}", *(f"{part['macroOfSix'][key]:.3f}" for key in ("auprc", "onePercent", "onePerMille"))] for name, part in parts]
    for label, before in without["labels"].items():
        after = shipped["labels"][label]
        cells = (f"{before[key]['recall']:.3f} → {after[key]['recall']:.3f}" for key in ("onePercent", "onePerMille"))
        rows.append([label, f"{before['auprc']:.3f} → {after['auprc']:.3f}", *cells])
    return table(["", "AUPRC", "recall at 1 %", "recall at 0.1 %"], rows)


def robustness_table(recall):
    plain = recall["none"]
    rows = [["none: recall", *(f"{plain[label]:.2f}" for label in DISGUISED)]]
    for name, found in recall.items():
        if name != "none":
            rows.append([name, *(f"{plain[label] - found[label]:+.2f}" for label in DISGUISED)])
    return table(["disguise", *(SHORT.get(label, label) for label in DISGUISED)], rows)


def sections(result):
    """Every table by the name that files ask for it."""
    made = {
        "all": labels_table(result["publicEval"]),
        "unseen": labels_table(result["sourcesWithoutTrainingRows"]),
        "distinct": labels_table(result["withoutNearDuplicates"]),
        "honest": honest_table(result["honestSources"]),
        "sources": by_source_table(result["bySource"]),
        "reliability": reliability_table(result["reliability"]),
        "extreme": extreme_table(result["beyondExtreme"]),
        "accounts": accounts_table(result["accounts"]),
    }
    if "holdouts" in result:
        made["left-out"] = left_out_table(result["holdouts"]["leftOut"])
        made["own-rows"] = ablation_table(result["holdouts"]["withoutOwnRows"], result["sourcesWithoutTrainingRows"])
    if "robustness" in result:
        made["disguises"] = robustness_table(result["robustness"]["recall"])
    return made


def fill(path, made):
    text = path.read_text(encoding="utf-8")
    for name, content in made.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = mark.sub(lambda found: f"{found.group(1)}\n{content}\n\n{found.group(2)}", text)
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True, help="bundle folder with evaluation.json and README.md")
    parser.add_argument("--holdouts", type=Path, help="what holdouts.py wrote")
    parser.add_argument("--robustness", type=Path, help="what the benchmark of disguises wrote")
    parser.add_argument("--docs", type=Path, required=True, help="the page that holds all tables")
    arguments = parser.parse_args()
    path = arguments.bundle / "evaluation.json"
    result = json.loads(path.read_text())
    for name in ("holdouts", "robustness"):
        if getattr(arguments, name):
            result[name] = json.loads(getattr(arguments, name).read_text())
    path.write_text(json.dumps(result, indent=1) + "\n")
    (arguments.bundle / "reliability.svg").write_text(reliability_svg(result["reliability"]), encoding="utf-8")
    for file in (arguments.bundle / "README.md", arguments.docs):
        fill(file, sections(result))


if __name__ == "__main__":
    main()
