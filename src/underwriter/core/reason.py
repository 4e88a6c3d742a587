"""Why something was done or refused: codes for kernels, one line each for people."""

# why an intent exists
NONE = 0
ENTRY_PUT = 1
ENTRY_CALL = 2
TAKE_PROFIT = 3
TIME_EXIT = 4
RELEASE = 5

# why an intent was refused, or came to nothing
NO_CANDIDATE = 16
REGIME = 17
RISK = 18
UNDERLYING = 19
SHORT_PUTS = 20
CASH = 21
HALT = 22
BREAKEVEN = 23
NO_QUOTE = 24
LAPSED = 25

NAMES = {
    ENTRY_PUT: "entry_put",
    ENTRY_CALL: "entry_call",
    TAKE_PROFIT: "take_profit",
    TIME_EXIT: "time_exit",
    RELEASE: "release",
    NO_CANDIDATE: "no_candidate",
    REGIME: "regime",
    RISK: "risk",
    UNDERLYING: "underlying",
    SHORT_PUTS: "short_puts",
    CASH: "cash",
    HALT: "halt",
    BREAKEVEN: "breakeven",
    NO_QUOTE: "no_quote",
    LAPSED: "lapsed",
}

TEXTS = {
    ENTRY_PUT: "a cash-secured put qualifies and no position is open",
    ENTRY_CALL: "shares are held and a call above their breakeven qualifies",
    TAKE_PROFIT: "the option can be bought back at the profit target",
    TIME_EXIT: "the option has reached the days to expiry at which it is closed",
    RELEASE: "the policy keeps no shares, so assigned shares are sold",
    NO_CANDIDATE: "no quote passes the entry gates (delta, DTE, credit, yield, spread, interest)",
    REGIME: "the volatility regime stands aside",
    RISK: "one contract would lose more than risk_per_position under stress",
    UNDERLYING: "one contract would exceed per_underlying",
    SHORT_PUTS: "one contract would exceed the account's short-put notional",
    CASH: "the free cash does not secure one contract",
    HALT: "the account is in a drawdown halt",
    BREAKEVEN: "every call that passes the gates has its strike under the campaign's breakeven",
    NO_QUOTE: "the contract has no two-sided quote to trade at",
    LAPSED: "what the order was for had changed before it could fill",
}
