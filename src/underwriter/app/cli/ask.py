"""The options of a run over a history as a request: what does not go together is refused."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from underwriter.app.cli.backtest import Run
from underwriter.app.cli.options import period
from underwriter.app.cli.terminal import remark
from underwriter.app.request import OwnHistory, Request
from underwriter.app.run_folder import RUNS
from underwriter.app.setting_up import nobodys
from underwriter.app.settings import Fills, House
from underwriter.app.shipped import find_policies
from underwriter.core.errors import InputError


def request_of(options: Run, house: House, policies: Sequence[str]) -> Request:
    """What the command line asks for; InputError where its options do not go together."""
    policy, *others = find_policies(policies)
    first, last = period(options.from_, options.to)
    if options.report and not options.report.absolute().parent.is_dir():
        raise InputError(
            f"--report {options.report}: found no such folder; expected one to write in"
        )
    if options.report and options.report.is_dir():
        raise InputError(f"--report {options.report}: found a folder; expected a file to write")
    settings = house.settings
    chosen = settings.model_copy(update={"fills": _fills(options, settings.fills)})
    asked = Request(
        policy=policy,
        house=house,
        settings=chosen,
        folder=house.home / RUNS,
        own=_own(options),
        first=first,
        last=last,
        report=options.report,
        others=tuple(others),
    )
    if left := nobodys(asked):
        remark(f"underwriter: no policy names what [holdings] has of {', '.join(left)}: left out")
    return replace(asked, folder=asked.folder / asked.name)


def _own(options: Run) -> OwnHistory | None:
    """The user's own history: all three files or none."""
    files: Mapping[str, Path | None] = {
        "--spot": options.spot,
        "--vol": options.vol,
        "--bills": options.bills,
    }
    given = {name: path for name, path in files.items() if path is not None}
    if not given:
        return None
    absent = [name for name in files if name not in given]
    if absent:
        raise InputError(
            f"found {' and '.join(given)} without {' and '.join(absent)}; expected all of --spot, "
            "--vol and --bills, or none"
        )
    return OwnHistory(*given.values())


def _fills(options: Run, fills: Fills) -> Fills:
    """The settings' fill model with what the command line changes in it."""
    given = {"half_spread": options.half_spread, "delay": options.delay}
    for name, value in given.items():
        most = 2 if name == "half_spread" else 1
        if value is not None and not (math.isfinite(value) and 0 <= value <= most):
            flag = "--" + name.replace("_", "-")
            allowed = Fills.model_fields[name].description
            raise InputError(f"{flag}: found {value}; expected {allowed}")
    return fills.model_copy(
        update={key: value for key, value in given.items() if value is not None}
    )
