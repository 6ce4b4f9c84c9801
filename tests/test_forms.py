"""A model's forms are found where they stand, as a dictionary of them would find them."""

from __future__ import annotations

import pickle
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import framing.forms
import framing.places
from framing.forms import PackedForms
from framing.places import Places
from framing.store import pack_forms

# Some begin alike for longer than the search looks at once.
FORMS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=10),
    st.text("ab\0я日", max_size=4).map("internat".__add__),
)


@given(st.sets(FORMS).map(sorted), st.lists(FORMS), st.sampled_from([0, 1000]))
def test_any_form_has_the_number_that_a_dictionary_gives_it(forms: list[str], asked: list[str], few: int) -> None:
    with patch.object(framing.forms, "FEW", few):
        packed = PackedForms(*pack_forms(forms))
        numbers = {form: number for number, form in enumerate(forms)}
        wanted = [*asked, *forms]
        assert packed.numbers(wanted).tolist() == [numbers.get(form, -1) for form in wanted]
        assert pickle.loads(pickle.dumps(packed)) == packed
    assert [packed[number] for number in range(len(forms))] == list(packed) == forms


@given(st.lists(FORMS, min_size=2))
def test_forms_that_are_not_ascending_are_refused(forms: list[str]) -> None:
    if forms != sorted(set(forms)):
        with pytest.raises(ValueError, match="not in order"):
            PackedForms(*pack_forms(forms))


def test_offsets_inside_of_a_character_are_refused() -> None:
    buffer, _ = pack_forms(["я"])
    with pytest.raises(ValueError, match="inside of characters"):
        PackedForms(buffer, np.array([0, 1, 2]))


KEYS = st.integers(0, 2**51 - 1)


@given(st.sets(KEYS).map(sorted), st.lists(KEYS), st.sampled_from([0, 1000]), st.booleans())
def test_any_key_has_the_column_that_a_dictionary_gives_it_whatever_the_hashes(
    keys: list[int], asked: list[int], few: int, collide: bool
) -> None:
    mix = np.uint64(0) if collide else framing.places._Slots._MIX
    wanted = np.array([*asked, *keys], dtype=np.int64)
    with patch.object(Places, "FEW", few), patch.object(framing.places._Slots, "_MIX", mix):
        found = Places(np.array(keys, dtype=np.int64))(wanted)
    columns = {key: column for column, key in enumerate(keys)}
    assert found.tolist() == [columns.get(key, -1) for key in wanted.tolist()]
