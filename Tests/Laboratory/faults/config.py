"""Section A: what is wrong before any packet is sent."""

from __future__ import annotations

from urllib.parse import unquote, unquote_plus

from testing.tokens import Request

from labkit import roles
from labkit.catalogue import fault
from labkit.laboratory import Laboratory
from labkit.scene import Scene

FROM_ENVIRONMENT = ("--password-from-env",)


def _token(lab: Laboratory) -> str:
    return lab.request(lab.main).token()


def _with_plus(lab: Laboratory) -> Request:
    """A token of temporary credentials, whose session token has plus signs in it."""
    key = lab.keys.temporary
    request = lab.request(lab.main).but(key=key.id, secret=key.secret)
    return request.but(session_token=f"{key.session_token}+/+/")


def _uri(lab: Laboratory, password: str) -> Scene:
    main = lab.main
    dsn = (
        f"postgresql://app_iam:{password}@{main.host}:{main.port}/app"
        f"?sslmode=verify-full&sslrootcert={lab.bundle}&hostaddr=127.0.0.1"
    )
    return lab.scene(main, dsn=dsn, flags=FROM_ENVIRONMENT)


def _with_password(lab: Laboratory, password: str) -> Scene:
    return lab.scene(lab.main, password=password)


@fault(
    "a token stands in a URI as it is",
    "dsn-token-raw-in-uri",
    'invalid URI query parameter: "Action"',
)
def raw_in_uri(lab: Laboratory) -> Scene:
    return _uri(lab, _token(lab))


@fault(
    "a token stands in a URI's parameter as it is",
    "dsn-token-raw-in-uri",
    'extra key/value separator "=" in URI query parameter: "password"',
)
def raw_in_parameter(lab: Laboratory) -> Scene:
    main = lab.main
    dsn = f"postgresql://app_iam@{main.host}:{main.port}/app?password={_token(lab)}"
    return lab.scene(main, dsn=dsn, flags=FROM_ENVIRONMENT)


@fault(
    "a token's percent-escapes were decoded once too often", "dsn-token-form-encoded", "PAM auth"
)
def decoded(lab: Laboratory) -> Scene:
    return _with_password(lab, unquote(_with_plus(lab).token()))


@fault("a form's decoder made spaces of a token's plus signs", "dsn-token-form-encoded", "PAM auth")
def spaces(lab: Laboratory) -> Scene:
    return _with_password(lab, unquote_plus(unquote(_with_plus(lab).token())))


@fault("the password is the three asterisks of a printed URL", "dsn-token-masked", "PAM auth")
def masked(lab: Laboratory) -> Scene:
    return _with_password(lab, "***")


@fault("a URI holds a masked password", "dsn-token-masked", "PAM authentication failed")
def masked_in_uri(lab: Laboratory) -> Scene:
    return _uri(lab, "***")


def _password_file(lab: Laboratory, token: str) -> str:
    return f"{lab.main.host}:{lab.main.port}:app:app_iam:{token}\n"


@fault(
    "the colons of a token in ~/.pgpass are not escaped",
    "dsn-pgpass-colon",
    "PAM authentication failed",
)
def pgpass(lab: Laboratory) -> Scene:
    files = {".pgpass": _password_file(lab, _token(lab))}
    return lab.scene(lab.main, files=files, flags=FROM_ENVIRONMENT)


@fault(
    "the colons of a token in PGPASSFILE are not escaped",
    "dsn-pgpass-colon",
    "PAM authentication failed",
)
def passfile(lab: Laboratory) -> Scene:
    path = lab.file("passwords", "# tokens\n" + _password_file(lab, _token(lab)))
    path.chmod(0o600)
    environment = {"PGPASSFILE": str(path)}
    return lab.scene(lab.main, environment=environment, flags=FROM_ENVIRONMENT)


@fault("a token ends with a line feed", "dsn-token-newline", "PAM authentication failed")
def newline(lab: Laboratory) -> Scene:
    return _with_password(lab, _token(lab) + "\n")


@fault("a token ends with a carriage return", "dsn-token-newline", "PAM authentication failed")
def carriage_return(lab: Laboratory) -> Scene:
    return _with_password(lab, _token(lab) + "\r")


@fault("a token kept the quotes of an env file", "dsn-token-newline", "PAM authentication failed")
def quotes(lab: Laboratory) -> Scene:
    return _with_password(lab, f'"{_token(lab)}"')


@fault("PGPASSWORD is empty", "dsn-no-password", "fe_sendauth: no password supplied")
def empty_password(lab: Laboratory) -> Scene:
    return _with_password(lab, "")


@fault("PGPASSWORD is not set", "dsn-no-password", "fe_sendauth: no password supplied")
def no_password(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, flags=FROM_ENVIRONMENT)


@fault("sslmode has an underscore", "dsn-sslmode-typo", 'invalid sslmode value: "verify_full"')
def sslmode_flag(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, sslmode="verify_full")


@fault("PGSSLMODE says required", "dsn-sslmode-typo", 'invalid sslmode value: "required"')
def sslmode_environment(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, sslmode=None, environment={"PGSSLMODE": "required"})


@fault("a conninfo string says sslmode=verifyfull", "dsn-sslmode-typo", "invalid sslmode value")
def sslmode_conninfo(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, sslmode=None, options={"sslmode": "verifyfull"})


@fault("sslrootcert=system without verify-full", "dsn-weak-sslmode-system")
def weak_system(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, sslmode="require", root="system")


@fault("sslnegotiation=direct with sslmode=prefer", "dsn-weak-sslmode-direct")
def weak_direct(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, sslmode="prefer", options={"sslnegotiation": "direct"})


@fault(
    "sslrootcert=system with a libpq older than 16",
    "dsn-system-on-old-libpq",
    'root certificate file "system" does not exist',
)
def system_on_old_libpq(lab: Laboratory) -> Scene:
    return lab.scene(lab.main, root="system")


@fault(
    "the lowest TLS version is above the highest",
    "dsn-tls-range",
    "invalid SSL protocol version range",
)
def tls_range(lab: Laboratory) -> Scene:
    versions = {"ssl_min_protocol_version": "TLSv1.3", "ssl_max_protocol_version": "TLSv1.2"}
    return lab.scene(lab.main, options=versions)


@fault(
    "the environment has the lowest TLS version above the highest",
    "dsn-tls-range",
    "invalid SSL protocol version range",
)
def tls_range_environment(lab: Laboratory) -> Scene:
    versions = {"PGSSLMINPROTOCOLVERSION": "TLSv1.3", "PGSSLMAXPROTOCOLVERSION": "TLSv1.2"}
    return lab.scene(lab.main, environment=versions)


@fault(
    "nobody is named, and the account has no name either", "dsn-no-os-user", "local user with ID"
)
def no_os_user(lab: Laboratory) -> Scene:
    nobody = ("unshare", "--user", "--map-user=54321")
    return lab.scene(lab.main, user=None, wrapper=nobody, password=roles.PASSWORD)
