"""What the command line was given wrongly, in both languages, with the nearest right word; and the headings of help in Swedish."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import typer

from fatcli.errors import UsageError
from fatcli.texts import Text, did_you_mean, same

# typer has no public name for its usage errors but the one that BadParameter inherits from
Misuse: type[Exception] = typer.BadParameter.__mro__[1]

_NO_OPTION = Text("flaggan {name} finns inte.{hint}", "there is no option {name}.{hint}")
_NO_COMMAND = Text("kommandot {name} finns inte.{hint}", "there is no command {name}.{hint}")
_IN_GROUP = Text(" Menade du {command}?", " Did you mean {command}?")
_MISSING = Text("{name} saknas.", "{name} is missing.")
_NOT_AMONG = Text("{value} kan inte anges för {name}. Välj bland {choices}.", "{value} can't be given for {name}. Choose among {choices}.")
_WHOLE = Text("{name} ska vara ett heltal.", "{name} must be a whole number.")
_WRONG = Text("värdet för {name} går inte att läsa.", "the value of {name} can't be read.")
_NO_VALUE = Text("{name} behöver ett värde.", "{name} needs a value.")
_NEEDLESS_VALUE = Text("{name} tar inget värde.", "{name} takes no value.")
_TOO_MANY = Text("det här går inte att ange: {words}.", "this can't be given: {words}.")
_REMEDY = Text("{command} --help visar vad som kan anges.", "{command} --help shows what can be given.")
_NOT_ONE_OF = re.compile(r"'(.*?)' is not one of (.*)", re.DOTALL)

_HEADINGS = {
    "ARGUMENTS_PANEL_TITLE": "Argument",
    "OPTIONS_PANEL_TITLE": "Flaggor",
    "COMMANDS_PANEL_TITLE": "Kommandon",
    "DEFAULT_STRING": "[förval: {}]",
    "REQUIRED_LONG_STRING": "[krävs]",
}
HELP_OPTIONS = ["-h", "--help"]
_USAGE_WORDS = {"Usage:": "Användning:", "[OPTIONS]": "[FLAGGOR]", "COMMAND [ARGS]": "KOMMANDO [ARGUMENT]"}
_USAGE = re.compile("|".join(map(re.escape, _USAGE_WORDS)))
_COMPLETION = {
    "install_completion": "Installera komplettering i skalet.",
    "show_completion": "Visa kompletteringens skript, att kopiera eller anpassa.",
}


def worded(error: Any) -> UsageError:  # typer's own error
    """Typer's error as one of ours. Its kinds are told by their class's name, some only by its text."""
    command = error.ctx.command_path if error.ctx else "fat"
    what = _BY_KIND.get(type(error).__name__, _other)(error)
    return UsageError(what, _REMEDY.fill(command=command))


def is_help(error: Exception) -> bool:
    """Whether the error stands for help, shown already, that a command gives when it is called alone."""
    return type(error).__name__ == "NoArgsIsHelpError"


def help_in_swedish(command: Any) -> None:  # typer's own class
    """What typer itself says in help: headings, usage and its own options, of a command and all below it."""
    from typer import rich_utils

    for name, heading in _HEADINGS.items():
        setattr(rich_utils, name, heading)
    _in_swedish(command)


def _in_swedish(command: Any) -> None:
    in_english = command.get_usage
    command.get_usage = lambda context: _USAGE.sub(lambda word: _USAGE_WORDS[word[0]], in_english(context))
    command.get_help_option(typer.Context(command, help_option_names=HELP_OPTIONS)).help = "Visa det här och avsluta."
    for parameter in command.params:
        parameter.help = _COMPLETION.get(parameter.name, parameter.help)
    for child in getattr(command, "commands", {}).values():
        _in_swedish(child)


def _no_option(error: Any) -> Text:
    known: Iterable[str] = (name for parameter in error.ctx.command.get_params(error.ctx) for name in parameter.opts) if error.ctx else ()
    return _NO_OPTION.fill(name=error.option_name, hint=did_you_mean(error.option_name, known))


def _missing(error: Any) -> Text:
    return _MISSING.fill(name=_name(error.param))


def _wrong_value(error: Any) -> Text:
    name = _name(error.param)
    if listed := _NOT_ONE_OF.search(error.message):
        return _NOT_AMONG.fill(value=listed[1], name=name, choices=", ".join(re.findall("'([^']*)'", listed[2])))
    return (_WHOLE if "integer" in error.message else _WRONG).fill(name=name)


def _bad_usage(error: Any) -> Text:
    return (_NEEDLESS_VALUE if "does not take" in error.message else _NO_VALUE).fill(name=error.option_name)


def _other(error: Any) -> Text:
    if unknown := re.match(r"No such command '(.*?)'", error.message, re.DOTALL):
        return _NO_COMMAND.fill(name=unknown[1], hint=_meant(unknown[1], error.ctx))
    if extra := re.fullmatch(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", error.message, re.DOTALL):
        return _TOO_MANY.fill(words=extra[1])
    return same(error.format_message())


def _meant(name: str, context: Any) -> Text:
    """` Did you mean fat ledger attest?`: a command that stands in one of the groups, else the nearest one here."""
    commands = getattr(context.command, "commands", {})
    group = next((group for group in commands if name in getattr(commands[group], "commands", ())), None)
    return did_you_mean(name, commands) if group is None else _IN_GROUP.fill(command=f"fat {group} {name}")


_BY_KIND: Mapping[str, Callable[[Any], Text]] = {
    "NoSuchOption": _no_option,
    "MissingParameter": _missing,
    "BadParameter": _wrong_value,
    "BadOptionUsage": _bad_usage,
}


def _name(parameter: Any) -> object:
    """An option by its longest name, an argument by what stands for it in the help."""
    if parameter is None:
        return Text("värdet", "the value")
    if parameter.param_type_name == "option":
        return max(parameter.opts, key=len)
    return parameter.metavar or parameter.name.upper()
