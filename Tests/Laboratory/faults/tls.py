"""Section D: what the server offers, and what the client insists on."""

from __future__ import annotations

from labkit import certificates
from labkit.catalogue import fault
from labkit.laboratory import Laboratory
from labkit.scene import Scene


@fault(
    "the server speaks TLS 1.1 at most",
    "tls-protocol-version",
    "tlsv1 alert protocol version|unsupported protocol",
)
def old_server(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("tls11"))


@fault(
    "the server speaks TLS 1.3 only, the client 1.2 at most",
    "tls-protocol-version",
    "tlsv1 alert protocol version|unsupported protocol",
)
def old_client(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("tls13"), options={"ssl_max_protocol_version": "TLSv1.2"})


@fault(
    "the server speaks TLS 1.2 at most, the client 1.3 only",
    "tls-protocol-version",
    "tlsv1 alert protocol version|unsupported protocol",
)
def strict_client(lab: Laboratory) -> Scene:
    environment = {"PGSSLMINPROTOCOLVERSION": "TLSv1.3"}
    return lab.scene(lab.server("tls12"), environment=environment)


@fault(
    "the server has TLS switched off",
    "tls-not-offered",
    "server does not support SSL, but SSL was required",
)
def no_tls(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("plain"))


@fault(
    "the server has TLS switched off, and sslmode=require wants no certificate",
    "tls-not-offered",
    "server does not support SSL, but SSL was required",
)
def no_tls_required(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("plain"), sslmode="require", root=None)


@fault(
    "the pooler in front of the server has no TLS",
    "tls-not-offered",
    "server does not support SSL, but SSL was required",
)
def pooler_without_tls(lab: Laboratory) -> Scene:
    main = lab.main
    target = f"host=127.0.0.1 port={main.port}"
    return lab.scene(lab.pooler(lab.name("pool."), target, {}, tls=False))


def _other_root(lab: Laboratory) -> str:
    return certificates.bundle(certificates.Authority.root("Example Corp Root CA", "Example"))


@fault(
    "sslmode=require verifies because ~/.postgresql/root.crt is there",
    "tls-require-verifies",
    "certificate verify failed",
)
def require_home(lab: Laboratory) -> Scene:
    files = {".postgresql/root.crt": _other_root(lab)}
    return lab.scene(lab.main, sslmode="require", root=None, files=files)


@fault(
    "sslmode=require verifies because PGSSLROOTCERT is set",
    "tls-require-verifies",
    "certificate verify failed",
)
def require_environment(lab: Laboratory) -> Scene:
    root = lab.file("corporate.pem", _other_root(lab))
    environment = {"PGSSLROOTCERT": str(root)}
    return lab.scene(lab.main, sslmode="require", root=None, environment=environment)


@fault("direct TLS is asked of a server older than 17", "tls-direct-unsupported")
def direct(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, options={"sslnegotiation": "direct"})


@fault(
    "gssencmode=require",
    "tls-gss-required",
    "GSSAPI encryption required but was impossible",
)
def gss(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, options={"gssencmode": "require"})


@fault(
    "PGGSSENCMODE=require",
    "tls-gss-required",
    "GSSAPI encryption required but was impossible",
)
def gss_environment(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, environment={"PGGSSENCMODE": "require"})


@fault(
    "channel_binding=require",
    "tls-channel-binding",
    "channel binding required but not supported by server's authentication request",
)
def channel_binding(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, options={"channel_binding": "require"})


@fault(
    "PGCHANNELBINDING=require",
    "tls-channel-binding",
    "channel binding required but not supported by server's authentication request",
)
def channel_binding_environment(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, environment={"PGCHANNELBINDING": "require"})


@fault("the server's only curve is not the client's first", "tls-hello-retry", r"\A\Z")
def hello_retry(lab: Laboratory) -> Scene:
    # Without a distance it would cost nothing.
    return lab.distant(lab.main, 0.04).but(environment={"OPENSSL_CONF": None})


@fault("an endpoint with another curve than the client's first", "tls-hello-retry", r"\A\Z")
def hello_retry_front(lab: Laboratory) -> Scene:
    at = lab.front(lab.name("curve."), curve="secp384r1")
    return lab.distant(at, 0.02).but(environment={"OPENSSL_CONF": None})
