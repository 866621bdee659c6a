"""Every activation against PyTorch's figures, complex steps, and the ends of the number line."""

import importlib.util
import json
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from core.random_networks import FREE

from nnplay.core import reference
from nnplay.core.activations import ACTIVATIONS
from nnplay.core.network import Network
from nnplay.core.special import erf, erfc, normal_cdf

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FIGURES = json.loads((REFERENCE / "torch_figures.json").read_text())
KINKS = (-3.0, -1.0, -0.0, 0.0, 1.0, 3.0, 20.0)


def both(name: str, z: Any, dtype: Any = np.float64) -> tuple[Any, Any]:
    """f(z) and f'(z) of a row of numbers."""
    block = np.array(z, dtype=dtype).reshape(1, -1)
    a, slope = np.full_like(block, 7.0), np.full_like(block, 7.0)
    with np.errstate(all="ignore"):
        ACTIVATIONS[name].function(block, a)
        ACTIVATIONS[name].derivative(block, a, slope)
    return a[0], slope[0]


@pytest.mark.parametrize("name", FREE)
def test_values_and_slopes_equal_recorded_torch_figures(name: str) -> None:
    a, slope = both(name, FIGURES["points"])
    figures = FIGURES["activations"][name]
    assert np.allclose(a, figures["values"], rtol=1e-14, atol=1e-15)
    assert np.allclose(slope, figures["slopes"], rtol=1e-14, atol=2e-15)


@pytest.mark.parametrize("name", FREE)
def test_slopes_at_kinks_are_exactly_those_of_torch(name: str) -> None:
    kinks = [(z, i) for i, z in enumerate(FIGURES["points"]) if z in KINKS]
    _, slope = both(name, [z for z, _ in kinks])
    for (z, i), found in zip(kinks, slope.tolist(), strict=True):
        expected = FIGURES["activations"][name]["slopes"][i]
        smooth = not (abs(z) < 20 and name in ("relu", "leaky_relu", "abs", "step", "hard_tanh"))
        assert found == (pytest.approx(expected, rel=1e-14, abs=1e-15) if smooth else expected), z


@pytest.mark.parametrize(
    ("name", "z", "slope"),
    [
        ("relu", 0.0, 0.0),
        ("leaky_relu", 0.0, 0.01),
        ("elu", 0.0, 1.0),
        ("abs", 0.0, 0.0),
        ("hard_tanh", 1.0, 0.0),
        ("hard_sigmoid", -3.0, 0.0),
        ("softplus", np.nextafter(20.0, 21.0), 1.0),
        ("softplus", 20.0, 1 / (1 + math.exp(-20.0))),
        ("step", 5.0, 0.0),
    ],
)
def test_chosen_kinks(name: str, z: float, slope: float) -> None:
    assert both(name, [z])[1][0] == slope


def test_step_says_that_it_cannot_learn() -> None:
    assert "slope is 0" in ACTIVATIONS["step"].remark
    assert both("step", [-1.0, -0.0, 0.0, 1e-300])[0].tolist() == [0.0, 0.0, 0.0, 1.0]


def away_from_kinks() -> Any:
    points = np.concatenate([np.linspace(-9.03, 9.07, 401), np.linspace(-45.1, 45.3, 61)])
    assert np.abs(points[:, None] - np.array(KINKS)).min() > 1e-3
    return points


@pytest.mark.parametrize("name", FREE)
def test_values_and_slopes_equal_complex_steps(name: str) -> None:
    points = away_from_kinks()
    network = Network.mlp([1, 1], output_activation=name).with_theta([1.0, 0.0])
    theta = np.array([1.0, 1e-200j])
    values = reference.evaluate(network, points[:, None], np.complex128, theta).a[1]
    a, slope = both(name, points)
    size = np.maximum(1.0, np.abs(values.real))
    assert (np.abs(a - values.real) / size).max() < 1e-14
    assert np.abs(slope - values.imag / 1e-200).max() < 1e-12
    plain = reference.evaluate(network, points[:, None]).a[1]
    assert plain.dtype == np.float64
    assert np.allclose(plain, values.real, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("name", FREE)
def test_slopes_equal_torch_live(name: str) -> None:
    """On many more points where PyTorch is installed, else on the recorded ones once more."""
    if importlib.util.find_spec("torch") is None:
        test_values_and_slopes_equal_recorded_torch_figures(name)
        return
    sys.path.insert(0, str(REFERENCE))
    try:
        import torch
        import torch_oracle
    finally:
        sys.path.remove(str(REFERENCE))
    z = [*away_from_kinks().tolist(), *KINKS]
    values, slopes = torch_oracle.values_and_slopes(torch, name, z)
    a, slope = both(name, z)
    assert np.allclose(a, values, rtol=1e-14, atol=1e-15)
    assert np.allclose(slope, slopes, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", FREE)
def test_float32_follows_float64(name: str) -> None:
    z = np.linspace(-30.03, 30.07, 500).astype(np.float32)
    a, slope = both(name, z, np.float32)
    exact, exact_slope = both(name, z.astype(np.float64))
    assert a.dtype == slope.dtype == np.float32
    assert (np.abs(a - exact) / np.maximum(1.0, np.abs(exact))).max() < 4e-7
    assert (np.abs(slope - exact_slope) / np.maximum(1.0, np.abs(exact_slope))).max() < 4e-6


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FREE)
def test_no_finite_number_gives_nan(name: str, dtype: Any) -> None:
    largest = float(np.finfo(dtype).max)
    far = np.array([10.0**e for e in range(1, 300, 7)])
    sizes = np.concatenate([far[far < largest], [largest]])
    z = np.concatenate([-sizes, sizes, [-800.0, -88.8, -0.0, 0.0, 88.8, 800.0, 1e-40]])
    a, slope = both(name, z, dtype)
    assert not np.isnan(a).any()
    assert not np.isnan(slope).any()
    low, high = ACTIVATIONS[name].range
    slack = 2 * float(np.finfo(dtype).eps)
    assert (a >= low - slack).all()
    assert (a <= high + slack).all()


@pytest.mark.parametrize(
    ("name", "z", "value"),
    [
        ("silu", -800.0, -0.0),
        ("mish", -800.0, -0.0),
        ("gelu", -800.0, -0.0),
        ("gelu_tanh", -1e300, -0.0),
        ("gaussian", 1e200, 0.0),
        ("softplus", 1e300, 1e300),
        ("mish", 1e300, 1e300),
        ("gelu", 1e300, 1e300),
        ("elu", -1e300, -1.0),
        ("softsign", -1e300, -1.0),
    ],
)
def test_limits(name: str, z: float, value: float) -> None:
    found = both(name, [z])[0][0]
    assert found == value
    assert math.copysign(1, found) == math.copysign(1, value)


@pytest.mark.parametrize("name", ["gelu", "gelu_tanh", "silu", "mish"])
def test_lowest_points_are_told(name: str) -> None:
    a, slope = both(name, np.linspace(-3, 0, 300_001))
    low = ACTIVATIONS[name].range[0]
    assert 0.0 < a.min() - low < 1e-6
    assert abs(slope[a.argmin()]) < 1e-5


def test_small_values_of_gelu_keep_their_digits() -> None:
    z = np.array([-5.0, -12.0, -20.0, -30.0])
    expected = [v * 0.5 * math.erfc(-v / math.sqrt(2)) for v in z.tolist()]
    assert both("gelu", z)[0].tolist() == pytest.approx(expected, rel=1e-13)


def test_threads_do_not_disturb_each_other() -> None:
    names = ["gelu", "gelu_tanh", "silu", "mish", "selu"] * 8
    z = np.random.default_rng(0).normal(size=20_000) * 4
    alone = {name: both(name, z) for name in names}
    with ThreadPoolExecutor(8) as pool:
        for name, (a, slope) in zip(names, pool.map(lambda n: both(n, z), names), strict=True):
            assert np.array_equal(a, alone[name][0])
            assert np.array_equal(slope, alone[name][1])


# ---------------------------------------------------------------- error function
GRID = np.concatenate(
    [
        np.linspace(-7, 7, 140_001),
        np.linspace(-30, 30, 6_001),
        [np.nextafter(v, v + d) for v in (0.46875, 4.0, -0.46875, -4.0) for d in (-1, 0, 1)],
        [0.0, -0.0, 5e-324, -1e-300, 1e-9, 26.6, 27.3, 1e300, -1e300, np.inf, -np.inf],
    ]
)


def test_error_function_is_right_to_the_last_digits() -> None:
    expected = np.array([math.erf(x) for x in GRID.tolist()])
    with np.errstate(all="raise", under="ignore"):
        found = erf(GRID)
    assert np.abs(found - expected).max() <= 1e-15
    assert np.array_equal(np.signbit(found), np.signbit(expected))
    near = np.abs(GRID) < 0.4
    assert np.allclose(found[near], expected[near], rtol=1e-15, atol=0)


def test_its_complement_keeps_its_digits_where_it_is_small() -> None:
    expected = np.array([math.erfc(x) for x in GRID.tolist()])
    found = erfc(GRID)
    normal = expected > 1e-300
    assert (np.abs(found - expected)[normal] / expected[normal]).max() < 2e-15
    assert (found[~normal] < 1e-299).all()


def test_error_functions_keep_shapes_and_nan() -> None:
    for function in (erf, erfc, normal_cdf):
        block = np.array([[np.nan, 0.1], [-2.0, np.nan]])
        assert np.array_equal(np.isnan(function(block)), np.isnan(block))
        assert function(0.3).shape == ()
        assert function(np.empty((0, 3))).shape == (0, 3)
    assert normal_cdf(0.0) == 0.5
    assert normal_cdf(1.96) == pytest.approx(0.9750021048517795, rel=1e-15)
