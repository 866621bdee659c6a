"""Programs that train a network again with PyTorch, from the same first weights on the same data.

The same settings are written out: loss, penalties, optimiser, schedule, batches. What PyTorch draws
(order of samples, dropout) differs from what nnplay draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from nnplay.core.config import TrainingConfig
from nnplay.core.losses import LOSSES
from nnplay.core.targets import class_codes
from nnplay.document import Document
from nnplay.formats.code_text import one_line, python_literal
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import OutputStage, Plan, groups_of, plan_of
from nnplay.formats.pytorch_module import class_lines, state_of, weight_lines
from nnplay.formats.verification import Proof

if TYPE_CHECKING:
    import threading

__all__ = ["Cell", "cells_of", "prove", "prove_code", "to_bytes"]

MAX_INLINE: Final = 5_000_000
USUAL_EPOCHS: Final = 100


@dataclass(frozen=True)
class Cell:
    """A part of a notebook."""

    kind: Literal["markdown", "code"]
    text: str


_LOSSES: Final = {
    "half_squared": "0.5 * (a - y) ** 2",
    "mse": "(a - y) ** 2",
    "mae": "(a - y).abs()",
    "huber": 'nn.functional.huber_loss(a, y, reduction="none", delta={delta})',
    "binary_cross_entropy": 'nn.functional.binary_cross_entropy(a, y, reduction="none")',
    "softmax_cross_entropy": "-y * torch.log(a.clamp_min({tiny}))",
    "hinge": "torch.relu(1 - y * a)",
}

_OPTIMIZERS: Final = {
    "sgd": "torch.optim.SGD(parameters, lr={rate})",
    "momentum": "torch.optim.SGD(parameters, lr={rate}, momentum={momentum}, "
    "dampening={dampening})",
    "nesterov": "torch.optim.SGD(parameters, lr={rate}, momentum={momentum}, nesterov=True)",
    "adagrad": "torch.optim.Adagrad(parameters, lr={rate}, eps={epsilon})",
    "rmsprop": "torch.optim.RMSprop(parameters, lr={rate}, alpha={rms_decay}, eps={epsilon})",
    "adam": "torch.optim.Adam(parameters, lr={rate}, betas=({beta1}, {beta2}), eps={epsilon})",
    "adamw": "torch.optim.AdamW(\n"
    '    [{{"params": weights, "weight_decay": {weight_decay}}},\n'
    '     {{"params": biases, "weight_decay": 0.0}}],\n'
    "    lr={rate}, betas=({beta1}, {beta2}), eps={epsilon},\n)",
    "rprop": "torch.optim.Rprop(parameters, lr={rate})",
    "lbfgs": "torch.optim.LBFGS(parameters, lr={rate}, max_iter=1, history_size=10)",
}

# What the learning rate is multiplied by; epoch counts from 0, step from 0 within it.
_SCHEDULES: Final = {
    "constant": "    return 1.0",
    "step": "    return {factor} ** (epoch // {epochs})",
    "exponential": "    return {factor} ** (epoch / {epochs})",
    "cosine": "    if epoch >= {epochs}:\n"
    "        return {factor}\n"
    "    return {factor} + (1 - {factor}) * (1 + math.cos(math.pi * epoch / {epochs})) / 2",
    "one_cycle": "    if epoch >= {epochs}:\n"
    "        return 1 / 25e4\n"
    "    total = {epochs} * STEPS\n"
    "    top, last, at = 0.3 * total - 1, total - 1, epoch * STEPS + step\n"
    "    if at <= top and top > 0:\n"
    "        begin, end, share = 1 / 25, 1.0, at / top\n"
    "    else:\n"
    "        begin, end, share = 1.0, 1 / 25e4, (at - top) / (last - top)\n"
    "    return end + (begin - end) / 2 * (math.cos(math.pi * share) + 1)",
    "plateau": "    return plateau.factor",
}

_PLATEAU: Final = """\
class Plateau:
    \"\"\"Makes the rate smaller when the loss no longer does.\"\"\"

    best, bad, factor = math.inf, 0, 1.0

    def look(self, loss):
        self.bad += 1
        if loss < self.best * (1 - 1e-4):
            self.best, self.bad = loss, 0
        if self.bad > {epochs}:
            self.bad, smaller = 0, self.factor * {factor}
            if {rate} * (self.factor - smaller) > 1e-8:
                self.factor = smaller


plateau = Plateau()
"""


def to_bytes(document: Document) -> bytes:
    """The program as a Python file whose parts editors show like the cells of a notebook.

    Raises:
        FormatError: the data do not fit the network.
    """
    parts = []
    for cell in cells_of(document):
        if cell.kind == "markdown":
            text = "\n".join(f"# {line}".rstrip() for line in cell.text.split("\n"))
            parts.append(f"# %% [markdown]\n{text}\n")
        else:
            parts.append(f"# %%\n{cell.text}\n")
    return "\n".join(parts).encode()


def cells_of(document: Document) -> list[Cell]:
    """The parts of the program in order.

    Raises:
        FormatError: the data do not fit the network.
    """
    first = replace(document, network=document.network.with_theta(document.initial))
    plan = plan_of(first)
    after = plan.output_stage
    if plan.prepared is None or after is None or not plan.input_rows.size:
        raise FormatError(_why_not(plan))
    config = document.training
    title = one_line(document.title) or "A network"
    network = class_lines(plan, True, with_dropout=True)
    start = weight_lines(plan, config.precision, with_dropout=True)
    return [
        Cell("markdown", _introduction(document, title)),
        Cell(
            "code",
            "import csv\nimport io\nimport math\n\nimport torch\nfrom torch import nn\n\n"
            f"DTYPE = torch.{config.precision}\n"
            f"torch.manual_seed({_seed(document) % 2**63})",
        ),
        Cell("markdown", _words_on_data(plan)),
        Cell("code", _data_code(plan, after)),
        Cell("code", _target_code(plan, after, config)),
        Cell("markdown", "## The network\n\nWith the weights it had before training."),
        Cell("code", "\n".join(network).strip()),
        Cell("code", "\n".join(start).strip() + "\n\n\nnetwork = load(DTYPE)"),
        Cell("markdown", "## Training"),
        Cell("code", _settings_code(document, plan, config)),
        Cell("code", _loop_code(document, config)),
        Cell("markdown", "## The result"),
        Cell("code", _result_code(after)),
    ]


def _why_not(plan: Plan) -> str:
    """What is missing, and where to get it."""
    ties = plan.network.outer_bindings[0]
    if not ties or any(tie is not None for tie in ties):
        return (
            "A training program needs data that fit the network, and these do not. Choose a data "
            "set or open the table it shall learn from first."
        )
    columns = "1 column" if len(ties) == 1 else f"{len(ties)} columns"
    return (
        "A training program needs data to learn from, and the network has none yet. Open a table "
        f"with {columns} beside what to predict first (on the command line: nnplay import … --data "
        "TABLE.csv), or export a PyTorch module, which needs no data."
    )


def _seed(document: Document) -> int:
    own = document.training.shuffle_seed
    return document.seed if own is None else own


def _introduction(document: Document, title: str) -> str:
    left_out = [
        words
        for words, is_set in (
            ("switching connections off where L1 reaches zero", document.training.l1_dead_links),
            ("early stopping", document.training.early_stopping),
            (
                "limits of time and loss",
                document.training.stop_seconds > 0 or document.training.stop_loss > 0,
            ),
        )
        if is_set
    ]
    text = (
        f"# {_plain(title)}\n\nTrains a network made with nnplay again, with PyTorch: the same "
        "data, first weights and settings. "
        f"nnplay used the seed {_seed(document)}; PyTorch draws other numbers from it, so the order "
        "of samples differs."
    )
    if left_out:
        text += f"\n\nNot repeated here: {', '.join(left_out)}."
    return text


def _plain(text: str) -> str:
    """A name without the signs that Markdown reads."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#!|$&" else c for c in text)


def _words_on_data(plan: Plan) -> str:
    prepared = plan.prepared
    assert prepared is not None  # noqa: S101
    lines = [
        "## The data",
        "",
        f"Of {prepared.sample_count} samples, the first "
        f"{prepared.train_rows.size} train and the others test.",
    ]
    for name, words in zip(prepared.raw_names, prepared.raw_categories, strict=True):
        if words is not None:
            listed = ", ".join(f"{i} {_plain(one_line(word))}" for i, word in enumerate(words[:40]))
            lines.append(f"In the column {_plain(one_line(name))}, {listed}.")
    return "\n".join(lines)


# ---------------------------------------------------------------------- data
def _data_code(plan: Plan, after: OutputStage) -> str:
    prepared = plan.prepared
    assert prepared is not None  # noqa: S101
    rows = np.concatenate([prepared.train_rows, prepared.test_rows])
    if prepared.class_index is not None:
        target = [str(v) for v in prepared.class_index[rows].tolist()]
    else:
        assert prepared.values is not None  # noqa: S101
        target = [repr(v) for v in prepared.restore_target(prepared.values)[rows, 0].tolist()]
    lines = [
        ",".join([*(repr(v) for v in row), last])
        for row, last in zip(prepared.raw[rows].tolist(), target, strict=True)
    ]
    text = "\n".join(lines)
    if len(text) > MAX_INLINE:
        raise FormatError(
            "The data are too large to stand in a notebook. Export the PyTorch module, and read "
            "the data with your own code."
        )
    names = [one_line(name) for name in (*prepared.raw_names, prepared.target_name)]
    return (
        f"COLUMNS = {python_literal(names)}\n"
        f'ROWS = """\\\n{text}\n"""\n'
        "table = torch.tensor(\n"
        "    [[float(cell) for cell in row] for row in csv.reader(io.StringIO(ROWS))], dtype=DTYPE\n"
        ")\n"
        f"TRAIN = {prepared.train_rows.size}\n"
        "x, target = table[:, :-1], table[:, -1]\n"
        'print(len(x), "samples of", ", ".join(COLUMNS))'
    )


def _target_code(plan: Plan, after: OutputStage, config: TrainingConfig) -> str:
    network, loss = plan.network, LOSSES[config.loss]
    if after.classes is None:
        return (
            f"MEAN, DEVIATION = {after.mean!r}, {after.deviation!r}\n"
            "y = ((target - MEAN) / DEVIATION).unsqueeze(1)  # what the network gives, unscaled\n"
            "sample_weight = torch.ones(len(x), dtype=DTYPE)"
        )
    off, on = class_codes(network.output_activations, config.loss)
    columns = [after.classes.index(name) for name in after.names]
    lines = [
        f"CLASSES = {python_literal(after.classes)}",
        f"COLUMNS_OF_CLASSES = {columns}  # which class each output stands for",
        f"OFF, ON = {off.tolist()}, {on.tolist()}  # what an output gives for other classes and its own",
        "is_class = target.unsqueeze(1) == torch.tensor(COLUMNS_OF_CLASSES)",
        "y = torch.where(is_class, torch.tensor(ON, dtype=DTYPE), torch.tensor(OFF, dtype=DTYPE))",
    ]
    if config.label_smoothing and loss.smooths_labels:
        s, count = config.label_smoothing, max(2, len(after.names))
        lines.append(f"y = (1 - {s!r}) * y + {s!r} / {count}  # label smoothing")
    lines.append("sample_weight = torch.ones(len(x), dtype=DTYPE)")
    if config.class_weights:
        lines += [
            f"class_weight = torch.tensor({list(config.class_weights)}, dtype=DTYPE)",
            "sample_weight = class_weight[target.long()]",
        ]
        if loss.weights_in_targets:
            lines.append("y = y * class_weight[COLUMNS_OF_CLASSES]")
    return "\n".join(lines)


# ---------------------------------------------------------------------- training
def _settings_code(document: Document, plan: Plan, config: TrainingConfig) -> str:
    loss = LOSSES[config.loss]
    each = _LOSSES[config.loss].format(
        delta=repr(config.huber_delta),
        tiny="1e-300" if config.precision == "float64" else "1e-37",
    )
    weighted = "" if loss.weights_in_targets else " * weight.unsqueeze(1)"
    outputs = f" * {plan.output_rows.size}" if loss.mean_over_outputs else ""
    scaled = (
        "    a = (a - MEAN) / DEVIATION\n"
        if plan.output_stage is not None and not plan.output_stage.is_trivial
        else ""
    )
    settings = {
        "rate": "LEARNING_RATE",
        **{
            name: repr(getattr(config, name))
            for name in (
                *("momentum", "dampening", "beta1", "beta2", "epsilon", "rms_decay"),
                "weight_decay",
            )
        },
    }
    words = {
        "epochs": config.schedule_epochs,
        "factor": repr(config.schedule_factor),
        "rate": repr(config.learning_rate),
    }
    epochs = document.state.epoch or config.stop_epoch or USUAL_EPOCHS
    lines = [
        f"EPOCHS = {epochs}",
        f"BATCH_SIZE = {config.batch_size}",
        f"LEARNING_RATE = {config.learning_rate!r}",
        "STEPS = math.ceil(TRAIN / BATCH_SIZE)",
        "",
        "parameters = list(network.parameters())",
        'weights = [p for name, p in network.named_parameters() if name.endswith("weight")]',
        'biases = [p for name, p in network.named_parameters() if name.endswith("bias")]',
        *_frozen_lines(plan),
        f"optimizer = {_OPTIMIZERS[config.optimizer].format(**settings)}",
        "",
        "",
        "def loss_of(a, y, weight):",
        f'    """{loss.title}, as nnplay computes it."""',
        f"{scaled}    each = {each}{weighted}",
        f"    return each.sum() / (weight.sum(){outputs})",
        "",
        "",
    ]
    if config.schedule == "plateau":
        lines += [_PLATEAU.format(**words), ""]
    lines += [
        "def rate_factor(epoch, step):",
        f'    """The schedule “{config.schedule}”: what the learning rate is multiplied by."""',
    ]
    if config.warmup_epochs:
        n = config.warmup_epochs
        lines += [
            f"    if epoch < {n}:",
            f"        return rate_factor({n}, 0) * (epoch * STEPS + step + 1) / ({n} * STEPS)",
            f"    epoch -= {n}",
        ]
    lines.append(_SCHEDULES[config.schedule].format(**words))
    return "\n".join(lines)


def _frozen_lines(plan: Plan) -> list[str]:
    """Which parameters must not move: frozen ones, and biases that are switched off."""
    network = plan.network
    flags = (network.frozen | ~network.enabled).astype(np.float64)
    enabled = np.array(network.enabled)
    enabled[network.topology.edge_count :] = True
    marked = replace(network.with_theta(flags), enabled=enabled)
    # The zeros among the flags are connections all the same: the layers stay as they are.
    state = state_of(replace(plan, network=marked, groups=groups_of(marked)), with_dropout=True)
    lines = []
    for name, values in state.items():
        if values.any():
            flags_text = values.astype(np.int64).tolist()
            lines.append(f'    "{name}": {flags_text},')
    if not lines:
        return ["fixed = kept = {}"]
    return [
        "fixed = {  # 1: must stay as it is",
        *lines,
        "}",
        "fixed = {name: torch.tensor(flags, dtype=torch.bool) for name, flags in fixed.items()}",
        "kept = {name: network.state_dict()[name][which].clone() for name, which in fixed.items()}",
    ]


def _loop_code(document: Document, config: TrainingConfig) -> str:
    penalty = []
    if config.l2:
        penalty.append(
            f"    loss = loss + {config.l2!r} * 0.5 * sum((w**2).sum() for w in weights)"
        )
    if config.l1:
        penalty.append(f"    loss = loss + {config.l1!r} * sum(w.abs().sum() for w in weights)")
    clips = []
    if config.clip_value:
        clips.append(f"    nn.utils.clip_grad_value_(parameters, {config.clip_value!r})")
    if config.clip_norm:
        clips.append(f"    nn.utils.clip_grad_norm_(parameters, {config.clip_norm!r})")
    limit = []
    if config.max_norm:
        limit = [
            "        with torch.no_grad():  # no neuron's incoming weights get longer than this",
            "            for layer in weights:",
            "                if layer.ndim == 2:",
            "                    length = layer.norm(dim=1, keepdim=True).clamp_min(1e-30)",
            f"                    layer *= ({config.max_norm!r} / length).clamp_max(1.0)",
        ]
    order = "torch.randperm(TRAIN)" if config.shuffle else "torch.arange(TRAIN)"
    look = "        plateau.look(test or train)" if config.schedule == "plateau" else ""
    lines = [
        "def gradient(rows):",
        '    """The loss of a batch; leaves its gradient in the parameters."""',
        "    optimizer.zero_grad()",
        "    loss = loss_of(network(x[rows]), y[rows], sample_weight[rows])",
        "    plain = loss.detach()",
        *penalty,
        "    loss.backward()",
        "    for name, parameter in network.named_parameters():",
        "        if name in fixed:",
        "            parameter.grad[fixed[name]] = 0.0",
        *clips,
        "    return plain",
        "",
        "",
        "@torch.no_grad()",
        "def evaluate(rows):",
        "    network.eval()",
        "    loss = loss_of(network(x[rows]), y[rows], sample_weight[rows]).item()",
        "    network.train()",
        "    return loss",
        "",
        "",
        "history = []",
        "network.train()",
        "for epoch in range(EPOCHS):",
        f"    order = {order}",
        "    for step in range(STEPS):",
        "        rows = order[step * BATCH_SIZE : (step + 1) * BATCH_SIZE]",
        "        for group in optimizer.param_groups:",
        '            group["lr"] = LEARNING_RATE * rate_factor(epoch, step)',
        "        optimizer.step(lambda: gradient(rows))",
        "        with torch.no_grad():  # AdamW's decay moves weights without a gradient, too",
        "            for name, parameter in network.named_parameters():",
        "                if name in fixed:",
        "                    parameter[fixed[name]] = kept[name]",
        *limit,
        "    train = evaluate(slice(0, TRAIN))",
        "    test = evaluate(slice(TRAIN, None)) if len(x) > TRAIN else None",
        "    history.append((train, test))",
        *([look[4:]] if look else []),
        "    if epoch % max(1, EPOCHS // 10) == 0 or epoch == EPOCHS - 1:",
        '        print(f"epoch {epoch + 1}: training loss {train:.6g}, test loss {test or 0:.6g}")',
    ]
    return "\n".join(lines)


def _result_code(after: OutputStage) -> str:
    lines = ["network.eval()", "with torch.no_grad():", "    a = network(x)"]
    if after.classes is None:
        lines += [
            "error = (a[:, 0] - target).abs()",
            'print(f"mean error: {error[:TRAIN].mean():.6g} in training, "',
            '      f"{error[TRAIN:].mean():.6g} in the test")',
        ]
    else:
        if len(after.names) == 1:
            lines.append("found = (a[:, 0] > (OFF[0] + ON[0]) / 2).long()")
        else:
            lines += [
                "off, on = torch.tensor(OFF, dtype=DTYPE), torch.tensor(ON, dtype=DTYPE)",
                "best = ((a - off) / (on - off)).argmax(dim=1)",
                "found = torch.tensor(COLUMNS_OF_CLASSES)[best]",
            ]
        lines += [
            "right = (found == target.long()).double()",
            'print(f"accuracy: {right[:TRAIN].mean():.1%} in training, "',
            '      f"{right[TRAIN:].mean():.1%} in the test")',
        ]
    lines += [
        "",
        "# To take the weights back to nnplay:",
        "# from safetensors.torch import save_file",
        '# save_file(network.state_dict(), "weights.safetensors")',
        "# and then: nnplay import weights.safetensors network.nnplay --activation … "
        "--output-activation …",
    ]
    return "\n".join(lines)


# ---------------------------------------------------------------------- the proof
def prove(document: Document, data: bytes, *, stop: threading.Event | None = None) -> Proof:
    """Compile the program; running it would train the network again, which may take hours.

    Raises:
        FormatError: it is not sound.
    """
    return prove_code(data.decode())


def prove_code(code: str) -> Proof:
    """Compile a program without running it; raises :class:`FormatError`."""
    try:
        compile(code, "exported.py", "exec")
    except (SyntaxError, ValueError) as error:
        raise FormatError(f"The exported program is not sound ({error}).") from None
    return Proof("", remark="Its code was checked, not run: running it trains the network.")
