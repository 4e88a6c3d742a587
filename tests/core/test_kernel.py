"""Compiled kernels are kept, and never outlive the source they were made from."""

import importlib
import importlib.util
import os
import subprocess
import sys
import typing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numba
import pytest

from underwriter.core import kernel

SOURCE = Path(kernel.__file__)
CALLEE = (
    "from underwriter.core.kernel import kernel\n\n\n@kernel\ndef rate(x):\n    return {} * x\n"
)
CALLER = (
    "from underwriter.core.kernel import kernel\nfrom underwriter.market.callee import rate\n\n\n"
    "@kernel\ndef total(x):\n    return 1 + rate(x)\n"
)


def loaded(monkeypatch: pytest.MonkeyPatch, jit: str) -> ModuleType:
    """The module as another process would load it, told by the environment."""
    monkeypatch.setenv("UNDERWRITER_JIT", jit)
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    spec = importlib.util.spec_from_file_location("underwriter.core.kernel", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plus_one(x: int) -> int:
    return x + 1


def test_without_the_compiler_a_kernel_is_the_function_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = loaded(monkeypatch, "0")
    assert module.kernel(plus_one) is plus_one
    assert module.called(plus_one) is plus_one


def test_with_it_a_kernel_is_compiled_and_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = loaded(monkeypatch, "1").kernel(plus_one)
    assert compiled.py_func is plus_one
    assert compiled(2) == 3
    assert compiled.signatures


# --- the name of the cache folder ---


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of two files: a kernel in one room calls a kernel in another."""
    folder = tmp_path / "src" / "underwriter"
    for room in ("core", "market", "report"):
        (folder / room).mkdir(parents=True)
        (folder / room / "__init__.py").touch()
    (folder / "__init__.py").touch()
    for name in ("kernel.py", "compiler.py"):
        (folder / "core" / name).write_text((SOURCE.parent / name).read_text("utf-8"), "utf-8")
    (folder / "core" / "caller.py").write_text(CALLER, "utf-8")
    (folder / "market" / "callee.py").write_text(CALLEE.format(2), "utf-8")
    return folder


@pytest.mark.parametrize("path", ["core/caller.py", "market/callee.py", "core/__init__.py"])
def test_an_edit_of_any_kernel_file_names_another_folder(package: Path, path: str) -> None:
    before = kernel.source_key(package)
    with (package / path).open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    assert kernel.source_key(package) != before


def test_a_new_kernel_file_names_another_folder(package: Path) -> None:
    before = kernel.source_key(package)
    (package / "market" / "more.py").touch()
    assert kernel.source_key(package) != before


def test_an_edit_elsewhere_keeps_the_folder(package: Path) -> None:
    before = kernel.source_key(package)
    (package / "report" / "page.py").write_text("TITLE = 1\n", "utf-8")
    assert kernel.source_key(package) == before


def test_another_numba_names_another_folder(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kernel.source_key(package)
    monkeypatch.setattr(kernel, "version", lambda _: "99.0")
    assert kernel.source_key(package) != before


def test_the_folder_is_below_the_home_of_underwriter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERWRITER_HOME", "somewhere")
    key = kernel.source_key(SOURCE.parent.parent)
    assert kernel.cache_folder() == Path("somewhere", "cache", "kernels", key)


def test_the_home_of_underwriter_is_the_users_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNDERWRITER_HOME")
    assert kernel.cache_folder().is_relative_to(Path.home() / ".underwriter")


def test_threads_that_ask_at_once_get_one_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = loaded(monkeypatch, "1").kernel(plus_one)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: compiled.made(), range(64)))
    assert len({id(one) for one in made}) == 1


def plus_part(x: int) -> int:
    return part_of(x) + 10  # noqa: F821  a kernel, which the test puts there


def test_a_kernel_that_another_calls_is_a_part_of_it_and_a_whole_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a home of its own, where nothing is kept yet."""
    monkeypatch.setenv("UNDERWRITER_HOME", str(tmp_path))
    monkeypatch.setattr(numba.config, "CACHE_DIR", numba.config.CACHE_DIR)  # back to it at the end
    module = loaded(monkeypatch, "1")
    part = module.kernel(plus_one)
    monkeypatch.setitem(globals(), "part_of", part)
    whole = module.kernel(plus_part)
    assert (whole(1), part(1)) == (12, 2)
    assert part._part is not part._made
    assert not hasattr(part, "_nothing")


def test_a_kernel_has_what_its_function_is_called_and_nothing_of_pythons_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled = loaded(monkeypatch, "1").kernel(plus_one)
    assert compiled.__name__ == "plus_one"
    assert not hasattr(compiled, "__array__")


# --- the real thing, in processes of their own ---


def test_the_compiler_is_loaded_by_the_first_call_and_scipy_not_at_all(package: Path) -> None:
    program = (
        "import sys\nfrom underwriter.core.caller import total\n"
        "print('numba' in sys.modules, total(1), 'numba' in sys.modules)\n"
        "print('scipy.linalg' in sys.modules)"
    )
    assert said(package, program) == ["False", "3", "True", "False"]


def total_of_one(package: Path) -> tuple[int, int]:
    """What the compiled caller answers in a new process, and how often it was read from cache."""
    program = (
        "from underwriter.core.caller import total\n"
        "print(total(1), sum(total.stats.cache_hits.values()))"
    )
    answer, hits = said(package, program)
    return int(answer), int(hits)


def said(package: Path, program: str) -> list[str]:
    """The words that a program says which runs on the package in a new process."""
    folders = {
        "PYTHONPATH": str(package.parent),
        "UNDERWRITER_HOME": str(package.parent.parent / "home"),
        "PYTHONDONTWRITEBYTECODE": "1",  # which Python takes for unchanged within one second
    }
    run = [sys.executable, "-c", program]
    environment = os.environ | folders | {"UNDERWRITER_JIT": "1"}
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_compiler_is_loaded_without_what_it_only_tries_which_stays_to_be_had(
    package: Path,
) -> None:
    """Where coverage and yaml are installed, numba loads them and does nothing with them here."""
    program = (
        "import sys\nfrom underwriter.core.kernel import load\nload()\n"
        "print(*(name in sys.modules for name in ('numba', 'coverage', 'yaml')))\n"
        "import coverage\nprint(coverage.__name__)"
    )
    assert said(package, program) == ["True", "False", "False", "coverage"]


def test_what_is_spared_the_compiler_is_there_for_everybody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = loaded(monkeypatch, "1")
    monkeypatch.setattr(module, "_SPARED", ("sys", "of_no_module"))
    module.load()
    assert sys.modules["sys"] is sys
    assert "of_no_module" not in sys.modules


def test_a_caller_sees_its_callee_change_in_another_file(package: Path) -> None:
    assert total_of_one(package) == (1 + 2, 0)
    assert total_of_one(package) == (1 + 2, 1)  # kept: else this would prove nothing
    callee = package / "market" / "callee.py"
    before = callee.stat()
    callee.write_text(CALLEE.format(5), "utf-8")
    os.utime(callee, ns=(before.st_atime_ns, before.st_mtime_ns))  # edited within the same second
    assert total_of_one(package) == (1 + 5, 0)


def test_what_is_kept_asks_for_nothing_that_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba.core.registry import cpu_target  # noqa: PLC0415  half a second, and for this alone

    from underwriter.core import compiler  # noqa: PLC0415  likewise

    asked: list[str] = []
    monkeypatch.setattr(compiler, "_pass_over_scipy", lambda: asked.append("asked"))
    cache = compiler._Kept(kernel.source_key)
    whole = SimpleNamespace(signature=SimpleNamespace(args=("int64",)))
    for kept, words in ((whole, []), (None, ["asked"])):
        monkeypatch.setattr(compiler._Kept, "_load_overload", lambda *_, told=kept: told)
        assert cache.load_overload(("int64",), cpu_target.target_context) is kept
        assert asked == words


def test_what_two_processes_kept_under_one_name_at_once_is_not_taken_for_the_other(
    package: Path,
) -> None:
    """The files of numba are numbered by an index that both have read before either wrote it."""
    program = (
        "from underwriter.core.caller import total\n"
        "print(total(1), total(1.5), sum(total.stats.cache_hits.values()))"
    )
    assert said(package, program) == ["3", "4.0", "0"]
    assert said(package, program) == ["3", "4.0", "2"]
    one, other = (package.parent.parent / "home").rglob("*.nbc")
    one.write_bytes(other.read_bytes())
    assert said(package, program) == ["3", "4.0", "1"]
    assert said(package, program) == ["3", "4.0", "2"]  # and it is mended


def test_a_kept_kernel_is_read_without_filling_numbas_tables(package: Path) -> None:
    """Which numba fills where it compiles, also after one that was kept."""
    program = (
        "import sys\nimport numpy as np\nfrom underwriter.core.caller import total\n"
        "print(total(1), 'numba.np.npyimpl' in sys.modules)\n"
        "print(total(np.float32(1)), 'numba.np.npyimpl' in sys.modules)"
    )
    assert total_of_one(package) == (1 + 2, 0)
    assert said(package, program) == ["3", "False", "3.0", "True"]


@pytest.mark.parametrize("how", ["kernel", "called"])
def test_a_part_is_compiled_into_what_calls_it_and_kept_with_it_alone(
    package: Path, how: str
) -> None:
    callee = CALLEE.replace("kernel\n", f"{how}\n").replace("@kernel", f"@{how}")
    (package / "market" / "callee.py").write_text(callee.format(3), "utf-8")
    assert total_of_one(package) == (1 + 3, 0)
    assert total_of_one(package) == (1 + 3, 1)
    kept = {path.name.split("-")[0] for path in (package.parent.parent / "home").rglob("*.nbi")}
    assert kept == {"caller.total"}


def test_the_parts_of_a_whole_are_called_as_suits_it(package: Path) -> None:
    """None is left that anybody else could call, so the optimiser passes on what each looks at."""
    long = "".join(f"    x = math.sin(x) + {n}\n" for n in range(200))
    (package / "market" / "callee.py").write_text(
        "import math\nfrom underwriter.core.kernel import called\n\n\n@called\n"
        f"def rate(x, unseen):\n{long}    return x\n",
        "utf-8",
    )
    (package / "core" / "caller.py").write_text(
        "from underwriter.core.kernel import kernel\nfrom underwriter.market.callee import rate\n"
        "\n\n@kernel\ndef total(x, table):\n    return rate(x, table) + rate(x + 1, table)\n",
        "utf-8",
    )
    program = (
        "import numpy as np\nfrom underwriter.core.caller import total\ntotal(1.0, np.zeros(3))\n"
        "(made,) = total.overloads.values()\n"
        "for each in made.library.get_defined_functions():\n"
        "    if 'rate' in each.name:\n"
        "        print(each.linkage.name, len(list(each.arguments)))"
    )
    assert said(package, program) == ["internal", "2"]  # where to write, and x


def test_what_is_kept_of_a_whole_is_its_machine_code_and_its_names(package: Path) -> None:
    """Not its code for the optimiser, which takes longer to read and which nothing wants."""
    program = (
        "from underwriter.core.caller import total\ntotal(1)\n"
        "(made,) = total.overloads.values()\n"
        "name, kind, (machine, named) = made.library.serialize_using_object_code()\n"
        "from llvmlite.binding import parse_bitcode\n"
        "kept = list(parse_bitcode(named).functions)\n"
        "blocks = [block for each in kept for block in each.blocks]\n"
        "print(kind, {sum(1 for _ in block.instructions) for block in blocks})\n"
        "print(made.fndesc.llvm_func_name in {each.name for each in kept})"
    )
    assert said(package, program) == ["object", "{1}", "True"]


def leaves(hint: object) -> Iterator[object]:
    """The types that a value of a type is made of."""
    fields = typing.get_type_hints(hint) if hasattr(hint, "_fields") else {}
    parts = [*fields.values(), *(typing.get_args(hint) if hint is not tuple else ())]
    if not parts:
        yield hint
    for each in parts:
        yield from leaves(each)


@pytest.mark.parametrize("room", ["core", "sim"])
def test_kernels_that_borrow_columns_return_none(room: str) -> None:
    """A caller that counts who holds a column would let go of one that it never was given."""
    seen = 0
    for path in sorted((SOURCE.parent.parent / room).rglob("*.py")):
        module = importlib.import_module(f"underwriter.{room}.{path.stem}")
        for each in vars(module).values():
            if isinstance(each, kernel._Kernel) and each.__module__ == module.__name__:
                returned = typing.get_type_hints(each.py_func)["return"]
                assert set(leaves(returned)) <= {int, float, bool, type(None)}, each.__qualname__
                seen += 1
    assert seen or not kernel.JIT


def test_a_kernel_that_borrows_columns_can_make_none(package: Path) -> None:
    makes = "from underwriter.core.kernel import kernel\nimport numpy as np\n\n\n"
    makes += "@kernel\ndef total(x):\n    return np.zeros(3)[0] + x\n"
    (package / "market" / "maker.py").write_text(makes, "utf-8")
    assert said(package, "from underwriter.market.maker import total\nprint(total(1.0))") == ["1.0"]
    (package / "core" / "maker.py").write_text(makes, "utf-8")
    program = (
        "from underwriter.core.maker import total\n"
        "try:\n    total(1.0)\nexcept Exception as error:\n    print(type(error).__name__)"
    )
    assert said(package, program) == ["TypingError"]


@pytest.mark.parametrize(("jit", "loaded"), [("1", "True"), ("0", "False")])
def test_the_compiler_is_loaded_ahead_where_there_is_one(
    package: Path, jit: str, loaded: str
) -> None:
    program = (
        f"import os, sys\nos.environ['UNDERWRITER_JIT'] = '{jit}'\n"
        "from underwriter.core.kernel import load\nload()\nprint('numba' in sys.modules)"
    )
    assert said(package, program) == [loaded]


def test_loading_ahead_asks_for_the_compiler_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(kernel, "_compiler", lambda: asked.append("asked"))
    for jit in (False, True):
        monkeypatch.setattr(kernel, "JIT", jit)
        kernel.load()
    assert asked == ["asked"]


def test_a_part_is_called_by_python_too(package: Path) -> None:
    program = (
        "from underwriter.core.caller import total\nfrom underwriter.market.callee import rate\n"
        "print(total(4), rate(4), total(5), rate(5))"
    )
    assert said(package, program) == ["9", "8", "11", "10"]


def test_a_plain_kernel_is_run_by_python_with_the_kernels_that_it_calls(package: Path) -> None:
    program = (
        "import sys\nfrom underwriter.core.caller import total\n"
        "from underwriter.core.kernel import plain\n"
        "print(plain(total)(4), plain(total)(1.5), 'numba' in sys.modules, total(4))"
    )
    assert said(package, program) == ["9", "4.0", "False", "9"]


def test_without_the_compiler_a_plain_kernel_does_the_same() -> None:
    assert kernel.plain(plus_one)(2) == 3


def test_the_first_run_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Until a compiled kernel lies in the folder of this very source; never without a compiler."""
    monkeypatch.setenv("UNDERWRITER_HOME", str(tmp_path))
    monkeypatch.setattr(kernel, "JIT", True)
    assert kernel.first_run()
    folder = kernel.cache_folder()
    folder.mkdir(parents=True)
    (folder / "one.nbi").touch()
    assert not kernel.first_run()
