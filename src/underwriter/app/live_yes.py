"""The typed yes of live trading: what was agreed to, and that nothing of it has changed since.

Live needs two switches, `live = true` in the settings and `--live`, and a person who types the
account's name.  What was agreed to is kept beside the desk, so that a service may start it again by
itself; another policy, other settings or another folder ask anew.
"""

import json
import sys
from hashlib import blake2b
from pathlib import Path

from underwriter.app.desk_folder import AGREED, Folder
from underwriter.app.request import Request
from underwriter.core.errors import InputError


def require_switches(request: Request, folder: Folder) -> None:
    """InputError unless both switches are on, and somebody agreed to just this, or is there to."""
    settings = request.settings
    if not settings.desk.live:
        raise InputError(
            "found --live without live = true in [desk] of the settings: live trading needs both"
        )
    if settings.desk.broker == "paper":
        raise InputError(
            'found --live with broker = "paper" in [desk] of the settings; expected a broker where '
            "money moves"
        )
    if not _is_agreed(request, folder) and not sys.stdin.isatty():
        raise InputError(
            f"live trading of account {settings.account.name} by {request.name} was not agreed to: "
            "run it once at a terminal and type the account's name"
        )


def require_yes(request: Request, folder: Folder) -> None:
    """InputError unless a person agreed to just this, now or before.

    It is asked once nothing else can refuse the start: who types it, starts it.
    """
    require_switches(request, folder)
    if _is_agreed(request, folder):
        return
    settings = request.settings
    name = settings.account.name
    sys.stderr.write(
        f"This trades with money: account {name} at {settings.desk.broker}, policies "
        f"{request.name}.\nType the account's name to agree: "
    )
    sys.stderr.flush()
    if sys.stdin.readline().strip() != name:
        raise InputError(f"nothing was started: expected {name} typed")
    _keep(folder.path, _what(request))


def _is_agreed(request: Request, folder: Folder) -> bool:
    """Whether a person agreed to just this before."""
    return _agreed(folder.path) == _what(request)


def _what(request: Request) -> str:
    """What is agreed to: policies, account, desk, each to the letter."""
    settings = request.settings
    text = json.dumps(
        [request.hash, settings.model_dump(exclude={"notify", "tables"})], sort_keys=True
    )
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _agreed(folder: Path) -> str:
    """What was agreed to before."""
    try:
        return str(json.loads((folder / AGREED).read_text(encoding="utf-8"))["agreed"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _keep(folder: Path, what: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{AGREED}.part"
    part.write_text(json.dumps({"agreed": what}) + "\n", encoding="utf-8")
    part.replace(folder / AGREED)
