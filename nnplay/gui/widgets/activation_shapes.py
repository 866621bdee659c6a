"""Activation functions as people look for them: in groups, each with its curve."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from nnplay.core.activations import ACTIVATIONS
from nnplay.gui.theme import Theme

__all__ = ["ICON", "activation_groups", "activation_icon", "activation_tip", "sampled"]

FloatArray = npt.NDArray[np.float64]

ICON: Final = QSize(26, 18)
_Z: Final = (-3.0, 3.0)
_A: Final = (-1.25, 2.0)

_GROUPS: Final = (
    ("Common", ("linear", "relu", "leaky_relu", "tanh", "sigmoid", "softmax")),
    ("Smooth", ("elu", "selu", "gelu", "gelu_tanh", "silu", "mish", "softplus")),
    ("Bounded", ("hard_sigmoid", "hard_tanh", "softsign", "gaussian")),
)
_REST: Final = "Others"


def activation_groups(*, for_outputs: bool) -> list[tuple[str, list[str]]]:
    """Captions and names of all activations; softmax is for outputs only."""
    groups = [(caption, [n for n in names if n in ACTIVATIONS]) for caption, names in _GROUPS]
    listed = {name for _, names in groups for name in names}
    groups.append((_REST, [name for name in ACTIVATIONS if name not in listed]))
    if not for_outputs:
        groups = [
            (caption, [name for name in names if not ACTIVATIONS[name].is_group])
            for caption, names in groups
        ]
    return [(caption, names) for caption, names in groups if names]


def activation_tip(name: str) -> str:
    """Formula, derivative and remark, a line each; empty for an unknown name."""
    known = ACTIVATIONS.get(name)
    if known is None:
        return ""
    lines = [known.formula, known.derivative_formula, known.remark]
    return "\n".join(line for line in lines if line)


def sampled(name: str, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values and derivatives at ``float64[n]``; softmax is taken for two outputs, the other at 0."""
    activation = ACTIVATIONS["sigmoid" if name == "softmax" else name]
    points = z[None, :]
    values, slopes = np.empty_like(points), np.empty_like(points)
    with np.errstate(all="ignore"):  # a far z may overflow on the way to the right answer
        activation.function(points, values)
        activation.derivative(points, values, slopes)
    return values[0], slopes[0]


def activation_icon(theme: Theme, name: str) -> QIcon:
    """The curve between z = −3 and z = 3, all in one scale so that they can be compared."""
    palette = theme.palette
    icon = QIcon(_curve(name, palette.colour("accent"), palette.colour("border_strong")))
    chosen = _curve(name, palette.colour("text"), palette.colour("border_strong"))
    icon.addPixmap(chosen, QIcon.Mode.Selected)
    return icon


def _curve(name: str, line: QColor, axes: QColor) -> QPixmap:
    ratio = 2.0
    pixmap = QPixmap(ICON * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = QRectF(0, 0, ICON.width(), ICON.height())
    painter.setClipRect(frame)

    def place(z: float, a: float) -> QPointF:
        return QPointF(
            (z - _Z[0]) / (_Z[1] - _Z[0]) * frame.width(),
            (_A[1] - a) / (_A[1] - _A[0]) * frame.height(),
        )

    painter.setPen(QPen(axes, 1))
    painter.drawLine(place(_Z[0], 0), place(_Z[1], 0))
    painter.drawLine(place(0, _A[0]), place(0, _A[1]))
    z = np.linspace(*_Z, 49)
    values = np.clip(sampled(name, z)[0], -9.0, 9.0)
    points = [place(x, a) for x, a in zip(z.tolist(), values.tolist(), strict=True)]
    painter.setPen(QPen(line, 1.6))
    painter.drawPolyline(QPolygonF(points))
    painter.end()
    return pixmap
