"""Records figures of scikit-learn in sklearn_figures.json: ``python tests/reference/make_sklearn_figures.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import sklearn.neural_network
import sklearn_oracle

HERE = Path(__file__).parent


def jobs() -> list[dict[str, Any]]:
    random = np.random.default_rng(7)
    x = random.normal(size=(60, 3))
    common = {"x": x.tolist(), "batch_size": 10, "epochs": 10, "alpha": 0.0, "momentum": 0.0}
    two = (x[:, 0] * x[:, 1] > 0).astype(int).tolist()
    three = np.digitize(x.sum(axis=1), [-1, 1]).tolist()
    numbers = np.sin(x).sum(axis=1).tolist()
    return [
        {
            **common,
            "y": numbers,
            "classes": 0,
            "hidden": [5, 4],
            "activation": "tanh",
            "learning_rate": 0.05,
        },
        {
            **common,
            "y": two,
            "classes": 2,
            "hidden": [6],
            "activation": "relu",
            "learning_rate": 0.1,
            "momentum": 0.9,
        },
        {
            **common,
            "y": three,
            "classes": 3,
            "hidden": [5, 5],
            "activation": "sigmoid",
            "learning_rate": 0.3,
            "alpha": 0.5,
        },
    ]


def main() -> None:
    recorded = []
    for job in jobs():
        start, end = sklearn_oracle.train(sklearn.neural_network, job)
        recorded.append({**job, "start": start, "end": end})
    figures = {"made_with": f"scikit-learn {sklearn.__version__}", "training": recorded}
    (HERE / "sklearn_figures.json").write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
