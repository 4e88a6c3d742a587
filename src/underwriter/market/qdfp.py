"""QuantLib's QdFp engine (Andersen, Lake and Offengenden, 2016), as fast as Python can ask it."""

import math
from collections.abc import Callable

COARSE_SCHEME, FINE_SCHEME = (7, 2, 7, 27), (25, 4, 9, 40)  # see QuantLib's QdFpLegendreScheme
SHALLOWEST, DEEPEST = 0.02, 6.5  # of the boundary, in deviations below the anchor


def engine(scheme: tuple[int, int, int, int]) -> Callable[[float, float, float, float], float]:
    """A function of (z, v, gain, loss): the time value over strike 1 of a year's American put."""
    import QuantLib as ql  # noqa: N813, PLC0415  its usual name; 0.2 s that few runs need

    today, count = ql.Date(1, 1, 2021), ql.Actual365Fixed()
    spot, rate, payout, volatility = (ql.SimpleQuote(0.1) for _ in range(4))
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(spot),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(payout), count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, ql.QuoteHandle(rate), count)),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(today, ql.NullCalendar(), ql.QuoteHandle(volatility), count)
        ),
    )
    ql.Settings.instance().evaluationDate = today
    exercise = ql.AmericanExercise(today, ql.Date(1, 1, 2022))  # 365 days: one year
    option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Put, 1.0), exercise)
    option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpLegendreScheme(*scheme)))

    def time_value(z: float, v: float, gain: float, loss: float) -> float:
        level = math.exp(z * v)
        spot.setValue(level)
        volatility.setValue(v)
        rate.setValue(gain)
        payout.setValue(loss)
        return float(option.NPV()) - (1.0 - level)

    return time_value


def depth_of(time_value: Callable[[float], float], near: float, most: float) -> float:
    """The depth at which the time value sinks to `near`, by false position from a bracket.

    The root of the time value is nearly linear there.  `most` is a first guess from above.
    """

    def excess(depth: float) -> float:
        return math.sqrt(max(time_value(depth), 0.0) / near) - 1.0

    low, high = SHALLOWEST, most
    over, under = excess(low), excess(high)
    if over <= 0.0:
        return low
    if under >= 0.0:
        return most if most >= DEEPEST else depth_of(time_value, near, DEEPEST)
    while high - low > 1e-4 * high:
        middle = low + min(max(over / (over - under), 0.05), 0.95) * (high - low)
        at = excess(middle)
        if abs(at) < 0.02:  # noqa: PLR2004  of the near: a shift that the second table follows
            return middle
        low, high, over, under = (low, middle, over, at) if at < 0.0 else (middle, high, at, under)
    return high
