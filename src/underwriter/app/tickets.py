"""Tickets of a desk by hand that are out as it starts, and as it ends."""

from collections.abc import Callable

from underwriter.app.desk_folder import Folder
from underwriter.desk.brokers import manual_left
from underwriter.desk.brokers.manual_words import Teller
from underwriter.desk.ledger import Ledger

Say = Callable[[str], None]


def ask_first(folder: Folder, ledger: Ledger, teller: Teller, say: Say) -> None:
    """Ask what became of the tickets of an earlier run; those that are out as it ends are said."""
    try:
        manual_left.ask_first(folder.paper, ledger, teller)
    except BaseException:
        for line in left_open(folder):
            say(line)
        raise


def left_open(folder: Folder) -> list[str]:
    """One line of all tickets that are out, none without any."""
    out = manual_left.tickets_out(folder.paper)
    if not out:
        return []
    what = "a ticket is" if len(out) == 1 else f"{len(out)} tickets are"
    told = f"{what} left open, and may work at your broker: {' | '.join(out)}"
    return [f"{told} (the next start asks first what became of it)"]
