# Tests of the ONNX importer and of the conformance runner.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the importer writes and refuses, and that the runner catches wrong results."""

import re
import shutil
import subprocess

import numpy as np
import pytest
from attn.onnx import conformance
from attn.onnx.cases import CaseError, load_case, mismatch
from attn.onnx.importer import UnsupportedModel, import_model
from conftest import ROOT
from onnx import TensorProto, helper, numpy_helper

SCRIPT = ROOT / "scripts" / "conformance-onnx.sh"


NAMES = {"LinearAttention": ("query", "key", "value", "past_state", "decay", "beta")}


def model(inputs, *, outputs=("Y",), opset=24, op="Attention", **attributes):
    """A model of one node; `inputs` has (type, shape) or None by position."""
    names = NAMES.get(op, ("Q", "K", "V", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen"))
    given = [(name, value) for name, value in zip(names, inputs) if value]
    node = helper.make_node(op, [name if value else "" for name, value in zip(names, inputs)], list(outputs), **attributes)
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info(n, *v) for n, v in given],
                              [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs if o])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


F, H, B, I64 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BOOL, TensorProto.INT64
QKV = [(F, (2, 4, 3, 8)), (F, (2, 2, 5, 8)), (F, (2, 2, 5, 6))]


def test_the_default_scale_and_nothing_else():
    text = import_model(model(QKV)).text
    assert "scale(3.53553390593273731e-01)\n" in text
    assert "strict_values" not in text and "where" not in text and "score" not in text


def test_causal_alone_has_no_offset_and_with_a_past_its_length():
    assert "mask(causal)\n" in import_model(model(QKV, is_causal=1)).text
    past = [None, (F, (2, 2, 9, 8)), (F, (2, 2, 9, 6))]
    text = import_model(model(QKV + past, is_causal=1)).text
    (constant,) = re.findall(r"offset\((%\w+) : index\)", text)
    assert f"{constant} = arith.constant 9 : index" in text


def test_a_short_mask_is_padded_in_the_ir():
    text = import_model(model(QKV + [(B, (3, 4))])).text
    assert "tensor.insert_slice" in text and "into tensor<3x5xi1>" in text
    text = import_model(model(QKV + [(F, (3, 4))])).text
    assert "arith.constant 0xFF800000 : f32" in text and "bias(" in text


def test_inputs_come_in_the_order_of_the_graph():
    imported = import_model(model(QKV + [None, None, None, (I64, (2,))]))
    assert imported.inputs == ("Q", "K", "V", "nonpad_kv_seqlen") and imported.outputs == ("Y",)


@pytest.mark.parametrize("message, make", [
    ("one Attention or LinearAttention node, got Gemm", lambda: model(QKV, op="Gemm")),
    ("opset 22", lambda: model(QKV, opset=22)),
    ("V: needed", lambda: model(QKV[:2])),
    ("unknown attributes: window", lambda: model(QKV, window=3)),
    ("rank 3 or rank 4", lambda: model([(F, (4, 8))] * 3)),
    ("need q_num_heads", lambda: model([(F, (2, 4, 24))] * 3)),
    ("does not hold 5 heads", lambda: model([(F, (2, 4, 24))] * 3, q_num_heads=5, kv_num_heads=5)),
    ("no multiple of", lambda: model([(F, (2, 3, 3, 8))] + QKV[1:])),
    ("come together", lambda: model(QKV + [None, (F, (2, 2, 9, 8))])),
    ("excludes past_key", lambda: model(QKV + [None, (F, (2, 2, 9, 8)), (F, (2, 2, 9, 6)), (I64, (2,))])),
    ("does not fit", lambda: model(QKV + [None, (F, (2, 2, 9, 7)), (F, (2, 2, 9, 6))])),
    ("does not broadcast", lambda: model(QKV + [(F, (3, 6))])),
    ("attn_mask is of f16", lambda: model(QKV + [(H, (3, 5))])),
    ("no static shape", lambda: model([(F, ("batch", 4, 3, 8))] + QKV[1:])),
    ("no supported element type", lambda: model([(TensorProto.STRING, (2, 4, 3, 8))] + QKV[1:])),
    ("softmax_precision 11 exceeds f32", lambda: model(QKV, softmax_precision=TensorProto.DOUBLE)),
    ("qk_matmul_output_mode 7", lambda: model(QKV, outputs=("Y", "", "", "qk"), qk_matmul_output_mode=7)),
])
def test_refusals(message, make):
    with pytest.raises(UnsupportedModel, match=message):
        import_model(make())


# --- LinearAttention ------------------------------------------------------------------


def linear(*more, heads=(4, 2), opset=27, tokens=(2, 5), qkv=(32, 16, 12), outputs=("output",), **attributes):
    """By default 4 query heads and 2 others, keys of 8 and values of 6; `more` are past_state, decay, beta."""
    inputs = [(F, (2, 5, qkv[0])), *((F, (*tokens, width)) for width in qkv[1:]), *more]
    attributes = {"q_num_heads": heads[0], "kv_num_heads": heads[1]} | attributes
    return model(inputs, op="LinearAttention", opset=opset, outputs=outputs, **attributes)


DECAY, GATE, BETA, STATE = (F, (2, 5, 16)), (F, (2, 5, 2)), (F, (2, 5, 1)), (F, (2, 2, 8, 6))


def test_each_rule_has_its_clauses():
    rules = {"linear": (), "gated": (None, DECAY), "delta": (None, None, BETA), "gated_delta": (STATE, GATE, BETA)}
    for rule, operands in rules.items():
        text = import_model(linear(*operands, update_rule=rule)).text
        assert ("decay(key" in text, "decay(scalar" in text) == (rule == "gated", rule == "gated_delta")
        assert ("update(delta" in text) == ("delta" in rule) and ("init(" in text) == (rule == "gated_delta")
    assert import_model(linear(STATE, GATE, BETA)).text == text, "the default is gated_delta"


@pytest.mark.parametrize("given, want", [({}, 8 ** -0.5), ({"scale": 0.0}, 8 ** -0.5), ({"scale": 0.25}, 0.25)])
def test_the_scale_of_keys_unless_there_is_another(given, want):
    (scale,) = re.findall(r"scale\((\S+)\)", import_model(linear(update_rule="linear", **given)).text)
    assert float(scale) == pytest.approx(want, rel=1e-15)


@pytest.mark.parametrize("message, make", [
    ("opset 26 is not covered; 27 of LinearAttention", lambda: linear(update_rule="linear", opset=26)),
    ("unknown attributes: norm", lambda: linear(update_rule="linear", norm=1)),
    ("value: needed", lambda: model(QKV[:2], op="LinearAttention", opset=27)),
    ("q_num_heads and kv_num_heads are needed", lambda: linear(update_rule="linear", heads=(4, 0))),
    ("4 query heads are no multiple of 3", lambda: linear(update_rule="linear", heads=(4, 3))),
    ("a width of 12 does not hold 8 heads", lambda: linear(update_rule="linear", heads=(8, 8), qkv=(64, 64, 12))),
    ("'oja' is none of linear, gated", lambda: linear(update_rule="oja")),
    ("'gated_delta' has decay and beta", lambda: linear(None, GATE)),
    ("'linear' has neither decay nor beta", lambda: linear(None, GATE, update_rule="linear")),
    ("rank 3", lambda: model(QKV, op="LinearAttention", opset=27, q_num_heads=1, kv_num_heads=1, update_rule="linear")),
    (r"key \(2, 4, 16\) does not have the tokens of query \(2, 5, 32\)", lambda: linear(update_rule="linear", tokens=(2, 4))),
    (r"decay \(2, 4, 2\) does not have the tokens", lambda: linear(None, (F, (2, 4, 2)), update_rule="gated")),
    ("a query has 8 elements, a key 7", lambda: linear(update_rule="linear", qkv=(32, 14, 12))),
    (r"past_state \(2, 2, 8, 5\) is not \(2, 2, 8, 6\)", lambda: linear((F, (2, 2, 8, 5)), update_rule="linear")),
    ("decay has a width of 12, expected 2 .* or 16", lambda: linear(None, (F, (2, 5, 12)), update_rule="gated")),
    ("beta has a width of 4, expected 1 or 2", lambda: linear(None, None, (F, (2, 5, 4)), update_rule="delta")),
])
def test_linear_refusals(message, make):
    with pytest.raises(UnsupportedModel, match=message):
        import_model(make())


def test_an_altered_linear_case_is_caught(attn_run, onnx_node_tests, tmp_path, capsys):
    """Of each input another one: every one of them is read."""
    name = "test_linear_attention_prefill_with_past"
    cases = tmp_path / "list.txt"
    cases.write_text(name + "\n")
    for number in range(6):
        folder = tmp_path / str(number) / name
        shutil.copytree(onnx_node_tests / name, folder)
        alter(folder / "test_data_set_0" / f"input_{number}.pb", lambda array: array.__imul__(1.05))
        assert conformance.main([str(folder.parent), f"--cases={cases}"]) == 1
        assert "elements differ" in capsys.readouterr().out


# --- Comparing ------------------------------------------------------------------


def test_mismatch_tells_apart():
    want = np.array([1.0, np.nan, np.inf, 0.0], np.float32)
    assert mismatch(want.copy(), want) is None
    assert mismatch(want * np.float32(1.0005), want) is None
    for at, value in ((0, 1.002), (1, 0.0), (2, -np.inf), (3, 2e-5), (0, np.nan)):
        got = want.copy()
        got[at] = value
        assert "1 of 4 elements differ" in mismatch(got, want)
    assert "shape" in mismatch(want[:3], want)
    assert "type" in mismatch(want.astype(np.float64), want)


# --- The runner -------------------------------------------------------------------


@pytest.fixture
def one_case(onnx_node_tests, tmp_path):
    """A copy of one case, to be spoiled, and a list that names it."""
    name = "test_attention_4d_causal"
    shutil.copytree(onnx_node_tests / name, tmp_path / "cases" / name)
    cases = tmp_path / "list.txt"
    cases.write_text(name + "\n")
    return tmp_path / "cases" / name, [str(tmp_path / "cases"), f"--cases={cases}"]


def alter(file, change):
    tensor = TensorProto()
    tensor.ParseFromString(file.read_bytes())
    array = numpy_helper.to_array(tensor).copy()
    change(array)
    file.write_bytes(numpy_helper.from_array(array, tensor.name).SerializeToString())


def test_a_good_case_passes(attn_run, one_case, capsys):
    _, arguments = one_case
    assert conformance.main(arguments) == 0
    assert capsys.readouterr().out == "1 passed, 0 failed\n"


def test_an_altered_output_is_caught(attn_run, one_case, capsys):
    folder, arguments = one_case

    def change(array):
        array[-1, -1, -1, -1] += 0.01

    alter(folder / "test_data_set_0" / "output_0.pb", change)
    assert conformance.main(arguments) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "Y: 1 of 192 elements differ, first at (1, 2, 3, 7)" in lines[0]
    assert lines[-1] == "0 passed, 1 failed"


def test_an_altered_input_is_caught(attn_run, one_case, capsys):
    folder, arguments = one_case
    alter(folder / "test_data_set_0" / "input_1.pb", lambda array: array.__setitem__((0, 0, 0), 3.0))
    assert conformance.main(arguments) == 1


def test_a_missing_case_fails(attn_run, one_case, tmp_path, capsys):
    _, arguments = one_case
    with open(tmp_path / "list.txt", "a") as cases:
        cases.write("test_attention_4d\n")
    assert conformance.main(arguments) == 1
    out = capsys.readouterr().out.splitlines()
    assert out == ["FAIL test_attention_4d: the folder is missing", "1 passed, 1 failed"]


def test_an_unlisted_case_fails(attn_run, one_case, capsys):
    folder, arguments = one_case
    shutil.copytree(folder, folder.parent / "test_attention_new")
    assert conformance.main(arguments) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"


@pytest.mark.parametrize("file, message", [
    ("model.onnx", "model.onnx is missing"), ("test_data_set_0/output_0.pb", "output_0.pb is missing"),
    ("test_data_set_0/input_2.pb", "input_2.pb is missing")])
def test_an_incomplete_case_is_named(one_case, file, message):
    folder, _ = one_case
    (folder / file).unlink()
    with pytest.raises(CaseError, match=message):
        load_case(folder)


def test_damaged_files_are_named(one_case):
    folder, _ = one_case
    file = folder / "test_data_set_0" / "output_0.pb"
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(CaseError, match="output_0.pb"):
        load_case(folder)
    (folder / "model.onnx").write_bytes(b"\xff\xff\xff")
    with pytest.raises(CaseError, match="model.onnx cannot be read"):
        load_case(folder)


def test_a_surplus_file_is_named(one_case):
    folder, _ = one_case
    data = folder / "test_data_set_0"
    shutil.copy(data / "output_0.pb", data / "output_1.pb")
    with pytest.raises(CaseError, match="belongs to no output"):
        load_case(folder)


def test_the_script_passes_every_case(attn_run, onnx_node_tests):
    done = subprocess.run([SCRIPT, onnx_node_tests], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "90 passed, 0 failed\n"), done.stdout + done.stderr


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: None], ids=["empty", "absent"])
def test_the_script_refuses_a_directory_without_cases(tmp_path, make):
    folder = tmp_path / "cases"
    make(folder)
    done = subprocess.run([SCRIPT, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "error:" in done.stderr and "passed" not in done.stdout
