"""Records figures of PyTorch in torch_figures.json: run as ``python tests/reference/make_torch_figures.py``.

The jobs are written out in full, so that the tests need neither PyTorch nor the random numbers
that made them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch_oracle

HERE = Path(__file__).parent


FIVE = ["linear", "relu", "leaky_relu", "sigmoid", "tanh"]
POINTS = [
    *(-800.0, -30.0, -3.0, -1.0, -0.3, -0.0, 0.0, 0.7, 1.0, 2.5, 3.0, 20.0),
    np.nextafter(20.0, 21.0).item(),
]


def random_job(seed: int, loss: str, choices: list[str] = FIVE) -> dict[str, Any]:
    """A random network: skips, missing edges, outputs inside the network, things switched off."""
    random = np.random.default_rng(seed)
    inputs, hidden, outputs = (int(v) for v in random.integers([1, 1, 1], [4, 7, 4]))
    if loss == "softmax_cross_entropy":
        outputs += 1
    count = inputs + hidden + outputs
    kinds = np.array([0] * inputs + [1] * hidden + [2] * outputs)
    # Outputs may stand anywhere behind the inputs, except in a softmax group.
    if loss != "softmax_cross_entropy":
        kinds[inputs:] = random.permutation(kinds[inputs:])
    ids = (random.permutation(count) * 3 + 1).tolist()
    edges = [
        (ids[i], ids[j])
        for j in range(count)
        for i in range(j)
        if kinds[j] != 0
        and random.random() < 0.6
        and not (loss == "softmax_cross_entropy" and kinds[i] == 2)
    ]
    names = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "softmax"}
    activations = []
    for kind in kinds:
        choice = str(random.choice(choices))
        activations.append(
            "linear" if kind == 0 else names.get(loss, choice) if kind == 2 else choice
        )
    parameters = len(edges) + hidden + outputs
    y = random.random((6, outputs))
    if loss == "softmax_cross_entropy":
        y /= y.sum(axis=1, keepdims=True)
    elif loss == "hinge":
        y = np.where(y < 0.5, -1.0, 1.0)
    elif loss != "binary_cross_entropy":
        y = random.normal(size=y.shape)
    return {
        "name": f"{loss} {seed}",
        "ids": ids,
        "kinds": kinds.tolist(),
        "edges": edges,
        "activations": activations,
        "theta": random.normal(size=parameters).tolist(),
        "enabled": [
            bool(slot >= len(edges) or random.random() > 0.1) for slot in range(parameters)
        ],
        "neuron_enabled": [bool(kind == 2 or random.random() > 0.1) for kind in kinds],
        "x": random.normal(size=(6, inputs)).tolist(),
        "y": y.tolist(),
        "loss": loss,
    }


def training_jobs() -> list[dict[str, Any]]:
    variants: list[tuple[str, dict[str, Any]]] = [
        ("half_squared", {"optimizer": "sgd", "learning_rate": 0.05}),
        ("mse", {"optimizer": "sgd", "learning_rate": 0.05, "l2": 0.01}),
        ("half_squared", {"optimizer": "sgd", "learning_rate": 0.05, "l1": 0.002}),
        ("binary_cross_entropy", {"optimizer": "momentum", "learning_rate": 0.02, "momentum": 0.9}),
        (
            "half_squared",
            {
                "optimizer": "momentum",
                "learning_rate": 0.02,
                "momentum": 0.5,
                "l1": 0.001,
                "l2": 0.01,
            },
        ),
        ("softmax_cross_entropy", {"optimizer": "adam", "learning_rate": 0.01}),
        (
            "binary_cross_entropy",
            {"optimizer": "adam", "learning_rate": 0.02, "beta1": 0.8, "beta2": 0.99, "l2": 0.01},
        ),
        ("mse", {"optimizer": "adam", "learning_rate": 0.01, "epsilon": 1e-3}),
    ]
    jobs = []
    for number, (loss, settings) in enumerate(variants):
        job = random_job(1000 + number, loss)
        random = np.random.default_rng(2000 + number)
        job["enabled"] = [True] * len(job["theta"])
        job["neuron_enabled"] = [True] * len(job["ids"])
        job["name"] = f"{settings['optimizer']} on {loss}, variant {number}"
        job["x"] = random.normal(size=(24, job["kinds"].count(0))).tolist()
        outputs = job["kinds"].count(2)
        y = random.random((24, outputs))
        job["y"] = (y / y.sum(axis=1, keepdims=True) if loss[:7] == "softmax" else y).tolist()
        job["settings"] = {"batch_size": 7, **settings}
        job["steps"] = 200
        jobs.append(job)
    return jobs


def weighted_jobs() -> list[dict[str, Any]]:
    """Classes with weights of their own and smoothed labels."""
    random = np.random.default_rng(31)
    jobs = []
    for loss, outputs in (("softmax_cross_entropy", 3), ("binary_cross_entropy", 1)):
        for smoothing, weights in ((0.0, [0.5, 2.0, 3.0]), (0.2, []), (0.1, [4.0, 0.25, 1.0])):
            jobs.append(
                {
                    "loss": loss,
                    "z": random.normal(size=(5, outputs)).round(3).tolist(),
                    "classes": random.integers(0, max(2, outputs), 5).tolist(),
                    "smoothing": smoothing,
                    "class_weights": weights[: max(2, outputs)],
                }
            )
    return jobs


def main() -> None:
    gradients = []
    losses = ["half_squared", "mse", "binary_cross_entropy", "softmax_cross_entropy"]
    for loss in losses:
        for seed in range(6):
            job = random_job(seed + 100 * losses.index(loss), loss)
            value, gradient = torch_oracle.loss_and_gradient(torch, job)
            gradients.append({**job, "expected_loss": value, "expected_gradient": gradient})
    every = list(torch_oracle.activation_functions(torch))
    for number, loss in enumerate(["mae", "huber", "hinge"]):
        for seed in range(2):
            job = random_job(seed + 100 * (number + len(losses)), loss, every)
            job["theta"] = (0.5 * np.array(job["theta"])).tolist()
            value, gradient = torch_oracle.loss_and_gradient(torch, job)
            gradients.append({**job, "expected_loss": value, "expected_gradient": gradient})
    activations = {}
    for name in every:
        values, slopes = torch_oracle.values_and_slopes(torch, name, POINTS)
        activations[name] = {"values": values, "slopes": slopes}
    training = []
    for job in training_jobs():
        batch_losses, theta = torch_oracle.train(torch, job)
        training.append({**job, "expected_losses": batch_losses, "expected_theta": theta})
    figures = {
        "made_with": f"torch {torch.__version__}",
        "points": POINTS,
        "activations": activations,
        "weighted": [
            {**job, "expected": torch_oracle.weighted_loss(torch, job)} for job in weighted_jobs()
        ],
        "gradients": gradients,
        "training": training,
    }
    (HERE / "torch_figures.json").write_text(json.dumps(figures, indent=None) + "\n")


if __name__ == "__main__":
    main()
