"""What `doctor` looks at in the broker: credential, account, approval, buying power, feed, clock.

Nothing is asked of anybody where no broker is set, and no order is ever sent.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from underwriter.app.desk_folder import ACCOUNT
from underwriter.app.desk_settings import DeskTable
from underwriter.app.doctor import Finding, Patient, bad, ok, warn
from underwriter.app.doctor_house import policies_of
from underwriter.app.secrets import find_secret
from underwriter.core.errors import InputError, UnderwriterError
from underwriter.core.units import MICRO
from underwriter.desk.account import AccountSeen, faults
from underwriter.desk.ladder import AHEAD
from underwriter.desk.ports import BrokerError

NEAR, FAR = AHEAD / 10**9, 30.0  # seconds that this clock and the broker's may be apart
KILL: Final = "KILL"  # in the desk's folder


def broker(patient: Patient) -> Iterator[Finding]:
    """The account, as far as a policy needs to know."""
    setup = patient.broker
    missing = list(_missing(patient))
    if missing:
        found = f"found no {' and no '.join(missing)}"
        mend = f"put them into the environment or {patient.house.home / 'secrets.env'} (chmod 600)"
        yield bad("credentials", found, mend)
        return
    if setup.variables:
        yield ok("credentials", f"{', '.join(setup.variables)} are there")
    if setup.look is None:
        yield ok("broker", f"{setup.name}: nothing to be asked")
        return
    before = patient.now
    try:
        seen = setup.look().account()
    except InputError as problem:  # of the paper account's file
        account = patient.desk / ACCOUNT
        mend = f"mv {account} {account}.broken: that file alone, the journal beside it has the rest"
        yield bad("broker", f"{setup.name}: {problem}", mend)
        return
    except BrokerError as problem:
        mend = "look at its status page and at the credential, then run doctor again"
        yield bad("broker", f"{setup.name} cannot be asked: {problem}", mend)
        return
    yield from _account(patient, seen)
    if seen.now is not None:
        yield from _clocks((before + patient.now) // 2, seen.now)


def _missing(patient: Patient) -> Iterator[str]:
    """The variables of the credential that are nowhere; names, never values."""
    for name in patient.broker.variables:
        try:
            if find_secret(name, patient.house.home, patient.environ) is None:
                yield name
        except UnderwriterError:
            yield name  # of a file that others may read: said of the permissions


def _account(patient: Patient, seen: AccountSeen) -> Iterator[Finding]:
    """What the account is, and what of it stands in the way."""
    if not seen.number:
        yield ok("broker", f"{seen.broker}: the account is opened by the desk's first run")
        return
    what = "practice" if seen.practice else "money"
    level = "" if seen.level is None else f", options level {seen.level}"
    power = f"{seen.buying_power_u / MICRO:,.2f} buying power"
    yield ok("broker", f"{seen.broker} {seen.number} ({what}): {seen.status}{level}, {power}")
    strategies: dict[str, str] = {}
    with suppress(InputError):  # said of the policies
        strategies = {one.name: one.content.strategy for one in policies_of(patient)}
    for one in faults(seen, strategies):
        yield (bad if one.grave else warn)(one.what, one.found, one.mend)


def _clocks(ours: int, theirs: int) -> Iterator[Finding]:
    """Whether this clock is the broker's."""
    off = (ours - theirs) / 10**9
    found = f"{off:+.1f} seconds off the broker's"
    if abs(off) <= NEAR:
        yield ok("clock", found)
        return
    mend = "let the system keep it: timedatectl set-ntp true"
    yield (bad if abs(off) > FAR else warn)("clock", found, mend)


_GUARDS: Final = ("daily_loss", "drawdown", "widest", "band")


def _unguarded(desk: DeskTable) -> Iterator[Finding]:
    """What nothing holds back where money may move."""
    if not any(getattr(desk, name) for name in _GUARDS):
        found = f"money may move, and none of {', '.join(_GUARDS)} of [desk] is set"
        mend = "set some in [desk], such as daily_loss = 0.03 and widest = 0.5; docs/desk.md#guards"
        yield warn("guards", found, mend)
    if desk.approve == "never":
        found = 'money may move, and approve = "never": no order waits for a yes'
        yield warn("guards", found, 'approve = "entries" or "always" in [desk]; docs/desk.md')


def switches(patient: Patient) -> Iterator[Finding]:
    """Whether money may move, and whether somebody has stopped it all."""
    setup = patient.broker
    if setup.live:
        mend = "where that is not meant: live = false in the settings"
        yield warn("live", f"the settings allow it: with --live, money moves at {setup.name}", mend)
        yield from _unguarded(patient.house.settings.desk)
    else:
        yield ok("live", "off in the settings: no money moves, whatever a command says")
    kill = patient.desk / KILL
    if kill.exists():
        found = f"the kill switch is set ({kill}): nothing that adds risk goes out"
        yield warn("kill switch", found, f"once it is mended: rm {kill}")
