"""Model files: JSON and plain arrays, checked before they are used; nothing in them is ever run.

A model is a folder of model.json, weights.npz, signatures.npz and README.md (the model card, which is not read).
model.json names every array with its type, shape and sha256, and carries a sha256 of itself. Arrays are read no further
than model.json says and no larger than LARGEST_ARRAY, so that a file that declares huge sizes costs nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.errors import FramingError, ModelError
from framing.files import replacing, replacing_text

FORMAT = 1
MODEL_JSON = "model.json"
CARD = "README.md"
LARGEST_JSON = 64 * 2**20
LARGEST_ARRAY = 2**30
_TYPES = {"|u1", "<i2", "<i4", "<i8", "<u4", "<f4", "<f8"}
_HEADER_ROOM = 4096

Array = NDArray[Any]


def find_model(name: str | Path) -> Path:
    """Return the folder of a model: `name` as a path, else ./models/NAME, else one that comes with the program.

    Raises ModelError where there is none.
    """
    package = Path(__file__).parent
    places = [Path(name), Path("models") / name, package / "models" / name, package.parent / "models" / name]
    for place in places:
        if (place / MODEL_JSON).is_file():
            return place
    if places[0].is_file():
        raise ModelError(f"{name} is a file; a model is a folder with {MODEL_JSON} in it")
    if places[0].is_dir():
        raise ModelError(f"{name} is no model: it has no {MODEL_JSON}; make one with `framing train -o {name}`")
    raise ModelError(f"no model {name}: neither a folder of that name, nor ./models/{name}, nor one of framing's own")


def write_model(folder: Path, manifest: Mapping[str, Any], files: Mapping[str, Mapping[str, Array]], card: str) -> None:
    """Write a model; an earlier one at `folder` stays until the new one is whole. The same content, the same bytes."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as scratch:
            new = Path(scratch) / "new"
            new.mkdir()
            _write_into(new, manifest, files, card)
            if folder.exists():
                folder.rename(Path(scratch) / "old")
            new.rename(folder)
    except OSError as error:
        raise FramingError(f"cannot write the model {folder}: {error.strerror or error}") from error


def _write_into(folder: Path, manifest: Mapping[str, Any], files: Mapping[str, Mapping[str, Array]], card: str) -> None:
    whole = dict(manifest) | {"format": FORMAT, "arrays": {}}
    for file_name, given in files.items():
        arrays = {name: np.ascontiguousarray(array) for name, array in given.items()}
        for name, array in arrays.items():
            if array.dtype.str not in _TYPES:
                raise AssertionError(f"{file_name}: {name} is {array.dtype.str}, which the format does not have")
        with replacing(folder / file_name) as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        whole["arrays"][file_name] = {
            name: {"type": array.dtype.str, "shape": list(array.shape), "sha256": _array_hash(array)}
            for name, array in arrays.items()
        }
    whole["sha256"] = _manifest_hash(whole)
    with replacing_text(folder / MODEL_JSON) as text:
        text.write(json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n")
    with replacing_text(folder / CARD) as text:
        text.write(card)


def _array_hash(array: Array) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def _manifest_hash(manifest: Mapping[str, Any]) -> str:
    content = {key: value for key, value in manifest.items() if key != "sha256"}
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the checked content of a model's model.json. Raises ModelError."""
    path = folder / MODEL_JSON
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ModelError(f"{path} is too large to be a model's; {_REMEDY}")
        manifest = json.loads(path.read_bytes().decode("utf-8"), parse_constant=_no_constant)
    except FileNotFoundError:
        raise ModelError(f"{folder} has no {MODEL_JSON}; {_REMEDY}") from None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError):
        raise ModelError(f"{path} is damaged (not valid JSON); {_REMEDY}") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise ModelError(f"{path} is not a model of framing; {_REMEDY}")
    if manifest["format"] > FORMAT:
        raise ModelError(
            f"{path} has format {manifest['format']}, newer than this program reads ({FORMAT}); "
            "upgrade it with `pip install --upgrade framing`"
        )
    if manifest["format"] != FORMAT:
        raise ModelError(f"{path} has the unknown format {manifest['format']}; {_REMEDY}")
    if manifest.get("sha256") != _manifest_hash(manifest):
        raise ModelError(f"{path} was changed after it was written (its sha256 does not match); {_REMEDY}")
    return manifest


_REMEDY = "get the model again, or make it anew with `framing train`"


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")


def read_arrays(folder: Path, manifest: Mapping[str, Any], file_name: str, names: tuple[str, ...]) -> dict[str, Array]:
    """Return some arrays of a model's file, checked against the manifest. Raises ModelError."""
    path = folder / file_name
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _read_array(archive, path, name, _declared(manifest, path, name)) for name in names}
    except FileNotFoundError:
        raise ModelError(f"{folder} has no {file_name}; {_REMEDY}") from None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError):
        raise ModelError(f"{path} is damaged; {_REMEDY}") from None


def _declared(manifest: Mapping[str, Any], path: Path, name: str) -> tuple[np.dtype[Any], tuple[int, ...], str]:
    """Return what the manifest says of an array: its type, shape and sha256."""
    try:
        entry = manifest["arrays"][path.name][name]
        kind, shape, digest = entry["type"], tuple(entry["shape"]), entry["sha256"]
    except (KeyError, TypeError):
        raise ModelError(f"{path.parent / MODEL_JSON} does not describe {name} of {path.name}; {_REMEDY}") from None
    right = kind in _TYPES and all(type(size) is int and 0 <= size <= LARGEST_ARRAY for size in shape)
    if not right or len(shape) > 3 or np.dtype(kind).itemsize * math.prod(shape) > LARGEST_ARRAY:
        raise ModelError(f"{path.parent / MODEL_JSON} declares an impossible array {name} {kind} {shape}; {_REMEDY}")
    return np.dtype(kind), shape, digest


def _read_array(
    archive: zipfile.ZipFile, path: Path, name: str, declared: tuple[np.dtype[Any], tuple[int, ...], str]
) -> Array:
    dtype, shape, digest = declared
    size = dtype.itemsize * math.prod(shape)
    with archive.open(f"{name}.npy") as file:
        raw = file.read(size + _HEADER_ROOM)
        whole = not file.read(1)
    stream = io.BytesIO(raw)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError("unknown array header")
    found_shape, fortran, found_dtype = np.lib.format.read_array_header_1_0(stream)
    content = raw[stream.tell() :]
    if (found_shape, fortran, found_dtype) != (shape, False, dtype) or len(content) != size or not whole:
        raise ModelError(f"{path}: {name} is not of the type and shape that {MODEL_JSON} says; {_REMEDY}")
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelError(f"{path}: {name} was changed after it was written (its sha256 does not match); {_REMEDY}")
    return np.frombuffer(content, dtype=dtype).reshape(shape)


def pack_forms(forms: tuple[str, ...]) -> tuple[Array, Array]:
    """Return forms as one UTF-8 buffer (uint8) and the offsets of their ends in it (int64, one more than forms)."""
    encoded = [form.encode("utf-8", "surrogatepass") for form in forms]
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(form) for form in encoded], dtype=np.int64)))
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets


def unpack_forms(buffer: Array, offsets: Array) -> tuple[str, ...]:
    """Return the forms again. Raises ValueError where the offsets do not fit the buffer."""
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(buffer) or (np.diff(offsets) < 0).any():
        raise ValueError("offsets do not fit the buffer")
    text = buffer.tobytes()
    return tuple(text[first:last].decode("utf-8", "surrogatepass") for first, last in pairwise(offsets.tolist()))
