"""Hashed n-grams of one text; src/classify/featurise.ts computes the same numbers, golden.json proves it.

F1. NFKC, lower case, then UTF-16 code units; everything below works on units, as JavaScript does.
F2. Tokens are runs of units that are no white space. Of ` token ` come all 3-, 4- and 5-grams (kind `c`).
F3. Words are runs of word units inside a token. Each word counts (`w`), and each pair of neighbours (`b`); both count
    WORD_TIMES times, because a word says more than one of its pieces.
F4. A gram is hashed by FNV-1a (32 bit, one step a unit, the kind first), folded by 16, modulo 2^18.
F5. A feature's value is 1 + ln(count); the vector has length 1.
"""
import math
import unicodedata
from functools import lru_cache

import numpy as np

BUCKETS = 1 << 18
CHAR_GRAMS = (3, 4, 5)
WORD_TIMES = 3
# Raised with every change of the rules above: a model fits the version that it was trained with.
VERSION = 2
# Of longer texts training sees the first and the last half; when scored they are windowed.
MAX_UNITS = 4000

_BASIS, _PRIME, _MASK = 0x811C9DC5, 0x01000193, 0xFFFFFFFF
# JavaScript's \s after NFKC (the wide spaces have become U+0020 by then).
_SPACES = frozenset([9, 10, 11, 12, 13, 32, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0xFEFF])


def _step(h, unit):
    return ((h ^ unit) * _PRIME) & _MASK


_CHAR, _WORD, _PAIR = (_step(_BASIS, ord(kind)) for kind in "cwb")


def _fold(h):
    return (h ^ (h >> 16)) & (BUCKETS - 1)


def is_word_unit(unit):
    if unit < 0x80:
        return 48 <= unit <= 57 or 97 <= unit <= 122 or unit == 95
    if unit < 0xC0 or unit in (0xD7, 0xF7):
        return False
    return not (0x2000 <= unit <= 0x2BFF or 0x3000 <= unit <= 0x303F)


def _units(text):
    folded = unicodedata.normalize("NFKC", text).lower()
    return np.frombuffer(folded.encode("utf-16-le", "surrogatepass"), dtype=np.uint16).tolist()


def _tokens(units):
    token = []
    for unit in units:
        if unit not in _SPACES:
            token.append(unit)
        elif token:
            yield tuple(token)
            token = []
    if token:
        yield tuple(token)


@lru_cache(maxsize=1 << 18)
def _char_grams(token):
    padded = (32, *token, 32)
    grams = []
    for start in range(len(padded) - 2):
        h = _CHAR
        for length, unit in enumerate(padded[start : start + 5], 1):
            h = _step(h, unit)
            if length >= 3:
                grams.append(_fold(h))
    return grams


@lru_cache(maxsize=1 << 18)
def _words(token):
    words, h = [], None
    for unit in token:
        if is_word_unit(unit):
            h = _step(_BASIS if h is None else h, unit)
        elif h is not None:
            words.append(h)
            h = None
    if h is not None:
        words.append(h)
    return words


def _counts(units):
    counts, before = {}, None

    def add(gram, times):
        counts[gram] = counts.get(gram, 0) + times

    for token in _tokens(units):
        for gram in _char_grams(token):
            add(gram, 1)
        for word in _words(token):
            add(_fold(_step(_WORD, word)), WORD_TIMES)
            if before is not None:
                add(_fold(_step(_step(_PAIR, before), word)), WORD_TIMES)
            before = word
    return counts


def featurise(text):
    """The text's buckets and values, buckets rising."""
    counts = _counts(_units(text))
    ids = np.array(sorted(counts), dtype=np.int32)
    values = np.array([1.0 + math.log(counts[i]) for i in ids.tolist()])
    norm = math.sqrt(float((values * values).sum())) or 1.0
    return ids, (values / norm).astype(np.float32)


def shorten(text):
    """What training sees of a long text: its beginning and its end."""
    half = MAX_UNITS // 2
    return text if len(text) <= MAX_UNITS else text[:half] + " " + text[-half:]
