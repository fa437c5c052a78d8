"""The mutants of a module: its syntax tree with one small thing changed, as a slip of the hand or of thought might."""

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

TURNED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.FloorDiv: (ast.Mult,),
    ast.Div: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.LShift: (ast.RShift,),
}
# calls of frames, columns and Python that have a twin
TWINS = {
    "first": "last", "last": "first", "min": "max", "max": "min", "any": "all", "all": "any", "is_null": "is_not_null",
    "is_not_null": "is_null", "min_horizontal": "max_horizontal", "max_horizontal": "min_horizontal", "any_horizontal": "all_horizontal",
    "all_horizontal": "any_horizontal", "month_start": "month_end", "month_end": "month_start", "startswith": "endswith",
    "endswith": "startswith", "cum_max": "cum_min", "cum_sum": "cum_count", "rank": "cum_count",
}  # fmt: skip
HOW = {"left": "inner", "inner": "left", "semi": "anti", "anti": "semi", "full": "left"}
# calls that are left out: what they are called on is taken instead
LEFT_OUT = {
    "filter", "unique", "fill_null", "drop_nulls", "sort", "abs", "shift", "over", "strip", "lower", "upper", "cast", "implode",
    "encode_utf8", "rstrip", "casefold", "resolve", "with_row_index", "dropna",
}  # fmt: skip
# arguments that no test of what the program does can tell: an order that is only kept so that runs are alike, what is asserted of
# one's own data, how a record guards against being changed
SPARED = {"maintain_order", "check_sortedness", "strict", "frozen"}


@dataclass(frozen=True)
class Mutant:
    """A change: `line` to `end` is the statement that holds it, `function` what it stands in, `was` and `now` the changed code."""

    number: int
    function: str
    line: int
    end: int
    was: str
    now: str

    @property
    def told(self) -> str:
        return f"{self.function}: {self.was}  →  {self.now}"


@dataclass(frozen=True)
class _Place:
    """Where a node hangs: the field of its parent, and the number in it where that is a list."""

    parent: ast.AST
    field: str
    index: int | None

    def put(self, node: ast.AST | None) -> None:
        """In the node's stead; None leaves it out of its list."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            siblings: list[ast.AST] = getattr(self.parent, self.field)
            siblings[self.index : self.index + 1] = [node] if node is not None else []


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module, in the order of its lines; the same source gives the same numbers."""
    return [
        Mutant(number, function, statement.lineno, statement.end_lineno or statement.lineno, _shown(node), _shown(changed))
        for number, (_, node, changed, statement, function) in enumerate(_all_changes(ast.parse(source)))
    ]


def changed_tree(source: str, number: int) -> ast.Module:
    """The module with the change of one mutant."""
    tree = ast.parse(source)
    place, _, changed, _, _ = next(itertools.islice(_all_changes(tree), number, None))
    place.put(changed)
    return ast.fix_missing_locations(tree)


def _all_changes(tree: ast.Module) -> Iterator[tuple[_Place, ast.AST, ast.AST | None, ast.stmt, str]]:
    for place, node, statement, function in _nodes(tree):
        for changed in _changes(node, place):
            yield place, node, changed, statement, function


def _shown(node: ast.AST | None) -> str:
    text = " ".join(ast.unparse(node).split()) if node is not None else "(left out)"
    return text if len(text) <= 100 else text[:97] + "…"


def _nodes(tree: ast.Module) -> Iterator[tuple[_Place, ast.AST, ast.stmt, str]]:
    """Every node that may be changed, with its place, its statement (of a compound one: this alone), and its function."""

    def walk(parent: ast.AST, statement: ast.stmt | None, function: str) -> Iterator[tuple[_Place, ast.AST, ast.stmt, str]]:
        for field, value in ast.iter_fields(parent):
            if field in ("annotation", "returns", "type_params"):
                continue
            for index, node in enumerate(value) if isinstance(value, list) else ((None, value),):
                if not isinstance(node, ast.AST) or _is_no_code(node):
                    continue
                inside = f"{function}.{node.name}".lstrip(".") if isinstance(node, ast.FunctionDef | ast.ClassDef) else function
                own = node if isinstance(node, ast.stmt) else statement
                if own is not None:
                    yield _Place(parent, field, index), node, own, inside or "module"
                yield from walk(node, own, inside)

    yield from walk(tree, None, "")


def _is_no_code(node: ast.AST) -> bool:
    """Docstrings, imports, types, texts, arguments that are spared, and the list of what a module exports."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Import() | ast.ImportFrom() | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(op=ast.BitOr())) if name.strip("_")[:1].isupper():  # a union of types
            return all(isinstance(each, ast.Name) for each in _union(node.value))
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.Call(func=ast.Name(id="Text")):  # texts are judged by the goldens
            return True
        case ast.keyword(arg=name):
            return name in SPARED
    return False


def _union(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield from _union(node.left)
        yield from _union(node.right)
    else:
        yield node


def _changes(node: ast.AST, place: _Place) -> Iterator[ast.AST | None]:
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
    elif isinstance(node, ast.keyword):
        yield from _of_keyword(node, place)
    elif isinstance(node, ast.expr):
        yield from _of_expression(node, place)


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break() | ast.Assert():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Name(id=name)]) if _reads(node.value, name):  # a frame that is refined, step by step
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.copy_location(ast.Return(ast.Constant(None)), node)
        case ast.If() | ast.While() if _is_plain(node.test):
            yield _with(node, test=_negated(node.test))


def _of_keyword(node: ast.keyword, place: _Place) -> Iterator[ast.AST | None]:
    match place.parent:
        case ast.Call(func=ast.Name(id=name)) if name[:1].isupper():  # a record without one of its fields is none
            return
    if node.arg == "how" and isinstance(node.value, ast.Constant) and node.value.value in HOW:
        yield ast.keyword(node.arg, ast.Constant(HOW[node.value.value]))
    elif node.arg not in {None, "on"}:  # a join without its columns is none
        yield None


def _of_expression(node: ast.expr, place: _Place) -> Iterator[ast.AST | None]:
    match node:
        case ast.Compare(ops=ops):
            turned = ((index, sign()) for index, old in enumerate(ops) for sign in TURNED[type(old)])
            yield from (_with(node, ops=[*ops[:index], sign, *ops[index + 1 :]]) for index, sign in turned)
        case ast.BoolOp() | ast.BinOp():
            yield from (_with(node, op=sign()) for sign in TURNED.get(type(node.op), ()))
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub()):
            yield node.operand
        case ast.Call(func=ast.Attribute(value=inner, attr=name)):
            yield from _of_call(node, inner, name)
        case ast.Constant():
            yield from _of_constant(node, place)
        case ast.IfExp(test=test) if _is_plain(test):
            yield _with(node, test=_negated(test))
    if place.field == "ifs" and _is_plain(node):
        yield _negated(node)


def _of_call(node: ast.Call, inner: ast.expr, name: str) -> Iterator[ast.AST]:
    if name == "filter" or (name in LEFT_OUT and not isinstance(inner, ast.Name)):
        yield inner
    if name == "filter" and len(node.args) > 1:
        for index in range(len(node.args)):
            yield _with(node, args=node.args[:index] + node.args[index + 1 :])
    if name in TWINS:
        yield _with(node, func=ast.Attribute(inner, TWINS[name], ast.Load()))


def _of_constant(node: ast.Constant, place: _Place) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, str) and isinstance(place.parent, ast.Compare):
        yield ast.Constant(value + "·")


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _negated(node: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(ast.Not(), node), node)


def _is_plain(condition: ast.expr) -> bool:
    """No comparison and no `not`, which are turned themselves."""
    return not isinstance(condition, ast.Compare | ast.UnaryOp)


def _reads(node: ast.expr, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
