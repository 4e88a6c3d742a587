"""The front door: one command a file; what a command needs is imported when it is called.

Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 attention needed (nothing could be opened, a
book that does not verify, a chain that cannot be used), 129 hung up, 130 interrupted,
143 terminated.  A refusal is one line on standard error; a bug is a line and, with
``UNDERWRITER_DEBUG=1``, its traceback.
"""

import gc
import os
import signal
import sys
from collections.abc import Sequence

import typer
from typer.main import get_command

from underwriter.app.cli import (
    analyse,
    backtest,
    book,
    data,
    demo,
    desk,
    doctor,
    init,
    model,
    notify,
    plan,
    review,
    scan,
    shadow,
    sweep,
    trade,
    version,
    watch,
)
from underwriter.app.cli.terminal import BROKEN_PIPE, close_quietly, remark
from underwriter.core.errors import UnderwriterError

INTERRUPTED = 130
TERMINATED = 143  # what a shell shows for a program that was asked to end
HUNG_UP = 129  # and for one whose terminal went away
SELDOM = 50_000, 20, 20  # collections of garbage: by default a quarter second while starting
DEBUG = "UNDERWRITER_DEBUG"

app = typer.Typer(
    name="underwriter",
    help="Sell options for monthly cash flow, by rule: backtested, paper-traded and traded.",
    epilog="Example: underwriter demo",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
GROUPS = (
    demo, init, doctor, data, scan, plan, analyse, trade, watch, desk, review, shadow, backtest,
    sweep, model, book, notify, version,
)  # fmt: skip
for group in GROUPS:
    group.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    signal.signal(signal.SIGTERM, _terminated)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # nohup goes on
        signal.signal(signal.SIGHUP, _hung_up)
    gc.set_threshold(*SELDOM)
    code = run(arguments)
    gc.freeze()  # a last collection, of what ends with the process anyhow, takes a quarter second
    sys.exit(code)


def _terminated(*_: object) -> None:
    """End as when interrupted, so that nothing is left half-written, with a shell's exit code."""
    sys.exit(TERMINATED)


def _hung_up(*_: object) -> None:
    """End likewise as the terminal goes away."""
    sys.exit(HUNG_UP)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = _run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        close_quietly()
        return BROKEN_PIPE
    if code == INTERRUPTED:
        remark("underwriter: interrupted; nothing was left half-written")
    return code


def _run(arguments: Sequence[str]) -> int:
    """Run the command line; what goes wrong becomes one line and a code."""

    def refuse(said: str) -> None:
        remark(_without_passwords(f"underwriter: {said}", arguments))

    try:
        command = get_command(app)
        code = command.main(arguments, prog_name="underwriter", standalone_mode=False)
    except UnderwriterError as problem:
        refuse(f"{problem}")
        return problem.exit_code
    except typer.TyperException as problem:
        return _usage(problem, arguments)
    except BrokenPipeError:
        raise
    except OSError as problem:
        refuse(f"{problem}; nothing was left half-written")
        return 1
    except Exception as problem:
        if os.environ.get(DEBUG):
            raise
        refuse(f"this is a bug: {type(problem).__name__}: {problem}".splitlines()[0])
        remark(f"underwriter: run again with {DEBUG}=1 for where it happened")
        return 1
    return int(code or 0)


def _without_passwords(said: str, arguments: Sequence[str]) -> str:
    """What is said, without the passwords of URLs that stand on the command line."""
    urls = [each for each in arguments if "://" in each]
    if urls:
        from underwriter.book.place import without_passwords  # noqa: PLC0415  seldom

        for url in urls:
            said = without_passwords(said, url)
    return said


def _usage(problem: typer.TyperException, arguments: Sequence[str]) -> int:
    """Say what is wrong with the command line, or show the help that was asked for by silence."""
    said = _without_passwords(problem.format_message(), arguments)
    context = getattr(problem, "ctx", None)
    if "\n" in said:  # no arguments at all: the help itself
        remark(said)
        return problem.exit_code
    where = context.command_path if context else "underwriter"
    remark(f"{where}: {said} Try: {where} --help")
    return problem.exit_code
