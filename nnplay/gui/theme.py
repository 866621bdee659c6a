"""Light and dark: the palette in use, type, icons in its colours, and the look of controls.

One :class:`Theme` is made by the application and handed to every view; views read
``theme.palette`` when they paint and listen to ``changed``.
"""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from nnplay.assets import resource_path
from nnplay.gui.stylesheet import style_sheet
from nnplay.picture import fonts
from nnplay.picture.palette import DARK, LIGHT, Palette, blend

__all__ = ["ICON_SIZE", "Theme", "ThemeMode"]

ThemeMode = Literal["system", "light", "dark"]
ICON_SIZE: Final = 18


class Theme(QObject):
    """What the window looks like. Lives on the GUI thread.

    Signals:
        changed(): another palette is in use; everything painted by hand must be painted again.
    """

    changed = Signal()

    def __init__(self, mode: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = _known(mode)
        self._app: QApplication | None = None
        self._palette = self._palette_for(self._mode)
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        self._pixmaps: dict[tuple[str, int, str, float], QPixmap] = {}
        self._fonts: dict[tuple[str, int, int], QFont] = {}
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._follow_system)

    # ------------------------------------------------------------------ light and dark
    @property
    def mode(self) -> ThemeMode:
        """What was chosen: ``system``, ``light`` or ``dark``."""
        return self._mode

    @property
    def palette(self) -> Palette:
        """The palette in use."""
        return self._palette

    @property
    def is_dark(self) -> bool:
        """Whether the dark palette is in use."""
        return self._palette.is_dark

    def set_mode(self, mode: str) -> None:
        """Choose ``system``, ``light`` or ``dark``; anything else counts as ``system``."""
        self._mode = _known(mode)
        self._use(self._palette_for(self._mode))

    def apply(self, app: QApplication) -> None:
        """Dress the whole application, now and after every change."""
        self._app = app
        fonts.load_fonts()
        app.setStyle("Fusion")
        app.setFont(self.ui_font())
        self._dress(app)

    def _palette_for(self, mode: ThemeMode) -> Palette:
        if mode != "system":
            return LIGHT if mode == "light" else DARK
        hints = QGuiApplication.styleHints()
        scheme = hints.colorScheme() if hints is not None else Qt.ColorScheme.Unknown
        # A bare X11 session reports nothing; the picture was designed on dark.
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK

    def _follow_system(self) -> None:
        if self._mode == "system":
            self._use(self._palette_for("system"))

    def _use(self, palette: Palette) -> None:
        if palette is self._palette:
            return
        self._palette = palette
        self._icons.clear()
        self._pixmaps.clear()
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit()

    def _dress(self, app: QApplication) -> None:
        app.setPalette(qt_palette(self._palette))
        app.setStyleSheet(style_sheet(self._palette))

    # ------------------------------------------------------------------ type
    def ui_font(self, size: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Inter, in pixels, with digits of equal width so that live numbers do not dance."""
        return self._font(fonts.UI_FAMILY, size, weight)

    def mono_font(self, size: int = 12, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """JetBrains Mono, in pixels, for numbers and formulas."""
        return self._font(fonts.MONO_FAMILY, size, weight)

    def caption_font(self) -> QFont:
        """Small spaced capitals over a group of controls."""
        font = self.ui_font(11, QFont.Weight.DemiBold)
        font.setCapitalization(QFont.Capitalization.AllUppercase)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        return font

    def _font(self, family: str, size: int, weight: QFont.Weight) -> QFont:
        key = (family, size, int(weight))
        if key not in self._fonts:
            font = QFont(family)
            font.setPixelSize(size)
            font.setWeight(weight)
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            if family == fonts.UI_FAMILY:
                font.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[key] = font
        return QFont(self._fonts[key])

    # ------------------------------------------------------------------ icons
    def icon(self, name: str, role: str = "secondary", size: int = ICON_SIZE) -> QIcon:
        """One of ``resources/icons`` in a colour of the palette.

        Args:
            name: file name without ending; raises FileNotFoundError if there is none.
            role: palette role of the strokes; disabled and checked states follow by themselves.
            size: side in device-independent pixels.
        """
        key = (name, role, size)
        if key not in self._icons:
            colour = self._palette.colour(role)
            faint = QColor(blend(getattr(self._palette, role), self._palette.panel, 0.6))
            icon = QIcon()
            mask = self._mask(name, size)
            on = self._palette.colour("accent_text") if role == "secondary" else colour
            active = self._palette.colour("text") if role == "secondary" else colour
            icon.addPixmap(_tinted(mask, colour), QIcon.Mode.Normal, QIcon.State.Off)
            icon.addPixmap(_tinted(mask, active), QIcon.Mode.Active, QIcon.State.Off)
            icon.addPixmap(_tinted(mask, faint), QIcon.Mode.Disabled, QIcon.State.Off)
            icon.addPixmap(_tinted(mask, on), QIcon.Mode.Normal, QIcon.State.On)
            self._icons[key] = icon
        return self._icons[key]

    def pixmap(self, name: str, size: int, role: str = "secondary") -> QPixmap:
        """The same drawing as a pixmap, ready for the screen's pixel ratio.

        Lists paint it in every row: it is drawn once.
        """
        key = (name, size, role, self._ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = _tinted(self._mask(name, size), self._palette.colour(role))
        return self._pixmaps[key]

    def picture(self, name: str, size: int) -> QPixmap:
        """A drawing with colours of its own, such as the logo, as it is."""
        return self._mask(name, size)

    @property
    def _ratio(self) -> float:
        return self._app.devicePixelRatio() if self._app is not None else 1.0

    def _mask(self, name: str, size: int) -> QPixmap:
        ratio = self._ratio
        drawing = resource_path(f"icons/{name}.svg").read_bytes()
        pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(0, 0, size, size))
        painter.end()
        return pixmap


def _known(mode: str) -> ThemeMode:
    # Preferences come from a file, where anything may stand.
    modes: dict[str, ThemeMode] = {"light": "light", "dark": "dark"}
    return modes.get(mode, "system")


def _tinted(mask: QPixmap, colour: QColor) -> QPixmap:
    pixmap = QPixmap(mask)
    painter = QPainter(pixmap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), colour)
    painter.end()
    return pixmap


def qt_palette(palette: Palette) -> QPalette:
    """The palette in Qt's own roles, for what the style sheet does not reach."""
    roles = QPalette.ColorRole
    faint = blend(palette.secondary, palette.panel, 0.5)
    result = QPalette()
    for role, colour in (
        (roles.Window, palette.window),
        (roles.WindowText, palette.text),
        (roles.Base, palette.card),
        (roles.AlternateBase, palette.hover),
        (roles.Text, palette.text),
        (roles.Button, palette.card),
        (roles.ButtonText, palette.text),
        (roles.BrightText, palette.on_accent),
        (roles.Highlight, palette.accent_fill),
        (roles.HighlightedText, palette.on_accent),
        (roles.Link, palette.accent_text),
        (roles.LinkVisited, palette.accent_text),
        (roles.ToolTipBase, palette.hover),
        (roles.ToolTipText, palette.text),
        (roles.PlaceholderText, palette.tertiary_text),
        (roles.Light, palette.hover),
        (roles.Midlight, palette.hover),
        (roles.Mid, palette.border_strong),
        (roles.Dark, palette.border),
        (roles.Shadow, palette.shadow),
        (roles.Accent, palette.accent),
    ):
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(faint))
    return result
