"""nnplay: see and touch a neural network."""

__version__ = "0.1.0"
