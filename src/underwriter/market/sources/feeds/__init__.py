"""The free sources over the network: where each keeps what, and what its answers mean.

Nothing here touches the network or the clock: `app.fetch` and `app.collect` ask, these know what.
"""
