"""The diagram of lesson 26: a proxy in front of two copies of an app."""

from canvas import GREY, Canvas


def deploy() -> Canvas:
    """Lesson 26: the world, the proxy, two copies, and what lies outside of them because it must stay."""
    c = Canvas(400)
    world = c.box(20, 120, 110, 90, "The world")
    c.group(190, 20, 590, 360, "Your server")
    proxy = c.box(215, 75, 150, 180, "Proxy", "encryption,\nlimits,\nwho asks,\nwhich copy answers", "orange")
    first = c.box(455, 60, 140, 80, "Copy 1", "Python, code,\npackages", "blue")
    second = c.box(455, 190, 140, 80, "Copy 2", "the same image", "blue")
    model = c.box(645, 60, 115, 80, "Model", "only to read", "purple")
    log = c.box(645, 190, 115, 80, "Log", "of the\npredictions", "green")
    prometheus = c.box(455, 300, 140, 60, "Prometheus", "asks each copy", "grey")
    c.arrow(world.right(), proxy.left(), label="HTTPS", at=(160, 150))
    c.arrow(proxy.right(0.15), first.left(), label="/predict", at=(410, 85))
    c.arrow(proxy.right(0.85), second.left())
    c.arrow(model.left(), first.right())
    c.arrow((645, 128), (600, 200))
    c.arrow(second.right(0.6), log.left(0.6), colour="green")
    c.arrow((595, 132), (645, 202), colour="green")
    c.arrow(prometheus.top(), second.bottom(), colour="orange")
    c.text(320, 330, "A copy may go at each moment.\nWhat must stay lies outside of it.", 12, GREY)
    return c


DIAGRAMS = {"deploy": deploy}
