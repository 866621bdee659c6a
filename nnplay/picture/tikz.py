"""Pictures of networks as TikZ: text that LaTeX draws, to be edited by hand.

It shows what matters in a paper: neurons with names, connections as thick as their weights, signs
by colour and dashes, and layers. Response maps and grids are left to SVG and PDF.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.picture.arrange import arrange, position_array, runs_downwards
from nnplay.picture.options import PictureOptions

__all__ = ["tikz_text"]

FloatArray = npt.NDArray[np.float64]

PIXELS_PER_CM: Final = 48.0
THINNEST: Final = 0.2
THICKEST: Final = 2.0
LONGEST_NAME: Final = 24
LONGEST_INSIDE: Final = 3
"""Longer names stand beside their neuron, which would cover its neighbours otherwise."""
# In a row of neurons upright names would run into each other.
_TURNED: Final = {"above": ", rotate=60, anchor=west", "below": ", rotate=60, anchor=east"}

_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{c: f"\\{c}" for c in "#$%&_"},
    "−": r"\ensuremath{-}",
    "·": r"\ensuremath{\cdot}",
    "²": r"\textsuperscript{2}",
    "³": r"\textsuperscript{3}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}",
    "…": r"\dots{}",
    '"': r"\textquotedbl{}",
}


def _latex(text: str) -> str:
    """A name as LaTeX prints it; what cannot be seen is left out."""
    shown = "".join(c if c.isprintable() else " " for c in text).strip()
    if len(shown) > LONGEST_NAME:
        shown = shown[: LONGEST_NAME - 1] + "…"
    return "".join(_SPECIAL.get(c, c) for c in shown)


def tikz_text(document: Document, options: PictureOptions) -> str:
    """A LaTeX document with the network as a ``tikzpicture``; the same document, the same text.

    Args:
        document: its network and where its neurons stand.
        options: what is written in it: ``weights``, ``biases``, ``headers``, ``neurons`` count.
    """
    network, topology = document.network, document.network.topology
    downwards = runs_downwards(document)
    places = position_array(network, arrange(network, document.positions, downwards=downwards))
    places = (
        (places - places.min(axis=0, initial=np.inf)) / PIXELS_PER_CM if len(places) else places
    )
    chosen = options.neurons
    shown = [
        row
        for row, neuron in enumerate(topology.ids.tolist())
        if chosen is None or neuron in chosen
    ]
    lines = [
        "% A network made with nnplay. Compile with pdflatex, lualatex or xelatex, or copy the",
        "% tikzpicture into a paper (with \\usepackage{tikz}).",
        "\\IfFileExists{standalone.cls}{\\documentclass[tikz,border=4mm]{standalone}}",
        "  {\\documentclass{article}\\usepackage{tikz}\\pagestyle{empty}}",
        "\\usetikzlibrary{backgrounds}",
        "\\usepackage{iftex}",
        "\\ifPDFTeX\\usepackage[T1]{fontenc}\\fi",
        "\\begin{document}",
        "\\begin{tikzpicture}[",
        "  neuron/.style={draw, circle, minimum size=8mm, inner sep=0pt, font=\\small, fill=white},",
        "  input/.style={neuron, fill=black!6},",
        "  output/.style={neuron, thick},",
        "  off/.style={dotted, opacity=0.4},",
        "  plus/.style={draw=blue!65!black},",
        "  minus/.style={draw=orange!85!black, dashed},",
        "  number/.style={font=\\tiny, fill=white, inner sep=1pt},",
        "]",
    ]
    kinds = {Kind.INPUT: "input", Kind.HIDDEN: "neuron", Kind.OUTPUT: "output"}
    for row in shown:
        x, y = places[row].tolist()
        kind = Kind(int(topology.kinds[row]))
        style = kinds[kind]
        style += "" if network.neuron_enabled[row] else ", off"
        slot = int(topology.bias_slots[row])
        if options.biases and slot >= 0:
            style += f", label={{[font=\\tiny]below:{{$b={network.theta[slot]:.3g}$}}}}"
        name, inside = _latex(network.labels[row]), ""
        if len(network.labels[row]) <= LONGEST_INSIDE:
            inside, name = name, ""
        if name:
            beside = _side_of(kind, downwards)
            turned = _TURNED.get(beside, "") if downwards else ""
            style += f", label={{[font=\\small{turned}]{beside}:{{{name}}}}}"
        lines.append(
            f"  \\node[{style}] (n{topology.ids[row]}) at ({x:.3f}, {0.0 - y:.3f}) {{{inside}}};"
        )
    lines += _edge_lines(document, set(shown), options)
    if options.headers and chosen is None:
        lines += _header_lines(document, places, downwards)
    return "\n".join([*lines, "\\end{tikzpicture}", "\\end{document}", ""])


def _side_of(kind: Kind, downwards: bool) -> str:
    """Where a name stands: away from the connections of inputs and outputs."""
    if kind == Kind.HIDDEN:
        return "right" if downwards else "above"
    if downwards:
        return "above" if kind == Kind.INPUT else "below"
    return "left" if kind == Kind.INPUT else "right"


def _edge_lines(document: Document, shown: set[int], options: PictureOptions) -> list[str]:
    network, topology = document.network, document.network.topology
    if not topology.edge_count:
        return []
    weights = network.theta[: topology.edge_count]
    largest = float(np.abs(weights).max()) or 1.0
    # Behind the neurons, so that no line crosses a name.
    lines = ["  \\begin{scope}[on background layer]"]
    for slot, ((source, target), weight) in enumerate(
        zip(topology.edge_rows.tolist(), weights.tolist(), strict=True)
    ):
        if source not in shown or target not in shown:
            continue
        width = THINNEST + (THICKEST - THINNEST) * abs(weight) / largest
        style = "minus" if weight < 0 else "plus"
        style += "" if network.enabled[slot] else ", off"
        number = f" node[number, near start] {{${weight:.3g}$}}" if options.weights else ""
        a, b = topology.ids[source], topology.ids[target]
        lines.append(f"    \\draw[{style}, line width={width:.2f}pt] (n{a}) --{number} (n{b});")
    return [*lines, "  \\end{scope}"]


def _header_lines(document: Document, places: FloatArray, downwards: bool) -> list[str]:
    network, topology = document.network, document.network.topology
    lines = []
    for level in range(int(topology.levels.max(initial=-1)) + 1):
        rows = np.flatnonzero(topology.levels == level)
        if not rows.size:
            continue
        names = sorted({network.activations[row] for row in rows.tolist()})
        words = "inputs" if level == 0 else ", ".join(ACTIVATIONS[n].title for n in names[:2])
        words += " …" if len(names) > 2 else ""
        if downwards:
            x, y = places[:, 0].min() - 1.0, -places[rows, 1].mean()
            anchor = "east"
        else:
            x, y, anchor = places[rows, 0].mean(), 1.0 - places[:, 1].min(), "south"
        lines.append(
            f"  \\node[font=\\small, anchor={anchor}] at ({x:.3f}, {y:.3f}) {{{_latex(words)}}};"
        )
    return lines
