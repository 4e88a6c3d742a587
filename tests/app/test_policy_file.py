"""Policies are refused with file, line, what was found and what is allowed."""

from pathlib import Path

import pytest

from underwriter.app.policy_file import PolicyFile, WrittenPolicy, parse_policy, read_policy
from underwriter.core.errors import InputError

FILE = Path("policy.toml")
GOOD = """\
name = "wheel-test"
strategy = "wheel"
universe = ["SPX/10"]
rungs = 4
decide_at = "15:45"

[entry]
on = "weekly"
delta = 0.25
dte = [25, 45]
min_yield = 0.08
min_credit = 0.20
max_spread = 0.10
min_open_interest = 100

[manage]
take_profit = 0.50
exit_dte = 21

[size]
risk_per_position = 0.02
stress = [{ spot = -0.20, vol = 1.5 }, { spot = -0.04, vol = 2.2 }, { spot = 0.1, vol = 0.8 }]
per_underlying = 0.25

[regime]
measure = "VIX"
bands = [15, 20, 30, 40]
delta = [0.30, 0.25, 0.20, 0.16, 0.0]
size = [1.0, 1.0, 0.75, 0.5, 0.0]
every = ["daily", "weekly", "weekly", "weekly", "weekly"]
min_yield = [0.06, 0.08, 0.12, 0.18, 0.0]
confirm = 2
hysteresis = 1.0
"""

# what is written, what is written instead, the line, what was found, what is allowed
REFUSED = [
    # unknown keys, with the one that was meant
    ("delta = 0.25", "detla = 0.25", 9, "unknown key detla", "did you mean delta?"),
    ("rungs = 4", "rung = 4", 4, "unknown key rung", "did you mean rungs?"),
    ("[manage]", "[manege]", 16, "unknown key manege", "did you mean manage?"),
    (
        "take_profit = 0.50",
        "trail = 2",
        17,
        "unknown key trail",
        "in [manage]: take_profit, stop, exit_dte",
    ),
    ("vol = 1.5", "vega = 1.5", 22, "unknown key vega", "in [size.stress]: spot, vol"),
    ("[regime]", "own.KO.buy_below = 58\n[regime]", 25, "unknown key own", "in [size]"),
    # missing keys
    ('strategy = "wheel"\n', "", 1, "no strategy", '"wheel", "cash_secured_put"'),
    ("delta = 0.25\n", "", 7, "no entry.delta", "at most 0.5"),
    ("bands = [15, 20, 30, 40]\n", "", 27, "regime.delta = [0.3", "1 values"),
    ("{ spot = -0.20, vol = 1.5 }", "{ spot = -0.20 }", 22, "no size.stress.vol", "factor"),
    # wrong types
    ("delta = 0.25", 'delta = "0.25"', 9, 'entry.delta = "0.25"', "at most 0.5"),
    ("delta = 0.25", "delta = true", 9, "entry.delta = true", "at most 0.5"),
    ("rungs = 4", "rungs = 4.0", 4, "rungs = 4.0", "from 1 to 20"),
    ("rungs = 4", "rungs = true", 4, "rungs = true", "from 1 to 20"),
    ("dte = [25, 45]", "dte = 30", 10, "entry.dte = 30", "[least, most]"),
    ("dte = [25, 45]", "dte = [25]", 10, "entry.dte", "[least, most]"),
    ("dte = [25, 45]", "dte = [25, 35, 45]", 10, "entry.dte", "[least, most]"),
    ("dte = [25, 45]", "dte = [25, 45.5]", 10, "45.5", "whole calendar days"),
    ('universe = ["SPX/10"]', 'universe = "SPX/10"', 3, 'universe = "SPX/10"', "symbols"),
    ('universe = ["SPX/10"]', "universe = [10]", 3, "universe = 10", "symbols"),
    ('name = "wheel-test"', "name = 2014-01-01", 1, "name = 2014-01-01", "lower-case"),
    # impossible numbers
    ("delta = 0.25", "delta = nan", 9, "entry.delta = nan", "at most 0.5"),
    ("delta = 0.25", "delta = inf", 9, "entry.delta = inf", "at most 0.5"),
    ("delta = 0.25", "delta = 0.0", 9, "entry.delta = 0.0", "above 0"),
    ("delta = 0.25", "delta = -0.25", 9, "entry.delta = -0.25", "above 0"),
    ("delta = 0.25", "delta = 25", 9, "entry.delta = 25", "at most 0.5"),
    ("dte = [25, 45]", "dte = [45, 25]", 10, "entry.dte = [45, 25]", "ascending"),
    ("dte = [25, 45]", "dte = [25, 400]", 10, "entry.dte = [25, 400]", "from 1 to 70"),
    ("dte = [25, 45]", "dte = [0, 45]", 10, "entry.dte = [0, 45]", "from 1 to 70"),
    ("min_yield = 0.08", "min_yield = -0.08", 11, "entry.min_yield", "from 0 to 10"),
    ("min_credit = 0.20", "min_credit = -nan", 12, "entry.min_credit = nan", "dollars a share"),
    ("max_spread = 0.10", "max_spread = 0", 13, "entry.max_spread = 0", "above 0"),
    ("min_open_interest = 100", "min_open_interest = -1", 14, "-1", "from 0"),
    ("take_profit = 0.50", "take_profit = 1.0", 17, "manage.take_profit = 1.0", "under 1"),
    ("exit_dte = 21", "exit_dte = 25", 18, "manage.exit_dte = 25", "below the least of entry.dte"),
    ("exit_dte = 21", "exit_dte = -1", 18, "manage.exit_dte = -1", "from 0"),
    ("risk_per_position = 0.02", "risk_per_position = 0.2", 21, "= 0.2", "at most 0.10"),
    ("spot = -0.20", "spot = -1.0", 22, "size.stress.spot = -1.0", "above -1"),
    ("vol = 2.2", "vol = 0", 22, "size.stress.vol = 0", "above 0"),
    ("per_underlying = 0.25", "per_underlying = 25", 23, "= 25", "at most 1"),
    ("bands = [15, 20, 30, 40]", "bands = [15, 15, 30, 40]", 27, "regime.bands", "ascending"),
    ("bands = [15, 20, 30, 40]", "bands = []", 28, "regime.delta = [0.3", "1 values"),
    ("bands = [15, 20, 30, 40]", "bands = [15, 20, inf]", 27, "inf", "above 0 to 200"),
    ("size = [1.0, 1.0, 0.75, 0.5, 0.0]", "size = [1.0]", 29, "regime.size = [1.0]", "5 values"),
    ("0.16, 0.0]", "0.16, 0.6]", 28, "regime.delta = 0.6", "to 0.5"),
    ('["daily", "weekly"', '["hourly", "weekly"', 30, '"hourly"', '"weekly" or "daily"'),
    ("confirm = 2", "confirm = 0", 32, "regime.confirm = 0", "from 1 to 20"),
    ("hysteresis = 1.0", "hysteresis = 'one'", 33, '"one"', "points"),
    # words
    ('strategy = "wheel"', 'strategy = "butterfly"', 2, '"butterfly"', '"cash_secured_put"'),
    ('measure = "VIX"', 'measure = "VXN"', 26, '"VXN"', '"VIX"'),
    ('on = "weekly"', 'on = "monthly"', 8, '"monthly"', '"daily"'),
    ('decide_at = "15:45"', 'decide_at = "3:45 pm"', 5, '"3:45 pm"', "HH:MM"),
    ('decide_at = "15:45"', 'decide_at = "15:51"', 5, '"15:51"', "not after 15:50"),
    ('name = "wheel-test"', 'name = "../up"', 1, '"../up"', "lower-case letters"),
    ('["SPX/10"]', '["SPX/10", "SPX/10"]', 3, "SPX/10 twice", "each once"),
    ('["SPX/10"]', "[]", 3, "universe = []", "at least one"),
    # numbers and words of the keys that several legs, rolls and names have
    ("min_yield = 0.08", "width = 0", 11, "entry.width = 0", "spreads have this or long_delta"),
    ("min_yield = 0.08", "long_delta = 0.6", 11, "entry.long_delta = 0.6", "at most 0.5"),
    ("min_yield = 0.08", "min_reward = 1.0", 11, "entry.min_reward = 1.0", "under 1"),
    ("min_yield = 0.08", "shares = 'all'", 11, 'entry.shares = "all"', '"buy"'),
    ("min_yield = 0.08", "avoid_earnings = 1", 11, "entry.avoid_earnings = 1", "true or false"),
    ("take_profit = 0.50", "stop = -1", 17, "manage.stop = -1", "from 0 (none) to 100"),
    ("take_profit = 0.50", "assignment = 'never'", 17, '"never"', '"accept" or "avoid"'),
    ("take_profit = 0.50", "pin = 'yes'", 17, 'manage.pin = "yes"', '"close" or "hold"'),
    ("take_profit = 0.50", "below_breakeven = 1", 17, "manage.below_breakeven = 1", "true or"),
    ("per_underlying = 0.25", "per_sector = 0", 23, "size.per_sector = 0", "above 0"),
    ("per_underlying = 0.25", "per_cluster = 2", 23, "size.per_cluster = 2", "at most 1"),
    ("per_underlying = 0.25", "buying_power = 1.5", 23, "size.buying_power = 1.5", "at most 1"),
    ('measure = "VIX"', 'measure = "IV rank"', 26, '"IV rank"', '"IV percentile"'),
    ("confirm = 2", "slope_above = 6", 32, "regime.slope_above = 6", "from 0 (none) to 5"),
    ("confirm = 2", "below_realised = -1", 32, "regime.below_realised = -1", "from 0 (none)"),
    ("confirm = 2", "admit_iv_max = [0.5]", 32, "regime.admit_iv_max = [0.5]", "5 values"),
    ("confirm = 2", "buying_power = [0.5]", 32, "regime.buying_power = [0.5]", "5 values"),
    # keys of legs that the strategy does not have
    ("min_yield = 0.08", "width = 5", 11, "entry.width under wheel", "no such leg"),
    ("min_yield = 0.08", "long_delta = 0.1", 11, "entry.long_delta under wheel", "no such leg"),
    ("min_yield = 0.08", "min_reward = 0.3", 11, "entry.min_reward under wheel", "no such leg"),
    ("min_yield = 0.08", "shares = 'buy'", 11, "entry.shares under wheel", "no such leg"),
    ('"wheel"', '"put_spread"', 7, "none of entry.width and entry.long_delta", "one of them"),
    ('strategy = "wheel"', 'strategy = "call_spread"', 7, "under call_spread", "one of them"),
    ('strategy = "wheel"', 'strategy = "collar"', 7, "no entry.long_delta under collar", "the put"),
    # no TOML
    ("rungs = 4", "rungs = ", 4, "rungs =", "TOML"),
    ("rungs = 4", 'rungs = 4\nname = "again"', 5, "overwrite", "TOML"),
    ("[entry]", "[entry", 7, "[entry", "TOML"),
    ("hysteresis = 1.0", 'hysteresis = "1.0', 33, "hysteresis", "TOML"),
]


def test_the_whole_of_it_is_read() -> None:
    policy = parse_policy(FILE, GOOD)
    assert policy.name == "wheel-test"
    assert policy.content.entry.dte == (25, 45)
    assert policy.content.size.stress[1].vol == 2.2


@pytest.mark.parametrize(("written", "instead", "line", "found", "allowed"), REFUSED)
def test_refusals_name_line_finding_and_what_is_allowed(
    written: str, instead: str, line: int, found: str, allowed: str
) -> None:
    assert written in GOOD
    with pytest.raises(InputError) as refusal:
        parse_policy(FILE, GOOD.replace(written, instead, 1))
    said = str(refusal.value)
    assert said.startswith(f"policy.toml, line {line}: ")
    assert found in said
    assert allowed in said
    assert "\n" not in said
    assert refusal.value.exit_code == 2


SPREAD = GOOD.replace('strategy = "wheel"', 'strategy = "put_spread"')
SPX = '[own."SPX/10"]\n'
ROLL = "[manage.roll]\nout = [30, 60]\nat_most = 2\n"


@pytest.mark.parametrize(
    ("text", "line", "found", "allowed"),
    [
        (
            SPREAD.replace("min_yield = 0.08", "width = 5\nlong_delta = 0.1"),
            11,
            "both",
            "one of them",
        ),
        (
            SPREAD.replace("min_yield = 0.08", "long_delta = 0.25"),
            11,
            "= 0.25",
            "below entry.delta",
        ),
        (GOOD + ROLL, 34, "none of when_delta, when_through, when_extrinsic", "one at least"),
        (GOOD + ROLL + "when_dleta = 0.5", 37, "unknown key when_dleta", "mean when_delta?"),
        (GOOD + ROLL + "when_delta = 1.5", 37, "manage.roll.when_delta = 1.5", "above 0 to 1"),
        (GOOD + ROLL + "when_extrinsic = 0", 37, "when_extrinsic = 0", "beside intrinsic"),
        (GOOD + ROLL + "when_through = 1", 37, "manage.roll.when_through = 1", "true or false"),
        (GOOD + ROLL + "down = 'yes'", 37, 'manage.roll.down = "yes"', "a lower put"),
        (GOOD + ROLL + "for_credit = 0", 37, "manage.roll.for_credit = 0", "true or false"),
        (GOOD + ROLL.replace("[30, 60]", "[60, 30]"), 35, "out = [60, 30]", "ascending"),
        (GOOD + ROLL.replace("= 2", "= 0"), 36, "manage.roll.at_most = 0", "from 1 to 100"),
        (GOOD + ROLL.replace("at_most = 2", ""), 34, "no manage.roll.at_most", "whole rolls"),
        (GOOD + "[own.KO]\nbuy_below = 58", 34, "found KO in own", "symbols in universe"),
        (GOOD + "[own.ko]\nbuy_below = 58", 34, "found ko in own", "tables [own.SYMBOL]"),
        (GOOD + SPX + "buy_below = 0", 35, "own.SPX/10.buy_below = 0", "no put strike above it"),
        (GOOD + SPX + "sell_above = -1", 35, "sell_above = -1", "no call strike below it"),
        (GOOD + SPX + "max_shares = 0.5", 35, "max_shares = 0.5", "whole shares"),
        (GOOD + SPX + "buy_under = 1", 35, "unknown key buy_under", "in [own.SPX/10]: buy_below"),
    ],
)
def test_tables_beside_it_are_refused_alike(text: str, line: int, found: str, allowed: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_policy(FILE, text)
    said = str(refusal.value)
    assert said.startswith(f"policy.toml, line {line}: ")
    assert found in said
    assert allowed in said
    assert "\n" not in said


def test_the_order_of_names_is_not_the_content() -> None:
    text = GOOD.replace('["SPX/10"]', '["SPX/10", "KO"]')
    ko, spx = "[own.KO]\nbuy_below = 58\n", SPX + "max_shares = 300\n"
    assert again(text + ko + spx).hash == again(text + spx + ko).hash != again(text).hash


@pytest.mark.parametrize(
    ("strategy", "more", "avoids"),
    [
        ("wheel", "", False),
        ("covered_call", "", False),
        ("collar", "long_delta = 0.1", False),
        ("put_spread", "width = 5", True),
        ("iron_condor", "long_delta = 0.1", True),
        ("strangle", "", True),
    ],
)
def test_what_avoids_assignment_where_nothing_is_said(
    strategy: str,
    more: str,
    avoids: bool,  # noqa: FBT001
) -> None:
    text = GOOD.replace('"wheel"', f'"{strategy}"').replace("min_yield = 0.08", more)
    assert again(text).content.avoids_assignment == avoids
    for said in ("avoid", "accept"):
        told = text.replace("[manage]", f'[manage]\nassignment = "{said}"')
        assert again(told).content.avoids_assignment == (said == "avoid")


def test_the_first_fault_of_several_is_told() -> None:
    text = GOOD.replace("hysteresis = 1.0", "hysteresis = true").replace("rungs = 4", "rungs = 0")
    with pytest.raises(InputError, match="line 4: found rungs = 0"):
        parse_policy(FILE, text)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml: no such file"):
        read_policy(tmp_path / "nowhere.toml")


def test_a_folder_is_no_policy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        read_policy(tmp_path)


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(b'name = "a"\nstrategy = "\xff"\n')
    with pytest.raises(InputError, match=r"policy\.toml, line 2: found a byte"):
        read_policy(path)


def test_the_hash_names_the_content_however_it_is_written() -> None:
    plain = parse_policy(FILE, GOOD)
    assert again("# a remark\n" + GOOD).hash == plain.hash
    assert again(GOOD.replace("bands = [15, 20,", "bands = [15.0,\n 20.0,")).hash == plain.hash
    assert again(GOOD.replace("delta = 0.25", "delta = 0.26")).hash != plain.hash


def test_optional_tables_may_be_left_out() -> None:
    head = GOOD[: GOOD.index("[regime]")].replace("[manage]\ntake_profit = 0.50\nexit_dte = 21", "")
    policy = again(head).content
    assert policy.regime is None
    assert policy.manage.exit_dte is None
    assert policy.manage.take_profit == 0.0


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        again(GOOD).content.rungs = 2  # type: ignore[misc]


def again(text: str) -> WrittenPolicy:
    policy = parse_policy(FILE, text)
    assert isinstance(policy.content, PolicyFile)
    return policy


def test_a_target_is_no_part_of_the_hash_since_it_decides_nothing() -> None:
    plain, aimed = (
        parse_policy(Path("p"), text) for text in (GOOD, GOOD + "[income]\ntarget = 3000\n")
    )
    assert aimed.content.income is not None
    assert aimed.content.income.target == 3000.0
    assert aimed.hash == plain.hash


@pytest.mark.parametrize(
    "written", ['stop = "order"', "stop_order = 2.0", "stop_limit = 2.0", "stop = -2.0"]
)
def test_t28_a_stop_order_at_the_broker_cannot_be_asked_for(written: str) -> None:
    """Brokers take none on options: a stop is a multiple of the credit, seen by the session."""
    with pytest.raises(InputError, match=r"^policy.toml, line 17: found .*stop"):
        parse_policy(FILE, GOOD.replace("take_profit = 0.50", written))
    stopped = parse_policy(FILE, GOOD.replace("take_profit = 0.50", "stop = 2.0"))
    assert stopped.content.manage.stop == 2.0
