"""The made-up sets against the published formulas, derived again here point by point."""

import importlib.util
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnplay.data.datasets import CATALOGUE, dataset_info, generate
from nnplay.data.errors import DataError
from nnplay.data.generators import GENERATORS
from nnplay.data.recipe import Column, DataRecipe, RawTable

PLANE = tuple(GENERATORS)


def drawn(source: str, seed: int = 3, **recipe: object) -> tuple[np.ndarray, np.ndarray]:
    table = generate(DataRecipe(source, **recipe), seed)
    points = np.stack([c.values for c in table.input_columns], axis=1)
    return points, table.column(table.target).values


def test_the_catalogue_has_the_sixteen_sets_of_the_contract():
    names = (
        "circle xor gauss spiral reg-plane reg-gauss moons blobs xor-table and-table iris wine "
        "digits breast-cancer diabetes penguins"
    )
    assert " ".join(CATALOGUE) == names


@pytest.mark.parametrize("source", CATALOGUE)
def test_a_set_is_what_the_catalogue_says(source: str):
    info = CATALOGUE[source]
    table = generate(DataRecipe(source), 0)
    assert table.row_count == info.default_sample_count
    assert table.raw_names == info.raw_names
    assert table.target == info.target
    assert table.classes == info.classes
    assert (table.classes is not None) == info.is_classification
    for column in table.columns:
        assert np.isfinite(column.values).all()
        assert column.values.dtype == np.float64
        assert not column.values.flags.writeable
    if info.is_classification:
        codes = table.column(table.target).values
        assert set(codes) == set(range(len(info.classes)))


@pytest.mark.parametrize("source", PLANE)
@pytest.mark.parametrize("count", [1, 2, 3, 7, 501])
def test_any_number_of_samples_can_be_drawn(source: str, count: int):
    points, target = drawn(source, sample_count=count)
    assert points.shape == (count, 2)
    assert target.shape == (count,)


@pytest.mark.parametrize("source", PLANE)
def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(source: str):
    first, again, other = (drawn(source, seed, noise=10) for seed in (5, 5, 6))
    assert first[0].tobytes() == again[0].tobytes()
    assert first[1].tobytes() == again[1].tobytes()
    if source != "spiral":
        assert not np.array_equal(drawn(source, 5)[0], drawn(source, 6)[0])
    assert not np.array_equal(first[0], other[0])


def test_circle_without_noise_is_a_disc_and_a_ring():
    points, label = drawn("circle", sample_count=20_000)
    radius = np.array([math.sqrt(x * x + y * y) for x, y in points])
    inner = label == 1
    assert inner.sum() == 10_000
    assert radius[inner].max() < 2.5
    assert radius[~inner].min() >= 3.5
    assert radius[~inner].max() < 5.0
    # Radius is uniform (not the area): mean in the middle, angle uniform.
    assert radius[inner].mean() == pytest.approx(1.25, abs=0.03)
    assert radius[~inner].mean() == pytest.approx(4.25, abs=0.03)
    angle = np.arctan2(points[:, 0], points[:, 1])
    assert np.histogram(angle, 8, (-np.pi, np.pi))[0].min() > 2_300


def test_circle_noise_moves_the_label_test_but_not_the_point():
    clean, clean_label = drawn("circle", sample_count=5_000)
    noisy, noisy_label = drawn("circle", sample_count=5_000, noise=50)
    assert np.array_equal(clean, noisy)
    changed = (clean_label != noisy_label).mean()
    assert 0.1 < changed < 0.4
    # A label can only be wrong if ±2.5 in each direction could have crossed the line at 2.5.
    slight, slight_label = drawn("circle", sample_count=5_000, noise=4)
    radius = np.hypot(*slight.T)
    flipped = slight_label != (radius < 2.5)
    assert np.abs(radius[flipped] - 2.5).max() <= 0.2 * math.sqrt(2)


def test_xor_keeps_clear_of_the_axes_and_labels_the_quadrants():
    points, label = drawn("xor", sample_count=20_000)
    assert np.abs(points).min() >= 0.3
    assert np.abs(points).max() <= 5.3
    assert np.array_equal(label == 1, np.sign(points[:, 0]) == np.sign(points[:, 1]))
    clean = points
    noisy, noisy_label = drawn("xor", sample_count=20_000, noise=50)
    assert np.array_equal(clean, noisy)
    assert 0.1 < (label != noisy_label).mean() < 0.5


@pytest.mark.parametrize(("noise", "variance"), [(0, 0.5), (25, 2.25), (50, 4.0)])
def test_gauss_has_the_variance_of_its_noise(noise: int, variance: float):
    points, label = drawn("gauss", sample_count=40_000, noise=noise)
    for value, centre in ((1, 2.0), (0, -2.0)):
        cloud = points[label == value]
        assert len(cloud) == 20_000
        assert cloud.mean(axis=0) == pytest.approx([centre, centre], abs=0.06)
        assert cloud.var(axis=0) == pytest.approx([variance, variance], rel=0.04)
        assert np.corrcoef(cloud.T)[0, 1] == pytest.approx(0.0, abs=0.03)


def test_spiral_lies_on_its_two_curves():
    points, label = drawn("spiral", sample_count=500)
    for value, shift in ((1, 0.0), (0, math.pi)):
        arm = points[label == value]
        assert len(arm) == 250
        for i, (x, y) in enumerate(arm):
            radius = i / 250 * 5
            angle = 1.75 * i / 250 * 2 * math.pi + shift
            assert x == pytest.approx(radius * math.sin(angle), abs=1e-12)
            assert y == pytest.approx(radius * math.cos(angle), abs=1e-12)


def test_spiral_noise_is_a_square_around_each_point():
    clean, _ = drawn("spiral", sample_count=4_000)
    noisy, _ = drawn("spiral", sample_count=4_000, noise=30)
    jitter = noisy - clean
    assert np.abs(jitter).max() <= 0.3
    assert np.abs(jitter).max() > 0.29
    assert jitter.mean() == pytest.approx(0.0, abs=0.01)
    assert jitter.var() == pytest.approx(0.6**2 / 12, rel=0.05)


def test_reg_plane_is_a_tenth_of_the_sum():
    points, value = drawn("reg-plane")
    assert np.abs(points).max() <= 6.0
    for (x, y), v in zip(points, value, strict=True):
        assert v == pytest.approx((x + y) / 10, abs=1e-15)
    noisy, noisy_value = drawn("reg-plane", noise=50)
    assert np.array_equal(points, noisy)
    assert 0.1 < np.abs(noisy_value - value).max() <= 0.6


def test_reg_gauss_takes_the_cone_of_largest_magnitude():
    points, value = drawn("reg-gauss", sample_count=3_000)
    centres = [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
    for (x, y), v in zip(points, value, strict=True):
        best = 0.0
        for cx, cy, sign in centres:
            height = sign * min(1.0, max(0.0, 1 - math.dist((x, y), (cx, cy)) / 2))
            if abs(height) > abs(best):
                best = height
        assert v == pytest.approx(best, abs=1e-12)
    assert value.max() > 0.9
    assert value.min() < -0.9


def test_moons_are_two_half_circles():
    points, label = drawn("moons", sample_count=2_000)
    upper, lower = points[label == 0] / 3, points[label == 1] / 3
    assert np.hypot(upper[:, 0] + 0.5, upper[:, 1] + 0.25) == pytest.approx(1.0)
    assert np.hypot(lower[:, 0] - 0.5, lower[:, 1] - 0.25) == pytest.approx(1.0)
    assert upper[:, 1].min() >= -0.25
    assert lower[:, 1].max() <= 0.25


def test_blobs_are_three_clouds_of_equal_size():
    points, label = drawn("blobs", sample_count=30_000, noise=50)
    for k in range(3):
        cloud = points[label == k]
        assert len(cloud) == 10_000
        angle = math.radians(90 + 120 * k)
        expected = [3 * math.cos(angle), 3 * math.sin(angle)]
        assert cloud.mean(axis=0) == pytest.approx(expected, abs=0.08)
        assert cloud.std(axis=0) == pytest.approx([2.0, 2.0], rel=0.03)


@pytest.mark.parametrize("source", ["gauss", "spiral", "moons", "blobs"])
def test_moving_the_noise_slider_moves_the_same_points(source: str):
    at_ten, at_eleven = (drawn(source, noise=noise)[0] for noise in (10, 11))
    assert np.abs(at_ten - at_eleven).max() < 0.2


def test_truth_tables():
    for source, outcome in (("xor-table", [0, 1, 1, 0]), ("and-table", [0, 0, 0, 1])):
        points, label = drawn(source, noise=50, sample_count=4)
        assert points.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
        assert label.tolist() == outcome
        assert dataset_info(source).default_train_percent == 100


@pytest.mark.parametrize(
    ("name", "total", "squares", "target_total"),
    [
        ("iris", 2078.7, 9539.29, 150.0),
        ("wine", 159975.295999, 118768104.78031619, 167.0),
        ("breast_cancer", 1056474.4596356, 955069324.085005, 357.0),
        ("digits", 561718.0, 6907012.0, 8070.0),
        ("diabetes", 276404.2336, 33042240.401514962, 67243.0),
    ],
)
def test_bundled_numbers_equal_those_of_scikit_learn(
    name: str, total: float, squares: float, target_total: float
):
    table = generate(DataRecipe(name.replace("_", "-")), 0)
    data = np.stack([c.values for c in table.input_columns], axis=1)
    target = table.column(table.target).values
    assert data.sum() == pytest.approx(total, rel=1e-13)
    assert (data**2).sum() == pytest.approx(squares, rel=1e-13)
    if name == "breast_cancer":  # scikit-learn counts the benign ones as 1
        assert len(target) - target.sum() == target_total
    else:
        assert target.sum() == target_total
    if importlib.util.find_spec("sklearn") is None:
        return
    options = {"scaled": False} if name == "diabetes" else {}
    original = getattr(importlib.import_module("sklearn.datasets"), f"load_{name}")(**options)
    assert np.array_equal(data, original.data)
    if name == "diabetes":
        assert np.array_equal(target, original.target)
    else:
        ours = [table.classes[int(i)] for i in target]
        assert ours == [str(original.target_names[i]) for i in original.target]


def test_penguins_with_holes_are_left_out_and_that_is_said():
    table = generate(DataRecipe("penguins"), 0)
    assert table.row_count == 333
    counts = np.bincount(table.column("species").values.astype(int))
    assert dict(zip(table.classes, counts, strict=True)) == {
        "Adelie": 146,
        "Chinstrap": 68,
        "Gentoo": 119,
    }
    assert table.column("sex").categories == ("female", "male")
    assert "11 of the 344" in CATALOGUE["penguins"].notes[0]


def test_fewer_samples_of_a_bundled_set_are_a_random_part_of_it():
    whole = generate(DataRecipe("iris"), 1)
    part = generate(DataRecipe("iris", sample_count=40), 1)
    assert part.row_count == 40
    rows = {tuple(r) for r in np.stack([c.values for c in whole.columns], axis=1)}
    assert all(tuple(r) in rows for r in np.stack([c.values for c in part.columns], axis=1))
    assert len(set(part.column("species").values)) == 3
    assert generate(DataRecipe("iris", sample_count=1_000), 1).row_count == 150


def test_imported_tables_come_back_as_they_are():
    table = RawTable((Column("a", np.arange(3.0)), Column("b", np.ones(3))), "b")
    assert generate(DataRecipe("table", table=table), 0) is table


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (DataRecipe("moebius"), ["moebius", "circle"]),
        (DataRecipe("table"), ["CSV"]),
        (DataRecipe("circle", noise=51), ["51", "50"]),
        (DataRecipe("circle", noise=-1), ["-1"]),
        (DataRecipe("circle", sample_count=0), ["0", "1"]),
        (DataRecipe("circle", sample_count=10**9), ["1,000,000"]),
        (DataRecipe("circle", train_percent=0), ["0 %"]),
        (DataRecipe("circle", train_percent=101), ["101 %"]),
    ],
)
def test_impossible_recipes_are_refused_with_a_sentence(recipe: DataRecipe, words: list[str]):
    with pytest.raises(DataError) as caught:
        generate(recipe, 0)
    for word in words:
        assert word in str(caught.value)


@given(st.sampled_from(PLANE), st.integers(1, 60), st.integers(0, 50), st.integers(0, 2**63 - 1))
def test_every_recipe_gives_finite_numbers(source: str, count: int, noise: int, seed: int):
    points, target = drawn(source, seed, sample_count=count, noise=noise)
    assert np.isfinite(points).all()
    assert np.isfinite(target).all()
