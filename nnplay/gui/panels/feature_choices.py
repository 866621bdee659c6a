"""Which features a data set offers, and which of them are in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnplay.data.features import canonical_feature, quoted_name
from nnplay.data.prepared import PreparedData

__all__ = ["Offer", "is_plane", "offers_of"]


@dataclass(frozen=True)
class Offer:
    """A feature that can be switched on or off.

    Attributes:
        feature: entry of ``Preparation.features``.
        is_used: whether inputs stand for it now.
        is_own: whether a person typed it.
    """

    feature: str
    is_used: bool
    is_own: bool


def is_plane(prepared: PreparedData | None) -> bool:
    """Two columns of numbers: the standard features of the plane are offered."""
    return prepared is not None and prepared.has_plane


def offers_of(
    prepared: PreparedData | None, used: Sequence[str], own: Sequence[str]
) -> list[Offer]:
    """All features to offer, usual ones first.

    Args:
        prepared: the data, or None when they cannot be had.
        used: features of the document.
        own: formulas that were typed and may have been switched off since.
    """
    usual: list[str] = []
    if prepared is not None:
        usual = _plane_features(prepared) if prepared.has_plane else list(prepared.raw_names)
    in_use = {canonical_feature(feature): feature for feature in used}
    offers = []
    known = set()
    for feature in usual:
        key = canonical_feature(feature)
        known.add(key)
        offers.append(Offer(in_use.get(key, feature), key in in_use, is_own=False))
    for feature in (*used, *own):
        key = canonical_feature(feature)
        if key not in known:
            known.add(key)
            offers.append(Offer(in_use.get(key, feature), key in in_use, is_own=True))
    return offers


def _plane_features(prepared: PreparedData) -> list[str]:
    first, second = prepared.raw_names
    a, b = quoted_name(first), quoted_name(second)
    return [first, second, f"{a}^2", f"{b}^2", f"{a}*{b}", f"sin({a})", f"sin({b})"]
