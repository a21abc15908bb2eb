"""Start a proxy in front of two copies of an app, from a notebook (lesson 26)."""

from classroom.servers import nginx_server
from classroom.servers.app import App
from classroom.servers.nginx_server import NginxServer
from classroom.servers.process import started


def start_proxy(first: App, second: App) -> NginxServer:
    """Start nginx with deploy/nginx.conf.template in front of both. One that this notebook started before is replaced.

    Problem: there is no nginx on this machine, or it does not start.
    """
    for server in [*started.values()]:
        if isinstance(server, NginxServer):
            server.stop()
    server = nginx_server.start([copy.url.removeprefix("http://") for copy in (first, second)])
    print(f"nginx is running at {server.url}")
    return server
