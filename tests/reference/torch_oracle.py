"""PyTorch as a judge: any network evaluated neuron by neuron with autograd, in float64.

Used by the script that records figures and, where PyTorch is installed, by the tests themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def activation_functions(torch: Any) -> dict[str, Any]:
    """PyTorch's own function for every activation that works on single neurons."""
    functional = torch.nn.functional
    return {
        "linear": lambda z: z.clone(),
        "relu": functional.relu,
        "leaky_relu": functional.leaky_relu,
        "elu": functional.elu,
        "selu": functional.selu,
        "gelu": functional.gelu,
        "gelu_tanh": lambda z: functional.gelu(z, approximate="tanh"),
        "silu": functional.silu,
        "mish": functional.mish,
        "sigmoid": torch.sigmoid,
        # Its own hardsigmoid has a slope of 1/6 in single precision even for float64.
        "hard_sigmoid": lambda z: functional.relu6(z + 3) / 6,
        "tanh": torch.tanh,
        "hard_tanh": functional.hardtanh,
        "softplus": functional.softplus,
        "softsign": functional.softsign,
        "sin": torch.sin,
        "cos": torch.cos,
        "gaussian": lambda z: torch.exp(-z * z),
        "abs": torch.abs,
        "square": torch.square,
        "step": lambda z: (z > 0).to(z.dtype) + 0 * z,
    }


def values_and_slopes(torch: Any, name: str, z: list[float]) -> tuple[list[float], list[float]]:
    """f(z) and f'(z) of one activation in float64."""
    points = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    values = activation_functions(torch)[name](points)
    values.sum().backward()
    return values.tolist(), points.grad.tolist()


def forward(torch: Any, job: dict[str, Any], theta: Any, x: Any) -> tuple[Any, Any]:
    """z and a of the outputs, each ``[samples, outputs]``."""
    functions = activation_functions(torch)
    ids, kinds = job["ids"], job["kinds"]
    on = job.get("neuron_enabled") or [True] * len(ids)
    enabled = job.get("enabled") or [True] * len(theta)
    names = job["activations"]
    incoming: dict[int, list[tuple[int, int]]] = {i: [] for i in ids}
    for slot, (source, target) in enumerate(job["edges"]):
        incoming[target].append((source, slot))
    bias_slot = {}
    for neuron, kind in zip(ids, kinds, strict=True):
        if kind != 0:
            bias_slot[neuron] = len(job["edges"]) + len(bias_slot)
    row = {neuron: i for i, neuron in enumerate(ids)}
    zeros = torch.zeros(len(x), dtype=torch.float64)
    z: dict[int, Any] = {}
    a: dict[int, Any] = {}
    inputs = [i for i, kind in zip(ids, kinds, strict=True) if kind == 0]
    for column, neuron in enumerate(inputs):
        a[neuron] = x[:, column] if on[row[neuron]] else zeros
    group = [i for i in ids if names[row[i]] == "softmax"]
    waiting = [i for i in ids if i not in a]
    while waiting:
        for neuron in list(waiting):
            if neuron in z or any(source not in a for source, _ in incoming[neuron]):
                continue
            z[neuron] = theta[bias_slot[neuron]] * enabled[bias_slot[neuron]] + zeros
            for source, slot in incoming[neuron]:
                if enabled[slot]:
                    z[neuron] = z[neuron] + theta[slot] * a[source]
            if neuron not in group:
                function = functions[names[row[neuron]]]
                a[neuron] = function(z[neuron]) if on[row[neuron]] else zeros
        if group and all(i in z for i in group) and group[0] not in a:
            members = [i for i in group if on[row[i]]]
            for i in group:
                a[i] = zeros
            if members:
                shares = torch.softmax(torch.stack([z[i] for i in members]), dim=0)
                a.update(zip(members, shares, strict=True))
        waiting = [i for i in waiting if i not in a]
    outputs = [i for i, kind in zip(ids, kinds, strict=True) if kind == 2]
    return torch.stack([z[i] for i in outputs], 1), torch.stack([a[i] for i in outputs], 1)


def mean_loss(torch: Any, name: str, z: Any, a: Any, y: Any, delta: float = 1.0) -> Any:
    functional = torch.nn.functional
    if name == "half_squared":
        return 0.5 * functional.mse_loss(a, y, reduction="sum") / len(y)
    if name == "mse":
        return functional.mse_loss(a, y)
    if name == "mae":
        return functional.l1_loss(a, y)
    if name == "huber":
        return functional.huber_loss(a, y, delta=delta)
    if name == "hinge":
        return functional.relu(1 - y * a).mean()
    if name == "binary_cross_entropy":
        return functional.binary_cross_entropy_with_logits(z, y)
    return functional.cross_entropy(z, y)


def loss_and_gradient(torch: Any, job: dict[str, Any]) -> tuple[float, list[float]]:
    theta = torch.tensor(job["theta"], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(np.array(job["x"], dtype=np.float64).reshape(len(job["y"]), -1))
    y = torch.tensor(job["y"], dtype=torch.float64)
    z, a = forward(torch, job, theta, x)
    value = mean_loss(torch, job["loss"], z, a, y)
    value.backward()
    if theta.grad is None:
        return value.item(), [0.0] * len(job["theta"])
    return value.item(), theta.grad.tolist()


def train(torch: Any, job: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Batch losses of every step and the final parameters; batches in data order."""
    settings = job["settings"]
    theta = torch.tensor(job["theta"], dtype=torch.float64)
    edges = len(job["edges"])
    weights = theta[:edges].clone().requires_grad_(True)
    biases = theta[edges:].clone().requires_grad_(True)
    rate = settings["learning_rate"]
    groups = [
        {"params": [weights], "weight_decay": settings.get("l2", 0.0)},
        {"params": [biases], "weight_decay": 0.0},
    ]
    if settings["optimizer"] == "adam":
        betas = (settings.get("beta1", 0.9), settings.get("beta2", 0.999))
        optimizer = torch.optim.Adam(
            groups, lr=rate, betas=betas, eps=settings.get("epsilon", 1e-8)
        )
    else:
        momentum = settings["momentum"] if settings["optimizer"] == "momentum" else 0.0
        optimizer = torch.optim.SGD(groups, lr=rate, momentum=momentum)
    x = torch.tensor(job["x"], dtype=torch.float64)
    y = torch.tensor(job["y"], dtype=torch.float64)
    size = settings["batch_size"]
    losses: list[float] = []
    while len(losses) < job["steps"]:
        for start in range(0, len(x), size):
            if len(losses) == job["steps"]:
                break
            optimizer.zero_grad()
            z, a = forward(torch, job, torch.cat([weights, biases]), x[start : start + size])
            value = mean_loss(torch, job["loss"], z, a, y[start : start + size])
            losses.append(value.item())
            (value + settings.get("l1", 0.0) * weights.abs().sum()).backward()
            optimizer.step()
    return losses, torch.cat([weights, biases]).tolist()


def weighted_loss(torch: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Mean loss of classes with weights and smoothed labels, and its gradient by z."""
    functional = torch.nn.functional
    z = torch.tensor(job["z"], dtype=torch.float64, requires_grad=True)
    classes = torch.tensor(job["classes"])
    weights = (
        torch.tensor(job["class_weights"], dtype=torch.float64) if job["class_weights"] else None
    )
    if job["loss"] == "softmax_cross_entropy":
        value = functional.cross_entropy(
            z, classes, weight=weights, label_smoothing=job["smoothing"]
        )
    else:
        y = (1 - job["smoothing"]) * classes.to(z.dtype)[:, None] + job["smoothing"] / 2
        rows = torch.ones_like(y) if weights is None else weights[classes][:, None]
        total = functional.binary_cross_entropy_with_logits(z, y, rows, reduction="sum")
        value = total / rows.sum()
    value.backward()
    return {"loss": value.item(), "gradient": z.grad.tolist()}
