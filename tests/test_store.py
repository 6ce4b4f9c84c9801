"""The model store: what is whole loads, what is damaged, foreign or newer is a one-line error and runs nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import framing.store
from framing.errors import FramingError, ModelError
from framing.features import FeatureSettings
from framing.forms import PackedForms
from framing.learn import Settings
from framing.loading import load_fold_models, load_model, load_training_units
from framing.store import find_model, pack_forms, read_manifest, write_model
from framing.training import Trained, check_output, recorded_settings, train
from tests.small import LABELS, codebook_of, invented_labels, invented_units, labels_of

FILES = ("model.json", "weights.npz", "signatures.npz")
LEXICON = {"strife": ("blocked*", "vetoed"), "talks": ("hosted", "mediated")}
Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def trained() -> Trained:
    units, gold = invented_units(60)
    labels = labels_of(units, gold, lexicon=LEXICON)
    return train(labels, settings=Settings(FeatureSettings(target=True, chars=(3, 3), lexicon=True), 3.0))


@pytest.fixture(scope="module")
def whole(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a whole model, not to be changed."""
    folder = tmp_path_factory.mktemp("whole") / "model"
    trained.save(folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Return a model to damage."""
    return Path(shutil.copytree(whole, tmp_path / "model"))


def everything(folder: Path) -> dict[str, Any]:
    """Return all that a model's files hold, read in all the ways that there are."""
    model = load_model(folder)
    folds = load_fold_models(model)
    units = load_training_units(model)
    linear, signatures = model.linear, units.signatures
    content = {"manifest": json.dumps(model.manifest, sort_keys=True), "forms": tuple(linear.forms)}
    content |= {"hashes": signatures.hashes.tolist(), "offsets": signatures.offsets.tolist()}
    content |= {"fold": units.fold.tolist()}
    for number, one in enumerate([linear, *folds]):
        content |= {
            f"{name} {number}": getattr(one, name).tolist()
            for name in ("keys", "idf", "weights", "intercept", "function_words")
        }
    return content


def refused(folder: Path, named: str = "") -> str:
    """Return the message with which a model is refused; it is one line and names the file."""
    with pytest.raises(ModelError) as caught:
        everything(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder / named) in message
    assert len(message) < 500 + len(str(folder))
    return message


def sign(manifest: Manifest) -> Manifest:
    """Return a manifest with the sha256 that fits it, as whoever changes a model on purpose would."""
    content = {key: value for key, value in manifest.items() if key != "sha256"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return content | {"sha256": hashlib.sha256(text.encode()).hexdigest()}


def redeclare(folder: Path, change: Callable[[Manifest], object]) -> None:
    """Change the content of model.json and sign it anew."""
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    change(manifest)
    (folder / "model.json").write_text(json.dumps(sign(manifest)), encoding="utf-8")


def declared(array: Any) -> Manifest:
    content = np.ascontiguousarray(array).tobytes()
    return {"type": array.dtype.str, "shape": list(array.shape), "sha256": hashlib.sha256(content).hexdigest()}


def replace_arrays(folder: Path, file: str, changed: Mapping[str, Any]) -> None:
    """Replace arrays of a file, and declare and sign them anew, so that only their content can give them away."""
    with np.load(folder / file) as stored:
        arrays = dict(stored)
    arrays |= changed
    np.savez_compressed(folder / file, **arrays)
    redeclare(folder, lambda manifest: manifest["arrays"][file].update({k: declared(a) for k, a in changed.items()}))


def stored(folder: Path, name: str) -> tuple[str, Any]:
    """Return the file that an array is in, and the array."""
    for file in FILES[1:]:
        with np.load(folder / file) as arrays:
            if name in arrays:
                return file, arrays[name]
    raise AssertionError(name)


@contextmanager
def less_memory_than(megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * 2**20
    finally:
        tracemalloc.stop()


# What is whole.


def test_a_whole_model_loads_and_its_files_are_the_four_of_the_format(whole: Path) -> None:
    assert everything(whole)["forms"]
    assert sorted(path.name for path in whole.iterdir()) == ["README.md", "model.json", "signatures.npz", "weights.npz"]


def test_model_json_tells_all_about_the_model_and_nothing_about_the_machine(whole: Path) -> None:
    text = (whole / "model.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert {"codebook", "settings", "data", "scores", "libraries", "format", "sha256", "arrays"} <= manifest.keys()
    assert {"numpy", "scikit-learn", "PyStemmer"} <= manifest["libraries"].keys()
    assert len(manifest["data"]["fingerprint"]) == 64
    machine = [str(whole.parent), str(Path.home()), os.uname().nodename, sys.platform]
    assert [word for word in machine if len(word) > 3 and word in text] == []
    assert "date" not in text.replace("update", "")


def test_a_model_changed_after_it_was_loaded_is_not_mixed_with_the_loaded_one(folder: Path) -> None:
    model = load_model(folder)
    file, hashes = stored(folder, "hashes")
    replace_arrays(folder, file, {"hashes": hashes[::-1].copy()})
    with pytest.raises(ModelError, match=r"signatures\.npz: hashes was changed"):
        load_training_units(model)


@given(st.sets(st.text(max_size=6)).map(sorted))
def test_forms_come_back_from_their_buffer(forms: list[str]) -> None:
    buffer, offsets = pack_forms(tuple(forms))
    assert tuple(PackedForms(buffer, offsets)) == tuple(forms)


# Damage that nobody meant: the hashes do not fit.


@pytest.mark.parametrize("file", FILES)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_is_found_unless_the_content_stays_the_same(
    whole: Path, folder: Path, file: str, where: float, bit: int
) -> None:
    content = bytearray((whole / file).read_bytes())
    _flip_and_check(whole, folder, file, content, int(where * len(content)), bit)


@pytest.mark.parametrize("file", FILES[1:])
@given(back=st.integers(1, 500), bit=st.integers(0, 7))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_in_the_directory_of_an_archive_is_found_as_well(
    whole: Path, folder: Path, file: str, back: int, bit: int
) -> None:
    content = bytearray((whole / file).read_bytes())
    _flip_and_check(whole, folder, file, content, max(len(content) - back, 0), bit)


def _flip_and_check(whole: Path, folder: Path, file: str, content: bytearray, place: int, bit: int) -> None:
    content[place] ^= 1 << bit
    (folder / file).write_bytes(content)
    refused_or_the_same(whole, folder, file)


def refused_or_the_same(whole: Path, folder: Path, file: str) -> None:
    try:
        found = everything(folder)
    except ModelError:
        refused(folder, file)
    else:
        assert found == everything(whole)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("share", [0, 0.0001, 0.01, 0.3, 0.5, 0.9, 0.99, 0.9999])
def test_a_truncated_file_is_refused(folder: Path, file: str, share: float) -> None:
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content[: int(share * (len(content) - 2))])
    refused(folder, file)


@pytest.mark.parametrize("file", FILES)
@given(st.binary(max_size=300))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_of_any_bytes_is_refused(folder: Path, file: str, content: bytes) -> None:
    (folder / file).write_bytes(content)
    refused(folder, file)


@pytest.mark.parametrize("file", FILES[1:])
@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_overwritten_stretches_are_refused_unless_the_content_stays_the_same(
    whole: Path, folder: Path, file: str, data: st.DataObject
) -> None:
    content = bytearray((whole / file).read_bytes())
    begin = data.draw(st.integers(0, len(content) - 1))
    stretch = data.draw(st.binary(min_size=1, max_size=30))
    content[begin : begin + len(stretch)] = stretch
    (folder / file).write_bytes(content)
    refused_or_the_same(whole, folder, file)


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(ModelError, match=file):
        everything(folder)


@pytest.mark.parametrize("file", FILES)
def test_a_folder_in_the_place_of_a_file_is_refused(folder: Path, file: str) -> None:
    (folder / file).unlink()
    (folder / file).mkdir()
    with pytest.raises(ModelError, match=file):
        everything(folder)


def test_files_of_two_models_do_not_go_together(folder: Path, tmp_path: Path) -> None:
    train(invented_labels(30, seed=99), settings=Settings(FeatureSettings(), 1.0)).save(tmp_path / "other")
    for file in ("weights.npz", "signatures.npz"):
        shutil.copy(tmp_path / "other" / file, folder / file)
    refused(folder, "weights.npz")


# Foreign files.


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "[]",
        "null",
        "5",
        '"model"',
        '{"format": "1"}',
        '{"format": 1}',
        '{"format": 1.0}',
        '{"name": "package", "version": "1.0.0"}',
        "not json",
        '{"format": 1, "scale": NaN}',
        '{"format": 1, "scale": 1e999}',
        '{"format": 1, "scale": -Infinity}',
        '{"format": 1' + "0" * 5000 + "}",
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"format": 1, "a": ' + "[" * 900 + "]" * 900 + "}",
    ],
    ids=lambda content: content[:30],
)
def test_a_foreign_model_json_is_refused(folder: Path, content: str) -> None:
    (folder / "model.json").write_text(content, encoding="utf-8")
    refused(folder, "model.json")


def test_a_model_json_that_is_not_utf_8_is_refused(folder: Path) -> None:
    content = (folder / "model.json").read_text(encoding="utf-8")
    (folder / "model.json").write_text(content, encoding="utf-16")
    refused(folder, "model.json")


@pytest.mark.parametrize("file", FILES[1:])
def test_a_foreign_archive_is_refused(folder: Path, file: str) -> None:
    with zipfile.ZipFile(folder / file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    refused(folder, file)


@pytest.mark.parametrize("file", FILES[1:])
def test_arrays_of_something_else_are_refused(folder: Path, file: str) -> None:
    np.savez(folder / file, embeddings=np.ones((3, 4)), forms=np.arange(3), hashes=np.arange(3))
    refused(folder, file)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_compressed_in_another_way_is_refused(folder: Path, method: int) -> None:
    _rewrite(folder / "weights.npz", compression=method)
    refused(folder, "weights.npz")


def test_an_archive_that_is_not_compressed_holds_the_same_model(whole: Path, folder: Path) -> None:
    _rewrite(folder / "signatures.npz", compression=zipfile.ZIP_STORED)
    assert everything(folder) == everything(whole)


def _rewrite(file: Path, compression: int, changed: Mapping[str, bytes] | None = None) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | dict(changed or {})
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("number", "words"),
    [(3, "newer"), (10**30, "newer"), (1, "older"), (-1, "older"), (True, "not a")],
)
def test_another_format_number_is_refused(folder: Path, number: int, words: str) -> None:
    redeclare(folder, lambda manifest: manifest.update(format=number))
    message = refused(folder, "model.json")
    assert words in message
    assert ("pip install --upgrade" in message) == (words == "newer")


# Content that is declared and signed as it should be, but cannot be a model's.

KEYS = ("codebook", "settings", "language", "limits", "scores", "name", "lexicon", "arrays")


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_refused(folder: Path, key: str) -> None:
    redeclare(folder, lambda manifest: manifest.pop(key))
    refused(folder, "model.json")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [None, 5, True, "\n", [], [[]], {"a": None}], ids=repr)
def test_a_key_with_a_value_of_another_type_is_refused(folder: Path, key: str, value: object) -> None:
    redeclare(folder, lambda manifest: manifest.update({key: value}))
    refused(folder, "model.json")


@pytest.mark.parametrize(
    "path",
    [
        "settings/features",
        "settings/features/target",
        "settings/features/lexicon",
        "limits/article",
        "limits/article/known",
        "limits/paragraph/function",
        "scores/headline_kind",
        "scores/unseen_articles",
        "scores/unseen_articles/sets",
        "scores/unseen_sources/sets/all/accuracy",
        "scores/unseen_sources/sets/all/accuracy/low",
        "scores/unseen_sources/sets/all/majority",
        "codebook/name",
        "codebook/frame",
        "codebook/target",
        "lexicon/strife",
        "arrays/weights.npz",
        "arrays/weights.npz/idf",
        "arrays/weights.npz/idf/type",
        "arrays/weights.npz/idf/shape",
        "arrays/weights.npz/idf/sha256",
        "arrays/signatures.npz/fold/shape",
    ],
)
@pytest.mark.parametrize("value", [5, "wrong", {"a\nb": 1}, [{}], [1, 2, 3, 4]], ids=repr)
def test_a_value_deeper_inside_that_cannot_be_is_refused(folder: Path, path: str, value: object) -> None:
    *parents, last = path.split("/")
    if (path, value) in [("scores/headline_kind", "wrong"), ("codebook/name", "wrong")]:
        value = "\0"

    def change(manifest: Manifest) -> None:
        for key in parents:
            manifest = manifest[key]
        manifest[last] = value

    redeclare(folder, change)
    refused(folder, "model.json" if "sha256" not in path else "weights.npz")


@pytest.mark.parametrize("chars", [[5, 3], [0, 3], [1, 10**9], [3], [3, 3, 3], ["3", "5"], [True, 3], "35", 3])
def test_impossible_character_n_grams_are_refused(folder: Path, chars: object) -> None:
    redeclare(folder, lambda manifest: manifest["settings"]["features"].update(chars=chars))
    refused(folder, "model.json")
    with pytest.raises(ModelError, match="no usable settings"):
        recorded_settings(folder)


@pytest.mark.parametrize("C", [0, -1, "x", None, []])
def test_impossible_recorded_settings_are_refused(folder: Path, C: object) -> None:
    redeclare(folder, lambda manifest: manifest["settings"].update(C=C))
    with pytest.raises(ModelError, match="no usable settings"):
        recorded_settings(folder)


def test_a_codebook_of_another_number_of_labels_is_refused(folder: Path) -> None:
    redeclare(folder, lambda manifest: manifest.update(codebook=codebook_of((*LABELS, "more")).to_dict()))
    refused(folder, "weights.npz")


ARRAYS = (
    *("forms", "form_offsets", "keys", "idf", "weights", "intercept", "function_words"),
    *("fold_idf", "fold_weights", "fold_intercept", "hashes", "offsets", "fold"),
)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_missing_array_is_refused_with_its_name(folder: Path, name: str) -> None:
    file, _ = stored(folder, name)
    with np.load(folder / file) as arrays:
        left = {key: array for key, array in arrays.items() if key != name}
    np.savez_compressed(folder / file, **left)
    refused(folder, file)
    redeclare(folder, lambda manifest: manifest["arrays"][file].pop(name))
    assert f"does not describe {name} of {file}" in refused(folder, "model.json")


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("kind", ["|u1", "<i2", "<i4", "<i8", "<u4", "<f4", "<f8"])
def test_an_array_of_another_type_is_refused_although_declared(folder: Path, name: str, kind: str) -> None:
    file, array = stored(folder, name)
    if array.dtype.str == kind:
        return
    with np.errstate(invalid="ignore"):
        replace_arrays(folder, file, {name: array.astype(kind)})
    refused(folder, file)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("kind", ["|O", "|b1", ">f4", "<c16", "<f2", "|S4", "<U4", "f4", [], {}, None, 3], ids=repr)
def test_a_type_that_the_format_does_not_have_is_refused(folder: Path, name: str, kind: object) -> None:
    file, _ = stored(folder, name)
    redeclare(folder, lambda manifest: manifest["arrays"][file][name].update(type=kind))
    assert f"impossible array {name!r}" in refused(folder, "model.json")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        *((name, shape) for name in ARRAYS for shape in ("longer", "deeper", "scalar")),
        *((name, shape) for name in ARRAYS if name != "function_words" for shape in ("shorter", "empty")),
        *((name, "flat") for name in ("weights", "fold_idf", "fold_weights", "fold_intercept")),
    ],
)
def test_an_array_of_another_shape_is_refused_although_declared(folder: Path, name: str, shape: str) -> None:
    file, array = stored(folder, name)
    changed = {
        "longer": np.concatenate((array, array[-1:])),
        "shorter": array[:-1],
        "empty": array[:0],
        "flat": array.ravel(),
        "deeper": array[None],
        "scalar": np.array(1, array.dtype),
    }[shape]
    if name == "function_words" and shape == "longer":
        changed[-1] = 10**6
    replace_arrays(folder, file, {name: changed})
    refused(folder, file if changed.ndim <= 3 else "model.json")


@pytest.mark.parametrize("name", [name for name in ARRAYS if "idf" in name or "weights" in name or "intercept" in name])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused(folder: Path, name: str, value: float) -> None:
    file, array = stored(folder, name)
    array.flat[-1] = value
    replace_arrays(folder, file, {name: array})
    refused(folder, file)


def test_weights_that_are_signalling_nans_are_refused_without_a_warning(folder: Path) -> None:
    file, array = stored(folder, "weights")
    array.view(np.uint32).flat[0] = 0x7FA00001
    replace_arrays(folder, file, {"weights": array})
    refused(folder, file)


def _first_two_changed(array: Any) -> Any:
    array[[0, 1]] = array[[1, 0]]
    return array


def _with(place: int, value: int) -> Callable[[Any], Any]:
    def changed(array: Any) -> Any:
        array[place] = value
        return array

    return changed


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("keys", _first_two_changed),
        ("keys", _with(1, 0)),
        ("keys", _with(0, -1)),
        ("keys", _with(0, -(2**63))),
        ("keys", _with(-1, 2**63 - 1)),
        ("keys", _with(-1, (4 << 48) | (((1 << 24) - 1) << 24))),
        ("keys", _with(-1, (5 << 48) | (1 << 24))),
        ("form_offsets", _first_two_changed),
        ("form_offsets", _with(0, -1)),
        ("form_offsets", _with(2, 2**62)),
        ("form_offsets", _with(-1, 0)),
        ("forms", _with(0, 0xFF)),
        ("forms", _with(-1, 0xC3)),
        ("forms", _with(0, 0x7F)),
        ("function_words", _with(0, -1)),
        ("function_words", _with(0, 2**62)),
        ("hashes", _first_two_changed),
        ("hashes", _with(1, 0)),
        ("offsets", _first_two_changed),
        ("offsets", _with(0, 5)),
        ("offsets", _with(1, -(2**62))),
        ("offsets", _with(1, 2**62)),
        ("offsets", _with(-1, 2**62)),
        ("fold", _with(0, 5)),
        ("fold", _with(0, -2)),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    file, array = stored(folder, name)
    replace_arrays(folder, file, {name: change(array)})
    refused(folder, file)


# Sizes that nobody has memory for, and things that want to be run.


@pytest.mark.parametrize(
    "shape", [[2**62], [2**31, 2**31], [2**30, 2**30, 2**30], [-1], [1.5], ["7"], [1] * 40, [None]]
)
def test_a_huge_or_impossible_declared_shape_costs_nothing(folder: Path, shape: list[object]) -> None:
    redeclare(folder, lambda manifest: manifest["arrays"]["weights.npz"]["weights"].update(shape=shape))
    with less_memory_than(8):
        message = refused(folder, "model.json")
    assert "'weights'" in message


def _member(header: str, content: bytes = b"") -> bytes:
    padded = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + content


@pytest.mark.parametrize(
    "member",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff{",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",
        _member("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }"),
        _member("{'descr': '<f4', 'fortran_order': False, 'shape': (" + "9" * 3000 + ",), }"),
        _member("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", b"cos\nsystem\n(S'exit 1'\ntR."),
        _member("{'descr': __import__('os').abort(), 'fortran_order': False, 'shape': (1,), }"),
        _member("(" * 3000),
        _member("-" * 3900 + "1"),
        _member("{[]: 1}"),
        _member("{'descr': '<f4', 'fortran_order': False, 'shape': (1L,), }"),
        _member("'''"),
    ],
    ids=lambda member: repr(member[:60]),
)
def test_an_array_header_of_any_kind_is_compared_and_never_evaluated(folder: Path, member: bytes) -> None:
    _rewrite(folder / "weights.npz", zipfile.ZIP_DEFLATED, {"idf.npy": member})
    with less_memory_than(8):
        refused(folder, "weights.npz")


def _bomb(file: Path, name: str, megabytes: int, header: bytes = b"") -> None:
    """Put a member of zeros into an archive; it takes a thousandth of its size."""
    _rewrite(file, zipfile.ZIP_DEFLATED, {name: header + bytes(megabytes * 2**20)})


def test_a_member_that_inflates_beyond_what_is_declared_is_not_inflated(folder: Path) -> None:
    _bomb(folder / "signatures.npz", "hashes.npy", 60)
    with less_memory_than(8):
        refused(folder, "signatures.npz")


def test_an_archive_of_very_many_members_is_refused_unread(folder: Path) -> None:
    with zipfile.ZipFile(folder / "signatures.npz", "a") as archive:
        for number in range(3000):
            archive.writestr(f"{number:0200}", b"")
    with less_memory_than(8):
        assert "larger than model.json says" in refused(folder, "signatures.npz")


def test_a_huge_model_json_is_refused_unread(folder: Path) -> None:
    with (folder / "model.json").open("ab") as file:
        file.truncate(100 * 2**20)
    with less_memory_than(8):
        refused(folder, "model.json")


def test_a_large_model_json_of_spaces_is_refused(folder: Path) -> None:
    (folder / "model.json").write_bytes(b" " * (8 * 2**20))
    with less_memory_than(64):
        refused(folder, "model.json")


def test_an_array_that_does_not_fit_into_memory_is_a_one_line_error(folder: Path) -> None:
    size = 200 * 2**20
    header = _member(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({size},), }}")
    _bomb(folder / "weights.npz", "forms.npy", 200, header)
    shape = {"type": "|u1", "shape": [size], "sha256": ""}
    redeclare(folder, lambda manifest: manifest["arrays"]["weights.npz"].update(forms=shape))
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from framing import ModelError, load_model\n"
        "load_model(sys.argv[2])\n"
        "used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 100 * 2**20,) * 2)\n"
        "try:\n"
        "    load_model(sys.argv[1])\n"
        "except ModelError as error:\n"
        "    print(error)\n"
    )
    shutil.copytree(folder, folder.parent / "good")
    ran = subprocess.run(
        [sys.executable, "-c", program, str(folder), "russia-mediator"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert ran.stderr == ""
    assert ran.stdout.count("\n") == 1
    assert f"{folder / 'weights.npz'} does not fit into the memory" in ran.stdout


class _Payload:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("name", ["idf", "forms", "fold_weights", "hashes"])
@pytest.mark.parametrize("said", [False, True])
def test_a_pickle_inside_an_archive_is_never_run(folder: Path, tmp_path: Path, name: str, said: bool) -> None:
    marker = tmp_path / "ran"
    array = np.empty(1, dtype=object)
    array[0] = _Payload(marker)
    file, _ = stored(folder, name)
    with np.load(folder / file) as arrays:
        members = dict(arrays) | {name: array}
    np.savez_compressed(folder / file, **members)
    if said:
        redeclare(folder, lambda manifest: manifest["arrays"][file][name].update(type="|O", shape=[1]))
    refused(folder, "model.json" if said else file)
    assert not marker.exists()
    with np.load(folder / file, allow_pickle=True) as arrays:
        _ = arrays[name]
    assert marker.exists(), "the payload itself does not work"


# Looking a model up.


def test_a_model_is_looked_up_as_a_path_then_in_models_then_in_the_package_then_beside_it(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "root" / "framing"
    here = tmp_path / "here"
    places = [here / "mine", here / "models" / "mine", package / "models" / "mine", package.parent / "models" / "mine"]
    for place in places:
        shutil.copytree(whole, place)
    monkeypatch.chdir(here)
    monkeypatch.setattr(framing.store, "__file__", str(package / "store.py"))
    for place in places:
        assert find_model("mine").resolve() == place
        shutil.rmtree(place)
    with pytest.raises(ModelError, match="no model mine"):
        find_model("mine")


def test_the_default_model_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_model().name == "russia-mediator"


def test_a_folder_without_a_model_and_a_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"notes is no model: it has no model\.json"):
        find_model(tmp_path / "notes")
    with pytest.raises(ModelError, match=r"notes\.json is a file"):
        find_model(tmp_path / "notes.json")


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\0b", "../nowhere", "a/b", "\ud800"], ids=lambda name: name[:6])
def test_a_name_of_any_kind_that_is_no_model_is_a_one_line_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError) as caught:
        find_model(name)
    assert "\n" not in str(caught.value)


# Writing.


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_content_gives_the_same_bytes(whole: Path, trained: Trained, tmp_path: Path) -> None:
    again = tmp_path / "again" / whole.name
    trained.save(again)
    assert files_of(again) == files_of(whole)


def test_a_model_takes_the_place_of_an_earlier_one_and_leaves_nothing_behind(folder: Path) -> None:
    other = train(invented_labels(30), settings=Settings(FeatureSettings(), 1.0))
    (folder / "leftover.txt").write_text("of the earlier model", encoding="utf-8")
    model = other.save(folder)
    assert model.fingerprint == load_model(folder).fingerprint
    assert sorted(files_of(folder)) == ["README.md", "model.json", "signatures.npz", "weights.npz"]
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_model_can_be_saved_to_a_path_given_as_text_in_folders_that_are_not_there(
    trained: Trained, tmp_path: Path
) -> None:
    assert trained.save(str(tmp_path / "models" / "new" / "mine")).labels == LABELS


@pytest.mark.parametrize("step", ["weights", "manifest", "card"])
def test_the_earlier_model_stays_when_writing_fails_half_way(
    folder: Path, trained: Trained, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(folder)

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    where = {"weights": (framing.store, "_write_array"), "manifest": (framing.store, "_manifest_hash")}
    where["card"] = (framing.store, "replacing_text")
    monkeypatch.setattr(*where[step], fails)
    with pytest.raises(FramingError, match="No space left on device"):
        write_model(folder, dict(trained.manifest), trained.files, "a card")
    monkeypatch.undo()
    assert files_of(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


@pytest.mark.parametrize("failing", [1, 2])
def test_the_earlier_model_stays_when_the_new_one_cannot_be_moved_into_place(
    folder: Path, trained: Trained, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(folder)
    moves: list[Path] = []
    rename = Path.rename

    def counted(path: Path, target: Path) -> Path:
        moves.append(target)
        if len(moves) == failing:
            raise OSError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", counted)
    with pytest.raises(FramingError, match="Permission denied"):
        trained.save(folder)
    monkeypatch.undo()
    assert len(moves) >= failing
    assert files_of(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_folder_that_is_no_model_is_never_replaced(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("three years", encoding="utf-8")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for name in ("thesis", "file"):
        with pytest.raises(FramingError, match=f"{name} is there and is no model"):
            trained.save(tmp_path / name)
        with pytest.raises(FramingError, match=f"{name} is there and is no model"):
            check_output(tmp_path / name, codebook_of().name, force=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text(encoding="utf-8") == "three years"


def test_a_model_of_another_codebook_is_replaced_only_by_force(folder: Path) -> None:
    check_output(folder, codebook_of().name, force=False)
    other = codebook_of(name="other")
    with pytest.raises(FramingError, match=r"a model of tea-house, not of other; .* --force"):
        check_output(folder, other.name, force=False)
    check_output(folder, other.name, force=True)
    (folder / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(FramingError, match="an unknown codebook"):
        check_output(folder, other.name, force=False)
    check_output(folder, other.name, force=True)
    check_output(folder.parent / "nothing", other.name, force=False)


def test_a_place_where_nothing_can_be_written_is_a_one_line_error(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(FramingError, match="cannot write the model") as caught:
        trained.save(tmp_path / "file" / "model")
    assert "\n" not in str(caught.value)


def test_the_manifest_comes_back_as_it_was_written(trained: Trained, whole: Path) -> None:
    manifest = read_manifest(whole)
    plain = json.loads(json.dumps(dict(trained.manifest) | {"name": whole.name}))
    assert {key: manifest[key] for key in plain} == plain
    assert set(manifest) - set(plain) == {"arrays", "format", "sha256"}
