"""Dialogs: welcome, new, import, export, errors."""
