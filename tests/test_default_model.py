"""The default model in the repository: made by `framing train` from labels/ alone, and not worse than it was."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from framing import load_labels
from framing.loading import SIGNATURES_FILE, WEIGHTS_FILE, load_model
from framing.model import Model
from framing.store import read_arrays
from framing.training import Trained, recorded_settings, train

ROOT = Path(__file__).parent.parent
FLOOR = Path(__file__).parent / "floor.toml"


@pytest.fixture(scope="module")
def shipped() -> Model:
    return load_model(ROOT / "models" / "russia-mediator")


@pytest.fixture(scope="module")
def retrained() -> Trained:
    """Train again from labels/ with the recorded settings; only the search for settings is left out."""
    return train(load_labels(ROOT / "labels"), settings=recorded_settings(ROOT / "models" / "russia-mediator"))


def test_the_settings_and_the_data_are_those_recorded(shipped: Model, retrained: Trained) -> None:
    assert retrained.manifest["data"] == shipped.manifest["data"]
    assert retrained.manifest["codebook"] == shipped.manifest["codebook"]
    assert retrained.manifest["lexicon"] == shipped.manifest["lexicon"]
    kept = {key: value for key, value in shipped.manifest["settings"].items() if key != "tried"}
    assert {key: value for key, value in retrained.manifest["settings"].items() if key != "tried"} == kept
    assert shipped.manifest["scores"]["nested"]


def test_the_features_are_the_same_and_the_weights_to_a_millionth(shipped: Model, retrained: Trained) -> None:
    assert shipped.folder is not None
    for file, arrays in retrained.files.items():
        stored = read_arrays(shipped.folder, shipped.manifest, file, tuple(arrays))
        for name, array in arrays.items():
            if array.dtype.kind == "f":
                np.testing.assert_allclose(stored[name], array, rtol=0, atol=1e-6, err_msg=name)
            else:
                np.testing.assert_array_equal(stored[name], array, err_msg=name)
    assert set(retrained.files) == {WEIGHTS_FILE, SIGNATURES_FILE}


def test_the_scores_are_above_the_floor(retrained: Trained) -> None:
    floor = tomllib.loads(FLOOR.read_text(encoding="utf-8"))
    assert floor["fingerprint"] == retrained.manifest["data"]["fingerprint"], "run `python -m tests.floor`"
    for scheme, sets in floor["macro_f1"].items():
        for name, least in sets.items():
            assert retrained.manifest["scores"][scheme]["sets"][name]["macro_f1"]["value"] >= least, (scheme, name)


def test_the_model_says_how_its_texts_and_codes_were_made(shipped: Model) -> None:
    assert shipped.folder is not None
    card = (shipped.folder / "README.md").read_text(encoding="utf-8")
    assert shipped.facts.notice is not None
    assert "language model" in shipped.facts.notice
    assert shipped.facts.notice in card
    assert shipped.facts.headline_kind == "restated"


def test_the_card_is_the_one_that_the_facts_give(shipped: Model) -> None:
    from framing.card import model_card

    assert shipped.folder is not None
    assert (shipped.folder / "README.md").read_text(encoding="utf-8") == model_card(shipped.manifest)
