"""Cubics through four even nodes: what a table says between them."""

from underwriter.core.kernel import kernel

Four = tuple[float, float, float, float]


@kernel
def cell(u: float, count: int) -> tuple[int, float]:
    """First of the four nodes around `u` and the place of `u` among them, clamped to the grid."""
    u = min(max(u, 0.0), count - 1.0)
    first = min(max(int(u) - 1, 0), count - 4)
    return first, u - first


@kernel
def weights(t: float) -> Four:
    """Lagrange's weights of the cubic through four nodes at 0, 1, 2, 3."""
    a, b, c = t - 1.0, t - 2.0, t - 3.0
    return -a * b * c / 6.0, t * b * c / 2.0, -t * a * c / 2.0, t * a * b / 6.0


@kernel
def slopes(t: float) -> Four:
    """Derivatives of `weights`."""
    a, b, c = t - 1.0, t - 2.0, t - 3.0
    return (
        -(a * b + a * c + b * c) / 6.0,
        (t * b + t * c + b * c) / 2.0,
        -(t * a + t * c + a * c) / 2.0,
        (t * a + t * b + a * b) / 6.0,
    )
