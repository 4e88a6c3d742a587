"""American prices with deltas a second on one core, and the error against QuantLib.

python bench/american.py
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import QuantLib as ql  # noqa: N813  its usual name
from numpy.typing import NDArray

from underwriter.market.american import Tables, american_columns, load_tables

COUNT, CHECKED = 1_000_000, 20_000
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


if __name__ == "__main__":
    main()
