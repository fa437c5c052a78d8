"""The root command: the commands in the order of a month's work, and the one place where errors become exit codes."""

import errno
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from fatcli import __version__
from fatcli.cli import batch, explain, init, ledger, payout, report, rules, template, usage, validate
from fatcli.cli.common import DONE, FAULT, INTERRUPTED, LANGUAGE, USAGE, check_time_zone, complain, say, tell
from fatcli.errors import FatError
from fatcli.texts import Text


class _InOrder(typer.core.TyperGroup):
    """The commands in the order of a month's work; typer puts those with commands of their own last."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # typer's own context
        return sorted(self.commands, key=_ORDER.index)


_ORDER = ("init", "template", "validate", "explain", "payout", "ledger", "report", "batch", "rules")
app = typer.Typer(
    name="fat",
    cls=_InOrder,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": usage.HELP_OPTIONS},
    help=say(
        "Kontrollerar närvaro i arbetsmarknadspolitiska insatser mot en regelbok och skriver rekvisitioner.\n\n"
        "Exempel: fat validate · fat payout --month 2024-05",
        "Checks attendance in work-training services against a rule book and writes compensation claims.\n\n"
        "Example: fat validate · fat payout --month 2024-05",
    ),
)
app.command("init", help=init.HELP)(init.init)
app.command("template", help=template.HELP)(template.template)
app.command("validate", help=validate.HELP)(validate.validate)
app.command("explain", help=explain.HELP)(explain.explain)
app.command("payout", help=payout.HELP)(payout.payout)
app.add_typer(ledger.app, name="ledger")
app.command("report", help=report.HELP)(report.report)
app.command("batch", help=batch.HELP)(batch.batch)
app.add_typer(rules.app, name="rules")


def _version(*, value: bool) -> None:
    if value:
        typer.echo(f"fat {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda value: _version(value=value), is_eager=True, help=say("Visa versionen.", "Show the version.")
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help=say("Visa var i programmet ett fel uppstod.", "Show where in the program a fault arose."))
    ] = False,
) -> None: ...


_FULL = (errno.ENOSPC, errno.EIO, errno.EFBIG)
_PANICS = "pyo3_runtime"  # a library written in Rust raises what is no Exception


def main() -> None:
    """Runs the command line; every error becomes a sentence, a remedy and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # Windows consoles default to others
    command = typer.main.get_command(app)
    if LANGUAGE == "sv" and (len(sys.argv) <= 2 or {"-h", "--help"} & {*sys.argv}):
        usage.help_in_swedish(command)
    try:
        check_time_zone()
        # typer returns the exit code, and is silent about Ctrl-C
        code = command(standalone_mode=False) or DONE
        sys.exit(_interrupted() if code == INTERRUPTED else code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(_interrupted())
    except usage.Misuse as error:
        sys.exit(USAGE if usage.is_help(error) else _tell(usage.worded(error).message(LANGUAGE), USAGE))
    except FatError as error:
        sys.exit(_tell(error.message(LANGUAGE), error.exit_code))
    except BrokenPipeError:
        _let_go_of_stdout()  # its reader has gone: nothing more to say to it
        sys.exit(0)
    except BaseException as error:  # the last resort: no traceback may reach a user
        if not (isinstance(error, Exception) or type(error).__module__ == _PANICS):
            raise
        sys.exit(_unwritten(error) if isinstance(error, OSError) and error.errno in _FULL else _fault(error))


def _tell(message: str, code: int) -> int:
    complain(message)
    return code


def _let_go_of_stdout() -> None:
    """What is left for it goes nowhere, as python would else complain at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unwritten(error: OSError) -> int:
    """Stdout can't be written: what is written elsewhere has errors of its own."""
    from fatcli.workspace import unwritable

    _let_go_of_stdout()
    told = unwritable(Path("stdout"), error)
    return _tell(told.message(LANGUAGE), told.exit_code)


def _interrupted() -> int:
    return _tell(say("avbruten.", "interrupted."), INTERRUPTED)


def _fault(error: BaseException) -> int:
    """A fault of ours: its kind and, with --debug, where; never the values it was about."""
    text = Text(
        f"ett fel i programmet ({type(error).__name__}). fat ledger log visar vad som är bokfört."
        " Kör igen med fat --debug … och anmäl felet.",
        f"a fault in the program ({type(error).__name__}). fat ledger log shows what is booked."
        " Run again with fat --debug … and report the fault.",
    )
    _tell(text.to(LANGUAGE), FAULT)
    for frame in traceback.extract_tb(error.__traceback__) if "--debug" in sys.argv else ():
        tell(f"  {frame.filename}:{frame.lineno} {frame.name}", err=True)
    return FAULT
