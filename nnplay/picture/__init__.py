"""Painting a network onto any QPainter, without widgets."""
