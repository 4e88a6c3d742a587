"""Hold what no linter knows: nothing of one machine, no loose end, no dead link."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXEMPT = {"LICENSE"}

# a letter in brackets keeps a pattern from finding itself
RULES = {
    re.compile(r"(?<![\w.$})~-])/(?:wor[k]|tm[p]|roo[t]|hom[e]/\w+)/"): "a path of one machine",
    re.compile(
        r"pyp[i]\.org|pythonhoste[d]\.org|deb\.debia[n]\.org|registry\.npmj[s]"
        r"|--(?:extra-)?inde[x]-url|--find-link[s]"
    ): "a registry by its address; only package names belong here",
    re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b"): "a loose end; finish it or file an issue",
}
LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)")


def committed() -> list[str]:
    """The files git keeps, or is about to, below the project."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607  the git of the user
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return sorted(set(listing.stdout.decode().split("\0")) - {""})


def offences(path: str, text: str) -> Iterator[str]:
    """Every line of a file that breaks a rule, as `path:line what`."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in RULES.items():
            if found := pattern.search(line):
                yield f"{path}:{number} {what}: {found[0]}"


def dead_links(path: str, text: str, root: Path = ROOT) -> Iterator[str]:
    """Every relative link of a page that leads nowhere."""
    for number, line in enumerate(text.splitlines(), 1):
        for target in LINK.findall(line):
            if not (root / path).parent.joinpath(target).exists():
                yield f"{path}:{number} link leads nowhere: {target}"


def main() -> int:
    """Print every offence; 1 where there is one."""
    found: list[str] = []
    paths = committed()
    for path in set(paths) - EXEMPT:
        if not (ROOT / path).is_file():
            continue  # deleted, not yet committed
        raw = (ROOT / path).read_bytes()
        if b"\0" in raw:
            continue
        text = raw.decode("utf-8", "replace")
        found += offences(path, text)
        if path.endswith(".md"):
            found += dead_links(path, text)
    if not any(path.startswith("docs/decisions/") for path in paths):
        found.append("docs/decisions:0 no decision is written down")
    print(*sorted(found), f"house: {len(paths)} files, {len(found)} offences", sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
