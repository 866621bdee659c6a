"""scikit-learn's multi-layer perceptron as a judge of training: SGD and momentum, step by step."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


def train(sklearn_network: Any, job: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """(first weights and biases, last weights and biases) per layer, after ``job["epochs"]``.

    The first call sets up the model and moves it once; what it has then is the start.
    """
    x, y = np.array(job["x"]), np.array(job["y"])
    common = {
        "hidden_layer_sizes": tuple(job["hidden"]),
        "activation": {"tanh": "tanh", "relu": "relu", "sigmoid": "logistic"}[job["activation"]],
        "solver": "sgd",
        "alpha": job["alpha"],
        "batch_size": job["batch_size"],
        "learning_rate_init": job["learning_rate"],
        "momentum": job["momentum"],
        "nesterovs_momentum": False,
        "shuffle": False,
        "random_state": 3,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if job["classes"]:
            model = sklearn_network.MLPClassifier(**common)
            model.partial_fit(x, y, classes=np.arange(job["classes"]))
        else:
            model = sklearn_network.MLPRegressor(**common)
            model.partial_fit(x, y)
        start = [
            [w.tolist(), b.tolist()] for w, b in zip(model.coefs_, model.intercepts_, strict=True)
        ]
        del model._optimizer  # a fresh one has no velocity yet
        for _ in range(job["epochs"]):
            model.partial_fit(x, y)
    end = [[w.tolist(), b.tolist()] for w, b in zip(model.coefs_, model.intercepts_, strict=True)]
    return start, end
