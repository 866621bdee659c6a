"""ONNX graphs made by hand: every operator and pattern, judged by onnxruntime, and refusals."""

import numpy as np
import onnx
import pytest
from formats.onnx_driver import HAS_RUNTIME, by_nnplay, by_onnxruntime, in_use, opened, relative
from onnx import TensorProto, helper, numpy_helper

from nnplay.formats import onnx_run
from nnplay.formats.errors import FormatError
from nnplay.formats.onnx_model import parse

R = np.random.default_rng(0)
W = {
    "w": R.normal(size=(4, 3)),
    "wt": R.normal(size=(3, 4)),
    "v": R.normal(size=(3, 3)),
    "b": R.normal(size=3),
    "b1": R.normal(size=(1, 3)),
    "c": R.normal(size=4) + 3.0,
    "half": 0.5,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "six": 6.0,
    "zero": 0.0,
    "minus": -1.0,
    "root": np.sqrt(0.5),
    "root2": np.sqrt(2.0),
    "cubic": 0.044715,
    "pi": np.sqrt(2.0 / np.pi),
    "slopes": np.array([0.1, 0.0, 0.3]),
    "var": np.array([0.5, 1.5, 2.0]),
    "order": np.array([2, 0, 1]),
    "twice": np.array([[0, 1, 2], [2, 1, 0]]),
    "keep": np.array([0, -1]),
    "three_one": np.array([0, 3, 1]),
    "ax1": np.array([1]),
    "ax2": np.array([2]),
    "starts": np.array([3]),
    "ends": np.array([-5]),
    "steps": np.array([-1]),
    "sizes": np.array([1, 3]),
    "some": np.array([0.25, -0.5]),
}


def model(lines, opset=17, shape=(None, 4), extra=None, outputs=("y",), dtype=np.float32):
    """A model from lines such as ``h = Gemm(x, w, b) transB=0``."""
    constants = {**W, **(extra or {})}
    nodes, used = [], {}
    for line in lines.strip().splitlines():
        left, _, right = line.strip().partition(" = ")
        op, _, rest = right.partition("(")
        inside, _, after = rest.partition(")")
        names = [name.strip() for name in inside.split(",")] if inside.strip() else []
        attributes = dict(part.split("=") for part in after.split())
        given = {key: eval(value) for key, value in attributes.items()}
        results = [name.strip() for name in left.split(",")]
        domain = given.pop("domain", "")
        nodes.append(
            helper.make_node(op, names, results, name=f"n{len(nodes)}", domain=domain, **given)
        )
        used |= {name: constants[name] for name in names if name in constants}
    kind = TensorProto.DOUBLE if dtype == np.float64 else TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [
            numpy_helper.from_array(
                np.asarray(v, dtype=np.int64 if np.asarray(v).dtype.kind == "i" else dtype), k
            )
            for k, v in used.items()
        ],
    )
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 1)]
    made = helper.make_model(graph, opset_imports=imports, ir_version=8)
    return made.SerializeToString()


GRAPHS = {
    "gemm": "y = Gemm(x, w, b) alpha=0.5 beta=2.0",
    "gemm_t": "y = Gemm(x, wt, b1) transB=1",
    "gemm_without_bias": "y = Gemm(x, w)",
    "matmul_add": "h = MatMul(x, w)\ny = Add(h, b)",
    "add_matmul": "h = MatMul(x, w)\ny = Add(b, h)",
    "matrix_times_column": "u = Unsqueeze(x, ax2)\nh = MatMul(wt, u)\ns = Squeeze(h, ax2)\ny = Tanh(s)",
    "transposed": "t = Transpose(x) perm=[1,0]\nh = Gemm(wt, t)\ny = Transpose(h) perm=[1,0]",
    "scaled_inputs": "d = Sub(x, c)\ne = Div(d, c)\nm = Mul(two, e)\nh = Gemm(m, w, b)\ny = Tanh(h)",
    "minus_from": "h = Gemm(x, w, b)\nn = Neg(h)\ny = Sub(one, n)",
    "batch_norm": "h = Gemm(x, w, b)\nn = BatchNormalization(h, b, b, b, var)\ny = Relu(n)",
    "batch_norm_after": "h = Gemm(x, w, b)\nr = Relu(h)\nn = BatchNormalization(r, b, b, b, var)\ny = MatMul(n, v)",
    "dropout": "h = Gemm(x, w, b)\nd = Dropout(h)\ny = Tanh(d)",
    "moves": "h = Gemm(x, w, b)\ng = Gather(h, order) axis=1\nr = Reshape(g, three_one)\nf = Flatten(r)\ny = Tanh(f)",
    "gather_matrix": "g = Gather(x, twice) axis=1\nf = Flatten(g)\nr = Reshape(f, keep)\ny = Sigmoid(r)",
    "slice_back": "s = Slice(x, starts, ends, ax1, steps)\ny = MatMul(s, w)",
    "split_concat": "p, q = Split(x, sizes) axis=1\nt = Tanh(q)\ny = Concat(t, p, q) axis=1",
    "identity_cast": "i = Identity(x)\nd = Cast(i) to=11\nf = Cast(d) to=1\ny = MatMul(f, w)",
    "constants": "k = Mul(two, three)\nm = Mul(x, k)\ny = Relu(m)",
    "constant_node": "k = Constant() value_float=0.25\nm = Mul(x, k)\ny = Relu(m)",
    "shape": "s = Shape(x)\ng = Gather(s, zero_i)\nu = Unsqueeze(g, zero_l)\nk = Concat(u, minus_l) axis=0\nr = Reshape(x, k)\ny = Tanh(r)",
    "skip_sum": "h = Gemm(x, w, b)\nt = Tanh(h)\nk = Gemm(t, v, b)\ny = Add(t, k)",
    "two_layers_sum": "h = Gemm(x, w, b)\nk = MatMul(x, w)\ns = Sub(h, k)\ny = Tanh(s)",
    "add_of_itself": "h = Add(x, x)\ny = Relu(h)",
    "mean": "h = Gemm(x, w, b)\nt = Tanh(h)\ny = Mean(h, t, b)",
    "reduce_sum": "m = Mul(x, c)\ny = ReduceSum(m, ax1) keepdims=1",
    "reduce_mean": "y = ReduceMean(x) axes=[1]",
    "constant_column": "h = Concat(x, x) axis=1\ny = Tanh(h)",
    "silu": "h = Gemm(x, w, b)\ns = Sigmoid(h)\ny = Mul(s, h)",
    "silu_quick_gelu": "h = Gemm(x, w, b)\nm = Mul(h, two)\ns = Sigmoid(m)\ny = Mul(h, s)",
    "silu_division": "n = Neg(x)\ne = Exp(n)\na = Add(e, one)\ny = Div(x, a)",
    "sigmoid_division": "n = Neg(x)\ne = Exp(n)\na = Add(one, e)\ny = Div(one, a)",
    "sigmoid_reciprocal": "n = Neg(x)\ne = Exp(n)\na = Add(one, e)\ny = Reciprocal(a)",
    "mish": "h = Gemm(x, w, b)\ns = Softplus(h)\nt = Tanh(s)\ny = Mul(h, t)",
    "softplus_pieces": "e = Exp(x)\na = Add(e, one)\ny = Log(a)",
    "gelu_erf": "d = Div(x, root2)\ne = Erf(d)\na = Add(e, one)\nm = Mul(x, a)\ny = Mul(m, half)",
    "gelu_erf_other": "h = Gemm(x, w, b)\nd = Mul(h, root)\ne = Erf(d)\na = Add(one, e)\nm = Mul(half, h)\ny = Mul(m, a)",
    "gelu_tanh_pow": "p = Pow(x, three)\nm = Mul(p, cubic)\ns = Add(x, m)\ni = Mul(s, pi)\nt = Tanh(i)\na = Add(t, one)\nk = Mul(x, half)\ny = Mul(k, a)",
    "gelu_tanh_mul": "p = Mul(x, x)\nm = Mul(p, cubic)\ns = Add(one, m)\nq = Mul(x, s)\ni = Mul(q, pi)\nt = Tanh(i)\na = Add(t, one)\nk = Mul(x, a)\ny = Mul(k, half)",
    "softsign_pieces": "h = Gemm(x, w, b)\na = Abs(h)\ns = Add(a, one)\ny = Div(h, s)",
    "gaussian": "m = Mul(x, x)\nn = Neg(m)\ny = Exp(n)",
    "gaussian_pow": "p = Pow(x, two)\nn = Mul(p, minus)\nk = Mul(n, half)\ny = Exp(k)",
    "square": "h = Gemm(x, w, b)\ny = Pow(h, two)",
    "step": "g = Greater(x, half)\ny = Cast(g) to=1",
    "step_less": "g = Less(x, half)\ny = Cast(g) to=1",
    "clip_both": "h = Gemm(x, w, b)\ny = Clip(h, minus, one)",
    "clip_unit": "h = Div(x, six)\nm = Add(h, half)\ny = Clip(m, zero, one)",
    "relu6": "y = Clip(x, zero, six)",
    "clip_odd": "y = Clip(x, minus, two)",
    "clip_low": "y = Clip(x, half)",
    "clip_high": "y = Clip(x, , half)",
    "max_zero": "y = Max(x, zero)",
    "max_each": "h = Gemm(x, w, b)\ny = Max(b, h)",
    "min": "y = Min(x, half)",
    "leaky_max": "m = Mul(x, half)\ny = Max(m, x)",
    "leaky": "y = LeakyRelu(x)",
    "leaky_steep": "y = LeakyRelu(x) alpha=0.3",
    "prelu": "h = Gemm(x, w, b)\ny = PRelu(h, slopes)",
    "elu": "y = Elu(x)",
    "elu_steep": "y = Elu(x) alpha=0.6",
    "selu": "y = Selu(x)",
    "selu_other": "y = Selu(x) alpha=1.5 gamma=1.2",
    "celu": "y = Celu(x) alpha=0.7",
    "hard_sigmoid": "y = HardSigmoid(x)",
    "hard_sigmoid_torch": f"y = HardSigmoid(x) alpha={1 / 6}",
    "log_sigmoid": "h = Gemm(x, w, b)\ns = Sigmoid(h)\ny = Log(s)",
    "hard_swish_product": f"h = Gemm(x, w, b)\ns = HardSigmoid(h) alpha={1 / 6}\ny = Mul(h, s)",
    "hard_swish_clip": "h = Gemm(x, w, b)\ns = Add(h, three)\nc0 = Clip(s, zero, six)\np = Mul(h, c0)\ny = Div(p, six)",
    "softmax": "h = Gemm(x, w, b)\ny = Softmax(h)",
    "softmax_axis": "h = Gemm(x, w, b)\ny = Softmax(h) axis=1",
    "softmax_scaled": "h = Gemm(x, w, b)\ns = Softmax(h)\ny = Mul(s, two)",
    "softsign": "y = Softsign(x)",
    "softplus": "y = Softplus(x)",
    "sin_cos": "s = Sin(x)\nc0 = Cos(x)\ny = Add(s, c0)",
    "input_is_output": "y = Identity(x)",
    "output_twice": "t = Tanh(x)\ny = Concat(t, t) axis=1",
    "zeros": "m = Gemm(x, holes)\ny = Tanh(m)",
    "scaler": "s = Scaler(x) domain='ai.onnx.ml' offset=[0.5] scale=[2.0]\ny = Tanh(s)",
    "regressor": "y = LinearRegressor(x) domain='ai.onnx.ml' coefficients=[1.0,2.0,3.0,-4.0] intercepts=[0.5]",
}  # fmt: skip
EXTRA = {
    "zero_i": np.array(0),
    "zero_l": np.array([0]),
    "minus_l": np.array([-1]),
    "holes": np.where(R.random((4, 3)) < 0.5, 0.0, R.normal(size=(4, 3))),
}
OPSET_OF = {"reduce_mean": 13}


def reference(data, x):
    if HAS_RUNTIME:
        return by_onnxruntime(data, x.astype(np.float32))
    return onnx_run.run(parse(data), {"x": x}, "y")


SOFTMAX_LINES = ("softmax_scaled",)


@pytest.mark.parametrize("name", [n for n in GRAPHS if n not in SOFTMAX_LINES])
def test_graphs_open_and_compute_the_same(name):
    data = model(GRAPHS[name], OPSET_OF.get(name, 17), extra=EXTRA)
    x = np.random.default_rng(1).normal(size=(20, 4)) * 2
    network, notes = opened(data)
    if name not in ("step", "step_less"):
        found = by_nnplay(network, x.astype(np.float32))
        assert relative(found, reference(data, x).reshape(20, -1)) <= 1e-5
    else:
        expected = x > 0.5 if name == "step" else x < 0.5
        assert (by_nnplay(network, x) == expected).all()
    assert notes


@pytest.mark.parametrize(
    ("name", "activations"),
    [
        ("silu", ["silu"] * 3),
        ("mish", ["mish"] * 3),
        ("gelu_erf", ["gelu"] * 4),
        ("gelu_tanh_pow", ["gelu_tanh"] * 4),
        ("gelu_tanh_mul", ["gelu_tanh"] * 4),
        ("softsign_pieces", ["softsign"] * 3),
        ("gaussian", ["gaussian"] * 4),
        ("clip_both", ["hard_tanh"] * 3),
        ("clip_unit", ["hard_sigmoid"] * 4),
        ("hard_sigmoid_torch", ["hard_sigmoid"] * 4),
        ("softplus_pieces", ["softplus"] * 4),
        ("sigmoid_division", ["sigmoid"] * 4),
        ("silu_division", ["silu"] * 4),
        ("log_sigmoid", ["linear"] * 3 + ["softplus"] * 3),
        ("batch_norm", ["relu"] * 3),
        ("scaled_inputs", ["tanh"] * 3),
        ("max_zero", ["relu"] * 4),
    ],
)
def test_patterns_become_one_neuron(name, activations):
    network, _ = opened(model(GRAPHS[name], extra=EXTRA))
    assert in_use(network)[0] == activations


@pytest.mark.parametrize("extra", ["", "\ny = MatMul(s, v)"])
def test_hard_swish_is_put_together_exactly(extra):
    data = model("h = Gemm(x, w, b)\ns = HardSwish(h)" + extra, outputs="sy"[bool(extra)])
    network, notes = opened(data)
    x = np.random.default_rng(4).normal(size=(200, 4)) * 2
    h = x.dot(W["w"].astype(np.float32)) + W["b"].astype(np.float32)
    expected = h * np.clip(h + 3, 0, 6) / 6
    assert (h < -3).any()
    assert (h > 3).any()
    if extra:
        expected = expected.dot(W["v"].astype(np.float32))
    np.testing.assert_allclose(by_nnplay(network, x), expected, rtol=1e-12, atol=1e-12)
    assert any("hard swish" in note for note in notes)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("y = Clip(x, zero, six)", "ReLU6 is shown as hard sigmoid"),
        ("y = Clip(x, minus, two)", "Limits of −1 and 2 are shown as hard tanh"),
        ("y = Clip(x, zero, two)", "Limits of 0 and 2 are shown as hard sigmoid"),
        ("y = Clip(x, minus, one)", None),
        ("y = Clip(x, zero, one)", None),
    ],
)
def test_activations_under_another_name_are_explained(line, said):
    _, notes = opened(model(line))
    assert [said] == [note.split(",")[0] for note in notes if "the same function" in note] or (
        said is None and "the same function" not in " ".join(notes)
    )


def classifier(transform, rows, classes="[3,5,9]", following="y = Identity(p)"):
    line = "l, p = LinearClassifier(x) domain='ai.onnx.ml' coefficients={} intercepts={} post_transform='{}' classlabels_ints={}"
    weights = [round(float(w), 3) for w in W["wt"][:rows].reshape(-1)]
    line = line.format(weights, [0.5, -1.0, 0.25][:rows], transform, classes)
    return model(line.replace(", ", ",").replace("l,p", "l, p") + "\n" + following), np.array(
        weights
    )


@pytest.mark.parametrize("transform", ["NONE", "LOGISTIC", "SOFTMAX"])
def test_linear_classifiers_are_a_layer_with_named_classes(transform):
    data, weights = classifier(transform, 3)
    network, _ = opened(data)
    x = np.random.default_rng(4).normal(size=(20, 4))
    z = x.dot(weights.reshape(3, 4).T.astype(np.float32)) + np.array([0.5, -1.0, 0.25])
    expected = {
        "NONE": z,
        "LOGISTIC": 1 / (1 + np.exp(-z)),
        "SOFTMAX": np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
    }[transform]
    np.testing.assert_allclose(by_nnplay(network, x), expected, rtol=1e-9)
    if HAS_RUNTIME:
        assert relative(expected, by_onnxruntime(data, x.astype(np.float32))) <= 1e-5
    assert network.labels[4:] == ("3", "5", "9")
    assert network.topology.edge_count == 12


def test_exact_zeros_are_no_connections():
    network, notes = opened(model(GRAPHS["zeros"], extra=EXTRA))
    assert network.topology.edge_count == np.count_nonzero(EXTRA["holes"])
    assert any("weights of exactly 0" in note for note in notes)


def test_a_single_sample_without_an_axis():
    data = model("h = MatMul(x, w)\na = Add(h, b)\ny = Tanh(a)", shape=(4,))
    network, _ = opened(data)
    x = np.random.default_rng(2).normal(size=4)
    expected = np.tanh(x.dot(W["w"]) + W["b"])
    np.testing.assert_allclose(by_nnplay(network, x[None])[0], expected, rtol=1e-5)


@pytest.mark.parametrize("samples", [1, 5])
def test_a_fixed_number_of_samples(samples):
    shape = np.array([samples, 2, 2])
    data = model(
        "r = Reshape(x, shape)\nf = Flatten(r)\ny = Gemm(f, w, b)",
        shape=(samples, 4),
        extra={"shape": shape},
    )
    x = np.random.default_rng(3).normal(size=(samples, 4))
    network, _ = opened(data)
    np.testing.assert_allclose(by_nnplay(network, x), x.dot(W["w"]) + W["b"], rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_number_types(dtype):
    made = onnx.load_model_from_string(model("y = Gemm(x, w, b)", dtype=np.float64))
    for tensor in made.graph.initializer:
        array = numpy_helper.to_array(tensor).astype(dtype)
        tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    for value in (*made.graph.input, *made.graph.output):
        value.type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    network, _ = opened(made.SerializeToString())
    expected = W["w"].astype(dtype).astype(np.float64)
    np.testing.assert_array_equal(network.theta[:12].reshape(3, 4).T, expected)


def test_initialisers_may_be_listed_as_inputs():
    made = onnx.load_model_from_string(model("y = Gemm(x, w, b)"))
    for tensor in made.graph.initializer:
        made.graph.input.append(helper.make_tensor_value_info(tensor.name, 1, tensor.dims))
    network, _ = opened(made.SerializeToString())
    assert len(network.topology.input_ids) == 4


def test_several_inputs_keep_their_names():
    made = onnx.load_model_from_string(model("c0 = Concat(x, age) axis=1\ny = Tanh(c0)"))
    made.graph.input.append(helper.make_tensor_value_info("age", 1, [None, 1]))
    network, _ = opened(made.SerializeToString())
    assert network.labels[:5] == ("x 1", "x 2", "x 3", "x 4", "age")


# ------------------------------------------------------------------ refusals
REFUSED = {
    "Conv": ("y = Conv(x, w)", ["Conv “n0”", "fully connected"]),
    "layer_norm": ("h = Gemm(x, w, b)\ny = LayerNormalization(h, b, b)", ["LayerNormalization “n1”"]),
    "two_values": ("h = Gemm(x, w, b)\nt = Tanh(h)\ny = Mul(h, t)", ["Mul “n2”", "two computed"]),
    "division": ("t = Tanh(x)\ny = Div(x, t)", ["Div “n1”"]),
    "exp": ("y = Exp(x)", ["Exp “n0”", "part of an activation"]),
    "power": ("y = Pow(x, half)", ["Pow “n0”"]),
    "log_softmax": ("y = LogSoftmax(x)", ["LogSoftmax “n0”", "logarithms. Export the model with Softmax"]),
    "normaliser": ("h = Sigmoid(x)\ny = Normalizer(h) domain='ai.onnx.ml' norm='L1'", ["Normalizer “n1”", "sum of them all", "OneVsRest"]),
    "one_versus_rest": ("h = Sigmoid(x)\ns = ReduceSum(h, ax1)\ny = Div(h, s)", ["Div “n2”", "by a sum", "softmax"]),
    "one_sum_for_two": ("l, y = LinearClassifier(x) domain='ai.onnx.ml' coefficients=[1.0,2.0,3.0,4.0] intercepts=[0.5] classlabels_ints=[0,1]", ["LinearClassifier “n0”", "one sum per class"]),
    "probit": ("l, y = LinearClassifier(x) domain='ai.onnx.ml' coefficients=[1.0,2.0,3.0,4.0,1.0,2.0,3.0,4.0] intercepts=[0.5,1.0] classlabels_ints=[0,1] post_transform='PROBIT'", ["LinearClassifier “n0”", "PROBIT"]),
    "softmax_inside": ("s = Softmax(x)\ny = Gemm(s, w, b)", ["Softmax “n0”", "outputs only"]),
    "softmax_samples": ("y = Softmax(x) axis=0", ["Softmax “n0”", "samples"]),
    "softmax_twice": ("s = Softmax(x)\nh = Gemm(x, w)\nt = Softmax(h)\ny = Concat(s, t) axis=1", ["Softmax", "one softmax"]),
    "concat_samples": ("y = Concat(x, x) axis=0", ["Concat “n0”", "samples"]),
    "merge_samples": ("y = Reshape(x, all)", ["Reshape “n0”", "samples"]),
    "flatten_samples": ("y = Flatten(x) axis=0", ["Flatten “n0”", "axis 1"]),
    "sum_samples": ("y = ReduceSum(x, zero_l)", ["ReduceSum “n0”", "samples"]),
    "wrong_size": ("y = MatMul(x, v)", ["MatMul “n0”", "does not fit"]),
    "missing": ("y = Add(x, nowhere)", ["Add “n0”", "nowhere", "not in the file"]),
    "circle": ("a = Add(x, d)\nd = Tanh(a)\ny = Relu(d)", ["circle"]),
    "no_output": ("h = Tanh(x)", ["y", "never computed"]),
    "round": ("y = Cast(x) to=7", ["Cast “n0”"]),
    "custom": ("y = Fancy(x) domain='my.own'", ["Fancy “n0”", "my.own"]),
    "divide_by_zero": ("y = Div(x, zero)", ["Div “n0”", "0"]),
    "infinite": ("y = Mul(x, inf)", ["Mul “n0”", "not finite"]),
    "training": ("h = Gemm(x, w, b)\ny = BatchNormalization(h, b, b, b, var) training_mode=1", ["eval"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_node_and_a_way_out(name):
    lines, words = REFUSED[name]
    extra = {"all": np.array([-1]), "inf": np.inf, **EXTRA}
    with pytest.raises(FormatError) as found:
        opened(model(lines, extra=extra))
    text = str(found.value)
    assert text.startswith("model.onnx: ")
    assert text.endswith(".")
    for word in words:
        assert word in text


def test_open_feature_axes_are_refused():
    with pytest.raises(FormatError, match="fixed number of features"):
        opened(model("y = Tanh(x)", shape=(None, None)))
