"""The order of the modules, and what may be imported when: read from the source and tried in fresh processes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import framing

PACKAGE = Path(framing.__file__).parent

# A module imports only from modules before it.
ORDER = [
    *("version", "errors", "wording", "records", "files", "cells", "rows", "dates"),
    *("sources", "web", "page", "plaintext", "corpus", "kept", "parquetpages", "parquet"),
    *("warc", "seen", "read", "stretches", "slices"),
    *("phrases", "boilerplate", "sections", "paragraphs", "quotes"),
    *("tokens", "target", "lexicon", "forms", "places", "features", "formtable", "weighing", "linear"),
    *("codebook", "codebooktext", "labels", "labelrows", "labelfiles"),
    *("taskrows", "labelstudio", "doccano", "prodigy", "exchange"),
    *("metrics", "agree", "duplicates", "store", "model", "loading"),
    *("terminal", "scoredjson", "report", "listing"),
    *("markup", "pagestyle", "svg", "figures", "matrix", "simplex", "marking", "articlepage", "indexpage", "pagefiles"),
    *("export", "work", "runfolder", "run", "sheets"),
    *("codelog", "sampling", "samplefolder", "picking", "revisions", "sample", "importing"),
    *("folds", "trainingset", "learn", "search", "crossval", "limits", "summary"),
    *("checks", "card", "training", "evaluation", "shortcuts", "statuses"),
    *("foldmix", "outoffold", "disputes", "agreement", "agreementtext", "sampletext"),
    *("effective", "pooling", "ratios", "prevalence", "differences", "adjusted", "planning"),
    *("plain", "comparison", "comparefigures", "comparewords", "compareparts", "comparepage"),
    *("predicted", "crossprediction", "gathering", "question", "scheme", "audit", "sampleplan"),
    *("confusion", "shares", "joining"),
    *("telling", "inputfiles", "comparenotes", "compare"),
    *("comparetext", "comparemethods", "comparefolder", "verify"),
    *("codingfolder", "codingstate", "suggestions", "trainjob"),
    *("openapi", "webguard", "webpages", "codingpages", "webreading", "webcompare"),
    *("webanswers", "website", "webviews", "webapi", "webapp", "serving"),
    *("options", "progress", "console", "corpuscommands", "codingcommands", "modelcommands", "comparecommands"),
    *("servecommands", "cli", "__main__"),
]

LIGHT = {"numpy", "typer"}
"""What a module may import at its top besides the standard library; all else inside the function that needs it."""
HEAVY = {
    *("scipy", "sklearn", "nltk", "pandas", "joblib", "distributed"),
    *("lxml", "trafilatura", "pyarrow", "warcio", "rich", "urllib3"),
    *("starlette", "uvicorn", "anyio"),
}


def imports(tree: ast.AST, *, top_only: bool) -> Iterator[str]:
    """Yield the full names of imported modules; imports for type checking only do not count."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (
                (f"{node.module}.{name.name}" for name in node.names)
                if node.module == "framing"
                else (str(node.module),)
            )
        elif not (top_only and isinstance(node, ast.FunctionDef | ast.ClassDef)):
            yield from imports(node, top_only=top_only)


def parsed(module: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))


def test_every_module_has_its_place_in_the_order() -> None:
    assert sorted(ORDER) == sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_from_modules_before_it(module: str) -> None:
    before = set(ORDER[: ORDER.index(module)])
    used = {name.split(".")[1] for name in imports(parsed(module), top_only=False) if name.startswith("framing.")}
    assert used <= before


@pytest.mark.parametrize("module", ORDER)
def test_heavy_packages_are_imported_inside_the_function_that_needs_them(module: str) -> None:
    top = {name.split(".")[0] for name in imports(parsed(module), top_only=True)} - {"framing", "__future__"}
    assert top - set(sys.stdlib_module_names) <= LIGHT


@pytest.mark.parametrize("module", ORDER)
def test_typer_is_imported_by_the_command_line_only(module: str) -> None:
    assert (
        module in ("cli", "options")
        or module.endswith("commands")
        or "typer" not in {name.split(".")[0] for name in imports(parsed(module), top_only=False)}
    )


def loaded_after(code: str, *arguments: str) -> set[str]:
    """Return the packages in sys.modules after some code ran in a fresh process."""
    program = f"{code}\nimport sys\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in run.stderr.split()}


def test_scoring_a_text_file_loads_nothing_heavy(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text("Moscow hosted both foreign ministers on Friday and offered to host the next round.\n")
    code = "import sys; from framing.cli import app; sys.argv[0] = 'framing'; app(standalone_mode=False)"
    loaded = loaded_after(code, "score", str(article))
    assert not loaded & HEAVY
    assert {"numpy", "typer", "Stemmer"} <= loaded


def test_help_loads_not_even_numpy() -> None:
    loaded = loaded_after("import sys; from framing.cli import app; app(['--help'], standalone_mode=False)")
    assert not loaded & (HEAVY | {"numpy", "Stemmer"})


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_after("import framing") & (HEAVY | {"numpy", "typer", "Stemmer"})


@pytest.mark.parametrize("name", list(framing.__all__))
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(framing, name) is not None
    assert getattr(framing, name) is getattr(framing, name)


def test_the_package_says_what_it_exports() -> None:
    assert set(framing.__all__) <= set(dir(framing))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        framing.nothing  # noqa: B018
