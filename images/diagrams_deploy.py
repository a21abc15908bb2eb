"""The diagrams of lessons 25 and 26: copies of an app on several machines, and behind a proxy."""

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


def machines() -> Canvas:
    """Lesson 25: a head, which shares the requests out, two machines with a copy each, and what happens to a loss."""
    c = Canvas(400)
    clients = c.box(20, 130, 110, 80, "Clients", "ask one address")
    c.group(190, 20, 200, 330, "Machine 1, the head")
    proxy = c.box(215, 60, 150, 90, "Proxy", "gives each request\nto a free copy", "orange")
    control = c.box(215, 190, 150, 110, "Controller", "knows who lives,\nstarts a new copy\nfor a lost one", "purple")
    c.group(480, 20, 280, 95, "Machine 2")
    first = c.box(510, 50, 140, 50, "Copy", colour="blue")
    c.group(480, 140, 280, 95, "Machine 3: its plug is pulled")
    lost = c.box(510, 170, 140, 50, "Copy, lost", colour="grey")
    c.group(480, 260, 280, 95, "Machine 4")
    new = c.box(510, 290, 140, 50, "Copy, new", colour="green")
    c.arrow(clients.right(), proxy.left(0.8), label="HTTP", at=(160, 140))
    c.arrow(proxy.right(0.3), first.left())
    c.arrow(proxy.right(0.7), lost.left(0.3), colour="grey")
    c.arrow(control.right(0.6), new.left(), colour="green")
    c.text(395, 378, "On each machine: the same Python, the same packages, the same course, the same model.", 12, GREY)
    return c


DIAGRAMS = {"deploy": deploy, "machines": machines}
