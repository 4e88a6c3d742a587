"""American prices a second on one core, and the error against QuantLib.

With a continuous yield, from the table; with cash dividends, by the sweep of finite differences;
and with cash dividends in bulk, its error against the sweep.

python bench/american.py
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import QuantLib as ql  # noqa: N813  its usual name
from numpy.typing import NDArray

from underwriter.market.american import Tables, american_columns, load_tables
from underwriter.market.american_cash import Contracts, american_cash_columns
from underwriter.market.cash_sweep import Dividends
from underwriter.market.escrowed import american_escrowed_columns

COUNT, CHECKED = 1_000_000, 20_000
SWEPT, SWEPT_CHECKED, ESCROWED = 5_000, 300, 200_000
PAID = Dividends(np.array([0.09]), np.array([0.6]))  # of the cash dividends, on a spot of 100
FARTHEST = np.log(2.0)  # strikes from half to twice the spot

Column = NDArray[np.float64]


def drawn(count: int) -> tuple[NDArray[np.int64], Column, Column, Column, Column]:
    """Sign, strike, v, carry and payout, on a spot of 100: the domain of issue 2.

    A day to seventy, 5% to 150%, rates to 8% (a third near zero), yields to 6% or, of a quarter, a
    cash dividend up to 1.5% of spot; within five deviations, and from half to twice the spot.
    """
    rng = np.random.default_rng(1)
    years = rng.integers(1, 71, count) / 365
    v = np.exp(rng.uniform(np.log(0.05), np.log(1.5), count)) * np.sqrt(years)
    away = np.clip(rng.uniform(-5, 5, count) * v, -FARTHEST, FARTHEST)
    most = np.where(rng.uniform(size=count) < 1 / 3, 0.002, 0.08)
    cash = rng.uniform(size=count) < 1 / 4
    paid = np.where(cash, rng.uniform(0, 0.015, count), rng.uniform(0, 0.06, count) * years)
    sign = rng.choice(np.array([-1, 1]), count)
    return sign, 100.0 * np.exp(away), v, rng.uniform(0, most, count) * years, paid


def quantlib(sign: int, strike: Column, v: Column, carry: Column, payout: Column) -> Column:
    """QuantLib's QdFp in its accurate scheme, within 3e-5 of the high-precision one."""
    today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
    ql.Settings.instance().evaluationDate = today
    quotes = [ql.SimpleQuote(0.1) for _ in range(4)]
    spot, rate, paid, volatility = (ql.QuoteHandle(quote) for quote in quotes)
    process = ql.BlackScholesMertonProcess(
        spot,
        ql.YieldTermStructureHandle(ql.FlatForward(today, paid, count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(today, ql.NullCalendar(), volatility, count)
        ),
    )
    kind = ql.Option.Call if sign > 0 else ql.Option.Put
    exercise = ql.AmericanExercise(today, ql.Date(1, 1, 2022))  # 365 days: one year
    option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, 1.0), exercise)
    scheme = ql.QdFpAmericanEngine.accurateScheme()
    option.setPricingEngine(ql.QdFpAmericanEngine(process, scheme))
    prices = []
    for row in zip(
        (100.0 / strike).tolist(), carry.tolist(), payout.tolist(), v.tolist(), strict=True
    ):
        for quote, figure in zip(quotes, row, strict=True):
            quote.setValue(figure)
        prices.append(option.NPV())
    return strike * np.array(prices)


def priced(tables: Tables, count: int) -> tuple[Column, float]:
    """The prices of `count` contracts, and the seconds it took."""
    sign, *columns = drawn(count)
    price, delta = np.empty(count), np.empty(count)
    begun = time.perf_counter()
    american_columns(*tables, sign, np.full(count, 100.0), *columns, price, delta)
    return price, time.perf_counter() - begun


def paying(count: int) -> Contracts:
    """Contracts of 7 to 70 days and 10% to 50%, within one and a half deviations."""
    rng = np.random.default_rng(2)
    years, vol = rng.integers(7, 71, count) / 365, rng.uniform(0.1, 0.5, count)
    strike = 100.0 * np.exp(rng.uniform(-1.5, 1.5, count) * vol * np.sqrt(years))
    sign, rate = rng.choice(np.array([-1, 1]), count), rng.uniform(0.0, 0.055, count)
    return Contracts(sign, np.full(count, 100.0), strike, years, vol, rate)


def finite_differences(contracts: Contracts, paid: Dividends) -> Column:
    """QuantLib's prices in the spot model, 800 steps and 1,000 nodes: within a thousandth."""
    today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
    dividends = ql.DividendVector(
        [today + round(day) for day in paid.ex * 365], paid.amount.tolist()
    )
    prices = []
    for sign, spot, strike, years, vol, rate in zip(*(x.tolist() for x in contracts), strict=True):
        process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(spot)),
            ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, count)),
            ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)),
            ql.BlackVolTermStructureHandle(
                ql.BlackConstantVol(today, ql.NullCalendar(), vol, count)
            ),
        )
        kind = ql.Option.Call if sign > 0 else ql.Option.Put
        exercise = ql.AmericanExercise(today, today + round(years * 365))
        option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, strike), exercise)
        engine = ql.FdBlackScholesVanillaEngine(process, dividends, 800, 1000, 2)
        option.setPricingEngine(engine)
        prices.append(option.NPV())
    return np.array(prices)


def with_cash(tables: Tables) -> None:
    """Price with cash dividends by both ways, print the figures."""
    paid = Dividends(np.round(PAID.ex * 365) / 365, PAID.amount)
    swept, escrowed, seconds = np.empty((SWEPT, 4)), np.empty((ESCROWED, 2)), [[], []]
    few, many = paying(SWEPT), paying(ESCROWED)
    for _ in range(4):  # the first compiles, or reads that
        begun = time.perf_counter()
        american_cash_columns(few, paid, swept)
        seconds[0].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        american_escrowed_columns(tables, many, paid, escrowed)
        seconds[1].append(time.perf_counter() - begun)
    print(f"swept     {SWEPT / min(seconds[0]):8,.0f} a second with cash dividends, four figures")
    some = Contracts(*(column[:SWEPT_CHECKED] for column in few))
    error = swept[:SWEPT_CHECKED, 0] - finite_differences(some, paid)
    print(f"error     {np.sqrt(np.mean(error**2)):8.1e} RMSE of {SWEPT_CHECKED}, spot 100")
    print(f"          {abs(error).max():8.1e} at most")
    print(f"escrowed  {ESCROWED / min(seconds[1]):8,.0f} a second with cash dividends, two figures")
    american_escrowed_columns(tables, few, paid, escrowed)
    error = escrowed[:SWEPT, 0] - swept[:, 0]
    print(f"error     {np.sqrt(np.mean(error**2)):8.1e} RMSE of {SWEPT} against the sweep")
    print(f"          {abs(error).max():8.1e} at most")


def main() -> None:
    """Fill the table in an empty folder, price a million contracts, print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        tables = load_tables(Path(folder))
        print(f"fill      {time.process_time() - begun:8.2f} s of processor time")
    seconds = min(priced(tables, COUNT)[1] for _ in range(3))  # the first compiles, or reads that
    print(f"contracts {COUNT / seconds / 1e6:8.2f} million a second, price and delta")
    price, _ = priced(tables, CHECKED)
    sign, *columns = drawn(CHECKED)
    error = np.empty(CHECKED)
    for one in (-1, 1):
        those = sign == one
        error[those] = abs(price[those] - quantlib(one, *(each[those] for each in columns)))
    print(f"error     {error.max():8.1e} at most of {CHECKED} contracts, spot 100")
    print(f"          {np.quantile(error, 0.999):8.1e} of 99.9% of them")
    with_cash(tables)


if __name__ == "__main__":
    main()
