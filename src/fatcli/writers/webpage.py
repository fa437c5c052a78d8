"""Self-contained web pages from the templates in `web/`: one file, nothing fetched, nothing run but its own scripts."""

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from fatcli.terminal import terminal_text
from fatcli.texts import Language, Text
from fatcli.writers import wording

_HARMLESS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def render(template: str, language: Language, scripts: tuple[str, ...] = (), **values: object) -> bytes:
    """A page from `web/<template>`, with `web/page.css`, `web/page.js` and the scripts named.

    Templates have `say(sv, en)`, and the filters money (of öre), number, day and json.
    """
    parts = {"style": _part("page.css"), "scripts": [_part(name) for name in ("page.js", *scripts)]}
    page = _environment(language).get_template(template).render(policy=_policy(parts), **parts, **values)
    return f"{page.strip()}\n".encode()


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals |= {"language": language, "say": lambda sv, en: Text(sv, en).to(language)}
    environment.filters["money"] = partial(wording.money, language=language)
    environment.filters["number"] = partial(wording.number, language=language)
    environment.filters["day"] = wording.day
    environment.filters["json"] = _json
    return environment


def _source(name: str) -> str:
    return files("fatcli.writers").joinpath("web", name).read_text(encoding="utf-8")


def _part(name: str) -> Markup:
    """A style sheet or script as it stands between its tags; our own, so nothing in it is escaped."""
    return Markup("\n" + _source(name))  # noqa: S704  # our own file


def _policy(parts: Mapping[str, Any]) -> str:
    """The content security policy: nothing from anywhere, but these styles and scripts by their hashes."""
    scripts = " ".join(_hash(script) for script in parts["scripts"])
    return f"default-src 'none'; style-src {_hash(parts['style'])}; script-src {scripts}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _shown(value: object) -> object:
    """What is printed: text from a workbook without characters that are not seen."""
    return terminal_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _json(value: object) -> Markup:
    """JSON for a script element: no text can end the element."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(written.translate(_HARMLESS))  # noqa: S704  # nothing in it is a tag any more
