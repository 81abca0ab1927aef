"""Section F: what a token shows by itself."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta

from sandboxlib.credentials import AccessKey, AWSKeys
from testing.tokens import Request, stamp

from labkit.catalogue import fault
from labkit.laboratory import Laboratory
from labkit.scene import Scene

REFUSED = "PAM authentication failed"


def _sent(lab: Laboratory, token: str) -> Scene:
    return lab.scene(lab.main, password=token)


def _request(lab: Laboratory) -> Request:
    return lab.request(lab.main)


def _temporary(lab: Laboratory) -> Request:
    key = lab.keys.temporary
    return _request(lab).but(key=key.id, secret=key.secret, session_token=key.session_token)


@fault("a token is followed by more text", "tok-malformed", REFUSED)
def followed(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).token() + ";export")


@fault("a token has no Action", "tok-malformed", REFUSED)
def no_action(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(parameters={"Action": None}).token())


@fault("a token's date is none", "tok-malformed", REFUSED)
def no_date(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(date="2026-11-21T05:00Z", day="20261121").token())


@fault("a token's signature is no hexadecimal number", "tok-malformed", REFUSED)
def no_signature(lab: Laboratory) -> Scene:
    head, _, signature = _request(lab).token().rpartition("=")
    return _sent(lab, head + "=" + signature[:-2] + "zz")


@fault("a token is twenty minutes old", "tok-expired", REFUSED)
def expired(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(date=stamp(timedelta(minutes=-20))).token())


@fault("a token is from last week", "tok-expired", REFUSED)
def long_expired(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(date=stamp(timedelta(days=-7))).token())


@fault("a token that was valid for five minutes is six old", "tok-expired", REFUSED)
def short_expired(lab: Laboratory) -> Scene:
    old = _request(lab).but(date=stamp(timedelta(minutes=-6)), parameters={"X-Amz-Expires": "300"})
    return _sent(lab, old.token())


@fault("a token wants to be valid for an hour", "tok-expires-over-900", REFUSED)
def hour(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(parameters={"X-Amz-Expires": "3600"}).token())


@fault("a token is for another region", "tok-wrong-region", REFUSED)
def other_region(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(region="us-east-1").token())


@fault("--region is another region than the endpoint's", "tok-wrong-region", REFUSED)
def region_flag(lab: Laboratory) -> Scene:
    scene = lab.scene(lab.main, flags=("--region", "us-east-1"))
    return scene.but(environment={"AWS_REGION": "us-east-1"})


@fault("AWS_REGION is another region than the endpoint's", "tok-wrong-region", REFUSED)
def region_variable(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, environment={"AWS_REGION": "us-east-1"})


@fault("a token is for the reader, the writer is dialled", "tok-wrong-host", REFUSED)
def reader(lab: Laboratory) -> Scene:
    at = lab.front(lab.name("shop.cluster-"))
    token = lab.request(at).but(host=lab.name("shop.cluster-ro-")).token()
    return lab.scene(at, password=token)


@fault("a token is for another instance", "tok-wrong-host", REFUSED)
def other_host(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(host=lab.name("billing.")).token())


@fault("--token-host names another instance", "tok-wrong-host", REFUSED)
def token_host(lab: Laboratory) -> Scene:
    other = lab.name("billing.")
    flags = ("--token-host", f"{other}:{lab.main.port}")
    return lab.scene(lab.main, flags=flags, token_for=(other, lab.main.port))


@fault("a token has no port", "tok-no-port", REFUSED)
def no_port(lab: Laboratory) -> Scene:
    token = _request(lab).token()
    return _sent(lab, token.replace(f":{lab.main.port}/?", "/?", 1))


@fault("a token is for another port", "tok-wrong-port", REFUSED)
def other_port(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(port=5432 if lab.main.port != 5432 else 5433).token())


@fault("a token is for the local port of a tunnel", "tok-wrong-port", REFUSED)
def tunnel_port(lab: Laboratory) -> Scene:
    main = lab.main
    local = lab.tunnel(main)
    token = lab.request(local).token()
    flags = ("--hostaddr", "127.0.0.1", "--token-host", f"{main.host}:{main.port}")
    return lab.scene(local, dns=None, password=token, flags=flags)


@fault("a token is for another user", "tok-wrong-user", REFUSED)
def other_user(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(user="app_reader").token())


@fault("a token's user differs in case", "tok-wrong-user", REFUSED)
def user_case(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(user="App_Iam").token())


@fault("a token kept its https://", "tok-scheme-prefix", REFUSED)
def scheme(lab: Laboratory) -> Scene:
    return _sent(lab, "https://" + _request(lab).token())


@fault("a token kept the scheme of a connection string", "tok-scheme-prefix", REFUSED)
def other_scheme(lab: Laboratory) -> Scene:
    return _sent(lab, "postgres://" + _request(lab).token())


@fault("a token was signed for the name in capitals", "tok-uppercase-host", REFUSED)
def capitals(lab: Laboratory) -> Scene:
    request = _request(lab)
    capital = request.host.upper()
    return _sent(lab, request.but(host=capital, signed_host=capital).token())


@fault("temporary credentials signed without their session token", "tok-no-session-token", REFUSED)
def no_session_token(lab: Laboratory) -> Scene:
    return _sent(lab, _temporary(lab).but(session_token=None).token())


@fault("AWS_SESSION_TOKEN was forgotten", "tok-no-session-token", REFUSED)
def no_session_token_own(lab: Laboratory) -> Scene:
    key = lab.keys.temporary
    environment = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    return lab.scene(lab.main, environment=environment)


@fault("a token's date is ten minutes ahead", "tok-clock-skew", REFUSED)
def ahead(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(date=stamp(timedelta(minutes=10))).token())


@fault("this machine's clock is twenty minutes behind", "tok-clock-skew", REFUSED)
def clock_behind(lab: Laboratory) -> Scene:
    scene = lab.scene(lab.main, flags=("--admin", lab.main.admin()))
    return scene.but(environment=lab.skewed_clock(-1200))


@fault("this machine's clock is ten minutes ahead", "tok-clock-skew", REFUSED)
def clock_ahead(lab: Laboratory) -> Scene:
    scene = lab.scene(lab.main, flags=("--admin", lab.main.admin()))
    return scene.but(environment=lab.skewed_clock(600))


@fault("a token was cut at 256 characters with the terminator", "tok-truncated", REFUSED)
def cut_at_255(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).token()[:255])


@fault("a token of temporary credentials was cut at 1,000 characters", "tok-truncated", REFUSED)
def cut_at_1000(lab: Laboratory) -> Scene:
    return _sent(lab, _temporary(lab).token()[:1000])


@fault("a token lost the last ten digits of its signature", "tok-truncated", REFUSED)
def cut_signature(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).token()[:-10])


def _long_session(characters: int) -> AccessKey:
    text = base64.b64encode(secrets.token_bytes(characters)).decode()[:characters]
    return AccessKey.random("ASIA", text)


@fault(
    "a session token of 4,096 characters makes a token of nine kilobytes",
    "tok-size-growth",
    r"\A\Z",
)
def size(lab: Laboratory) -> Scene:
    key = _long_session(4096)
    at = lab.front(lab.name("long."), keys=AWSKeys(lab.keys.long_term, key))
    environment = {
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_SESSION_TOKEN": key.session_token,
    }
    return lab.scene(at, environment=environment)


@fault(
    "a token is longer than a password message may be",
    "tok-over-64k",
    "SSL connection has been closed unexpectedly|server closed the connection",
)
def over_64k(lab: Laboratory) -> Scene:
    key = _long_session(64_000)
    request = _request(lab).but(key=key.id, secret=key.secret, session_token=key.session_token)
    return _sent(lab, request.token())


@fault("a token's percent signs were encoded again", "tok-double-encoded", REFUSED)
def double_encoded(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).token().replace("%", "%25"))


@fault("a token was signed for the service rds", "tok-wrong-service", REFUSED)
def service_rds(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(service="rds").token())


@fault("a token was signed for Aurora DSQL", "tok-wrong-service", REFUSED)
def service_dsql(lab: Laboratory) -> Scene:
    dsql = _request(lab).but(service="dsql", parameters={"Action": "DbConnect", "DBUser": None})
    return _sent(lab, dsql.token())


@fault("a token was signed for Redshift", "tok-wrong-service", REFUSED)
def service_redshift(lab: Laboratory) -> Scene:
    return _sent(lab, _request(lab).but(service="redshift").token())
