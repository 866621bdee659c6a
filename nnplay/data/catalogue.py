"""The table of data sets that come with nnplay, and what suits each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nnplay.core.config import TrainingConfig
from nnplay.data.recipe import Preparation

__all__ = ["CATALOGUE", "MAX_SAMPLE_COUNT", "DatasetInfo"]

MAX_SAMPLE_COUNT: Final = 1_000_000
MINUS_PLUS: Final = ("−1", "+1")


@dataclass(frozen=True)
class DatasetInfo:
    """What is known about a data set before it is drawn or read.

    Attributes:
        name: name in files and on the command line.
        title: name for people.
        kind: ``classification`` or ``regression``.
        description: one sentence for people.
        raw_names: raw input columns.
        target: name of the target column.
        classes: class names in index order; None for regression.
        has_noise: whether the noise setting does anything.
        default_sample_count: number of samples unless the recipe says otherwise.
        max_sample_count: the most there can be.
        has_sample_count: whether the number of samples can be chosen.
        default_train_percent: share for training in a new document.
        default_preparation: features and scaling of a new document.
        default_activation: activation of hidden neurons.
        default_output_activation: activation of the outputs.
        default_hidden_sizes: hidden layers of a new document.
        default_training: loss, optimiser and rates that suit the set.
        domain: ``(low, high)`` of both axes for sets drawn on the plane, else None.
        notes: sentences about rows left out and the like.
    """

    name: str
    title: str
    kind: str
    description: str
    raw_names: tuple[str, ...] = ("x1", "x2")
    target: str = "class"
    classes: tuple[str, ...] | None = MINUS_PLUS
    has_noise: bool = True
    default_sample_count: int = 500
    max_sample_count: int = MAX_SAMPLE_COUNT
    has_sample_count: bool = True
    default_train_percent: int = 50
    default_preparation: Preparation = field(default_factory=Preparation)
    default_activation: str = "tanh"
    default_output_activation: str = "tanh"
    default_hidden_sizes: tuple[int, ...] = (4, 2)
    default_training: TrainingConfig = field(default_factory=TrainingConfig)
    domain: tuple[float, float] | None = (-6.0, 6.0)
    notes: tuple[str, ...] = ()

    @property
    def default_loss(self) -> str:
        """Loss of a new document."""
        return self.default_training.loss

    @property
    def is_classification(self) -> bool:
        """Whether classes are predicted."""
        return self.kind == "classification"


def _classification(name: str, title: str, description: str, **rest: object) -> DatasetInfo:
    return DatasetInfo(name, title, "classification", description, **rest)  # type: ignore[arg-type]


def _regression(name: str, title: str, description: str, **rest: object) -> DatasetInfo:
    settings: dict[str, object] = {
        "target": "value",
        "classes": None,
        "default_output_activation": "linear",
        **rest,
    }
    return DatasetInfo(name, title, "regression", description, **settings)  # type: ignore[arg-type]


def _truth(name: str, title: str, description: str) -> DatasetInfo:
    return _classification(
        name,
        title,
        description,
        classes=("0", "1"),
        has_noise=False,
        default_sample_count=4,
        max_sample_count=4,
        has_sample_count=False,
        default_train_percent=100,
        default_output_activation="sigmoid",
        default_hidden_sizes=(2,) if name == "xor-table" else (),
        default_training=TrainingConfig(
            loss="binary_cross_entropy", optimizer="adam", learning_rate=0.05, batch_size=4
        ),
        domain=(-0.5, 1.5),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_PIXELS: Final = tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8))
_CELL: Final = _names(
    "radius texture perimeter area smoothness compactness concavity concave_points symmetry "
    "fractal_dimension"
)
_ADAM: Final = TrainingConfig(
    loss="softmax_cross_entropy",
    optimizer="adam",
    learning_rate=0.01,
    batch_size=16,
    initializer="glorot_uniform",
)


def _bundled(
    name: str,
    title: str,
    description: str,
    raw_names: tuple[str, ...],
    target: str,
    classes: tuple[str, ...] | None,
    count: int,
    **rest: object,
) -> DatasetInfo:
    loss, output = "softmax_cross_entropy", "softmax"
    if classes is None:
        loss, output = "mse", "linear"
    elif len(classes) == 2:
        loss, output = "binary_cross_entropy", "sigmoid"
    settings: dict[str, object] = {
        "raw_names": raw_names,
        "target": target,
        "classes": classes,
        "has_noise": False,
        "default_sample_count": count,
        "max_sample_count": count,
        "default_train_percent": 70,
        "default_preparation": Preparation(
            raw_names, "standard", "none" if classes else "standard"
        ),
        "default_output_activation": output,
        "default_hidden_sizes": (8,),
        "default_training": TrainingConfig(**{**vars(_ADAM), "loss": loss}),
        "domain": None,
        **rest,
    }
    kind = "classification" if classes else "regression"
    return DatasetInfo(name, title, kind, description, **settings)  # type: ignore[arg-type]


_IRIS: Final = ("sepal_length", "sepal_width", "petal_length", "petal_width")
_WINE: Final = _names(
    "alcohol malic_acid ash alcalinity_of_ash magnesium total_phenols flavanoids "
    "nonflavanoid_phenols proanthocyanins color_intensity hue od280_od315_of_diluted_wines proline"
)
_DIABETES: Final = _names(
    "age sex bmi blood_pressure total_cholesterol ldl hdl cholesterol_ratio log_triglycerides "
    "glucose"
)
_PENGUINS: Final = _names(
    "island bill_length_mm bill_depth_mm flipper_length_mm body_mass_g sex year"
)

_ALL: Final = (
    _classification("circle", "Circle", "A disc inside a ring."),
    _classification("xor", "Exclusive or", "Opposite quadrants belong together."),
    _classification("gauss", "Two clouds", "Two round clouds, the easiest set."),
    _classification(
        "spiral",
        "Spiral",
        "Two arms wound around each other, the hardest set.",
        default_hidden_sizes=(8, 6),
    ),
    _regression("reg-plane", "Slope", "A plane to fit.", default_sample_count=1200),
    _regression(
        "reg-gauss",
        "Hills",
        "Three hills and three hollows to fit.",
        default_sample_count=1200,
        default_hidden_sizes=(8, 6),
    ),
    _classification("moons", "Moons", "Two half moons that reach into each other."),
    _classification(
        "blobs",
        "Three clouds",
        "Three round clouds: more than two classes.",
        classes=("A", "B", "C"),
        default_output_activation="softmax",
        default_training=TrainingConfig(loss="softmax_cross_entropy"),
    ),
    _truth("xor-table", "XOR table", "The four rows of exclusive or: one input or the other."),
    _truth("and-table", "AND table", "The four rows of and: both inputs."),
    _bundled(
        "iris",
        "Iris",
        "Three kinds of iris told apart by four lengths in centimetres.",
        _IRIS,
        "species",
        ("setosa", "versicolor", "virginica"),
        150,
        default_hidden_sizes=(6,),
    ),
    _bundled(
        "wine",
        "Wine",
        "Three cultivars told apart by a chemical analysis of their wine.",
        _WINE,
        "cultivar",
        ("class_0", "class_1", "class_2"),
        178,
    ),
    _bundled(
        "digits",
        "Digits",
        "Handwritten digits as 8 by 8 pixels.",
        _PIXELS,
        "digit",
        tuple("0123456789"),
        1797,
        default_hidden_sizes=(24,),
        default_activation="relu",
        default_training=TrainingConfig(
            **{**vars(_ADAM), "initializer": "he_uniform", "learning_rate": 0.003, "batch_size": 32}
        ),
    ),
    _bundled(
        "breast-cancer",
        "Breast cancer",
        "Malignant or benign, from 30 measurements of cell nuclei.",
        tuple(
            [f"mean_{n}" for n in _CELL]
            + [f"{n}_error" for n in _CELL]
            + [f"worst_{n}" for n in _CELL]
        ),
        "diagnosis",
        ("benign", "malignant"),
        569,
    ),
    _bundled(
        "diabetes",
        "Diabetes",
        "How far the disease went on within a year, from ten values of a patient.",
        _DIABETES,
        "progression",
        None,
        442,
        default_training=TrainingConfig(
            **{**vars(_ADAM), "loss": "mse", "learning_rate": 0.003, "batch_size": 32}
        ),
    ),
    _bundled(
        "penguins",
        "Penguins",
        "Three species of penguins told apart by their measures and sex.",
        _PENGUINS,
        "species",
        ("Adelie", "Chinstrap", "Gentoo"),
        333,
        default_hidden_sizes=(6,),
        default_preparation=Preparation(
            ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex"),
            "standard",
        ),
        notes=("11 of the 344 penguins have missing values and are left out.",),
    ),
)

CATALOGUE: Final[dict[str, DatasetInfo]] = {info.name: info for info in _ALL}
