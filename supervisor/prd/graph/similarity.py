"""How alike the texts of stories are: TF-IDF of their words and pairs of words, and the cosine.

A weak sign that two stories touch the same files: it orders starts and warns, and becomes an edge
only where it is strong.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice, pairwise

from ..model import PlannedStory

WORDS_MAX = 1_000  # of a story; what comes after them is not compared
WORK_MAX = 30_000_000  # products of weights: some seconds; texts after that are not compared
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")
_CAMEL = re.compile(r"([a-z0-9])([A-Z])")
_ENDINGS = ("ings", "ing", "ies", "ed", "es", "s")
_STEM_MIN = 3
_SAY_NOTHING = {
    *("a", "an", "and", "are", "as", "at", "be", "by", "can", "for", "from", "has", "have", "i"),
    *("in", "is", "it", "must", "not", "of", "on", "or", "pass", "should", "so", "that", "the"),
    *("this", "to", "typecheck", "user", "want", "when", "will", "with"),
}

Vector = Mapping[str, float]


def text_of(story: PlannedStory) -> str:
    """What is compared of a story."""
    return "\n".join((story.title, story.description, *story.criteria))


@lru_cache(maxsize=64)
def similar_pairs(texts: tuple[str, ...], least: float) -> tuple[tuple[int, int, float], ...]:
    """The pairs of texts (the later one first) that are at least so similar, and how much.

    It is exact: what is left out of the index cannot bring a pair to `least` alone.
    """
    vectors = _vectors(texts)
    highest: dict[str, float] = defaultdict(float)
    for vector in vectors:
        for term, weight in vector.items():
            highest[term] = max(highest[term], weight)
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    bounds: list[float] = []  # what a text can still gain by its terms that are in no index
    found = []
    work = 0
    for at, vector in enumerate(vectors):
        gained: dict[int, float] = defaultdict(float)
        for term, weight in vector.items():
            postings = index.get(term, ())
            work += len(postings)
            for other, its in postings:
                gained[other] += weight * its
        for other, gain in gained.items():
            if gain + bounds[other] >= least:
                score = _cosine(vector, vectors[other])
                if score >= least:
                    found.append((at, other, score))
        if work > WORK_MAX:
            break
        bounds.append(_put(index, at, vector, highest, least))
    return tuple(found)


def _put(
    index: Mapping[str, list[tuple[int, float]]],
    at: int,
    vector: Vector,
    highest: Mapping[str, float],
    least: float,
) -> float:
    """Put a text's rarer terms into the index; return the bound of the others."""
    bound = 0.0
    for term, weight in vector.items():
        more = weight * highest[term]
        if bound + more < least - 1e-9:
            bound += more
        else:
            index[term].append((at, weight))
    return bound


def _cosine(one: Vector, other: Vector) -> float:
    small, large = sorted((one, other), key=len)
    return sum(weight * large.get(term, 0.0) for term, weight in small.items())


def _vectors(texts: Sequence[str]) -> list[Vector]:
    """Vectors of length one, the terms that most texts have first."""
    counts = [Counter(_terms(text)) for text in texts]
    spread: Counter[str] = Counter(term for each in counts for term in each)
    idf = {term: math.log((1 + len(texts)) / many) for term, many in spread.items()}
    vectors: list[Vector] = []
    for each in counts:
        weights = {term: (1 + math.log(many)) * idf[term] for term, many in each.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        common_first = sorted(weights, key=lambda term: (-spread[term], term))
        vectors.append({term: weights[term] / length for term in common_first})
    return vectors


def _terms(text: str) -> list[str]:
    spaced = _CAMEL.sub(r"\1 \2", text)
    words = (found.group().casefold() for found in _WORD.finditer(spaced))
    stems = list(islice((_stem(word) for word in words if word not in _SAY_NOTHING), WORDS_MAX))
    return [*stems, *(" ".join(pair) for pair in pairwise(stems))]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_MIN:
            return word.removesuffix(ending)
    return word
