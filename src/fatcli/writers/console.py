"""What every report on a terminal is made of."""

from rich.text import Text as Styled

from fatcli.terminal import terminal_text


def styled(text: str, style: str = "") -> Styled:
    """A line as Rich's own Text: a plain str would be read for markup such as [bold]."""
    return Styled(terminal_text(text), style=style)
