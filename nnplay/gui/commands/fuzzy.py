"""Which texts a few typed letters may mean, and how well they fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["Match", "match"]

_AT_START: Final = 12
_AT_WORD: Final = 8
_IN_A_ROW: Final = 10
_GAP: Final = 4
_NONE: Final = -(10**9)


@dataclass(frozen=True)
class Match:
    """How a text fits.

    Attributes:
        score: the larger, the better.
        places: indices of the letters that were typed.
    """

    score: int
    places: tuple[int, ...] = ()


def match(query: str, text: str) -> Match | None:
    """How a text fits what was typed; None if it does not.

    The letters must come in order, gaps allowed; words may also come in any order. Letters at the
    beginning of words and letters in a row count more, and shorter texts win a draw.
    """
    words = query.casefold().split()
    if not words:
        return Match(0)
    small = text.casefold()
    if len(small) != len(text):  # letters that become two when made small: places would be wrong
        small = text.lower()
    best = _in_order("".join(words), small)
    if len(words) > 1:
        apart = [_in_order(word, small) for word in words]
        found = [one for one in apart if one is not None]
        if len(found) == len(apart):
            score = sum(one.score for one in found) - 4
            if best is None or score > best.score:
                places = sorted({place for one in found for place in one.places})
                best = Match(score, tuple(places))
    if best is None:
        return None
    return Match(best.score * 64 - min(len(text), 63), best.places)


def _in_order(letters: str, text: str) -> Match | None:
    """The best way to find letters in their order (dynamic programming over both)."""
    place = -1
    for letter in letters:  # most texts fail here, cheaply
        place = text.find(letter, place + 1)
        if place < 0:
            return None
    size = len(text)
    previous = [_NONE] * size  # best score with the letter before found exactly here
    came_from: list[list[int]] = []
    for number, letter in enumerate(letters):
        scores, sources = [_NONE] * size, [-1] * size
        best_before, best_place = (0, -1) if number == 0 else (_NONE, -1)
        for j in range(size):
            if text[j] == letter and (best_before > _NONE or (j and previous[j - 1] > _NONE)):
                score, source = best_before, best_place
                if j and number and previous[j - 1] + _IN_A_ROW > score:
                    score, source = previous[j - 1] + _IN_A_ROW, j - 1
                scores[j], sources[j] = score + 1 + _bonus(text, j), source
            if number and previous[j] - _GAP > best_before:
                best_before, best_place = previous[j] - _GAP, j
        previous = scores
        came_from.append(sources)
    end = max(range(size), key=previous.__getitem__)
    if previous[end] <= _NONE // 2:
        return None
    places = [end]
    for sources in reversed(came_from[1:]):
        places.append(sources[places[-1]])
    return Match(previous[end], tuple(reversed(places)))


def _bonus(text: str, place: int) -> int:
    if place == 0:
        return _AT_START
    return _AT_WORD if not text[place - 1].isalnum() and text[place].isalnum() else 0
