"""Rows of our own: requests that breach a clause, and for each an honest twin with the same words and register.

O1. Every row is composed from phrases that were written for this project; none is taken from a data set.
O2. A breach and its twin come through the same frames, so that what is asked tells them apart, not how it is asked.
O3. Seeded: the same seed gives the same rows in the same order. Within a clause no two rows are alike.
O4. Rows that own/near.json names stand too near to a row that models are evaluated on, and are left out.

usage: python training/own/compose.py [--out FILE] prints the counts and writes one JSON object a line.
"""
import argparse
import json
import random
import re
import tomllib
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
SEED = 20261126
ROWS_PER_SIDE = 1500
# Share of a side's rows by the kind of phrase; kinds that a clause lacks pass their share on.
KINDS = {"do": 0.4, "make": 0.28, "say": 0.22, "message": 0.1}
ABOUT_SHARE = 0.25
JAILBREAK_SHARE = 0.1
COVER_SHARE, PURPOSE_SHARE = 0.1, 0.15
MOST_TRIES = 60

_CHOICE = re.compile(r"\{([^{}]*)\}")


def lines(text):
    """The phrases of a block: one a line; a line that is a comment of the file stands outside of blocks."""
    return [line for line in text.split("\n") if line]


def load_clause(path):
    clause = tomllib.loads(path.read_text(encoding="utf-8"))
    sides = {side: {kind: lines(block) for kind, block in clause.get(side, {}).items()} for side in ("breach", "twin")}
    slots = {name: lines(block) for name, block in clause["slots"].items()}
    return {"name": path.stem, "label": clause["label"], "slots": slots, **sides}


def load_frames():
    frames = tomllib.loads((HERE / "frames.toml").read_text(encoding="utf-8"))
    return {name: lines(block) for name, block in frames.items()}


class Composer:
    """Fills phrases of one clause; every phrase and every frame comes up equally often."""

    def __init__(self, clause, frames, seed):
        self._clause, self._frames = clause, frames
        self._random = random.Random(f"{seed}/{clause['name']}")
        self._decks = {}

    def _deal(self, name, cards):
        deck = self._decks.get(name)
        if not deck:
            deck = list(cards)
            self._random.shuffle(deck)
            self._decks[name] = deck
        return deck.pop()

    def _fill(self, text):
        """Inner choices first: `{a|b}` is one of its parts, `{slot}` one of the slot's phrases, `{n}` a number."""
        while match := _CHOICE.search(text):
            text = text[: match.start()] + self._choose(match.group(1)) + text[match.end() :]
        return re.sub(r" {2,}", " ", text).strip()

    def _choose(self, inner):
        if "|" in inner:
            return self._random.choice(inner.split("|"))
        if inner == "n":
            return str(self._random.randint(10, 99_999))
        slots = self._clause["slots"].get(inner)
        # A comment's braces, or a choice of one.
        return self._random.choice(slots) if slots else inner

    def _phrase(self, side, kind):
        return self._fill(self._deal(f"{side}.{kind}", self._clause[side][kind]))

    def _framed(self, kind, phrase, frames):
        frame = self._deal(frames, self._frames[frames])
        capital = phrase[:1].upper() + phrase[1:]
        return self._fill(frame.replace("{" + kind + "}", phrase).replace("{" + kind.capitalize() + "}", capital))

    def _kind(self, side):
        kinds = [kind for kind in KINDS if kind in self._clause[side]]
        return self._random.choices(kinds, [KINDS[kind] for kind in kinds])[0]

    def _ending(self, side, text, kind):
        if kind in ("say", "message"):
            return text
        if side == "breach" and self._random.random() < COVER_SHARE:
            return f"{text.rstrip('.?!')} {self._random.choice(self._frames['cover'])}"
        if self._random.random() < PURPOSE_SHARE:
            return f"{text} {self._random.choice(self._frames['purpose'])}"
        return text

    def _typed(self, text):
        """As people type: mostly well, sometimes all lower case, without the last mark, with a slip."""
        roll = self._random.random()
        if roll < 0.15:
            return text.lower()
        if roll < 0.2:
            return text.lower().rstrip(".?!")
        if roll < 0.23:
            return text.upper()
        return self._slip(text) if roll < 0.31 else text

    def _slip(self, text):
        words = text.split(" ")
        long = [i for i, word in enumerate(words) if word.isalpha() and len(word) > 4]
        if not long:
            return text
        at = self._random.choice(long)
        word, cut = words[at], self._random.randint(1, len(words[at]) - 3)
        kept = word[:cut] + (word[cut + 1] + word[cut] if self._random.random() < 0.5 else word[cut]) + word[cut + 2 :]
        return " ".join([*words[:at], kept, *words[at + 1 :]])

    def sides(self):
        """What makes rows of each side that the clause has."""
        return [(name, make) for name, make in (("breach", self.breach), ("twin", self.twin)) if self._clause[name]]

    def breach(self):
        """Text and labels."""
        kind = self._kind("breach")
        phrase = self._phrase("breach", kind)
        if kind == "message":
            return self._typed(phrase), [self._clause["label"]], "message"
        text = self._ending("breach", self._framed(kind, phrase, kind), kind)
        label = self._clause["label"]
        if kind != "say" and label != "jailbreak" and self._random.random() < JAILBREAK_SHARE:
            return self._framed("ask", text, "jailbreak"), [label, "jailbreak"], "prompt"
        return self._typed(text), [label], "prompt"

    def twin(self):
        spoken_of = [kind for kind in ("do", "make") if kind in self._clause["breach"]]
        if spoken_of and self._random.random() < ABOUT_SHARE:
            kind = self._random.choice(spoken_of)
            return self._typed(self._framed(kind, self._phrase("breach", kind), f"about_{kind}")), ["benign"], "prompt"
        kind = self._kind("twin")
        phrase = self._phrase("twin", kind)
        if kind == "message":
            return self._typed(phrase), ["benign"], "message"
        return self._typed(self._ending("twin", self._framed(kind, phrase, kind), kind)), ["benign"], "prompt"


def normal(text):
    """What two texts that only differ in case, marks and spaces have in common."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _distinct(make, count):
    seen, made = set(), []
    for _ in range(count * MOST_TRIES):
        text, policy, side = make()
        if normal(text) not in seen:
            seen.add(normal(text))
            made.append((text, policy, side))
        if len(made) == count:
            return made
    raise SystemExit(f"only {len(made)} of {count} distinct rows: the clause needs more phrases")


def all_rows(seed=SEED):
    """Every composed row, those too near to an evaluation row included; ids are stable under one seed."""
    frames = load_frames()
    for path in sorted((HERE / "clauses").glob("*.toml")):
        composer = Composer(load_clause(path), frames, seed)
        for name, make in composer.sides():
            for at, (text, policy, side) in enumerate(_distinct(make, ROWS_PER_SIDE)):
                yield {"id": f"own_{path.stem}-{name[0]}{at:04}", "text": text, "side": side, "policy": policy, "strength": "strong"}


def own_rows(seed=SEED):
    """The rows that training may use (O4)."""
    near = set(json.loads((HERE / "near.json").read_text()))
    return [row for row in all_rows(seed) if row["id"] not in near]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="file to write the rows to, one JSON object a line")
    arguments = parser.parse_args()
    rows = own_rows()
    for (policy, source), count in sorted(Counter((" + ".join(r["policy"]), r["id"].rsplit("-", 1)[0]) for r in rows).items()):
        print(f"{source:20} {policy:36} {count}")
    if arguments.out:
        arguments.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
