"""Neurons and connections as tables: to sort, filter, edit, copy and paste."""
