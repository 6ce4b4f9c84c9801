"""The command line as a whole: what commands there are, and the one gate where an error ends in a line.

A command (in the modules ...commands.py) is its options, one library call and one print. Data goes to stdout,
everything else to stderr. `main` turns an error into one line and an exit code: 1 for bad input, 2 for wrong usage.
"""

from __future__ import annotations

import os
import signal
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from framing.codingcommands import agree, import_command, sample
from framing.comparecommands import compare, verify
from framing.console import say
from framing.corpuscommands import export, score
from framing.errors import FramingError, UsageError
from framing.modelcommands import card, evaluate, train
from framing.servecommands import serve

app = typer.Typer(
    help="Measure how news frames an actor, paragraph by paragraph, with the evidence for every label.",
    epilog="Start with: framing score ARTICLE.html",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)


def _version(wanted: bool) -> None:
    if wanted:
        from framing.version import __version__

        print(f"framing {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


app.command(short_help="Score articles paragraph by paragraph.")(score)
app.command(short_help="Write labels as CSV, JSON Lines, Parquet ...")(export)
app.command(short_help="Draw paragraphs to be labelled by hand.")(sample)
app.command(name="import", short_help="Bring filled sheets into a labels folder.")(import_command)
app.command(short_help="Say how far coders agree; show disputes.")(agree)
app.command(short_help="Code, read and compare in the browser.")(serve)
app.command(short_help="Compare groups, corrected by hand labels.")(compare)
app.command(short_help="Recompute a comparison's folder.")(verify)
app.command(short_help="Train a model on hand labels.")(train)
app.command(short_help="Score a model on other labelled data.")(evaluate)
app.command(short_help="Show a model's card.")(card)


def _silence_stdout() -> None:
    """Drop what is still to be written: Python would try once more at exit, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _command_given() -> str:
    """Return the command that was called, with a space behind it; nothing where it is none."""
    known = {info.name or info.callback.__name__ for info in app.registered_commands if info.callback}
    return next((f"{given} " for given in sys.argv[1:2] if given in known), "")


def _check_arguments() -> None:
    """Raise UsageError for an empty argument: as a path it would be the folder at hand, which nobody meant."""
    empty = next((one for one in sys.argv[1:] if not one or (one.startswith("--") and one.endswith("="))), None)
    if empty is not None:
        raise UsageError(f"an argument is empty ({empty or repr(empty)}): is a variable of the shell not set?")


def _open_closed() -> None:
    """Open what the shell has closed (`>&-`), else it is None, and the next file that is opened takes its number.

    Nothing is read from such a stdin, and what is said on such a stderr is lost; what is written to such a stdout fails
    (its file is open for reading), so that nobody takes the lost output for written.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY), "r")
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def main() -> None:
    """Run the command line; every error that a user can cause ends here, in one line."""
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what is half done is put back
    try:
        try:
            _check_arguments()
            app()
        finally:
            sys.stdout.flush()
    except UsageError as error:
        say(f"{error} (see framing {_command_given()}--help)")
        raise SystemExit(2) from None
    except FramingError as error:
        say(str(error))
        raise SystemExit(1) from None
    except BrokenPipeError:  # whoever read the output has seen enough
        _silence_stdout()
        raise SystemExit(1) from None
    except OSError as error:
        if error.filename is not None:  # a file below a folder that is closed to the user, or too long a name
            say(f"{error.filename}: cannot be used: {error.strerror or error}")
        else:
            say(f"cannot write to standard output: {error.strerror or error}")
            _silence_stdout()
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        say("stopped; what was not finished was not written")
        raise SystemExit(130) from None
