"""Controls shared by all panels; they know nothing of the session."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnplay.gui.widgets.card import Card
    from nnplay.gui.widgets.controls import (
        Choice,
        EmptyState,
        caption_label,
        icon_button,
        label,
        separator,
    )
    from nnplay.gui.widgets.gesture import Burst, new_gesture
    from nnplay.gui.widgets.number_field import NumberField, number_text
    from nnplay.gui.widgets.sliders import PlainSlider, SignedSlider
    from nnplay.gui.widgets.toast import Toast

__all__ = [
    "Burst",
    "Card",
    "Choice",
    "EmptyState",
    "NumberField",
    "PlainSlider",
    "SignedSlider",
    "Toast",
    "caption_label",
    "icon_button",
    "label",
    "new_gesture",
    "number_text",
    "separator",
]

_PLACES = {
    "Card": "card",
    "Choice": "controls",
    "EmptyState": "controls",
    "caption_label": "controls",
    "icon_button": "controls",
    "label": "controls",
    "separator": "controls",
    "Burst": "gesture",
    "new_gesture": "gesture",
    "NumberField": "number_field",
    "number_text": "number_field",
    "PlainSlider": "sliders",
    "SignedSlider": "sliders",
    "Toast": "toast",
}


def __getattr__(name: str) -> Any:
    # One by one, because the header needs few of them before the window's first paint.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value
