"""The options of one kind of file: only those that it has are shown."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from nnplay.formats.registry import FORMATS
from nnplay.gui.dialogs.export_words import Choice
from nnplay.gui.dialogs.segments import Segments
from nnplay.gui.widgets import label
from nnplay.picture.options import PictureOptions
from nnplay.session.settings import Settings

__all__ = ["ExportOptions"]

_PRECISIONS: Final = (
    ("float64", "64 bits", "Every digit the network has"),
    ("float32", "32 bits", "Half the size; about seven digits, as most programs use"),
)
_BATCHES: Final = (
    ("any", "Any number", "The model takes any number of samples at once"),
    ("one", "One sample", "Fixed to one sample a run, for small devices"),
)
_WEIGHTS: Final = (
    ("inline", "In the file", "The weights stand in the file as numbers"),
    ("beside", "Beside it", "The weights lie in a safetensors file of the same name"),
)
_OPSETS: Final = tuple(str(number) for number in range(13, 22))


class ExportOptions(QWidget):
    """Precision, preparation, operator set … as the chosen kind of file has them.

    Signals:
        changed: something was chosen.
    """

    changed = Signal()

    def __init__(self, settings: Settings, has_preparation: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._choice: Choice | None = None
        self._settings = settings
        self.precision = Segments(_PRECISIONS, "Precision", self, width=70)
        self.batch = Segments(_BATCHES, "Samples a run", self)
        self.weights = Segments(_WEIGHTS, "Weights", self)
        self.opset = QComboBox(self)
        self.opset.addItems(_OPSETS)
        self.opset.setCurrentText("17")
        self.opset.setAccessibleName("Operator set")
        self.opset.setToolTip("Version of the ONNX operators; 17 suits most programs")
        self.preparation = QCheckBox("Take raw values and prepare them inside", self)
        self.preparation.setToolTip(
            "Scaling and encoding of the data travel along: raw columns go in, and what comes out "
            "is in units of the target"
        )
        self.preparation.setChecked(has_preparation)
        self.preparation.setEnabled(has_preparation)
        if not has_preparation:
            self.preparation.setToolTip("The data of this network are used as they are")
        self.numbers = QCheckBox("Write weights and biases", self)
        self.dark = QCheckBox("Dark", self)
        self.dark.setToolTip("Light lines on a dark ground, for slides")
        self._rows = {
            "dtype": self._row("Precision", self.precision),
            "include_preparation": self._row("Preparation", self.preparation),
            "opset": self._row("Operator set", self.opset),
            "batch": self._row("Samples a run", self.batch),
            "weights": self._row("Weights", self.weights),
            "numbers": self._row("Numbers", self.numbers),
            "dark": self._row("Colours", self.dark),
        }
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for row in self._rows.values():
            layout.addWidget(row)
        for segments in (self.precision, self.batch, self.weights):
            segments.chosen.connect(self.changed)
        self.opset.currentIndexChanged.connect(self.changed)
        for box in (self.preparation, self.numbers, self.dark):
            box.toggled.connect(self.changed)

    def _row(self, caption: str, field: QWidget) -> QWidget:
        row = QWidget(self)
        words = label(caption, "secondary", row)
        words.setFixedWidth(104)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(words)
        layout.addWidget(field)
        layout.addStretch(1)
        return row

    def show_choice(self, choice: Choice) -> None:
        """Show the options of a kind of file."""
        self._choice = choice
        if choice.is_picture:
            names = {"numbers"} if choice.name == "tex" else {"numbers", "dark"}
        else:
            row = FORMATS[choice.name]
            names = set(row.option_names) - {"prefix"}
            if row.number_types:
                # What is usual for the format; the choice of a person is kept for each of them.
                usual = self._settings.text(f"export/dtype/{choice.name}", row.number_types[0])
                self.precision.set_value(usual)
        for name, widget in self._rows.items():
            widget.setVisible(name in names)

    def remember(self) -> None:
        """Keep the precision for this format."""
        if self._choice is not None and self.dtype is not None:
            self._settings.set_text(f"export/dtype/{self._choice.name}", self.dtype)

    @property
    def dtype(self) -> str | None:
        """The precision, None where there is no choice."""
        choice = self._choice
        if choice is None or choice.is_picture or not FORMATS[choice.name].number_types:
            return None
        return self.precision.value()

    @property
    def values(self) -> dict[str, Any]:
        """Arguments for the export; only those that the format has."""
        if self._choice is None or self._choice.is_picture:
            return {}
        known = FORMATS[self._choice.name].option_names
        every = {
            "dtype": self.dtype,
            "include_preparation": None if self.preparation.isChecked() else False,
            "opset": int(self.opset.currentText()),
            "batch": 1 if self.batch.value() == "one" else None,
            "weights": self.weights.value(),
        }
        return {name: value for name, value in every.items() if name in known}

    @property
    def picture(self) -> PictureOptions:
        """How a picture is drawn."""
        numbers = self.numbers.isChecked()
        return PictureOptions(weights=numbers, biases=numbers, dark=self.dark.isChecked())
