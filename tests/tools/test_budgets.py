"""The budgets find what is too large, and only that."""

from textwrap import dedent

import pytest

import budgets


def found(source: str, path: str = "src/underwriter/market/made_up.py") -> list[str]:
    return [str(breach) for breach in budgets.breaches(path, dedent(source))]


def body(count: int) -> str:
    return "".join(f"    x{i} = {i}\n" for i in range(count))


def test_a_function_of_forty_lines_is_allowed() -> None:
    assert not found("def f():\n" + body(39))


def test_a_function_of_forty_one_lines_is_named_with_its_line() -> None:
    assert found("\n\ndef f():\n" + body(40)) == [
        "src/underwriter/market/made_up.py:3 function f lines found 41 allowed 40"
    ]


def test_a_method_and_a_nested_function_count_as_functions() -> None:
    inner = "".join(f"            x{i} = {i}\n" for i in range(40))
    lines = found("class A:\n    def m(self):\n        def n():\n" + inner)
    assert [line.split()[2] for line in lines] == ["m", "n"]


def test_a_class_of_more_than_two_hundred_lines() -> None:
    assert found("class A:\n" + body(200)) == [
        "src/underwriter/market/made_up.py:1 class A lines found 201 allowed 200"
    ]


def test_a_module_of_more_than_four_hundred_lines() -> None:
    assert found("x = 1\n" * 401) == [
        "src/underwriter/market/made_up.py:1 module lines found 401 allowed 400"
    ]


@pytest.mark.parametrize(
    ("signature", "count"),
    [
        ("a, b, c, d, e, f, g", 7),
        ("a, /, b, c, *, d, e, f, g", 7),
        ("a, b, c, d, e, *args, **kwargs", 7),
        ("self, a, b, c, d, e, f, g", 7),
    ],
)
def test_more_than_six_arguments(signature: str, count: int) -> None:
    (line,) = found(f"def f({signature}): pass")
    assert line.endswith(f"function f arguments found {count} allowed 6")


@pytest.mark.parametrize("signature", ["a, b, c, d, e, f", "self, a, b, c, d, e, f"])
def test_six_arguments_are_allowed(signature: str) -> None:
    assert not found(f"def f({signature}): pass")


@pytest.mark.parametrize("how", ["kernel", "called"])
def test_a_kernel_takes_as_many_as_it_needs(how: str) -> None:
    assert not found(f"@{how}\ndef f(a, b, c, d, e, f, g): pass")


def test_fixtures_are_not_counted() -> None:
    assert not found("def test_f(a, b, c, d, e, f, g): pass", path="tests/test_f.py")


def test_the_median_and_core_are_budgets_too() -> None:
    assert [b.what for b in budgets.overall([9, 10, 11], 4_000)] == [
        "median function lines",
        "lines in all",
    ]
    assert not list(budgets.overall([8, 9, 10], 3_999))


def test_only_the_product_is_spread() -> None:
    sources = {
        "src/underwriter/core/a.py": "def f():\n    pass\n",
        "src/underwriter/book/b.py": "def g():\n    x = 1\n    return x\n",
        "tests/test_a.py": "def h():\n    pass\n",
    }
    assert budgets.spread(sources) == ([2, 3], 2)
