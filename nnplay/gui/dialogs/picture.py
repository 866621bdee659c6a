"""Exports a picture of the network: format, what is written in it, colours, and a look at it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from nnplay.gui.dialogs.frame import MARGIN, Dialog
from nnplay.gui.dialogs.segments import Segments
from nnplay.gui.dialogs.unsaved import ask_to_replace
from nnplay.gui.panels.form import FieldNote, Section
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.picture.options import PictureOptions
from nnplay.picture.palette import DARK, LIGHT, Palette, blend
from nnplay.picture.render import PictureError, picture_bytes, picture_image
from nnplay.session.notices import Notice
from nnplay.session.session import Session

__all__ = ["PictureDialog", "PicturePreview"]

_PAUSE_MS: Final = 60
_CHECK: Final = 8
_FORMATS: Final = (
    ("svg", "SVG", "Lines for web pages and drawing programs; sharp in any size"),
    ("pdf", "PDF", "Lines for papers and LaTeX; sharp in any size"),
    ("png", "PNG", "Pixels for slides and messages"),
)
_SCALES: Final = (
    ("1", "1×", "One pixel for each pixel of the canvas at 100 %"),
    ("2", "2×", "Twice as many pixels each way, for slides"),
    ("3", "3×", "Three times as many pixels each way, for print"),
)
_COLOURS: Final = (
    ("light", "For paper", "Dark lines on a light ground"),
    ("dark", "Dark", "Light lines on a dark ground"),
    ("shown", "As shown", "The colours the window has now"),
)
_PARTS: Final = (
    ("all", "Everything", "The whole network"),
    ("selection", "Selection", "The selected neurons and the connections among them"),
)
_SWITCHES: Final = (
    ("weights", "Weights", "Write each weight beside its connection"),
    ("biases", "Biases", "Write each bias beside its neuron"),
    ("values", "Activations", "Write what each neuron gives for the probed sample"),
    ("headers", "Names of the layers", "Name the layers, with sizes and activations"),
)


class PictureDialog(Dialog):
    """Choose what the picture shows, look at it, copy it or write it to a file."""

    def __init__(
        self,
        session: Session,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        shows_numbers: bool = False,
    ) -> None:
        """``shows_numbers`` says whether the canvas writes weights at present."""
        super().__init__(
            theme,
            "Export picture",
            "Export a picture",
            "The network as it stands now, for papers, slides and worksheets.",
            parent,
        )
        self.setFixedWidth(940)
        self._session = session
        settings = session.settings
        self.format = Segments(_FORMATS, "Format", self)
        self.scale = Segments(_SCALES, "Size", self, width=56)
        self.colours = Segments(_COLOURS, "Colours", self)
        self.part = Segments(_PARTS, "Neurons", self)
        self.switches: dict[str, QCheckBox] = {}
        usual = {"weights": shows_numbers, "biases": shows_numbers, "values": True}
        for name, words, tip in _SWITCHES:
            box = QCheckBox(words, self)
            box.setToolTip(tip)
            box.setChecked(settings.flag(f"picture/{name}", usual.get(name, True)))
            box.toggled.connect(self._changed)
            self.switches[name] = box
        self.transparent = QCheckBox("Transparent ground", self)
        self.transparent.setToolTip("Leave the ground out, so that a page or slide shows through")
        self.transparent.setChecked(settings.flag("picture/transparent"))
        self.transparent.toggled.connect(self._changed)
        for row, name, first in (
            (self.format, "format", "svg"),
            (self.scale, "scale", "2"),
            (self.colours, "colours", "light"),
        ):
            row.set_value(settings.text(f"picture/{name}", first))
            row.chosen.connect(self._changed)
        self.part.chosen.connect(self._changed)
        self.part.buttons[1].setEnabled(bool(session.selection.neurons))
        if not session.selection.neurons:
            self.part.buttons[1].setToolTip("Select neurons on the canvas first")
        self.preview = PicturePreview(theme, self)
        self.size_note = label("", "secondary", self)
        self.problem = FieldNote(self)
        layout = QHBoxLayout()
        layout.setSpacing(MARGIN)
        layout.addLayout(self._left(), 1)
        layout.addLayout(self._right())
        self.body.addLayout(layout)
        self.add_button("Cancel", self.reject)
        self.copy_button = self.add_button("Copy", self.copy, on_left=True)
        self.copy_button.setToolTip("Put this picture on the clipboard")
        self.export_button = self.add_button("Export…", self.export, is_default=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self.refresh)
        self.refresh()
        self.format.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        self.preview.setMinimumHeight(420)
        column.addWidget(self.preview, 1)
        column.addWidget(self.size_note)
        column.addWidget(self.problem)
        return column

    def _right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        for caption, parts in (
            ("Format", (self.format,)),
            ("Size of a PNG", (self.scale,)),
            ("Colours", (self.colours, self.transparent)),
            ("Written in the picture", tuple(self.switches.values())),
            ("Neurons", (self.part,)),
        ):
            section = Section(caption, self)
            for part in parts:
                section.body.addWidget(part)
            section.setFixedWidth(280)
            column.addWidget(section)
        column.addStretch(1)
        return column

    # ------------------------------------------------------------------ what it will be
    @property
    def options(self) -> PictureOptions:
        """What is chosen at present."""
        colours = self.colours.value()
        only = self.part.value() == "selection"
        return PictureOptions(
            weights=self.switches["weights"].isChecked(),
            biases=self.switches["biases"].isChecked(),
            values=self.switches["values"].isChecked(),
            headers=self.switches["headers"].isChecked(),
            dark=self.theme.is_dark if colours == "shown" else colours == "dark",
            transparent=self.transparent.isChecked(),
            scale=int(self.scale.value()),
            neurons=self._session.selection.neurons if only else None,
        )

    def _changed(self) -> None:
        settings = self._session.settings
        for row, name in (
            (self.format, "format"),
            (self.scale, "scale"),
            (self.colours, "colours"),
        ):
            settings.set_text(f"picture/{name}", row.value())
        for name, box in {**self.switches, "transparent": self.transparent}.items():
            settings.set_flag(f"picture/{name}", box.isChecked())
        self._offer_scales()
        self._timer.start()

    def _offer_scales(self) -> None:
        for button in self.scale.buttons:
            button.setEnabled(self.format.value() == "png")

    def refresh(self) -> None:
        """Show what the picture will look like."""
        self._timer.stop()
        self._offer_scales()
        options = self.options
        try:
            image = picture_image(self._session.pictured_document, options)
        except PictureError as error:
            self.preview.show_image(None)
            self.size_note.clear()
            self.problem.say(str(error))
            return
        self.problem.clear()
        self.preview.show_image(image, DARK if options.dark else LIGHT)
        width, height = image.width(), image.height()
        if self.format.value() == "png":
            self.size_note.setText(f"{width:,} × {height:,} pixels")
        else:
            width, height = width // options.scale, height // options.scale
            unit = "points" if self.format.value() == "pdf" else "pixels, and sharp in any size"
            self.size_note.setText(f"{width:,} × {height:,} {unit}")

    # ------------------------------------------------------------------ what the hand does
    def copy(self) -> None:
        """Put the picture on the clipboard."""
        from nnplay.gui.picture_clipboard import copy_picture

        try:
            copy_picture(self._session.pictured_document, self.options)
        except PictureError as error:
            self.problem.say(str(error))
            return
        self.copy_button.setText("Copied")

    def export(self) -> None:
        """Ask for a file name and write the picture; stays open when that fails."""
        kind = self.format.value()
        name, _ = QFileDialog.getSaveFileName(
            self, "Export picture", str(self._suggestion(kind)), f"{kind.upper()} (*.{kind})"
        )
        if not name:
            return
        path = Path(name)
        if path.suffix.lower() != f".{kind}":
            path = path.with_name(f"{path.name}.{kind}")
            # The file dialog has asked about the name without the ending only.
            if path.exists() and not ask_to_replace(self.theme, path.name, self):
                return
        session = self._session
        failures: list[Notice] = []
        session.notice_posted.connect(failures.append)
        try:
            draw = partial(picture_bytes, kind=kind, options=self.options)
            done = session.write_picture(path, draw)
        finally:
            session.notice_posted.disconnect(failures.append)
        if not done:
            reason = failures[-1].text if failures else "The picture could not be written."
            self.problem.say(f"{reason} Nothing was written.")
            return
        self.accept()
        session.notice_posted.emit(Notice("info", f"The picture is in {path.name}."))

    def _suggestion(self, kind: str) -> Path:
        session = self._session
        if session.path is not None:
            stem = session.path.name.removesuffix(".json").removesuffix(".nnplay")
            return session.path.with_name(f"{stem}.{kind}")
        stem = re.sub(r"[^\w.+-]+", "-", session.document.title.lower()).strip("-.") or "network"
        return session.settings.last_folder / f"{stem}.{kind}"


class PicturePreview(QWidget):
    """A picture in a frame, on a checked ground where it is transparent."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image: QImage | None = None
        self._palette = LIGHT
        self.setAccessibleName("Preview of the picture")
        self.setMinimumSize(QSize(320, 240))

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    def show_image(self, image: QImage | None, palette: Palette = LIGHT) -> None:
        """Show another picture, or none; ``palette`` is the one it is drawn in."""
        self._image, self._palette = image, palette
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        corners = QPainterPath()
        corners.addRoundedRect(frame, 9, 9)
        painter.fillPath(corners, palette.colour("card"))
        if self._image is not None:
            room = frame.adjusted(12, 12, -12, -12)
            size = QSize(self._image.size()).scaled(
                room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio
            )
            # Small pictures are not blown up beyond what they will be.
            size = size.boundedTo(self._image.size())
            place = QRectF(QPointF(), size.toSizeF())
            place.moveCenter(room.center())
            if self._image.hasAlphaChannel():
                self._paint_checks(painter, place)
            # Qt blurs well only down to half the size; larger steps are scaled in full.
            ratio = self.devicePixelRatioF()
            shown = self._image.scaled(
                size * ratio,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            painter.drawImage(place, shown)
        painter.setPen(QPen(palette.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(corners)
        painter.end()

    def _paint_checks(self, painter: QPainter, place: QRectF) -> None:
        palette = self._palette  # as the page the picture is meant for
        painter.save()
        painter.setClipRect(place)
        painter.fillRect(place, QColor(palette.canvas))
        grey = QColor(blend(palette.canvas, palette.border_strong, 0.35))
        for row in range(int(place.height() / _CHECK) + 1):
            for column in range(row % 2, int(place.width() / _CHECK) + 1, 2):
                at = QPointF(place.left() + column * _CHECK, place.top() + row * _CHECK)
                painter.fillRect(QRectF(at, QSize(_CHECK, _CHECK).toSizeF()), grey)
        painter.restore()
