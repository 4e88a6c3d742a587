"""Which well-known underlyings are funds or indices, and which of them move with shares.

A fund has no sector, no earnings and no fundamentals.  What is not here counts as a share of a
firm, unless the user's table of fundamentals says that it is a fund.
"""

INDICES = frozenset({"SPX", "SPX/10", "XSP", "NDX", "RUT", "DJX", "OEX", "XEO"})
OF_SHARES = frozenset(
    {"SPY", "VOO", "IVV", "QQQ", "QQQM", "IWM", "DIA", "MDY", "VTI", "RSP", "EFA", "EEM", "FXI"}
    | {"XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY", "SMH", "SOXX"}
    | {"IBB", "XBI", "KRE", "KBE", "XOP", "XHB", "ITB", "XRT", "GDX", "GDXJ", "ARKK", "EWZ", "EWJ"}
)
OF_OTHERS = frozenset(
    {"TLT", "IEF", "SHY", "BIL", "AGG", "BND", "LQD", "HYG", "JNK", "TIP", "EMB"}
    | {"GLD", "IAU", "SLV", "USO", "UNG", "DBC", "FXE", "FXY", "UUP", "IBIT", "ETHA"}
)


def is_fund(symbol: str) -> bool:
    """Whether a symbol is a fund or an index."""
    return symbol in INDICES or symbol in OF_SHARES or symbol in OF_OTHERS


def moves_with_shares(symbol: str) -> bool:
    """Whether a symbol is a share, or a fund or index of shares: what falls together in a crash."""
    return symbol not in OF_OTHERS
