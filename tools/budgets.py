"""Measure the size budgets of the house: one line a breach, and how the functions spread."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("src", "tests", "tools", "bench")

MODULE, FUNCTION, CLASS, ARGUMENTS = 400, 40, 200, 6
MEDIAN, CORE = 10, 4_000

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Breach(NamedTuple):
    """Something larger than the house allows."""

    path: str
    line: int
    what: str
    found: float
    allowed: int

    def __str__(self) -> str:
        """As it is printed: path:line, what, found, allowed."""
        return f"{self.path}:{self.line} {self.what} found {self.found:g} allowed {self.allowed}"


def lines(node: Function | ast.ClassDef) -> int:
    """The lines of a definition, its docstring with it and its decorators without."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def arguments(function: Function) -> int:
    """How many arguments a caller may have to think of."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    stars = (given.vararg is not None) + (given.kwarg is not None)
    return sum(each.arg not in {"self", "cls"} for each in named) + stars


KERNELS = "kernel", "called"  # the decorators that compile


def is_kernel(function: Function) -> bool:
    """Whether it is compiled: kernels take scalars, and as many as they need."""
    return any(
        isinstance(each, ast.Name) and each.id in KERNELS for each in function.decorator_list
    )


def functions(tree: ast.AST) -> list[Function]:
    """Every function and method, the nested ones too."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def breaches(path: str, source: str) -> Iterator[Breach]:
    """What in one module is over its budget; in tests fixtures are arguments, and not counted."""
    tree = ast.parse(source)
    length = len(source.splitlines())
    if length > MODULE:
        yield Breach(path, 1, "module lines", length, MODULE)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and lines(node) > CLASS:
            yield Breach(path, node.lineno, f"class {node.name} lines", lines(node), CLASS)
    for node in functions(tree):
        if lines(node) > FUNCTION:
            yield Breach(path, node.lineno, f"function {node.name} lines", lines(node), FUNCTION)
        counted = not is_kernel(node) and not path.startswith("tests/")
        if counted and arguments(node) > ARGUMENTS:
            what = f"function {node.name} arguments"
            yield Breach(path, node.lineno, what, arguments(node), ARGUMENTS)


def spread(sources: dict[str, str]) -> tuple[list[int], int]:
    """The lengths of all functions of the product, and the lines of core in all."""
    product = {path: text for path, text in sources.items() if path.startswith("src/")}
    lengths = [lines(f) for text in product.values() for f in functions(ast.parse(text))]
    core = sum(
        len(t.splitlines()) for p, t in product.items() if p.startswith("src/underwriter/core/")
    )
    return lengths, core


def overall(lengths: list[int], core: int) -> Iterator[Breach]:
    """What of the whole is over its budget."""
    if median(lengths) >= MEDIAN:
        yield Breach("src", 0, "median function lines", median(lengths), MEDIAN - 1)
    if core >= CORE:
        yield Breach("src/underwriter/core", 0, "lines in all", core, CORE - 1)


def main() -> int:
    """Print every breach, then how the product measures; 1 where there is a breach."""
    paths = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    sources = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    found = [breach for path, source in sources.items() for breach in breaches(path, source)]
    lengths, core = spread(sources)
    found += overall(lengths, core)
    for breach in found:
        print(breach)
    print(
        f"budgets: {len(lengths)} functions, median {median(lengths):g} lines,"
        f" p90 {quantiles(lengths, n=10)[-1]:.0f}, longest {max(lengths)};"
        f" core {core:,} lines; {len(found)} over budget"
    )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
