"""PyTorch's optimisers and schedulers as judges of the rules alone: both sides get one gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

STEPS = 200
WEIGHTS = 9  # of the parameters; biases follow
PARAMETERS = 13
ADAPTIVE = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}

VARIANTS: list[tuple[str, dict[str, float]]] = [
    ("sgd", {"learning_rate": 0.05}),
    ("momentum", {"learning_rate": 0.02, "momentum": 0.9, "dampening": 0.0}),
    ("momentum", {"learning_rate": 0.05, "momentum": 0.8, "dampening": 0.3}),
    ("momentum", {"learning_rate": 0.05, "momentum": 0.0, "dampening": 0.3}),
    ("nesterov", {"learning_rate": 0.02, "momentum": 0.9}),
    ("adagrad", {"learning_rate": 0.1, "epsilon": 1e-8}),
    ("rmsprop", {"learning_rate": 0.001, "rms_decay": 0.99, "epsilon": 1e-8}),
    ("rmsprop", {"learning_rate": 0.001, "rms_decay": 0.9, "epsilon": 1e-3}),
    ("adam", {"learning_rate": 0.02, **ADAPTIVE}),
    ("adam", {"learning_rate": 0.02, "beta1": 0.7, "beta2": 0.95, "epsilon": 1e-2}),
    ("adamw", {"learning_rate": 0.02, "weight_decay": 0.1, **ADAPTIVE}),
    ("rprop", {"learning_rate": 0.01}),
    ("lbfgs", {"learning_rate": 0.05}),
]


def start() -> Any:
    return np.random.default_rng(1).normal(size=PARAMETERS) * 0.5


def random_gradient() -> Callable[[Any], Any]:
    """Noise in every step over a bowl, without which L-BFGS magnifies rounding."""
    rows = iter(np.random.default_rng(2).normal(size=(STEPS, PARAMETERS)) * 0.5)
    bowl = np.linspace(1.0, 3.0, PARAMETERS)
    return lambda theta: next(rows) + bowl * theta


def network_gradient() -> Callable[[Any], Any]:
    """½ mean squared error of a 2-3-1 tanh network on 20 samples, and a little decay."""
    random = np.random.default_rng(3)
    x = random.normal(size=(20, 2))
    y = np.sin(2.0 * x[:, 0]) * x[:, 1]

    def gradient(theta: Any) -> Any:
        first, second = theta[:6].reshape(3, 2), theta[6:9]
        hidden = np.tanh(x.dot(first.T) + theta[9:12])
        error = (hidden.dot(second) + theta[12] - y) / len(y)
        back = error[:, None] * second * (1.0 - hidden * hidden)
        return 0.05 * theta + np.concatenate(
            [back.T.dot(x).reshape(-1), hidden.T.dot(error), back.sum(0), [error.sum()]]
        )

    return gradient


OBJECTIVES = {"random gradients": random_gradient, "a network": network_gradient}


def rate_at(settings: dict[str, float], step: int) -> float:
    """A rate that changes in every step."""
    return settings["learning_rate"] * (1.0 + 0.5 * math.sin(step))


def make(torch: Any, name: str, settings: dict[str, float], weights: Any, biases: Any) -> Any:
    optim, rate = torch.optim, rate_at(settings, 0)
    both = [weights, biases]
    momentum = settings.get("momentum", 0.0)
    if name in ("sgd", "momentum", "nesterov"):
        return optim.SGD(
            both,
            lr=rate,
            momentum=momentum,
            dampening=settings.get("dampening", 0.0),
            nesterov=name == "nesterov",
        )
    if name == "adagrad":
        return optim.Adagrad(both, lr=rate, eps=settings["epsilon"])
    if name == "rmsprop":
        return optim.RMSprop(both, lr=rate, alpha=settings["rms_decay"], eps=settings["epsilon"])
    if name == "rprop":
        return optim.Rprop(both, lr=rate)
    if name == "lbfgs":
        return optim.LBFGS(both, lr=rate, max_iter=1, history_size=10)
    betas = {"betas": (settings["beta1"], settings["beta2"]), "eps": settings["epsilon"]}
    if name == "adam":
        return optim.Adam(both, lr=rate, **betas)
    groups = [
        {"params": [weights], "weight_decay": settings["weight_decay"]},
        {"params": [biases], "weight_decay": 0.0},
    ]
    return optim.AdamW(groups, lr=rate, **betas)


def run(torch: Any, name: str, settings: dict[str, float], objective: str) -> list[list[float]]:
    """Parameters after steps 1, 2, 20 and 200."""
    gradient = OBJECTIVES[objective]()
    weights = torch.tensor(start()[:WEIGHTS], requires_grad=True)
    biases = torch.tensor(start()[WEIGHTS:], requires_grad=True)
    optimizer = make(torch, name, settings, weights, biases)
    found = []
    for step in range(STEPS):
        theta = torch.cat([weights, biases]).detach().numpy()
        values = torch.tensor(gradient(theta))
        weights.grad, biases.grad = values[:WEIGHTS].clone(), values[WEIGHTS:].clone()
        for group in optimizer.param_groups:
            group["lr"] = rate_at(settings, step)
        optimizer.step(lambda: 0.0)
        if step + 1 in (1, 2, 20, 200):
            found.append(torch.cat([weights, biases]).tolist())
    return found


# ------------------------------------------------------------------ schedules
LOSSES = [
    1.0,
    0.9,
    0.9,
    0.89996,
    0.95,
    0.91,
    0.8,
    0.85,
    0.84,
    0.83,
    0.82,
    0.81,
    0.8,
    0.79,
    0.9,
    0.9,
]
RATE = 0.4
STEPS_PER_EPOCH = 3

SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("step", {"schedule_epochs": 4, "schedule_factor": 0.3}),
    ("exponential", {"schedule_epochs": 1, "schedule_factor": 0.9}),
    ("exponential", {"schedule_epochs": 5, "schedule_factor": 0.5}),
    ("cosine", {"schedule_epochs": 12, "schedule_factor": 0.1}),
    ("cosine", {"schedule_epochs": 12, "schedule_factor": 0.0}),
    ("one_cycle", {"schedule_epochs": 10, "schedule_factor": 0.5}),
    ("one_cycle", {"schedule_epochs": 1, "schedule_factor": 0.5}),
    ("plateau", {"schedule_epochs": 2, "schedule_factor": 0.5}),
    ("plateau", {"schedule_epochs": 1, "schedule_factor": 0.1}),
]


def scheduled(torch: Any, name: str, settings: dict[str, Any]) -> list[float]:
    """The rate of every step while PyTorch's schedule lasts, at most 16 epochs."""
    parameter = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=RATE)
    table = torch.optim.lr_scheduler
    epochs, factor = settings["schedule_epochs"], settings["schedule_factor"]
    scheduler = {
        "step": lambda: table.StepLR(optimizer, epochs, factor),
        "exponential": lambda: table.ExponentialLR(optimizer, factor ** (1.0 / epochs)),
        "cosine": lambda: table.CosineAnnealingLR(optimizer, epochs, factor * RATE),
        "one_cycle": lambda: table.OneCycleLR(optimizer, RATE, epochs * STEPS_PER_EPOCH),
        "plateau": lambda: table.ReduceLROnPlateau(optimizer, factor=factor, patience=epochs),
    }[name]()
    length = {"cosine": epochs + 1, "one_cycle": epochs}.get(name, 16)
    rates = []
    for epoch in range(length):
        for step in range(STEPS_PER_EPOCH):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            last = epoch == length - 1 and step == STEPS_PER_EPOCH - 1
            if name == "one_cycle" and not last:
                scheduler.step()
        if name == "plateau":
            scheduler.step(LOSSES[epoch])
        elif name != "one_cycle":
            scheduler.step()
    return rates


def warmed_up(torch: Any, steps: int) -> list[float]:
    """The rates of a linear warm-up over some steps and three more."""
    parameter = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=RATE)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0 / steps, 1.0, steps - 1)
    rates = []
    for _ in range(steps + 3):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates
