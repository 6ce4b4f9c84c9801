"""Model files: JSON and plain arrays, checked before they are used; nothing in them is ever run.

A model is a folder of model.json, weights.npz, signatures.npz and README.md (the model card, which is not read).
model.json names every array with its type, shape and sha256, and carries a sha256 of itself. Arrays are read no further
than model.json says and no larger than LARGEST_ARRAY, so that a file that declares huge sizes costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.errors import FramingError, ModelError
from framing.files import replacing, replacing_text

FORMAT = 2
MODEL_JSON = "model.json"
CARD = "README.md"
LARGEST_JSON = 16 * 2**20
LARGEST_ARRAY = 2**30
_TYPES = {"|u1", "<i2", "<i4", "<i8", "<u4", "<f4", "<f8"}
_HEADER_ROOM = 4096
STORED = frozenset({"forms", "form_offsets", "keys", "idf", "weights", "intercept", "function_words"})
"""The arrays that are not compressed in a file: those that a score needs. Both are read."""
_MAGIC = b"\x93NUMPY\x01\x00"

Array = NDArray[Any]


def find_model_by_name(name: str) -> Path:
    """Return the folder of the model of a codebook's name: in ./models, or one that comes with the program.

    Raises ModelError where there is none.
    """
    package = Path(__file__).parent
    places = (Path("models") / name, package / "models" / name, package.parent / "models" / name)
    found = next((place for place in places if (place / MODEL_JSON).is_file()), None)
    if found is None:
        raise ModelError(f"there is no model {name} yet; framing train makes one")
    return found


def find_model(name: str | Path) -> Path:
    """Return the folder of a model: `name` as a path, else ./models/NAME, else one that comes with the program.

    Raises ModelError where there is none.
    """
    package = Path(__file__).parent
    places = [Path(name), Path("models") / name, package / "models" / name, package.parent / "models" / name]
    try:
        found = next((place for place in places if (place / MODEL_JSON).is_file()), None)
    except OSError as error:
        raise ModelError(f"cannot look for the model {name}: {error.strerror or error}") from error
    if found is not None:
        return found
    if places[0].is_file():
        raise ModelError(f"{name} is a file; a model is a folder with {MODEL_JSON} in it")
    if places[0].is_dir():
        raise ModelError(f"{name} is no model: it has no {MODEL_JSON}; make one with `framing train -o {name}`")
    raise ModelError(f"no model {name}: neither a folder of that name, nor ./models/{name}, nor one of framing's own")


def hidden_model(folder: Path) -> bool:
    """Say whether a model at `folder` is found, from here, in the place of one of its name that came with framing."""
    package = Path(__file__).parent
    own = [package / "models" / folder.name, package.parent / "models" / folder.name]
    places = [place.resolve() for place in own if (place / MODEL_JSON).is_file()]
    found = folder.resolve()
    return bool(places) and found == (Path("models") / folder.name).resolve() and found not in places


def check_replaceable(folder: Path) -> None:
    """Raise FramingError where something stands at `folder` that is no model: it is never replaced by one."""
    if folder.exists() and not (folder / MODEL_JSON).is_file() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FramingError(f"{folder} is there and is no model; name another place with -o")


def write_model(folder: Path, manifest: Mapping[str, Any], files: Mapping[str, Mapping[str, Array]], card: str) -> None:
    """Write a model; an earlier one at `folder` stays until the new one is whole. The same content, the same bytes.

    Raises FramingError where it cannot be written, or where something else than a model stands at `folder`.
    """
    check_replaceable(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as scratch:
            new = Path(scratch) / "new"
            new.mkdir()
            _write_into(new, manifest, files, card)
            _put_in_place(new, folder, Path(scratch) / "old")
    except OSError as error:
        raise FramingError(f"cannot write the model {folder}: {error.strerror or error}") from error


def _put_in_place(new: Path, folder: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


def _write_into(folder: Path, manifest: Mapping[str, Any], files: Mapping[str, Mapping[str, Array]], card: str) -> None:
    whole = dict(manifest) | {"format": FORMAT, "arrays": {}}
    for file_name, given in files.items():
        arrays = {name: np.ascontiguousarray(array) for name, array in given.items()}
        for name, array in arrays.items():
            if array.dtype.str not in _TYPES:
                raise AssertionError(f"{file_name}: {name} is {array.dtype.str}, which the format does not have")
        with replacing(folder / file_name) as file, zipfile.ZipFile(file, "w") as archive:
            for name, array in arrays.items():
                _write_array(archive, name, array)
        whole["arrays"][file_name] = {
            name: {"type": array.dtype.str, "shape": list(array.shape), "sha256": _array_hash(array)}
            for name, array in arrays.items()
        }
    whole["sha256"] = _manifest_hash(whole)
    with replacing_text(folder / MODEL_JSON) as text:
        text.write(json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    with replacing_text(folder / CARD) as text:
        text.write(card)


def _write_array(archive: zipfile.ZipFile, name: str, array: Array) -> None:
    """Write an array as numpy does: deflated, but for what every score reads, which is stored, to be read at once."""
    info = zipfile.ZipInfo(f"{name}.npy")  # of a fixed date, so that the same arrays are the same bytes
    info.compress_type = zipfile.ZIP_STORED if name in STORED else zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=False)


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
        manifest: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8"), parse_constant=_no_constant)
        digest = _manifest_hash(manifest) if isinstance(manifest, dict) else None
    except FileNotFoundError:
        raise ModelError(f"{folder} has no {MODEL_JSON}; {_REMEDY}") from None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError):
        raise ModelError(f"{path} is damaged (not valid JSON); {_REMEDY}") from None
    if digest is None or type(manifest.get("format")) is not int:
        raise ModelError(f"{path} is not a model of framing; {_REMEDY}")
    if manifest["format"] > FORMAT:
        raise ModelError(
            f"{path} has format {manifest['format']}, newer than this program reads ({FORMAT}); "
            "upgrade it with `pip install --upgrade framing`"
        )
    if manifest["format"] != FORMAT:
        raise ModelError(f"{path} has format {manifest['format']}, older than this program reads ({FORMAT}); {_REMEDY}")
    if manifest.get("sha256") != digest:
        raise ModelError(f"{path} was changed after it was written (its sha256 does not match); {_REMEDY}")
    return manifest


_REMEDY = "get the model again, or make it anew with `framing train`"


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")


def read_arrays(folder: Path, manifest: Mapping[str, Any], file_name: str, names: tuple[str, ...]) -> dict[str, Array]:
    """Return some arrays of a model's file, checked against the manifest. Raises ModelError."""
    path = folder / file_name
    described = _described(manifest, path, names)
    try:
        if path.stat().st_size > sum(_most_bytes(one.size) for one in described.values()) + _HEADER_ROOM:
            raise ModelError(f"{path} is larger than {MODEL_JSON} says; {_REMEDY}")
        with zipfile.ZipFile(path) as archive:
            return {name: _read_array(archive, path, name, described[name]) for name in names}
    except FileNotFoundError:
        raise ModelError(f"{folder} has no {file_name}; {_REMEDY}") from None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror or error}") from error
    except MemoryError:
        raise ModelError(f"{path} does not fit into the memory of this machine; {_REMEDY}") from None
    except _DAMAGE:
        raise ModelError(f"{path} is damaged; {_REMEDY}") from None


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises on damaged files."""


@dataclass(frozen=True, slots=True)
class _Described:
    """What the manifest says of an array."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    sha256: str

    @property
    def size(self) -> int:
        return self.dtype.itemsize * math.prod(self.shape)


def _most_bytes(size: int) -> int:
    """Return the most bytes that an array of `size` bytes takes in a file: incompressible, with its headers."""
    return size + size // 100 + _HEADER_ROOM


def _described(manifest: Mapping[str, Any], path: Path, names: tuple[str, ...]) -> dict[str, _Described]:
    """Return what the manifest says of all arrays of a file, among them `names`."""
    where = path.parent / MODEL_JSON
    try:
        entries = {
            name: (entry["type"], tuple(entry["shape"]), entry["sha256"])
            for name, entry in manifest["arrays"][path.name].items()
        }
    except (KeyError, TypeError, AttributeError):
        raise ModelError(f"{where} does not describe the arrays of {path.name}; {_REMEDY}") from None
    for name in names:
        if name not in entries:
            raise ModelError(f"{where} does not describe {name} of {path.name}; {_REMEDY}")
    described = {}
    for name, (kind, shape, digest) in entries.items():
        right = isinstance(kind, str) and kind in _TYPES and len(shape) <= 3
        if not right or not all(type(size) is int and 0 <= size <= LARGEST_ARRAY for size in shape):
            raise ModelError(f"{where} declares an impossible array {name!r} in {path.name}; {_REMEDY}")
        described[name] = _Described(np.dtype(kind), shape, digest)
        if described[name].size > LARGEST_ARRAY:
            raise ModelError(f"{where} declares too large an array {name!r} in {path.name}; {_REMEDY}")
    return described


def _read_array(archive: zipfile.ZipFile, path: Path, name: str, described: _Described) -> Array:
    """Read one array; its header is compared with the one that numpy writes for such an array, and never evaluated."""
    shape, size = described.shape, described.size
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("not compressed as numpy does")
    with archive.open(info) as file:
        raw = file.read(size + _HEADER_ROOM)
        whole = not file.read(1)
    start = len(_MAGIC) + 2
    begin = start + int.from_bytes(raw[start - 2 : start], "little")
    header = f"{{'descr': {described.dtype.str!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    right_header = raw.startswith(_MAGIC) and raw[start:begin].rstrip() == header.encode()
    if not right_header or len(raw) - begin != size or not whole:
        raise ModelError(f"{path}: {name} is not of the type and shape that {MODEL_JSON} says; {_REMEDY}")
    content = memoryview(raw)[begin:]
    if hashlib.sha256(content).hexdigest() != described.sha256:
        raise ModelError(f"{path}: {name} was changed after it was written (its sha256 does not match); {_REMEDY}")
    return np.frombuffer(content, dtype=described.dtype).reshape(shape)


def pack_forms(forms: Sequence[str]) -> tuple[Array, Array]:
    """Return forms as one UTF-8 buffer (uint8) and the offsets of their ends in it (int64, one more than forms)."""
    encoded = [form.encode("utf-8", "surrogatepass") for form in forms]
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(form) for form in encoded], dtype=np.int64)))
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets
