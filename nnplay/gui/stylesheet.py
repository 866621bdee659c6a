"""The style sheet: one template, filled from a palette.

Roles are dynamic properties (``setProperty("role", "panel")``), so that a widget says what it is
and the sheet says how that looks.
"""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from nnplay.assets import resource_path
from nnplay.picture.palette import Palette, blend

__all__ = ["style_sheet"]


def style_sheet(palette: Palette) -> str:
    """The style sheet of the whole application in the colours of ``palette``."""
    values = {name: value for name, value in asdict(palette).items() if name != "is_dark"}
    values["faint"] = blend(palette.secondary, palette.panel, 0.5)
    values["pressed"] = blend(palette.hover, palette.border_strong, 0.5)
    values["groove"] = blend(palette.border, palette.border_strong, 0.5)
    values["knob"] = "#F4F6FA" if palette.is_dark else "#FFFFFF"
    values["knob_border"] = palette.panel if palette.is_dark else palette.border_strong
    values["menu"] = palette.card if palette.is_dark else palette.panel
    values["scroll"] = palette.border_strong
    values["scroll_hover"] = blend(palette.border_strong, palette.tertiary, 0.6)
    values["mode"] = "dark" if palette.is_dark else "light"
    values["images"] = resource_path("icons/controls").as_posix()
    return Template(_TEMPLATE).substitute(values)


_TEMPLATE = """
QMainWindow, QDialog, QWidget[role="window"] { background: $window; }
QLabel { background: transparent; }
QLabel[role="secondary"] { color: $secondary; }
QLabel[role="tertiary"], QLabel[role="caption"] { color: $tertiary_text; }
QLabel[role="small"] { color: $tertiary_text; font-size: 11px; }
QLabel[role="title"] { font-size: 13px; font-weight: 600; }
QLabel[role="heading"] { font-size: 15px; font-weight: 600; }
QLabel[role="display"] { font-size: 22px; font-weight: 600; }
QLabel[role="accent"] { color: $accent_text; }
QLabel[role="ok"] { color: $ok_text; }
QLabel[role="warning"] { color: $warn_text; }
QLabel[role="error"] { color: $error_text; }
QLabel[role="chip"] {
    color: $accent_text; background: $accent_soft; border-radius: 9px; padding: 2px 9px;
    font-size: 11px; font-weight: 600;
}
QLabel[role="key"] {
    color: $secondary; background: $card; border: 1px solid $border_strong; border-radius: 4px;
    padding: 1px 6px; font-size: 11px;
}

QFrame[role="panel"] { background: $panel; border: 1px solid $border; border-radius: 10px; }
QFrame[role="stage"] { background: $canvas; border: 1px solid $border; border-radius: 10px; }
QFrame[role="box"] { background: $card; border: 1px solid $border; border-radius: 8px; }
QFrame[role="box"][chosen="some"] { border: 1px solid $accent; }
QFrame[role="box"][chosen="all"] { border: 1px solid $accent; background: $accent_soft; }
QFrame[role="steps"] {
    background: $panel; border: none; border-bottom: 1px solid $border;
    border-top-left-radius: 9px; border-top-right-radius: 9px;
}
QFrame[role="strip"] { background: $panel; border: 1px solid $border; border-radius: 8px; }
QFrame[role="separator"] { background: $border; border: none; }
QFrame[role="header"] { background: $panel; border: none; border-bottom: 1px solid $border; }
QFrame[role="status"] { background: $window; border: none; border-top: 1px solid $border; }
QFrame[role="toast"] { background: $menu; border: 1px solid $border_strong; border-radius: 8px; }
QFrame[role="toast"][severity="warning"] { border: 1px solid $warn; }
QFrame[role="toast"][severity="error"] { border: 1px solid $error; }

QPushButton {
    background: $card; color: $text; border: 1px solid $border_strong; border-radius: 7px;
    padding: 5px 13px; min-height: 18px; font-weight: 500;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 12px; }
QPushButton:disabled { color: $faint; border-color: $border; background: $card; }
QPushButton:checked { background: $accent_soft; color: $accent_text; border-color: $accent; }
QPushButton[role="primary"], QPushButton:default {
    background: $accent_fill; color: $on_accent; border: 1px solid $accent_fill; font-weight: 600;
}
QPushButton[role="primary"]:hover, QPushButton:default:hover {
    background: $accent_fill_hover; border-color: $accent_fill_hover;
}
QPushButton[role="primary"]:pressed, QPushButton:default:pressed { background: $accent_fill_hover; }
QPushButton[role="primary"]:focus, QPushButton:default:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled {
    background: $hover; color: $faint; border-color: $border;
}
QPushButton[role="quiet"] { background: transparent; border-color: transparent; color: $secondary; }
QPushButton[role="quiet"]:hover { background: $hover; color: $text; }
QPushButton[role="quiet"]:focus { border: 2px solid $accent; }
QPushButton[role="search"] { text-align: left; padding: 5px 10px; color: $tertiary_text; }
QPushButton[role="link"] {
    background: transparent; border: none; color: $accent_text; padding: 2px 4px;
    font-weight: 600;
}
QPushButton[role="link"]:hover { color: $text; }
QPushButton[role="link"]:focus { border: 2px solid $accent; border-radius: 5px; padding: 0 2px; }
QPushButton[role="layer"] {
    background: transparent; border: 1px solid transparent; padding: 2px 3px; font-weight: 600;
    text-align: left;
}
QPushButton[role="layer"]:hover { color: $accent_text; }
QPushButton[role="layer"]:focus { border: 2px solid $accent; padding: 1px 2px; }
QPushButton::menu-indicator { image: none; width: 0; }

QToolButton {
    background: transparent; border: 1px solid transparent; border-radius: 7px; padding: 0;
    color: $secondary;
}
QToolButton:hover { background: $hover; color: $text; }
QToolButton:pressed { background: $pressed; }
QToolButton:checked { background: $accent_soft; color: $accent_text; }
QToolButton:focus { border: 2px solid $accent; }
QToolButton:disabled { color: $faint; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[role="boxed"] { background: $card; border: 1px solid $border; }
QToolButton[role="boxed"]:hover { background: $hover; }
QToolButton[role="boxed"]:focus { border: 2px solid $accent; }
QToolButton[role="segment"] {
    color: $secondary; font-weight: 600; background: $card; border: 1px solid $border;
    border-radius: 7px;
}
QToolButton[role="segment"]:hover { color: $text; background: $hover; }
QToolButton[role="segment"]:checked {
    color: $accent_text; background: $accent_soft; border-color: $accent_soft;
}
QToolButton[role="segment"]:focus { border: 2px solid $accent; }
QToolButton[role="segment"]:disabled { color: $faint; }
QToolButton[role="flag"]:checked { background: transparent; }
QToolButton[role="flag"]:checked:hover { background: $hover; }
QToolButton[role="tab"] {
    color: $tertiary_text; font-weight: 600; padding: 3px 7px; border-radius: 6px;
    background: transparent;
}
QToolButton[role="tab"]:hover { color: $text; background: $hover; }
QToolButton[role="tab"]:checked { color: $text; background: transparent; }
QToolButton[role="tab"]:focus { border: 1px solid $accent; }

QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit {
    background: $card; color: $text; border: 1px solid $border_strong; border-radius: 7px;
    selection-background-color: $accent_fill; selection-color: $on_accent;
}
QLineEdit, QAbstractSpinBox { padding: 0 8px; min-height: 26px; }
QLineEdit:hover, QComboBox:hover, QAbstractSpinBox:hover { background: $hover; }
QLineEdit:focus, QComboBox:focus, QComboBox:on, QAbstractSpinBox:focus, QPlainTextEdit:focus,
QTextEdit:focus { border: 2px solid $accent; }
QLineEdit:focus, QAbstractSpinBox:focus { padding: 0 7px; min-height: 24px; background: $card; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {
    color: $faint; border-color: $border;
}
QLineEdit[read_only="true"], QLineEdit[off="true"] { color: $secondary; }
QLineEdit[role="heading"] {
    background: transparent; border: 1px solid transparent; padding: 0 5px; margin-left: -6px;
}
QLineEdit[role="heading"]:hover { background: $hover; border-color: $border; }
QLineEdit[role="heading"]:focus { background: $card; border: 2px solid $accent; padding: 0 4px; }
QLineEdit[invalid="true"] { border: 2px solid $error; padding: 0 7px; min-height: 24px; }

QComboBox { padding: 0 4px 0 9px; min-height: 26px; }
QComboBox:focus, QComboBox:on { padding: 0 3px 0 8px; min-height: 24px; }
QComboBox::drop-down {
    subcontrol-origin: padding; subcontrol-position: center right; width: 20px; border: none;
}
QComboBox::down-arrow { image: url("$images/chevron_down_$mode.svg"); width: 14px; height: 14px; }
QComboBox::down-arrow:hover { image: url("$images/chevron_down_${mode}_hover.svg"); }
QComboBox::down-arrow:disabled { image: url("$images/chevron_down_${mode}_disabled.svg"); }
QComboBox QAbstractItemView {
    background: $menu; border: 1px solid $border_strong; border-radius: 0; outline: none;
    padding: 4px; selection-background-color: $accent_soft; selection-color: $accent_text;
}
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 6px; border-radius: 5px; }
QComboBox QAbstractItemView::item:selected { background: $accent_soft; color: $accent_text; }
QComboBox QAbstractItemView::item:disabled { color: $tertiary_text; }

QSpinBox::up-button, QDoubleSpinBox::up-button {
    subcontrol-origin: border; subcontrol-position: top right; width: 18px; border: none;
    background: transparent;
}
QSpinBox::down-button, QDoubleSpinBox::down-button {
    subcontrol-origin: border; subcontrol-position: bottom right; width: 18px; border: none;
    background: transparent;
}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url("$images/chevron_up_$mode.svg"); width: 10px; height: 10px;
}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url("$images/chevron_down_$mode.svg"); width: 10px; height: 10px;
}

QCheckBox, QRadioButton { spacing: 8px; background: transparent; color: $text; min-height: 22px; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 16px; height: 16px; border: 1px solid $border_strong; border-radius: 5px;
    background: $card;
}
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover {
    background: $hover; border-color: $tertiary;
}
QCheckBox:focus, QRadioButton:focus { color: $accent_text; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $accent; width: 14px; height: 14px; }
QCheckBox::indicator:checked {
    background: $accent_fill; border-color: $accent_fill; image: url("$images/tick.svg");
}
QCheckBox::indicator:indeterminate {
    background: $accent_fill; border-color: $accent_fill; image: url("$images/dash.svg");
}
QRadioButton::indicator:checked {
    background: $accent_fill; border-color: $accent_fill; image: url("$images/dot.svg");
}
QCheckBox::indicator:checked:focus, QCheckBox::indicator:indeterminate:focus,
QRadioButton::indicator:checked:focus { border-color: $text; }
QCheckBox::indicator:checked:disabled, QRadioButton::indicator:checked:disabled {
    background: $border_strong; border-color: $border_strong;
}

QSlider { background: transparent; min-height: 22px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $groove; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $border_strong; }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: $knob;
    border: 1px solid $knob_border;
}
QSlider::handle:horizontal:hover { border: 1px solid $accent; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; width: 10px; height: 10px; }
QSlider::handle:horizontal:disabled { background: $faint; }

QMenuBar { background: $panel; color: $secondary; border: none; padding: 2px 6px; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 5px; }
QMenuBar::item:selected { background: $hover; color: $text; }
QMenuBar::item:pressed { background: $accent_soft; color: $accent_text; }
QMenu { background: $menu; color: $text; border: 1px solid $border_strong; padding: 5px; }
QMenu::item { padding: 5px 28px 5px 12px; border-radius: 5px; min-width: 130px; }
QMenu::item:selected { background: $accent_soft; color: $accent_text; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QMenu::item:checked { font-weight: 600; }
QMenu::indicator:checked { background: $accent_fill; border-radius: 4px; image: url("$images/tick.svg"); }
QMenu::indicator:exclusive:checked { background: $accent_fill; border-radius: 7px; image: url("$images/dot.svg"); }
QMenu::right-arrow { image: url("$images/chevron_right_$mode.svg"); width: 12px; height: 12px; right: 6px; }
QToolTip {
    background: $menu; color: $text; border: 1px solid $border_strong; padding: 5px 8px;
}

QScrollArea, QAbstractScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[role="content"] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 28px; margin: 2px 2px 2px 2px; }
QScrollBar::handle:horizontal { min-width: 28px; margin: 2px 2px 2px 2px; }
QScrollBar::handle:hover { background: $scroll_hover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }

QTableView, QListView, QTreeView {
    background: $card; alternate-background-color: $panel; border: 1px solid $border;
    border-radius: 8px; gridline-color: $border; outline: none;
    selection-background-color: $accent_soft; selection-color: $text;
}
QTableView:focus, QListView:focus, QTreeView:focus { border: 1px solid $accent; }
QListView::indicator {
    width: 14px; height: 14px; border: 1px solid $border_strong; border-radius: 4px;
    background: $panel;
}
QListView::indicator:hover { border-color: $tertiary; }
QListView::indicator:checked {
    background: $accent_fill; border-color: $accent_fill; image: url("$images/tick.svg");
}
QListView::item { padding: 5px 8px; border-radius: 5px; }
QListView::item:selected { background: $accent_soft; color: $accent_text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    background: $card; color: $secondary; border: none; border-bottom: 1px solid $border;
    padding: 5px 8px; font-weight: 600;
}
QTableCornerButton::section { background: $card; border: none; }

QTabWidget::pane { border: none; }
QTabBar::tab {
    background: transparent; color: $secondary; padding: 6px 12px; border-radius: 6px;
    font-weight: 600; margin-right: 2px;
}
QTabBar::tab:hover { background: $hover; color: $text; }
QTabBar::tab:selected { background: $accent_soft; color: $accent_text; }

QProgressBar {
    background: $groove; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
    color: transparent;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $border; }
QGroupBox { border: 1px solid $border; border-radius: 8px; margin-top: 9px; padding-top: 6px; }
QGroupBox::title { subcontrol-origin: margin; left: 10px; color: $secondary; }
"""
