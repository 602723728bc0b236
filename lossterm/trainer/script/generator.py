"""The rows of a dataset of the catalogue: the body of its own generator, with the run's numbers in it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from ...config import RunConfig
from .section import Section


def add_rows(section: Section, config: RunConfig) -> None:
    """Add the lines that make `x`, (rows, features), and `y`, (rows,), of a dataset of the catalogue."""
    entry = config.dataset_entry
    values = {name: config.setting(name) for name in entry.generator_settings}
    function = _definition(entry.generate)
    body, imports = _body(function)
    known = {**_constants(entry.generate), **values}
    for statement in body:
        filled = _Filled(known).visit(statement)
        lines = _assigned(filled) if isinstance(filled, ast.Return) else [ast.unparse(filled)]
        section.add(*(part for line in lines for part in _broken(line)))
    section.imports |= imports


def _definition(generate: Callable[..., Any]) -> ast.FunctionDef:
    module = ast.parse(textwrap.dedent(inspect.getsource(generate)))
    function = module.body[0]
    assert isinstance(function, ast.FunctionDef)
    return function


def _body(function: ast.FunctionDef) -> tuple[list[ast.stmt], set[str]]:
    """The statements of a generator without its docstring, and the imports among them as lines."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    imports = {ast.unparse(node) for node in body if isinstance(node, (ast.Import, ast.ImportFrom))}
    return [node for node in body if not isinstance(node, (ast.Import, ast.ImportFrom))], imports


def _constants(generate: Callable[..., Any]) -> dict[str, Any]:
    """The numbers, words and tuples of them that the generator's module names."""
    names = inspect.unwrap(generate).__globals__.items()
    return {name: value for name, value in names if name.startswith("_") and _is_plain(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return isinstance(value, (int, float, str))


class _Filled(ast.NodeTransformer):
    """Puts values into the place of names."""

    def __init__(self, values: Mapping[str, Any]):
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name that is read and known."""
        if isinstance(node.ctx, ast.Load) and node.id in self._values:
            return ast.parse(repr(self._values[node.id]), mode="eval").body
        return node


def _assigned(returned: ast.Return) -> list[str]:
    """What a generator returns as assignments to `x` and `y`; what has that name already is left out."""
    value = returned.value
    if not (isinstance(value, ast.Tuple) and len(value.elts) == 2):
        assert value is not None
        return [f"x, y = {ast.unparse(value)}"]
    x, y = map(ast.unparse, value.elts)
    if "x" in {node.id for node in ast.walk(value.elts[1]) if isinstance(node, ast.Name)}:
        return [f"x, y = {x}, {y}"]
    return [f"{name} = {words}" for name, words in (("x", x), ("y", y)) if name != words]


def _broken(line: str) -> list[str]:
    """A line, or a call in it that is too long as one argument a line."""
    if len(line) <= 100 or "\n" in line:
        return line.split("\n")
    node = ast.parse(line).body[0]
    outer = getattr(node, "value", None)
    if not isinstance(outer, ast.Call):
        return [line]
    arguments = [ast.unparse(argument) for argument in (*outer.args, *outer.keywords)]
    start = line[: outer.func.end_col_offset]
    return [f"{start}(", *(f"    {argument}," for argument in arguments), ")"]
