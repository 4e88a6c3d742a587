"""Shares at average cost: what is left of it, and what was gained, as they come and go."""

from dataclasses import dataclass


@dataclass(slots=True)
class Shares:
    """Shares of a sleeve at average cost; sold short they are negative, and so is their cost."""

    held: int = 0
    cost_u: int = 0

    def move(self, shares: int, net_u: int) -> int:
        """Take in or give out shares for `net_u` of cash; return the gain that was realised."""
        self.held, self.cost_u, gain_u = moved(self.held, self.cost_u, shares, net_u)
        return gain_u


def moved(held: int, cost_u: int, shares: int, net_u: int) -> tuple[int, int, int]:
    """Shares held and their cost after some came or went for `net_u` of cash, and the gain."""
    if held * shares >= 0:
        return held + shares, cost_u - net_u, 0
    ends = min(abs(shares), abs(held))
    part_u = cost_u * ends // abs(held)
    ends_u = net_u * ends // abs(shares)  # the rest begins on the other side
    return held + shares, cost_u - (part_u + net_u - ends_u), ends_u - part_u
