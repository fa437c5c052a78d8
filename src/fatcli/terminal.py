"""Text from workbooks, names and options that a terminal shows and does not obey."""

import json
import re

TURNING = "\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the reading direction
_LINE_BREAK = re.compile("[\t\n\r\u2028\u2029]+")
UNSEEN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{TURNING}\ud800-\udfff\ufffe\uffff]")  # but for tabs and line breaks
_RAW_IN_JSON = re.compile(f"[\x7f-\x9f{TURNING}\u2028\u2029\ud800-\udfff]")


def terminal_text(text: str) -> str:
    """One line of text that can't move the cursor, colour the screen or turn the reading direction."""
    return UNSEEN.sub("", _LINE_BREAK.sub(" ", text))


def json_text(document: object) -> str:
    """A document as JSON that can be shown, with a line break at the end."""
    return escaped(json.dumps(document, ensure_ascii=False, indent=1)) + "\n"


def escaped(json_: str) -> str:
    """JSON whose texts hold, as escapes, what a terminal would obey."""
    return _RAW_IN_JSON.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json_)
