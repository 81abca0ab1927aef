"""Section C: the connection itself, and what else may stand behind the port."""

from __future__ import annotations

from labkit import peers
from labkit.catalogue import fault
from labkit.laboratory import Endpoint, Laboratory
from labkit.peers import FilteredPort, Handler
from labkit.ports import free_port
from labkit.scene import Scene

#: A caller outside of any VPC.
OUTSIDE = "203.0.113.5"

#: They live as long as the laboratory.
_filtered: list[FilteredPort] = []


def _behind(lab: Laboratory, handler: Handler) -> Scene:
    return lab.scene(lab.peer(lab.name("behind."), handler))


@fault("a security group drops every packet", "tcp-timeout", "timeout expired")
def filtered(lab: Laboratory) -> Scene:
    port = FilteredPort()
    _filtered.append(port)
    return lab.scene(Endpoint(lab.name("filtered."), port.port), timeout="6s")


@fault("a public address that nothing comes back from", "tcp-timeout", "timeout expired")
def lost(lab: Laboratory) -> Scene:
    return lab.elsewhere("52.16.1.2", OUTSIDE)


@fault("something accepts and never says a word", "tcp-timeout", "timeout expired")
def silent(lab: Laboratory) -> Scene:
    return _behind(lab, peers.silent).but(timeout="6s")


@fault("nobody listens on the port", "tcp-refused", "Connection refused")
def refused(lab: Laboratory) -> Scene:
    return lab.scene(Endpoint(lab.name("refused."), free_port()))


@fault("nobody listens on the port, by IPv6", "tcp-refused", "Connection refused")
def refused_ipv6(lab: Laboratory) -> Scene:
    host = lab.name("refused.")
    dns = lab.names(f"host-record={host},::1")
    return lab.scene(Endpoint(host, free_port("::1"), "::1"), dns=dns)


@fault("there is no route to the address", "tcp-unreachable", "Network is unreachable")
def unreachable(lab: Laboratory) -> Scene:
    return lab.elsewhere("52.16.1.2", OUTSIDE, routed=False)


@fault(
    "the name has an IPv6 address only, and the caller no IPv6",
    "tcp-unreachable",
    "Network is unreachable|Cannot assign requested address",
)
def unreachable_ipv6(lab: Laboratory) -> Scene:
    return lab.elsewhere("2a05:d018:1:2::3", OUTSIDE)


@fault(
    "an HTTP load balancer answers",
    "tcp-http-middlebox",
    "received invalid response to SSL negotiation: H",
)
def http(lab: Laboratory) -> Scene:
    return _behind(lab, peers.answers(peers.HTTP_REFUSAL))


@fault(
    "a MySQL server greets",
    "tcp-other-protocol",
    "received invalid response to SSL negotiation: J",
)
def mysql(lab: Laboratory) -> Scene:
    return _behind(lab, peers.greets(peers.MYSQL_GREETING))


@fault(
    "an SSH server greets",
    "tcp-other-protocol",
    "SSL|server closed the connection",
)
def ssh(lab: Laboratory) -> Scene:
    return _behind(lab, peers.greets(peers.SSH_GREETING))


@fault("a mail server greets", "tcp-other-protocol", "invalid response to SSL negotiation: 2")
def smtp(lab: Laboratory) -> Scene:
    return _behind(lab, peers.greets(peers.SMTP_GREETING))


@fault(
    "a load balancer without a healthy target closes at once",
    "tcp-closed-early",
    "server closed the connection unexpectedly|Connection reset",
)
def closed_at_once(lab: Laboratory) -> Scene:
    return _behind(lab, peers.closes_at_once)


@fault("the connection is reset", "tcp-closed-early", "server closed the connection|reset by peer")
def reset(lab: Laboratory) -> Scene:
    return _behind(lab, peers.resets_at_once)


@fault(
    "the connection is closed in answer to the SSLRequest",
    "tcp-closed-early",
    "server closed the connection unexpectedly",
)
def closed_after_request(lab: Laboratory) -> Scene:
    return _behind(lab, peers.closes_after_request)


@fault(
    "a middlebox cuts the TLS handshake",
    "tcp-closed-early",
    "SSL SYSCALL error: (EOF detected|Connection reset by peer)",
)
def cut_handshake(lab: Laboratory) -> Scene:
    return _behind(lab, peers.cuts_handshake)


@fault(
    "the connection is closed after the StartupMessage",
    "tcp-closed-early",
    "server closed the connection unexpectedly|SSL connection has been closed|SSL SYSCALL error",
)
def closed_after_startup(lab: Laboratory) -> Scene:
    return lab.scene(lab.scripted(lab.name("behind."), None))
