"""The caps that nothing may break; docs/session.md, Verdicts."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from markets import DOLLAR, account, limits, made, owns, policy
from underwriter.core import reason
from underwriter.core.chain import Bar
from underwriter.core.intent import APPROVED
from underwriter.core.risk import Used, Verdict, check, may_close, share_u
from underwriter.core.sizing import Unit


def put_unit(loss_u: int, strike_u: int) -> Unit:
    """One put: its strike is secured, exposed, at margin and due in cash."""
    return Unit(loss_u, strike_u, strike_u, strike_u, strike_u, strike_u, 100, naked=False)


PUT_95 = put_unit(1_364 * DOLLAR, 9_500 * DOLLAR)  # stress loss and strike money of one contract


def checked(
    *, caps: dict | None = None, exposure: int = 0, unit: Unit = PUT_95, **dollars: float
) -> Verdict:
    """The verdict on an account of 100,000 with no caps but those named."""
    named = caps or {}
    ours = {name: named[name] for name in ("risk_per_position", "per_underlying") if name in named}
    rest = {name: value for name, value in named.items() if name not in ours}
    money = account(**({"equity": 100_000, "cash": 100_000, "peak": 100_000} | dollars))
    used, own, bar = Used(exposure * DOLLAR, 0, 0, 0), owns()[0, 0], made(Bar)
    return check(money, used, unit, own, policy(**ours), 0, limits(**rest)[0], 0, bar)


# --- each cap binds ---


@pytest.mark.parametrize(
    ("caps", "quantity", "bound"),
    [
        pytest.param({"risk_per_position": 0.05}, 3, "risk", id="risk: 5,000 / 1,364"),
        pytest.param({"per_underlying": 0.25}, 2, "underlying", id="underlying: 25,000 / 9,500"),
        pytest.param({"short_put_notional": 0.5}, 5, "short_puts", id="puts: 50,000 / 9,500"),
        pytest.param({"cash_reserve": 0.1}, 9, "cash", id="cash: 90,000 / 9,500"),
        pytest.param({}, 10, "cash", id="cash alone: 100,000 / 9,500"),
        pytest.param({"short_put_notional": 1.0}, 10, "short_puts", id="of two alike the first"),
        pytest.param({"per_underlying": 0.25, "risk_per_position": 0.05}, 2, "underlying", id="2"),
    ],
)
def test_the_least_of_all_caps_is_the_quantity_and_is_named(
    caps: dict, quantity: int, bound: str
) -> None:
    found = checked(caps=caps)
    assert (found.quantity, found.code, found.needs_u) == (quantity, APPROVED, 0)
    assert reason.NAMES[found.bound] == bound


@pytest.mark.parametrize(
    ("held", "quantity"),
    [
        pytest.param({"exposure": 10_000, "caps": {"per_underlying": 0.25}}, 1, id="exposure"),
        pytest.param({"puts": 31_000, "caps": {"short_put_notional": 0.5}}, 2, id="short puts"),
        pytest.param({"reserved": 71_500}, 3, id="cash secures what is held"),
        pytest.param({"committed": 71_501}, 2, id="cash spoken for"),
    ],
)
def test_what_is_held_counts_against_the_caps(held: dict, quantity: int) -> None:
    assert checked(**held).quantity == quantity


@pytest.mark.parametrize(
    ("caps", "code"),
    [
        ({"risk_per_position": 0.0136}, reason.RISK),
        ({"per_underlying": 0.0949}, reason.UNDERLYING),
        ({"short_put_notional": 0.0949}, reason.SHORT_PUTS),
        ({"cash_reserve": 0.9051}, reason.CASH),
    ],
)
def test_t65_one_contract_never_breaks_a_cap(caps: dict, code: int) -> None:
    found = checked(caps=caps)
    assert (found.quantity, found.code) == (0, code)


@pytest.mark.parametrize(
    "caps",
    [
        {"risk_per_position": 0.01364},
        {"per_underlying": 0.095},
        {"short_put_notional": 0.095},
        {"cash_reserve": 0.905},
    ],
)
def test_a_cap_that_one_contract_just_fills_admits_it(caps: dict) -> None:
    assert checked(caps=caps).quantity == 1


def test_the_first_of_equal_caps_is_named() -> None:
    both = {"risk_per_position": 0.01, "per_underlying": 0.01, "short_put_notional": 0.01}
    assert checked(caps=both).code == reason.RISK


def test_without_a_stress_loss_risk_does_not_bind() -> None:
    found = checked(caps={"risk_per_position": 0.0001}, unit=put_unit(0, 9_500 * DOLLAR))
    assert found.quantity == 10


def test_a_ruined_account_opens_nothing() -> None:
    found = checked(equity=-5_000, caps={"cash_reserve": 0.1})
    assert (found.quantity, found.code) == (0, reason.RISK)


def test_a_share_of_negative_equity_is_nothing() -> None:
    assert share_u(0.5, -100) == 0
    assert share_u(0.5, 101) == 50


# --- the halt ---


@pytest.mark.parametrize(
    ("equity", "halt", "code"),
    [
        (80_000, 0.2, reason.HALT),
        (80_001, 0.2, APPROVED),
        (1_000_000, 0.2, APPROVED),
        (20_000, 0.0, APPROVED),
    ],
)
def test_t72_entries_stop_at_the_drawdown_halt(equity: float, halt: float, code: int) -> None:
    assert checked(equity=equity, caps={"drawdown_halt": halt}).code == code


# --- the least equity ---

share = st.integers(1, 1_000).map(lambda thousandth: thousandth / 1_000)
dollars = st.integers(0, 1_000_000)


caps_drawn = st.fixed_dictionaries(
    {
        "risk_per_position": share,
        "per_underlying": share,
        "short_put_notional": share,
        "cash_reserve": st.integers(0, 990).map(lambda thousandth: thousandth / 1_000),
    }
)


@given(
    equity=st.integers(1, 100_000),
    short=dollars,
    held=st.fixed_dictionaries(
        {"reserved": dollars, "puts": dollars, "committed": st.integers(0, 10_000)}
    ),
    exposure=dollars,
    unit=st.builds(put_unit, st.integers(0, 10**10), st.integers(1, 10**11)),
    caps=caps_drawn,
)
def test_t65_the_least_equity_admits_one_contract_and_a_dollar_less_does_not(
    equity: int, short: int, held: dict, exposure: int, unit: Unit, caps: dict
) -> None:
    """Money brought in raises equity and cash alike."""

    def raised(money_u: int) -> Verdict:
        both = {"equity": equity + money_u / 1e6, "cash": equity - short + money_u / 1e6}
        return checked(caps=caps, exposure=exposure, unit=unit, peak=0.0, **held, **both)

    refused = raised(0)
    assume(refused.quantity == 0)
    more_u = refused.needs_u - equity * DOLLAR
    assert more_u > 0
    assert raised(more_u).quantity >= 1
    assert more_u <= DOLLAR or raised(more_u - DOLLAR).quantity == 0


def test_t65_the_least_equity_admits_where_its_share_would_be_rounded_short() -> None:
    """0.011 * 188,354,829,000 is 2,071,903,119 less a rounding: a millionth more is needed."""
    unit, caps = put_unit(2_071_903_119, 11_359 * DOLLAR), {"risk_per_position": 0.011}
    assert checked(caps=caps, unit=unit, equity=188_354.829, cash=200_000).quantity == 0
    needs = checked(caps=caps, unit=unit).needs_u / DOLLAR
    assert checked(caps=caps, unit=unit, equity=needs, cash=200_000).quantity == 1


# --- buying back ---


@pytest.mark.parametrize(
    ("cash", "freed", "covered"),
    [(19_636, 9_500, True), (19_635, 9_500, False), (29_136, 0, True), (29_135, 0, False)],
)
def test_a_buy_back_leaves_the_cash_that_secures_the_rest(
    cash: int, freed: int, *, covered: bool
) -> None:
    """Two puts of 95 and 9,864 spoken for stay covered: 19,000 + 10,000 - freed + 136."""
    money = account(cash=cash, reserved=19_000, committed=10_000)
    assert may_close(money, 136 * DOLLAR, freed * DOLLAR) == covered
