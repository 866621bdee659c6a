"""Controls shared by all panels; they know nothing of the session."""

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
