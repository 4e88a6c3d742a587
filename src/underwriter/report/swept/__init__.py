"""A sweep, told: the best beside the median, the whole distribution, and what luck would do."""
