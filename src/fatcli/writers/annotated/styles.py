"""A workbook's styles with marks added: the same look on another ground. Marks can be taken away again."""

from collections.abc import Mapping
from copy import deepcopy

from lxml import etree
from lxml.etree import _Element as Element

from fatcli.model import Severity
from fatcli.writers.annotated.parts import WORKBOOK, Parts, put_in_order

# a light ground, and for pale letters one on which these can be read as well as dark ones
GROUNDS: Mapping[Severity, tuple[str, str]] = {
    "error": ("F9C6CB", "D9534F"),
    "warning": ("FFE3A3", "B7791F"),
    "info": ("C5DFF5", "3B82C4"),
}
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors", "extLst")
_EMPTY = (
    b'<styleSheet xmlns="%b"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    b'<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    b'<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    b'<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    b'<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_LETTERS = "1F2933"
_LIGHT_THEME, _WHITE = ("0", "2"), ("1", "9")  # colours of a theme and of the old palette


class Styles:
    """The part that holds the styles. `covered`: the colour of each mark made -> the ground that lies under it, as text."""

    def __init__(self, parts: Parts) -> None:
        part = next(iter(parts.related(WORKBOOK, "styles").values()), None)
        if part is None or part not in parts:
            part = parts.add("xl/styles.xml" if "xl/styles.xml" not in parts else "xl/styles{}.xml", _EMPTY % parts.main.encode(), _TYPE)
            parts.relate(WORKBOOK, "styles", part)
        self._root = parts.tree(part)
        self._main = parts.main
        self._marked: dict[tuple[int, Severity], int] = {}
        self._colours: dict[tuple[str, str], str] = {}
        self._fills: dict[str, int] = {}

    @property
    def covered(self) -> dict[str, str]:
        return {colour: ground for (_, ground), colour in self._colours.items()}

    def restore(self, covered: Mapping[str, str]) -> None:
        """Gives all cells that have one of these grounds back what lay under it."""
        for fill in self._list("fills"):
            colour = fill.find("{*}patternFill/{*}fgColor")
            if colour is not None and (ground := covered.get(colour.get("rgb", "")[-6:].upper())) is not None:
                fill[:] = [self._pattern(dict(each.split("=", 1) for each in ground.split()))]

    def marked(self, style: int, severity: Severity) -> int:
        """The style that looks like another one, but for its ground."""
        key = style, severity
        if key not in self._marked:
            styles = self._list("cellXfs")
            look = deepcopy(styles[style if style < len(styles) else 0])
            colour = self._colour(GROUNDS[severity][self._is_pale(look)], self._ground(look))
            if colour not in self._fills:
                self._fills[colour] = self.add_fill(colour)
            look.attrib.update({"fillId": str(self._fills[colour]), "applyFill": "1"})
            self._marked[key] = self._add("cellXfs", look)
        return self._marked[key]

    def cover(self, severity: Severity) -> int:
        """The differential format of a mark that lies over the user's conditional formats: dark letters on a light ground."""
        light = GROUNDS[severity][0]
        fill = f'<patternFill patternType="solid"><fgColor rgb="FF{light}"/><bgColor rgb="FF{light}"/></patternFill>'
        inner = f'<font><color rgb="FF{_LETTERS}"/></font><fill>{fill}</fill>'
        wanted = etree.fromstring(f'<dxf xmlns="{self._main}">{inner}</dxf>')
        known = (number for number, each in enumerate(self._list("dxfs")) if _canonical(each) == _canonical(wanted))
        found = next(known, None)
        return self._add("dxfs", wanted) if found is None else found

    def add_fill(self, colour: str) -> int:
        fill = etree.Element(f"{{{self._main}}}fill")
        fill.append(self._pattern({"rgb": f"FF{colour}"}))
        return self._add("fills", fill)

    def add_font(self, *, size: int = 10, bold: bool = False, underlined: bool = False, colour: str = _LETTERS) -> int:
        inner = f'{"<b/>" if bold else ""}{"<u/>" if underlined else ""}<sz val="{size}"/><color rgb="FF{colour}"/><name val="Arial"/>'
        return self._add("fonts", etree.fromstring(f'<font xmlns="{self._main}">{inner}</font>'))

    def add_rule(self, colour: str) -> int:
        """A border that is one thin line below."""
        line = f'<bottom style="thin"><color rgb="FF{colour}"/></bottom>'
        return self._add("borders", etree.fromstring(f'<border xmlns="{self._main}"><left/><right/><top/>{line}<diagonal/></border>'))

    def add_look(self, font: int, fill: int = 0, border: int = 0, *, wrap: bool = False) -> int:
        alignment = f'<alignment vertical="center" wrapText="{int(wrap)}"/>'
        ids = f'numFmtId="0" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"'
        apply = 'applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"'
        return self._add("cellXfs", etree.fromstring(f'<xf xmlns="{self._main}" {ids} {apply}>{alignment}</xf>'))

    def _colour(self, wanted: str, ground: str) -> str:
        """A colour that no fill has yet, so near to the one wanted that no one sees a difference: each stands for one ground."""
        if (wanted, ground) not in self._colours:
            taken = {colour.get("rgb", "")[-6:].upper() for colour in self._list("fills").iterfind(".//{*}fgColor")}
            blue = int(wanted[4:], 16)
            near = sorted(range(256), key=lambda other: abs(other - blue))
            colours = (f"{wanted[:4]}{other:02X}" for other in near)
            self._colours[wanted, ground] = next(colour for colour in colours if colour not in {*taken, *self._colours.values()})
        return self._colours[wanted, ground]

    def _ground(self, look: Element) -> str:
        """The colour of a solid fill, as `theme=0 tint=-0.15`; empty where there is no fill, or none that is solid."""
        fills = self._list("fills")
        number = int(look.get("fillId", 0))
        pattern = fills[number].find("{*}patternFill") if number < len(fills) else None
        if pattern is None or pattern.get("patternType") != "solid":
            return ""
        colour = pattern.find("{*}fgColor")
        return "" if colour is None else " ".join(f"{name}={value}" for name, value in colour.attrib.items())

    def _is_pale(self, look: Element) -> bool:
        fonts = self._list("fonts")
        number = int(look.get("fontId", 0))
        colour = fonts[number].find("{*}color") if number < len(fonts) else None
        if colour is None:
            return False
        rgb = colour.get("rgb", "")[-6:]
        return colour.get("theme") in _LIGHT_THEME or colour.get("indexed") in _WHITE or (len(rgb) == 6 and _luminance(rgb) > 0.6)

    def _pattern(self, colour: Mapping[str, str]) -> Element:
        """A solid fill, or none where no colour is given."""
        pattern = etree.Element(f"{{{self._main}}}patternFill", patternType="solid" if colour else "none")
        if colour:
            etree.SubElement(pattern, f"{{{self._main}}}fgColor", dict(colour))
            etree.SubElement(pattern, f"{{{self._main}}}bgColor", indexed="64")
        return pattern

    def _list(self, name: str) -> Element:
        found = self._root.find(f"{{*}}{name}")
        if found is None:
            found = etree.Element(f"{{{self._main}}}{name}")
            put_in_order(self._root, found, _ORDER[: _ORDER.index(name)])
        return found

    def _add(self, name: str, child: Element) -> int:
        listed = self._list(name)
        listed.append(child)
        listed.set("count", str(len(listed)))
        return len(listed) - 1


def _canonical(element: Element) -> str:
    """An element's content, however it is spelt; lxml's own canonical form refuses some namespaces that Excel and it can read."""
    inner = "".join(map(_canonical, element))
    return f"<{element.tag!r} {sorted(element.items())}>{(element.text or '').strip()}{inner}</>"


def _luminance(rgb: str) -> float:
    red, green, blue = (int(rgb[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return 0.299 * red + 0.587 * green + 0.114 * blue
