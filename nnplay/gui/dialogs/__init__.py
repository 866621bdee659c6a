"""Dialogs: welcome, new network, export, activations, questions, keys, about."""
