"""Pictures of networks as TikZ: text that LaTeX draws, to be edited by hand.

It shows what matters in a paper: neurons with names, connections as thick as their weights, signs
by colour and dashes, and layers. Response maps and grids are left to SVG and PDF.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.formats.latex_text import latex_number, latex_text
from nnplay.picture.arrange import arrange, position_array, runs_downwards
from nnplay.picture.geometry import EdgeLines
from nnplay.picture.numbers import TRIED, number_places
from nnplay.picture.options import PictureOptions
from nnplay.picture.text import pretty_label

__all__ = ["tikz_text"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PIXELS_PER_CM: Final = 48.0
LARGEST_CM: Final = 300.0
"""TeX knows no length beyond 575 cm; what would be larger than this is made smaller."""
NEURON_MM: Final = 8.0
THINNEST: Final = 0.2
THICKEST: Final = 2.0
DIGITS: Final = 3
LONGEST_NAME: Final = 24
LONGEST_INSIDE: Final = 3
"""Longer names stand beside their neuron, which would cover its neighbours otherwise."""
MOST_PLACED: Final = 150
"""Of more numbers than these none looks for a place clear of the others, which takes long."""
CM_PER_LETTER: Final = 0.22
# In a row of neurons upright names would run into each other.
_TURNED: Final = {"above": ", rotate=60, anchor=west", "below": ", rotate=60, anchor=east"}


def _name(label: str) -> str:
    """A name as the canvas writes it, cut where it is very long."""
    shown = pretty_label("".join(c if c.isprintable() else " " for c in label).strip())
    if len(shown) > LONGEST_NAME:
        shown = shown[: LONGEST_NAME - 1] + "…"
    return shown


def tikz_text(document: Document, options: PictureOptions) -> str:
    """A LaTeX document with the network as a ``tikzpicture``; the same document, the same text.

    Args:
        document: its network and where its neurons stand.
        options: what is written in it: ``weights``, ``biases``, ``headers``, ``neurons`` count.
    """
    network, topology = document.network, document.network.topology
    downwards = runs_downwards(document)
    pixels = position_array(network, arrange(network, document.positions, downwards=downwards))
    lines = EdgeLines(topology, pixels, downwards=downwards)
    sheet = _Sheet(pixels)
    places = sheet.points(pixels)
    chosen = options.neurons
    shown = [
        row
        for row, neuron in enumerate(topology.ids.tolist())
        if chosen is None or neuron in chosen
    ]
    names = {row: _name(network.labels[row]) for row in shown}
    outside = _outermost(places, downwards)
    font = "\\small" if sheet.shrink > 0.7 else "\\tiny"
    text = [
        "% A network made with nnplay. Compile with pdflatex, lualatex or xelatex, or copy the",
        "% tikzpicture into a paper (with \\usepackage{tikz}).",
        "\\IfFileExists{standalone.cls}{\\documentclass[tikz,border=4mm]{standalone}}",
        f"  {{\\documentclass{{article}}\\usepackage{{tikz}}{_paper(places, names.values())}}}",
        "\\usepackage{iftex}",
        "\\ifPDFTeX\\usepackage[T1]{fontenc}\\fi",
        "\\begin{document}",
        "\\begin{tikzpicture}[",
        f"  neuron/.style={{draw, circle, minimum size={NEURON_MM * sheet.shrink:.3g}mm, inner sep=0pt, "
        f"font={font}, fill=white}},",
        "  input/.style={neuron, fill=black!6},",
        "  output/.style={neuron, thick},",
        "  off/.style={dotted, opacity=0.4},",
        "  plus/.style={draw=blue!65!black},",
        "  minus/.style={draw=orange!85!black, dashed},",
        "  number/.style={font=\\tiny, fill=white, inner sep=1pt},",
        "]",
        # Behind the neurons, so that no line crosses a name.
        "  \\pgfdeclarelayer{connections}\\pgfsetlayers{connections,main}",
    ]
    kinds = {Kind.INPUT: "input", Kind.HIDDEN: "neuron", Kind.OUTPUT: "output"}
    for row in shown:
        x, y = places[row].tolist()
        kind = Kind(int(topology.kinds[row]))
        style = kinds[kind]
        style += "" if network.neuron_enabled[row] else ", off"
        slot = int(topology.bias_slots[row])
        if options.biases and slot >= 0:
            bias = latex_number(float(network.theta[slot]), DIGITS)
            style += f", label={{[font=\\tiny]below:{{$b={bias}$}}}}"
        name, inside = latex_text(names[row]), ""
        if len(names[row]) <= LONGEST_INSIDE:
            inside, name = name, ""
        if name:
            beside = _side_of(kind, downwards, row in outside)
            turned = _TURNED.get(beside, "") if downwards else ""
            style += f", label={{[font={font}{turned}]{beside}:{{{name}}}}}"
        text.append(f"  \\node[{style}] (n{topology.ids[row]}) at ({x:.3f}, {y:.3f}) {{{inside}}};")
    among = np.flatnonzero(np.isin(topology.edge_rows, shown).all(axis=1))
    text += _edge_lines(document, lines, sheet, among)
    if options.weights:
        text += _number_lines(document, lines, pixels, sheet, among)
    if options.headers and chosen is None:
        text += _header_lines(document, places, downwards)
    return "\n".join([*text, "\\end{tikzpicture}", "\\end{document}", ""])


class _Sheet:
    """Centimetres instead of canvas pixels, upwards from the upper left corner.

    Attributes:
        shrink: 1, or less where the picture would be larger than TeX can think.
    """

    def __init__(self, pixels: FloatArray) -> None:
        self._corner = pixels.min(axis=0) if len(pixels) else np.zeros(2)
        extent = float((pixels - self._corner).max(initial=0.0)) / PIXELS_PER_CM
        self.shrink = min(1.0, LARGEST_CM / max(extent, 1.0))

    def points(self, pixels: FloatArray) -> FloatArray:
        """``float64[..., 2]`` in centimetres."""
        scale = np.array([1.0, -1.0]) * (self.shrink / PIXELS_PER_CM)
        found: FloatArray = (pixels - self._corner) * scale + 0.0
        return found


def _paper(places: FloatArray, names: Iterable[str]) -> str:
    """A sheet that is large enough, where no class fits one to the picture."""
    beside = 1.5 + CM_PER_LETTER * max(map(len, names), default=0)
    width, height = np.abs(places).max(axis=0, initial=0.0) + 2 * beside + 3.0
    return (
        f"\\usepackage[paperwidth={width:.1f}cm,paperheight={height:.1f}cm,margin=4mm]{{geometry}}"
        "\\pagestyle{empty}\\parindent0pt"
    )


def _outermost(places: FloatArray, downwards: bool) -> set[int]:
    """Rows of the neurons that have no other one before them, or none behind them."""
    along = -places[:, 1] if downwards else places[:, 0]
    ends = along.min(initial=np.inf), along.max(initial=-np.inf)
    return set(np.flatnonzero(np.isin(along, ends)).tolist())


def _side_of(kind: Kind, downwards: bool, is_outside: bool) -> str:
    """Where a name stands: away from connections, but not upon another neuron."""
    if kind == Kind.HIDDEN or not is_outside:
        return "right" if downwards else "above"
    if downwards:
        return "above" if kind == Kind.INPUT else "below"
    return "left" if kind == Kind.INPUT else "right"


def _edge_lines(document: Document, lines: EdgeLines, sheet: _Sheet, among: IntArray) -> list[str]:
    """The connections ``among`` (slots), as the canvas draws them: curved if there are few."""
    network, topology = document.network, document.network.topology
    if not among.size:
        return []
    weights = network.theta[: topology.edge_count]
    largest = float(np.abs(weights).max()) or 1.0
    text = ["  \\begin{pgfonlayer}{connections}"]
    for slot in among.tolist():
        weight = float(weights[slot])
        width = (THINNEST + (THICKEST - THINNEST) * abs(weight) / largest) * sheet.shrink
        style = "minus" if weight < 0 else "plus"
        style += "" if network.enabled[slot] else ", off"
        way = "--"
        if lines.curved:
            (x1, y1), (x2, y2) = sheet.points(np.reshape(lines.handles(slot), (2, 2))).tolist()
            way = f".. controls ({x1:.3f}, {y1:.3f}) and ({x2:.3f}, {y2:.3f}) .."
        a, b = topology.ids[topology.edge_rows[slot]].tolist()
        text.append(f"    \\draw[{style}, line width={width:.2f}pt] (n{a}) {way} (n{b});")
    return [*text, "  \\end{pgfonlayer}"]


def _number_lines(
    document: Document, lines: EdgeLines, neurons: FloatArray, sheet: _Sheet, among: IntArray
) -> list[str]:
    """The weights of the connections ``among``, each on its line and clear of others."""
    if among.size <= MOST_PLACED:
        pixels = number_places(lines, neurons, among)
    else:
        turns = zip(among.tolist(), cycle(TRIED), strict=False)
        pixels = np.array([lines.point_on(slot, t) for slot, t in turns])
    weights = document.network.theta[among].tolist()
    return [
        f"  \\node[number] at ({x:.3f}, {y:.3f}) {{${latex_number(weight, DIGITS)}$}};"
        for weight, (x, y) in zip(weights, sheet.points(pixels).tolist(), strict=True)
    ]


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
            x, y = places[:, 0].min() - 1.0, places[rows, 1].mean()
            anchor = "east"
        else:
            x, y, anchor = places[rows, 0].mean(), 1.0, "base"
        lines.append(
            f"  \\node[font=\\small, anchor={anchor}] at ({x:.3f}, {y:.3f}) {{{latex_text(words)}}};"
        )
    return lines
