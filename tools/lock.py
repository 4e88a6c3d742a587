"""Keep requirements/*.txt: hash-checked locks, one for every Python from 3.11 on.

    python tools/lock.py              whether the locks are what pyproject.toml asks for
    python tools/lock.py --write UV   resolve anew with that uv (`make lock`)

A lock's first line is a fingerprint of what was asked; another wish has another fingerprint, so
that no network is needed to see that a lock is stale.
"""

import json
import subprocess
import sys
import tomllib
from hashlib import blake2b
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
EXTRAS = {"runtime": ("demo",), "dev": ("demo", "dev")}


def wished(level: str, root: Path = ROOT) -> list[str]:
    """What pyproject.toml and build.in ask for on a level, with the oldest Python."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    build = (root / "requirements" / "build.in").read_text("utf-8").splitlines()
    asked = [f"python{project['requires-python']}", *project["dependencies"]]
    for extra in EXTRAS[level]:
        asked += project["optional-dependencies"][extra]
    return sorted(asked + [line for line in build if line and not line.startswith("#")])


def fingerprint(level: str, root: Path = ROOT) -> str:
    """The first line of a lock that was made from today's wish."""
    asked = json.dumps(wished(level, root)).encode()
    return (
        f"# asked: {blake2b(asked, digest_size=8).hexdigest()} (made by `make lock`; do not edit)"
    )


def stale(root: Path = ROOT) -> list[str]:
    """The locks that were made from another wish, or never."""
    return [
        level
        for level in EXTRAS
        if not (path := root / "requirements" / f"{level}.txt").is_file()
        or path.read_text("utf-8").splitlines()[:1] != [fingerprint(level, root)]
    ]


def compiled(uv: str, level: str, constraint: list[str]) -> str:
    """The lock of a level as uv resolves it: the same versions for every Python and system."""
    extras = [word for extra in EXTRAS[level] for word in ("--extra", extra)]
    options = "--universal --fork-strategy fewest --python-version 3.11 --generate-hashes"
    quiet = "--quiet --no-header --no-annotate --upgrade"
    command = [
        uv,
        "pip",
        "compile",
        "pyproject.toml",
        "requirements/build.in",
        *extras,
        *constraint,
    ]
    done = subprocess.run(  # noqa: S603  our own words
        [*command, *options.split(), *quiet.split()],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def write(uv: str) -> None:
    """Resolve both levels, runtime first: dev has the very same versions and more."""
    constraint: list[str] = []
    for level in EXTRAS:
        path = FOLDER / f"{level}.txt"
        fresh = path.with_suffix(".new")
        fresh.write_text(f"{fingerprint(level)}\n{compiled(uv, level, constraint)}", "utf-8")
        fresh.replace(path)
        constraint = ["--constraint", str(path.relative_to(ROOT))]


def main(arguments: list[str]) -> int:
    """Check, or write; 1 where a lock is stale."""
    if arguments[:1] == ["--write"]:
        write(arguments[1])
    old = stale()
    for level in old:
        print(f"requirements/{level}.txt:1 is not of today's pyproject.toml; run: make lock")
    print(f"locks: {len(EXTRAS) - len(old)} of {len(EXTRAS)} fresh")
    return int(bool(old))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
