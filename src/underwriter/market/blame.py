"""Why a quote has no volatility, or an expiry no forward: codes, and a line each for people.

A figure that cannot be had is NaN beside one of these, never zero: a delta of zero would pass a
gate that asks for a small one.
"""

FINE = 0

# a quote
NO_QUOTE = 1
CROSSED = 2
ONE_SIDED = 3
EXPIRED = 4
NO_FORWARD = 5
BELOW_INTRINSIC = 6
NO_TIME_VALUE = 7
ABOVE_BOUND = 8
NOT_FOUND = 9
BORROWED = 10  # a figure stands beside this one

# a session's expiry
NO_DISCOUNT = 16
NO_PAIRS = 17
TOO_WIDE = 18
INCONSISTENT = 19

NAMES = {
    FINE: "fine",
    NO_QUOTE: "no_quote",
    CROSSED: "crossed",
    ONE_SIDED: "one_sided",
    EXPIRED: "expired",
    NO_FORWARD: "no_forward",
    BELOW_INTRINSIC: "below_intrinsic",
    NO_TIME_VALUE: "no_time_value",
    ABOVE_BOUND: "above_bound",
    NOT_FOUND: "not_found",
    BORROWED: "borrowed",
    NO_DISCOUNT: "no_discount",
    NO_PAIRS: "no_pairs",
    TOO_WIDE: "too_wide",
    INCONSISTENT: "inconsistent",
}

TEXTS = {
    FINE: "nothing is wrong",
    NO_QUOTE: "there is no price above zero",
    CROSSED: "the bid is above the ask",
    ONE_SIDED: "nobody bids, so the middle says nothing",
    EXPIRED: "no time is left until it settles",
    NO_FORWARD: "its expiry has no forward, or its strike is no number above zero",
    BELOW_INTRINSIC: "even the ask is below what exercise is worth",
    NO_TIME_VALUE: "the price is what exercise is worth: any low volatility gives it",
    ABOVE_BOUND: "the price is above what any volatility gives",
    NOT_FOUND: "no volatility was found that gives the price",
    BORROWED: "its middle has no time value: the volatility of the other right of its strike fits",
    NO_DISCOUNT: "neither a rate nor the slope of parity gives a discount",
    NO_PAIRS: "no strike near the money has two-sided quotes of both a put and a call",
    TOO_WIDE: "the quotes are too far apart to say where the forward is",
    INCONSISTENT: "the strikes do not agree on a forward",
}
