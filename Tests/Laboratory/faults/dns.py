"""Section B: names, addresses and aliases."""

from __future__ import annotations

from labkit import certificates, peers
from labkit.catalogue import fault
from labkit.laboratory import Laboratory
from labkit.ports import free_port
from labkit.scene import Scene

ALIAS = "db.shop.example"

#: A caller outside of any VPC, and one inside.
OUTSIDE = "203.0.113.5"
INSIDE = "10.20.0.5"


@fault("the endpoint's name has a typing error", "dns-nxdomain", "could not translate host name")
def typo(lab: Laboratory) -> Scene:
    host = lab.main.host.replace("amazonaws", "amazonwas")
    return lab.scene(lab.main, host=host, address=None)


@fault("the instance has been deleted, and its name with it", "dns-nxdomain", "could not translate")
def deleted(lab: Laboratory) -> Scene:
    dns = lab.names(f"host-record=other.{lab.network_label}.eu-west-1.rds.amazonaws.com,127.0.0.1")
    return lab.scene(lab.main, host=lab.name("gone."), dns=dns, address=None)


@fault("an alias whose target is gone", "dns-nxdomain", "could not translate")
def dangling(lab: Laboratory) -> Scene:
    dns = lab.aliases({ALIAS: lab.name("gone.")})
    return lab.scene(lab.main, host=ALIAS, dns=dns, address=None)


@fault(
    "a private address, asked for from outside of the VPC",
    "dns-private-outside-vpc",
    "timeout expired",
)
def private_outside(lab: Laboratory) -> Scene:
    return lab.elsewhere("172.31.9.8", OUTSIDE)


@fault(
    "a private address, and no route to it",
    "dns-private-outside-vpc",
    "Network is unreachable",
)
def private_unrouted(lab: Laboratory) -> Scene:
    return lab.elsewhere("10.1.2.3", OUTSIDE, routed=False)


@fault(
    "a public address that drops packets, asked for from a private network",
    "tcp-timeout",
    "timeout expired",
)
def public_inside(lab: Laboratory) -> Scene:
    return lab.elsewhere("52.16.1.2", INSIDE)


def _alias(lab: Laboratory) -> str:
    return lab.names(
        f"cname={ALIAS},{lab.main.host}",
        f"cname={lab.main.host},ec2-52-16-1-2.eu-west-1.compute.amazonaws.com",
        "host-record=ec2-52-16-1-2.eu-west-1.compute.amazonaws.com,127.0.0.1",
    )


@fault("the token is to be signed for the alias", "dns-alias-signed", "PAM authentication failed")
def alias_signed(lab: Laboratory) -> Scene:
    flags = ("--token-host", f"{ALIAS}:{lab.main.port}")
    scene = lab.scene(lab.main, host=ALIAS, dns=_alias(lab), sslmode="verify-ca", flags=flags)
    return scene.but(token_for=(ALIAS, lab.main.port))


@fault("a token of the caller's is for the alias", "dns-alias-signed", "PAM authentication failed")
def alias_token(lab: Laboratory) -> Scene:
    token = lab.request(lab.main).but(host=ALIAS).token()
    return lab.scene(lab.main, host=ALIAS, dns=_alias(lab), sslmode="verify-ca", password=token)


@fault(
    "an alias is an address record, which hides the endpoint",
    "dns-alias-unresolvable",
    "PAM authentication failed",
)
def address_alias(lab: Laboratory) -> Scene:
    dns = lab.names(f"host-record={ALIAS},127.0.0.1")
    return lab.scene(lab.main, host=ALIAS, dns=dns, sslmode="verify-ca")


@fault("an alias that leads back to itself", "dns-alias-unresolvable")
def loop(lab: Laboratory) -> Scene:
    dns = lab.aliases({ALIAS: "a.shop.example", "a.shop.example": ALIAS})
    return lab.scene(lab.main, host=ALIAS, dns=dns, address=None)


@fault(
    "the token is for the machine behind the endpoint",
    "dns-alias-overwalk",
    "PAM authentication failed",
)
def overwalk(lab: Laboratory) -> Scene:
    machine = "ec2-52-16-1-2.eu-west-1.compute.amazonaws.com"
    token = lab.request(lab.main).but(host=machine).token()
    return lab.scene(lab.main, host=ALIAS, dns=_alias(lab), sslmode="verify-ca", password=token)


@fault(
    "an Aurora custom endpoint is dialled and signed for",
    "dns-aurora-custom-endpoint",
    "PAM authentication failed",
)
def custom_endpoint(lab: Laboratory) -> Scene:
    # Its tokens are good for the cluster's own endpoint only.
    custom = lab.name("reports.cluster-custom-")
    at = lab.front(custom, token_host=lab.name("shop.cluster-"))
    return lab.scene(at)


def _two_addresses(lab: Laboratory, host: str) -> str:
    return lab.names(f"host-record={host},127.0.0.1", f"host-record={host},127.0.0.2")


@fault("of two addresses only one has TLS", "dns-two-servers-one-name")
def two_servers(lab: Laboratory) -> Scene:
    host = lab.name("twice.")
    port = free_port("127.0.0.1", "127.0.0.2")
    at = lab.front(host, port=port)
    lab.peer(host, peers.answers(b"N"), address="127.0.0.2", port=port)
    return lab.scene(at, dns=_two_addresses(lab, host))


@fault("two addresses have certificates of different authorities", "dns-two-servers-one-name")
def two_certificates(lab: Laboratory) -> Scene:
    host = lab.name("twins.")
    port = free_port("127.0.0.1", "127.0.0.2")
    at = lab.front(host, port=port)
    lab.front(host, certificates.self_signed("laptop.local"), port=port, address="127.0.0.2")
    return lab.scene(at, dns=_two_addresses(lab, host))


@fault("the name ends with the root's dot", "dns-trailing-dot", r'does not match host name ".*\."')
def trailing_dot(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, host=lab.main.host + ".")


@fault("the writer's name still leads to a reader after a failover", "dns-stale-writer")
def stale_writer(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("standby"))
