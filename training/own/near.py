"""Which rows of our own stand too near to a row that models are evaluated on: writes near.json, which compose.py leaves out.

Near is: the same words in the same order, or a Jaccard index of the word trigrams of at least one half. Compared with
every row of public_eval and with every row of train whose set may only be evaluated on.

usage: python training/own/near.py --data FOLDER [--check]; with --check nothing is written, a difference is an error.
"""
import argparse
import json
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from own.compose import all_rows, normal  # noqa: E402
from pool import LICENCES, read_rows  # noqa: E402

LEAST_JACCARD = 0.5


def trigrams(text):
    """The text's word trigrams; of a shorter text, the text."""
    words = normal(text).split()
    return frozenset(zip(words, words[1:], words[2:])) or frozenset([tuple(words)])


def evaluation_texts(data):
    yield from (row.text for row in read_rows(data / "public_eval.jsonl.gz"))
    yield from (row.text for row in read_rows(data / "train.jsonl.gz") if row.source not in LICENCES)


def near_rows(rows, texts):
    """Ids of the rows with a near one among `texts`."""
    grams = {row["id"]: trigrams(row["text"]) for row in rows}
    holders = {}
    for row_id, own in grams.items():
        for gram in own:
            holders.setdefault(gram, []).append(row_id)
    near = set()
    for text in texts:
        theirs = trigrams(text)
        shared = Counter(row_id for gram in theirs for row_id in holders.get(gram, ()))
        near.update(i for i, n in shared.items() if n >= LEAST_JACCARD * (len(grams[i]) + len(theirs) - n))
    return sorted(near)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl.gz and public_eval.jsonl.gz")
    parser.add_argument("--check", action="store_true", help="only compare with near.json")
    arguments = parser.parse_args()
    near = near_rows(list(all_rows()), evaluation_texts(arguments.data))
    print(f"{len(near)} rows stand near to an evaluation row")
    if not arguments.check:
        (HERE / "near.json").write_text(json.dumps(near, indent=2) + "\n")
    elif near != json.loads((HERE / "near.json").read_text()):
        raise SystemExit("near.json is not up to date: run near.py without --check")


if __name__ == "__main__":
    main()
