"""A codebook: the question, the frames (labels), and the ordered rules by which a coder chooses one.

The TOML file and the form kept in model.json have the same keys, so one reader checks both:

    name, version, question, language, headline, notice       [target] names, definition
    [[frame]] id, title, definition, none                     [[rule]] label, text, clarifications, [[rule.example]]
    [[note]] title, text, [[note.example]]                    an example: text, label, why
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from framing.errors import LabelsError

FILE_NAME = "codebook.toml"
NO_STEMS = "none"
"""The language of texts that no stemmer is for: words count as they are written."""
_MOST_CHARACTERS_OF_A_LABEL = 100
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A short text, the label that it gets, and why (where that is not plain)."""

    text: str
    label: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One label of the codebook. `none` marks the frame that means "not framed"."""

    id: str
    title: str
    definition: str = ""
    none: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One decision rule; the first that applies decides. `label` is what it gives, None where the text says which."""

    number: int
    """Position among the rules, from 1."""
    label: str | None
    text: str
    examples: tuple[Example, ...] = ()
    clarifications: tuple[str, ...] = ()
    """What a later version added to the rule, for cases that it had left open."""


@dataclass(frozen=True, slots=True)
class Note:
    """What holds beside the ordered rules: whose voice counts, how mixed verdicts are decided."""

    title: str
    text: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Codebook:
    """A scheme of at least two frames, in the order in which every table shows them."""

    name: str
    version: int
    question: str
    frames: tuple[Frame, ...]
    language: str = "en"
    """ISO 639-1 code or Snowball name of the language of the texts, or "none" for no stemming."""
    target: tuple[str, ...] = ()
    """The names of the target, `*` at a word's end for any ending; empty where there is none."""
    target_definition: str = ""
    rules: tuple[Rule, ...] = ()
    notes: tuple[Note, ...] = ()
    headline: str | None = None
    """The `kind` of text whose scores are shown first."""
    notice: str | None = None
    """What every model card, export and page must say about how the texts and codes were made."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The ids of the frames, in order."""
        return tuple(frame.id for frame in self.frames)

    @property
    def none_label(self) -> str | None:
        """The label that means "not framed", if there is one."""
        return next((frame.id for frame in self.frames if frame.none), None)

    @property
    def titles(self) -> dict[str, str]:
        """The title of each frame, for people, by label."""
        return {frame.id: frame.title for frame in self.frames}

    @property
    def stemmer(self) -> str:
        """The Snowball name of the language, or "none"."""
        return _STEMMERS.get(self.language, self.language)

    def to_dict(self) -> dict[str, object]:
        """Return the codebook as plain JSON values, in the form of the TOML file."""
        plain: dict[str, object] = {"name": self.name, "version": self.version, "question": self.question}
        plain |= {"language": self.language, "headline": self.headline, "notice": self.notice}
        plain["target"] = {"names": list(self.target), "definition": self.target_definition}
        plain["frame"] = [
            {"id": frame.id, "title": frame.title, "definition": frame.definition, "none": frame.none}
            for frame in self.frames
        ]
        plain["rule"] = [
            {
                "label": rule.label,
                "text": rule.text,
                "clarifications": list(rule.clarifications),
                "example": _plain_examples(rule.examples),
            }
            for rule in self.rules
        ]
        plain["note"] = [
            {"title": note.title, "text": note.text, "example": _plain_examples(note.examples)} for note in self.notes
        ]
        return plain

    @classmethod
    def from_dict(cls, values: object, where: str = "codebook") -> Codebook:
        """Check plain values in the form of the TOML file and return the codebook.

        `where` names the place in messages. Raises LabelsError for anything that is not such a form.
        """
        table = _Table(values, where)
        frames = tuple(_frame(entry) for entry in table.tables("frame"))
        labels = _check_frames(frames, where)
        target = table.table("target")
        codebook = cls(
            name=_check_name(table.text("name"), where),
            version=_check_version(table.take("version"), where),
            question=table.text("question"),
            frames=frames,
            language=_check_language(table.text("language", "en"), where),
            target=_check_target(target.texts("names"), target.where),
            target_definition=target.text("definition", ""),
            rules=tuple(_rule(number, entry, labels) for number, entry in enumerate(table.tables("rule"), 1)),
            notes=tuple(_note(entry, labels) for entry in table.tables("note")),
            headline=table.optional_text("headline"),
            notice=table.optional_text("notice"),
        )
        target.finish()
        table.finish()
        return codebook


def load_codebook(path: str | Path) -> Codebook:
    """Read a codebook file, or the codebook.toml of a folder. Raises LabelsError, one line, with the file."""
    path = Path(path)
    file = path / FILE_NAME if path.is_dir() else path
    if path.is_dir() and not file.exists():
        raise LabelsError(f"{file}: there is no such file; a labels folder needs a codebook")
    return Codebook.from_dict(read_toml(file), str(file))


def codebook_from_labels(name: str, labels: Sequence[str]) -> Codebook:
    """Return a codebook whose frames are the distinct labels, sorted; none of them means "not framed".

    Characters that a name cannot have become hyphens. Raises LabelsError for fewer than two labels.
    """
    frames = tuple(Frame(label, label) for label in sorted(set(labels)))
    _check_frames(frames, "labels")
    safe = re.sub(r"[^\w.-]+", "-", name).strip("-._") or "labels"
    return Codebook(safe, 1, "Which label does this text get?", frames)


def read_toml(path: Path) -> dict[str, object]:
    """Read a TOML file in UTF-8 (a byte order mark is allowed). Raises LabelsError."""
    import tomllib

    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise LabelsError(f"{path}: there is no such file") from error
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise LabelsError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LabelsError(f"{path}: is not valid TOML: {error}") from error


def check_pattern(name: str, where: str) -> str:
    """Return a name or phrase of one or more words; raises LabelsError where `*` is not at a word's end."""
    for word in name.split():
        if "*" in word[:-1] or word == "*":
            raise LabelsError(f"{where}: {name!r}: `*` stands only at the end of a word, as in Russia*")
    if not any(character.isalnum() for character in name):
        raise LabelsError(f"{where}: {name!r} has no letter and no digit; remove it")
    return name


class _Table:
    """The keys of one table, taken one by one, so that those left over can be named."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, Mapping):
            raise LabelsError(f"{where}: must be a table of keys and values")
        self.where = where
        self._left = dict(values)
        self._known: list[str] = []

    def take(self, key: str) -> object:
        self._known.append(key)
        return self._left.pop(key, None)

    def optional_text(self, key: str) -> str | None:
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise LabelsError(f"{self.where}: {key} must be text, in quotes")
        return self._clean(key, value)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.optional_text(key)
        if not value and default is None:
            raise LabelsError(f"{self.where}: {key} is missing or empty")
        return value or default or ""

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if value is not None and not isinstance(value, bool):
            raise LabelsError(f"{self.where}: {key} must be true or false")
        return bool(value)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.take(key)
        if values is None:
            return ()
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise LabelsError(f"{self.where}: {key} must be a list of texts, each in quotes")
        return tuple(self._clean(key, value) for value in values)

    def _clean(self, key: str, value: str) -> str:
        if _CONTROLS.search(text := " ".join(value.split())):
            raise LabelsError(f"{self.where}: {key} holds a control character or a lone surrogate; remove it")
        return text

    def tables(self, key: str) -> list[_Table]:
        values = self.take(key)
        if values is None:
            return []
        if not isinstance(values, list):
            raise LabelsError(f"{self.where}: {key} must be a list of tables, each headed [[{key}]]")
        return [_Table(value, f"{self.where}: {key} {number}") for number, value in enumerate(values, 1)]

    def table(self, key: str) -> _Table:
        values = self.take(key)
        return _Table({} if values is None else values, f"{self.where}: {key}")

    def finish(self) -> None:
        """Name a key that nothing has asked for: most often a spelling mistake."""
        if self._left:
            known = ", ".join(self._known)
            raise LabelsError(f"{self.where}: unknown key {next(iter(self._left))!r}; the keys are {known}")


def _frame(table: _Table) -> Frame:
    label = table.text("id")
    frame = Frame(label, table.text("title", label), table.text("definition", ""), table.flag("none"))
    table.finish()
    return frame


def _rule(number: int, table: _Table, labels: Sequence[str]) -> Rule:
    label = table.optional_text("label")
    if label is not None:
        _check_label(label, labels, table.where)
    text, examples = table.text("text"), _examples(table, labels)
    rule = Rule(number, label, text, examples, table.texts("clarifications"))
    table.finish()
    return rule


def _note(table: _Table, labels: Sequence[str]) -> Note:
    note = Note(table.text("title"), table.text("text"), _examples(table, labels))
    table.finish()
    return note


def _examples(table: _Table, labels: Sequence[str]) -> tuple[Example, ...]:
    examples = []
    for entry in table.tables("example"):
        example = Example(entry.text("text"), entry.text("label"), entry.optional_text("why"))
        _check_label(example.label, labels, entry.where)
        entry.finish()
        examples.append(example)
    return tuple(examples)


def _plain_examples(examples: Sequence[Example]) -> list[dict[str, object]]:
    return [{"text": example.text, "label": example.label, "why": example.why} for example in examples]


def _check_label(label: str, labels: Sequence[str], where: str) -> None:
    if label not in labels:
        raise LabelsError(f"{where}: {label!r} is no frame; the frames are {', '.join(labels)}")


def _check_frames(frames: Sequence[Frame], where: str) -> tuple[str, ...]:
    labels = tuple(frame.id for frame in frames)
    if len(set(labels)) < 2:
        raise LabelsError(f"{where}: needs at least two frames (labels), has {len(set(labels))}")
    label, times = Counter(labels).most_common(1)[0]
    if times > 1:
        raise LabelsError(f"{where}: two frames have the id {label!r}; rename one")
    for label in labels:
        if not label.isprintable() or label != label.strip() or not 0 < len(label) <= _MOST_CHARACTERS_OF_A_LABEL:
            raise LabelsError(f"{where}: {label[:40]!r} cannot be a label: 1 to 100 printable characters")
    if sum(frame.none for frame in frames) > 1:
        raise LabelsError(f'{where}: more than one frame has none = true; at most one means "not framed"')
    return labels


def _check_name(name: str, where: str) -> str:
    if not re.fullmatch(r"\w[\w.-]{0,99}", name):
        raise LabelsError(f"{where}: name {name!r}: use letters, digits, hyphens, dots and underscores only")
    return name


def _check_version(version: object, where: str) -> int:
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise LabelsError(f"{where}: version must be a whole number from 1")
    return version


def _check_language(language: str, where: str) -> str:
    import Stemmer

    known = set(Stemmer.algorithms())
    if language != NO_STEMS and _STEMMERS.get(language, language) not in known:
        codes = ", ".join(code for code, name in _STEMMERS.items() if name in known)
        raise LabelsError(f'{where}: no stemmer for language {language!r}; use one of {codes}, or "{NO_STEMS}"')
    return language


def _check_target(names: Sequence[str], where: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check_pattern(name, where) for name in names))
