"""Set-ups that are as they should be: any finding at all is a false one."""

from __future__ import annotations

from labkit import certificates, roles
from labkit.catalogue import healthy
from labkit.laboratory import Laboratory
from labkit.scene import Scene


@healthy("RDS over TLS 1.3")
def tls13(lab: Laboratory) -> Scene:
    return lab.scene(lab.main)


@healthy("RDS over TLS 1.3 with OpenSSL's own choice of curves on both sides")
def tls13_defaults(lab: Laboratory) -> Scene:
    at = lab.front(lab.name("curves."))
    return lab.scene(at, environment={"OPENSSL_CONF": None})


@healthy("RDS over TLS 1.2")
def tls12(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("tls12"), environment={"OPENSSL_CONF": None})


@healthy("an alias whose CNAME leads to the endpoint, and the endpoint's to a machine")
def alias(lab: Laboratory) -> Scene:
    machine = "ec2-52-16-1-2.eu-west-1.compute.amazonaws.com"
    dns = lab.names(
        f"cname=db.shop.example,{lab.main.host}",
        f"cname={lab.main.host},{machine}",
        f"host-record={machine},127.0.0.1",
    )
    main = lab.main
    # psql cannot verify an alias: it has to be told what doctor finds out.
    told = {"dialled": main.host, "token_for": (main.host, main.port)}
    return lab.scene(main, host="db.shop.example", dns=dns, **told)


@healthy("an endpoint that has an IPv6 address only")
def ipv6(lab: Laboratory) -> Scene:
    dns = lab.names(f"host-record={lab.main.host},::1")
    return lab.scene(lab.main, dns=dns, address="::1")


@healthy("an RDS Proxy, whose certificate comes from a public authority")
def proxy(lab: Laboratory) -> Scene:
    host = lab.name("shop.proxy-")
    issuer = lab.public.subordinate("Amazon RSA 2048 M03", "Amazon")
    identity = issuer.issue(host, "*." + host.partition(".")[2])
    roots = lab.file("AmazonRootCA1.pem", certificates.bundle(lab.public))
    return lab.scene(lab.front(host, identity), root=roots)


@healthy("a list of revoked certificates that is valid, and has another one on it")
def revocation_list(lab: Laboratory) -> Scene:
    host = lab.name("listed.")
    root = certificates.Authority.root("Example Corp Root CA", "Example")
    other = root.issue(lab.name("other."))
    lists = lab.file("root.crl", root.revocations(other.chain[0]))
    scene = lab.scene(lab.front(host, root.issue(host)))
    return scene.but(
        root=lab.file("roots.pem", certificates.bundle(root)), options={"sslcrl": str(lists)}
    )


@healthy("a tunnel: the endpoint's name, the address and port of its local end")
def tunnel(lab: Laboratory) -> Scene:
    # The tunnel's local end has a port of its own; the token is for the endpoint's.
    main = lab.main
    local = lab.tunnel(main)
    return lab.scene(
        local,
        dns=None,
        flags=("--hostaddr", "127.0.0.1", "--token-host", f"{main.host}:{main.port}"),
        token_for=(main.host, main.port),
    )


@healthy("a pooler of one's own that asks for the password in clear text, over TLS alone")
def clear_text(lab: Laboratory) -> Scene:
    host = "pool.shop.example"
    users = {"app_password": roles.PASSWORD}
    target = f"host=127.0.0.1 port={lab.main.port}"
    at = lab.pooler(host, target, users, client_tls="require")
    dns = lab.names(f"host-record={host},127.0.0.1")
    scene = lab.scene(at, dns=dns, user="app_password", database="office")
    return scene.but(password=roles.PASSWORD)


@healthy("a user with a password, who is not in rds_iam")
def password(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, user="app_password", database="office", password=roles.PASSWORD)


@healthy("an Aurora cluster's writer endpoint")
def writer(lab: Laboratory) -> Scene:
    return lab.scene(lab.front(lab.name("shop.cluster-")))


@healthy("PostgreSQL 16 with a password")
def pg16(lab: Laboratory) -> Scene:
    at = lab.front(lab.name("sixteen."), server=lab.server("pg16"), tls_to_server=False)
    return lab.scene(at, user="app_password", database="office", password=roles.PASSWORD)


@healthy("PostgreSQL 17 with a token")
def pg17(lab: Laboratory) -> Scene:
    return lab.scene(lab.server("pg17"))


@healthy("PostgreSQL 18 with a password")
def pg18(lab: Laboratory) -> Scene:
    at = lab.front(lab.name("eighteen."), server=lab.server("pg18"), tls_to_server=False)
    return lab.scene(at, user="app_password", database="office", password=roles.PASSWORD)


@healthy("an endpoint in China, below amazonaws.com.cn")
def china(lab: Laboratory) -> Scene:
    region = "cn-north-1"
    host = f"shop.{lab.network_label}.rds.{region}.amazonaws.com.cn"
    return lab.scene(lab.front(host, region=region), environment={"AWS_REGION": region})


@healthy("a token of temporary credentials")
def temporary(lab: Laboratory) -> Scene:
    key = lab.keys.temporary
    environment = {
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_SESSION_TOKEN": key.session_token,
    }
    return lab.scene(lab.main, environment=environment)


@healthy("sslmode=require without any root certificate")
def require(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, sslmode="require", root=None)


@healthy("an administrator's connection beside the user's own")
def administrator(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, flags=("--admin", lab.main.admin()))


@healthy("an endpoint that is 40 ms away")
def distant(lab: Laboratory) -> Scene:
    return lab.distant(lab.main, 0.04)
