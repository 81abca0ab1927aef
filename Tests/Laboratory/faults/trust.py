"""Section D: certificates, and the files of roots that they are verified with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from cryptography.x509.oid import ExtendedKeyUsageOID

from labkit import certificates, roles
from labkit.catalogue import fault
from labkit.certificates import Authority, Identity, bundle
from labkit.laboratory import Laboratory
from labkit.scene import Scene

VERIFY_FAILED = "SSL error: certificate verify failed"

SYSTEM_ROOTS = "/etc/ssl/certs/ca-certificates.crt"

HTML = """<!DOCTYPE html>
<html><head><title>Access to this site is blocked</title></head>
<body><p>Downloads from truststore.pki.rds.amazonaws.com are not allowed.</p></body></html>
"""


def _roots(lab: Laboratory, text: str) -> Scene:
    return lab.scene(lab.main, root=lab.file("roots.pem", text))


@fault(
    "there is no file of roots at all",
    "tls-root-missing",
    "root certificate file .* does not exist",
)
def no_roots(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, root=None)


@fault(
    "the path of the roots is wrong",
    "tls-root-missing",
    'root certificate file "/nowhere/global-bundle.pem" does not exist',
)
def wrong_path(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, root="/nowhere/global-bundle.pem")


@fault(
    "the file of roots is a page of HTML",
    "tls-root-garbage",
    "could not read root certificate file .*: no certificate or crl found",
)
def html(lab: Laboratory) -> Scene:
    return _roots(lab, HTML)


@fault("the file of roots is empty", "tls-root-garbage", "no certificate or crl found")
def empty(lab: Laboratory) -> Scene:
    return _roots(lab, "")


@fault("the file of roots was cut off within its first", "tls-root-garbage", "could not read root")
def cut(lab: Laboratory) -> Scene:
    return _roots(lab, bundle(lab.rds)[:300])


@fault("the roots are those of another company", "tls-untrusted", VERIFY_FAILED)
def other_roots(lab: Laboratory) -> Scene:
    return _roots(lab, bundle(Authority.root("Example Corp Root CA", "Example")))


@fault("the server has signed its certificate itself", "tls-untrusted", VERIFY_FAILED)
def self_signed(lab: Laboratory) -> Scene:
    host = lab.name("selfmade.")
    return lab.scene(lab.front(host, certificates.self_signed(host)))


@fault("the server leaves out the intermediate certificate", "tls-untrusted", VERIFY_FAILED)
def no_intermediate(lab: Laboratory) -> Scene:
    host = lab.name("short.")
    root = Authority.root("Example Corp Root CA", "Example")
    issuer = root.subordinate("Example Corp Servers CA", "Example")
    at = lab.front(host, issuer.issue(host, send_chain=False))
    return lab.scene(at, root=lab.file("roots.pem", bundle(root)))


@fault("RDS is verified with the system's public roots", "tls-system-roots", VERIFY_FAILED)
def system_roots(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, root=SYSTEM_ROOTS)


@fault("the bundle has RDS's roots of 2019 only", "tls-stale-bundle", VERIFY_FAILED)
def bundle_of_2019(lab: Laboratory) -> Scene:
    return _roots(lab, bundle(Authority.root(certificates.RDS_2019_ROOT)))


@fault("the bundle was cut down to another region's roots", "tls-stale-bundle", VERIFY_FAILED)
def other_region(lab: Laboratory) -> Scene:
    return _roots(lab, bundle(Authority.root(certificates.RDS_OTHER_ROOT)))


@fault("the root that the server needs expires in 60 days", "tls-stale-bundle", r"\A\Z")
def expiring_root(lab: Laboratory) -> Scene:
    host = lab.name("aging.")
    root = Authority.root(certificates.RDS_ROOT, end=timedelta(days=60))
    identity = root.issue(host, end=timedelta(days=59))
    roots = lab.file("roots.pem", bundle(root))
    return lab.scene(lab.front(host, identity), root=roots)


@fault(
    "a proxy's public certificate is verified with RDS's roots",
    "tls-proxy-needs-public-roots",
    VERIFY_FAILED,
)
def proxy(lab: Laboratory) -> Scene:
    host = lab.name("shop.proxy-")
    issuer = lab.public.subordinate("Amazon RSA 2048 M03", "Amazon")
    identity = issuer.issue(host, "*." + host.partition(".")[2])
    return lab.scene(lab.front(host, identity))


@fault("the server's certificate has expired", "tls-expired", VERIFY_FAILED)
def expired(lab: Laboratory) -> Scene:
    host = lab.name("expired.")
    identity = lab.issuer.issue(host, start=timedelta(days=-400), end=timedelta(days=-2))
    return lab.scene(lab.front(host, identity))


@fault("the server's certificate expired a minute ago", "tls-expired", VERIFY_FAILED)
def just_expired(lab: Laboratory) -> Scene:
    host = lab.name("expired.")
    identity = lab.issuer.issue(host, end=timedelta(minutes=-1))
    return lab.scene(lab.front(host, identity), sslmode="verify-ca")


@fault("the server's certificate is not valid yet", "tls-not-yet-valid", VERIFY_FAILED)
def not_yet(lab: Laboratory) -> Scene:
    host = lab.name("early.")
    return lab.scene(lab.front(host, lab.issuer.issue(host, start=timedelta(hours=6))))


@fault("the server was given a client's certificate", "tls-wrong-purpose", VERIFY_FAILED)
def wrong_purpose(lab: Laboratory) -> Scene:
    host = lab.name("client.")
    identity = lab.issuer.issue(host, purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    return lab.scene(lab.front(host, identity))


@fault(
    "an authority stands further from the root than that allows", "tls-invalid-ca", VERIFY_FAILED
)
def path_length(lab: Laboratory) -> Scene:
    host = lab.name("deep.")
    root = Authority.root("Example Corp Root CA", "Example", below=0)
    issuer = root.subordinate("Example Corp Servers CA", "Example")
    roots = lab.file("roots.pem", bundle(root))
    return lab.scene(lab.front(host, issuer.issue(host)), root=roots)


def _listed(lab: Laboratory, prefix: str, lists: Callable[[Authority, Identity], str]) -> Scene:
    host = lab.name(prefix)
    root = Authority.root("Example Corp Root CA", "Example")
    identity = root.issue(host)
    scene = lab.scene(lab.front(host, identity), root=lab.file("roots.pem", bundle(root)))
    return scene.but(options={"sslcrl": str(lab.file("root.crl", lists(root, identity)))})


@fault("the server's certificate is on the list of the revoked", "tls-revoked", VERIFY_FAILED)
def revoked(lab: Laboratory) -> Scene:
    return _listed(lab, "revoked.", lambda root, identity: root.revocations(identity.chain[0]))


@fault("the list of revoked certificates has ended", "tls-crl-unusable", VERIFY_FAILED)
def ended_list(lab: Laboratory) -> Scene:
    return _listed(lab, "ended.", lambda root, _: root.revocations(end=timedelta(days=-1)))


@fault("the list of revoked certificates is another authority's", "tls-crl-unusable", VERIFY_FAILED)
def other_list(lab: Laboratory) -> Scene:
    other = Authority.root("Example Corp Old Root CA", "Example")
    return _listed(lab, "unlisted.", lambda _, __: other.revocations())


@fault(
    "a list of revoked certificates was left in the home folder", "tls-crl-unusable", VERIFY_FAILED
)
def list_at_home(lab: Laboratory) -> Scene:
    scene = _listed(lab, "athome.", lambda _, __: "")
    ended = Authority.root("Example Corp Old Root CA", "Example").revocations(
        end=timedelta(days=-1)
    )
    return scene.but(options={}, files={".postgresql/root.crl": ended})


@fault(
    "the certificate is for another instance",
    "tls-name-mismatch",
    "server certificate for .* does not match host name",
)
def other_name(lab: Laboratory) -> Scene:
    host = lab.name("mine.")
    return lab.scene(lab.front(host, lab.issuer.issue(lab.name("yours."))))


@fault(
    "a password user dials an address record that is not in the certificate",
    "tls-name-mismatch",
    "server certificate for .* does not match host name",
)
def address_record(lab: Laboratory) -> Scene:
    host = "db.shop.example"
    dns = lab.names(f"host-record={host},127.0.0.1")
    scene = lab.scene(lab.main, host=host, dns=dns, user="app_password", database="office")
    return scene.but(password=roles.PASSWORD)


@fault(
    "a proxy's own endpoint has one label more than the certificate's wildcard",
    "tls-proxy-endpoint-san",
    "does not match host name",
)
def proxy_endpoint(lab: Laboratory) -> Scene:
    parent = lab.name("proxy-")
    issuer = lab.public.subordinate("Amazon RSA 2048 M03", "Amazon")
    roots = lab.file("AmazonRootCA1.pem", bundle(lab.public))
    identity = issuer.issue(f"*.{parent}")
    return lab.scene(lab.front(f"readers.endpoint.{parent}", identity), root=roots)


def _tunnel(lab: Laboratory, host: str) -> Scene:
    main = lab.main
    local = lab.tunnel(main)
    flags = ("--token-host", f"{main.host}:{main.port}")
    scene = lab.scene(local, host=host, dns=None, flags=flags)
    return scene.but(token_for=(main.host, main.port))


@fault(
    "a tunnel's local end is dialled as localhost",
    "tls-tunnel-localhost",
    'does not match host name "localhost"',
)
def localhost(lab: Laboratory) -> Scene:
    return _tunnel(lab, "localhost")


@fault(
    "a tunnel's local end is dialled by its address",
    "tls-tunnel-localhost",
    'does not match host name "127.0.0.1"',
)
def loopback(lab: Laboratory) -> Scene:
    return _tunnel(lab, "127.0.0.1")


@fault("the certificate has its name in the common name only", "tls-legacy-cn", r"\A\Z")
def common_name(lab: Laboratory) -> Scene:
    host = lab.name("legacy.")
    identity = lab.issuer.issue(host, alternatives=False, common_name=host)
    return lab.scene(lab.front(host, identity))
