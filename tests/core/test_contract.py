"""Contract keys and OSI symbols; the examples are DOMAIN.md 2.4's."""

import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underwriter.core.contract import (
    CALL,
    MAX_ROOTS,
    PUT,
    Contract,
    expiry_of,
    intrinsic_u,
    osi_root,
    pack,
    parse_osi,
    right_of,
    root_of,
    split_key,
    strike_of,
    unpack,
)
from underwriter.core.errors import InputError
from underwriter.core.units import MICRO, day_number

ROOTS = st.from_regex(r"[A-Z]{1,6}", fullmatch=True)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
STRIKES = st.integers(1, 99_999_999).map(lambda mils: Decimal(mils) / 1_000)
RIGHTS = st.sampled_from([PUT, CALL])
CONTRACTS = st.builds(Contract, ROOTS, DAYS, RIGHTS, STRIKES)


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("AAPL  260918C00260000", Contract("AAPL", date(2026, 9, 18), CALL, Decimal(260))),
        ("SPXW  260618P05900000", Contract("SPXW", date(2026, 6, 18), PUT, Decimal(5900))),
        ("AAPL260918C00260000", Contract("AAPL", date(2026, 9, 18), CALL, Decimal(260))),
        ("KO    260220P00060500", Contract("KO", date(2026, 2, 20), PUT, Decimal("60.5"))),
    ],
)
def test_symbols_of_the_exchange_are_read(symbol: str, expected: Contract) -> None:
    assert parse_osi(symbol) == expected


@given(CONTRACTS)
def test_a_symbol_round_trips(contract: Contract) -> None:
    symbol = contract.osi()
    assert len(symbol) == 21
    assert parse_osi(symbol) == contract
    assert parse_osi(symbol.replace(" ", "")) == contract


@given(CONTRACTS, st.integers(1, MAX_ROOTS))
def test_a_key_round_trips_and_holds_each_part(contract: Contract, number: int) -> None:
    key = contract.key(number)
    assert 0 < key < 2**63
    assert unpack(key, contract.root) == contract
    assert root_of(key) == number
    assert expiry_of(key) == day_number(contract.expiry)
    assert right_of(key) == contract.right
    assert strike_of(key) == contract.strike * MICRO


@given(CONTRACTS, CONTRACTS)
def test_two_contracts_have_two_keys(one: Contract, other: Contract) -> None:
    assert (one.key(1) == other.key(1)) == (one._replace(root="") == other._replace(root=""))


def test_t59_a_root_with_a_digit_is_quarantined_by_default() -> None:
    with pytest.raises(InputError, match="root 'XYZ1' is adjusted"):
        parse_osi("XYZ1  260918C00260000")


def test_t63_a_declared_root_may_carry_digits() -> None:
    contract = Contract("SPX10", date(2018, 1, 19), PUT, Decimal(265))
    assert parse_osi("SPX10 180119P00265000", {"SPX10"}) == contract
    assert parse_osi(contract.osi(), ["SPX10"]) == contract
    with pytest.raises(InputError, match="root 'XYZ1'"):
        parse_osi("XYZ1  260918C00260000", {"SPX10"})


@pytest.mark.parametrize(
    ("symbol", "root"),
    [
        ("KO    260220P00060000", "KO"),
        ("KO260220P00060000", "KO"),
        ("SPXW  260220P05000000", "SPXW"),
        ("XYZ1  260918C00260000", "XYZ1"),
        ("BRKB  260220C00500000", "BRKB"),
        ("KO", ""),
        ("", ""),
    ],
)
def test_the_root_is_what_stands_before_date_right_and_strike(symbol: str, root: str) -> None:
    """Root, expiry of six, C or P, strike of eight: OCC's Options Symbology Initiative."""
    assert osi_root(symbol) == root


@pytest.mark.parametrize(
    "symbol",
    [
        "",
        "AAPL",
        "260918C00260000",
        "AAPL  260918X00260000",
        "AAPL  260918C0026000",
        "AAPL  260918C002600000",
        "AAPL  261318C00260000",
        "AAPL  260231C00260000",
        "AAPL  260918C00000000",
        "AAPL  26091８C00260000",  # noqa: RUF001  a digit, but not one of ours
        "aapl  260918C00260000",
        " AAPL 260918C00260000",
        "TOOLONG260918C00260000",
        "A PL  260918C00260000",
    ],
)
def test_malformed_symbols_are_refused_in_one_line(symbol: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_osi(symbol)
    assert repr(symbol) in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=24))
def test_any_text_is_read_or_refused(symbol: str) -> None:
    try:
        contract = parse_osi(symbol)
    except InputError:
        return
    assert contract.osi().replace(" ", "") == symbol.replace(" ", "")


def test_people_read_it_as_root_date_right_strike() -> None:
    assert str(parse_osi("AAPL  260918C00260000")) == "AAPL 2026-09-18 C 260"
    assert str(parse_osi("KO    260220P00060500")) == "KO 2026-02-20 P 60.5"


@given(RIGHTS, st.integers(1, 10**6), st.integers(0, 10**6))
def test_intrinsic_is_what_exercise_gains(right: int, strike: int, spot: int) -> None:
    key = pack(1, 20_000, right, strike * 1_000)
    gain = (spot - strike) * 1_000 * (1 if right == CALL else -1)
    assert intrinsic_u(key, spot * 1_000) == max(gain, 0)


@pytest.mark.parametrize(
    ("strike", "times", "becomes"),
    [
        ("600", 7, "85.71"),  # Cboe Research Circular RS14-231: AAPL, June 2014
        ("645", 7, "92.14"),  # 92.142857
        ("650", 7, "92.86"),  # 92.857143
        ("400", 4, "100"),  # AAPL, August 2020
        ("12.25", 2, "6.13"),  # a half goes upward
        ("12.205", 2, "6.1"),
        ("0.5", 20, "0.03"),
    ],
)
@pytest.mark.parametrize("right", [PUT, CALL])
def test_a_split_divides_the_strike_to_the_nearest_cent(
    strike: str, times: int, becomes: str, right: int
) -> None:
    before = Contract("AAPL", date(2014, 7, 19), right, Decimal(strike))
    after = before._replace(strike=Decimal(becomes))
    assert split_key(before.key(3), times) == after.key(3)


def test_every_strike_of_aapl_is_listed_after_its_split(shared: Path) -> None:
    """LEAN's quotes of 6 June 2014 and of 9 June, the first session at seven shares for one."""
    listed: dict[str, set[int]] = {"20140606": set(), "20140609": set()}
    folder = shared / "data" / "lean_options_aapl_2014"
    with zipfile.ZipFile(folder / "aapl_2014_quote_american.zip") as history:
        for entry in history.namelist():
            *_, side, strike, expiry = entry.removesuffix(".csv").split("_")
            last = datetime.strptime(expiry, "%Y%m%d").replace(tzinfo=UTC).date()
            right = CALL if side == "call" else PUT
            key = Contract("AAPL", last, right, Decimal(strike) / 10_000).key(1)
            for day in re.findall(r"^\d{8}", history.read(entry).decode(), re.MULTILINE):
                listed.setdefault(day, set()).add(key)
    split = day_number(date(2014, 6, 9))
    lived = {key for key in listed["20140606"] if expiry_of(key) >= split}
    assert len(lived) == 2_180
    assert {split_key(key, 7) for key in lived} == listed["20140609"]
