"""Models made by PyTorch and scikit-learn: what people would want to open."""

import io
import warnings

import numpy as np

TORCH = ("residual", "picture", "regression", "split", "wide")
SKLEARN = ("binary", "classes", "zipmap", "scaled", "ranged", "logistic", "logistic_classes")


def torch_module(name):
    import torch
    from torch import nn
    from torch.nn import functional as f

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(4, 6), nn.Linear(6, 6), nn.Linear(10, 3)

        def forward(self, x):
            h = f.gelu(self.a(x))
            h = h + f.silu(self.b(h))
            return torch.softmax(self.c(torch.cat([x, h], 1)), 1)

    class Picture(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(
                *(nn.Flatten(), nn.Linear(64, 8), nn.BatchNorm1d(8), nn.GELU("tanh")),
                *(nn.Dropout(0.5), nn.Linear(8, 8), nn.Mish(), nn.Linear(8, 8), nn.Hardtanh()),
                *(nn.Linear(8, 8), nn.Hardsigmoid(), nn.Linear(8, 8), nn.Softsign()),
                *(nn.Linear(8, 2), nn.LeakyReLU()),
            )

        def forward(self, x):
            return self.net(x.view(x.size(0), 1, 8, 8))

    class Regression(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(3, 5, bias=False), nn.Linear(5, 1)
            self.register_buffer("mean", torch.tensor([0.5, -1.0, 2.0]))
            self.register_buffer("spread", torch.tensor([2.0, 0.5, 1.5]))

        def forward(self, x):
            h = f.elu(self.a((x - self.mean) / self.spread), 0.7)
            return (self.b(f.leaky_relu(h, 0.2)) * 10.0 + 3.0).squeeze(1)

    class Split(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(2, 5), nn.Linear(7, 2)

        def forward(self, x):
            left, right = x[:, :2], x[:, 2:]
            h = torch.cat([f.selu(self.a(left)), right.flip(1)], dim=1)
            return torch.sigmoid(self.b(torch.tanh(h).unsqueeze(1)).squeeze(1))

    class Wide(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(20, 12), nn.Linear(12, 4)

        def forward(self, x):
            h = f.relu6(self.a(x)) + torch.sin(self.a(x)) * 0.5
            return f.softplus(self.b(h)) - f.celu(self.b(h), 0.5)

    kinds = {
        "residual": (Residual, (4,)),
        "picture": (Picture, (1, 8, 8)),
        "regression": (Regression, (3,)),
        "split": (Split, (4,)),
        "wide": (Wide, (20,)),
    }
    torch.manual_seed(sorted(kinds).index(name))
    kind, shape = kinds[name]
    module = kind()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm1d):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
            nn.init.normal_(layer.weight)
            nn.init.normal_(layer.bias)
    return module.eval(), torch.randn(9, *shape)


def by_torch(name, dynamo):
    """(bytes, inputs, name of the output) of an export by one of torch's two exporters."""
    import torch

    module, x = torch_module(name)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if dynamo:
            program = torch.onnx.export(
                module,
                (x,),
                dynamo=True,
                dynamic_shapes=({0: torch.export.Dim("samples")},),
                verbose=False,
            )
            data = program.model_proto.SerializeToString()
        else:
            torch.onnx.export(
                module,
                (x,),
                buffer,
                dynamo=False,
                input_names=["x"],
                dynamic_axes={"x": {0: "samples"}},
            )
            data = buffer.getvalue()
    return data, x.numpy(), None


def by_sklearn(name):
    """(bytes, inputs, name of the output with the numbers) of a converted pipeline."""
    from skl2onnx import to_onnx
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    x = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    labels = np.array(["a", "b", "c"])[x[:, :3].argmax(axis=1)]
    settings = {"max_iter": 30, "random_state": 0}
    model, y, options, output = {
        "binary": (
            MLPClassifier((5,), **settings),
            (x[:, 0] > 0).astype(int),
            {"zipmap": False},
            "probabilities",
        ),
        "classes": (
            MLPClassifier((5, 3), activation="tanh", **settings),
            labels,
            {"zipmap": False},
            "probabilities",
        ),
        "zipmap": (
            MLPClassifier((4,), activation="logistic", **settings),
            labels,
            {},
            "output_probability",
        ),
        "scaled": (
            make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(4,), **settings)),
            x[:, 0] * 3,
            None,
            "variable",
        ),
        "ranged": (
            make_pipeline(
                MinMaxScaler(), MLPRegressor(hidden_layer_sizes=(4,), activation="tanh", **settings)
            ),
            x[:, 1],
            None,
            "variable",
        ),
        "logistic": (
            LogisticRegression(),
            (x[:, 0] > 0).astype(int),
            {},
            "output_probability",
        ),
        "logistic_classes": (
            LogisticRegression(),
            labels,
            {"zipmap": False},
            "probabilities",
        ),
    }[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y)
        converted = to_onnx(model, x[:1], options=None if options is None else {id(model): options})
    return converted.SerializeToString(), x[:9], output
