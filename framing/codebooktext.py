"""A codebook as the text of a codebook.toml: one that exists, or a skeleton to be filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from framing.codebook import Codebook

_SKELETON = '''\
# The codebook: what coders read, and what training, scoring and every report take the frames from.
# Fill it in before the first paragraph is coded. Raise `version` whenever the text of a rule changes afterwards:
# `framing agree --stale` then lists the codes that were given under the older text.

name = "{name}"                # of the model as well; letters, digits, hyphens, dots and underscores
version = 1
question = "How does this paragraph frame the actor?"
language = "en"                # of the texts: a two-letter code, or "none" for a language without a stemmer

# [target]                     # the actor whose framing is measured
# names = ["Orvania*"]         # the words that stand for it, * for any ending; articles that never name it are left out
# definition = """
# Who counts as the actor, and who does not."""

# The frames: the labels that coders give. At least two; at most one has `none = true`: "not framed".

[[frame]]
id = "favourable"              # what stands in the label column
title = "Favourable"           # what people read
definition = """
When a paragraph gets this label."""

[[frame]]
id = "unfavourable"
title = "Unfavourable"
definition = """
When a paragraph gets this label."""

[[frame]]
id = "none"
title = "Not framed"
definition = "The paragraph does not frame the actor."
none = true

# The rules, in order: the first that applies decides. Coders disagree least where each has an example or two.

[[rule]]
label = "none"
text = """
The actor is named only in passing."""

# [[rule.example]]
# text = "A short invented paragraph."
# label = "none"
# why = "What decides."
'''


def skeleton(name: str) -> str:
    """Return the text of a codebook that loads, and says what is to be filled in."""
    safe = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-._")[:100] or "my-scheme"
    return _SKELETON.replace("{name}", safe)


def codebook_toml(codebook: Codebook) -> str:
    """Return the text of a codebook.toml that says the same; comments that its file had are not in it."""
    values: dict[str, Any] = codebook.to_dict()
    target = {"names": values["target"]["names"], "definition": values["target"]["definition"] or None}
    lines = _pairs({key: values[key] for key in ("name", "version", "question", "language", "headline", "notice")})
    if any(target.values()):
        lines += ["", "[target]", *_pairs(target)]
    for table in ("frame", "rule", "note"):
        for entry in values[table]:
            examples = entry.pop("example", [])
            lines += ["", f"[[{table}]]", *_pairs(entry)]
            for example in examples:
                lines += ["", f"[[{table}.example]]", *_pairs(example)]
    return "\n".join(lines) + "\n"


def _pairs(values: Mapping[str, Any]) -> list[str]:
    """Return the lines of the values that say something."""
    return [f"{key} = {_value(value)}" for key, value in values.items() if value not in (None, "", [], False)]


def _value(value: object) -> str:
    """Return a TOML value; a JSON string is one, apart from DEL, which no text of a codebook holds."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "[" + ", ".join(_value(entry) for entry in value) + "]"
    return json.dumps(value, ensure_ascii=False)
