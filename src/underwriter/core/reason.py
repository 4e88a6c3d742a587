"""Why something was done or refused: codes for kernels, one line each for people."""

# why an intent exists
NONE = 0
ENTRY_PUT = 1
ENTRY_CALL = 2
TAKE_PROFIT = 3
TIME_EXIT = 4
RELEASE = 5
ENTRY = 6
STOP = 7
PIN = 8
EXPIRY = 9
EX_DIVIDEND = 10
EARLY_PUT = 11
TESTED_DELTA = 12
TESTED_STRIKE = 13
TESTED_EXTRINSIC = 14
MARGIN = 15
UNWIND = 40
LEFTOVER = 41
DELIVERY = 42

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
SLOPE = 26
REALISED = 27
SCREEN = 28
VOLATILITY = 29
OWN = 30
NO_ROLL = 31
SECTOR = 32
CLUSTER = 33
BUYING_POWER = 34
NAKED = 35
COOLDOWN = 36
GUARD = 37

# of both: what a person said
HAND = 43

NAMES = {code: name.lower() for name, code in [*globals().items()] if name.isupper() and code}

TEXTS = {
    ENTRY_PUT: "a cash-secured put qualifies and no position is open",
    ENTRY_CALL: "shares are held and a call above their breakeven qualifies",
    TAKE_PROFIT: "the position can be closed at the profit target",
    TIME_EXIT: "the position has reached the days to expiry at which it is closed",
    RELEASE: "the policy keeps no shares, so assigned shares are sold",
    ENTRY: "a position of the policy's strategy qualifies and none is open",
    STOP: "the position has lost the policy's multiple of its credit",
    PIN: "the underlying closes in on the strike on the last day: what is assigned cannot be known",
    EXPIRY: "the last day finds a short option in the money, and the policy avoids assignment",
    EX_DIVIDEND: "a short call in the money goes ex tomorrow by more than its extrinsic value",
    EARLY_PUT: "a short put is so deep that its holder gains by exercising it early",
    TESTED_DELTA: "a short option has reached the delta at which it is rolled",
    TESTED_STRIKE: "the underlying has gone through a short strike",
    TESTED_EXTRINSIC: "a short option in the money has next to no extrinsic value left",
    MARGIN: "cash no longer secures what is naked, so it is closed",
    UNWIND: "an assigned leg of a spread is undone with its long leg, or at the market",
    LEFTOVER: "a long option is left without the short one it protected against",
    DELIVERY: "cash does not carry shares that were assigned, so they are let go at once",
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
    SLOPE: "the volatility term structure is above slope_above, or not known",
    REALISED: "implied volatility is under recent realised volatility, or not known",
    SCREEN: "the screen does not admit the underlying",
    VOLATILITY: "the underlying's implied volatility is above admit_iv_max, or not known",
    OWN: "the prices or shares decided beforehand stand in the way",
    NO_ROLL: "a tested position finds no roll that the policy allows",
    SECTOR: "one contract would exceed per_sector",
    CLUSTER: "one contract would exceed per_cluster",
    BUYING_POWER: "one contract would exceed the buying power that the regime allows",
    NAKED: "a naked call needs an account with Reg T collateral",
    COOLDOWN: "a position on it ended with a loss no more than cooldown sessions ago",
    GUARD: "a guard of the desk held it back until its session was over",
    HAND: "somebody asked for it; or refused it, or did not approve it in time",
}
