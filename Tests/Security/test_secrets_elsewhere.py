"""Secrets and a stranger's server on another machine, where no address is loopback."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from labkit.certificates import Identity
from labkit.laboratory import Impossible, Laboratory
from labkit.servers import Postgres

from securitykit.elsewhere import ADDRESS, Visit, visit

PASSWORD = "correct-horse-battery"
ALIAS = "db.shop.example"
PLAN = ("setup", "plan", "--iam-user", "a")
DOCTOR = ("doctor", "--timeout", "4s", "--password-from-env")
every_command = pytest.mark.parametrize("command", [PLAN, DOCTOR], ids=["setup", "doctor"])


def _visit(
    laboratory: Laboratory,
    command: tuple[str, ...],
    environment: Mapping[str, str],
    identity: Identity | None = None,
    server: Postgres | None = None,
) -> Visit:
    given = {"PGUSER": "postgres", "PGPASSWORD": PASSWORD, "PGDATABASE": "app", **environment}
    host = server.host if server else laboratory.name("strangers.")
    zone = [f"cname={ALIAS},{host}", f"host-record={host},{ADDRESS}"]
    zone.append(f"host-record=db.office.example,{ADDRESS}")
    try:
        return visit(laboratory, command, given, identity, zone, server)
    except Impossible as reason:
        pytest.skip(str(reason))


def _certified(laboratory: Laboratory) -> Identity:
    return laboratory.issuer.issue(laboratory.name("strangers."))


@every_command
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "db.office.example"])
def test_what_counts_is_where_the_packets_go(
    laboratory: Laboratory, command: tuple[str, ...], host: str
) -> None:
    to = _visit(laboratory, command, {"PGHOST": host, "PGHOSTADDR": ADDRESS})
    assert to.received(PASSWORD) == 0, to.output


def test_a_sockets_folder_beside_an_address_is_no_socket(laboratory: Laboratory) -> None:
    to = _visit(laboratory, PLAN, {"PGHOST": "/run/postgresql", "PGHOSTADDR": ADDRESS})
    assert to.received(PASSWORD) == 0, to.output


@every_command
def test_an_alias_of_an_endpoint_gets_no_password_without_a_root_file(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    to = _visit(laboratory, command, {"PGHOST": ALIAS}, _certified(laboratory))
    assert to.received(PASSWORD) == 0, to.output
    assert f"{ALIAS} is an alias of {laboratory.name('strangers.')}" in to.output, to.output


@every_command
@pytest.mark.parametrize("mode", ["", "verify-full"])
def test_an_alias_of_an_endpoint_is_not_what_its_certificate_names(
    laboratory: Laboratory, command: tuple[str, ...], mode: str
) -> None:
    environment = {"PGHOST": ALIAS, "PGSSLROOTCERT": str(laboratory.bundle), "PGSSLMODE": mode}
    to = _visit(laboratory, command, environment, _certified(laboratory))
    assert to.received(PASSWORD) == 0, to.output


@every_command
def test_an_alias_and_an_explicit_weaker_mode_are_told_before(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    environment = {"PGHOST": ALIAS, "PGSSLMODE": "require"}
    to = _visit(laboratory, command, environment, _certified(laboratory))
    assert to.received(PASSWORD) == 1, to.output
    assert f"note: {ALIAS} is an alias of" in to.output, to.output
    assert "warning: with sslmode=require (PGSSLMODE) the password goes to" in to.output, to.output


def test_verify_logs_in_at_the_endpoint_that_an_alias_leads_to(laboratory: Laboratory) -> None:
    main = laboratory.main
    key = laboratory.keys.long_term
    environment = {
        "PGHOST": ALIAS,
        "PGPORT": str(main.port),
        "PGPASSWORD": laboratory.sandbox["servers"]["pg15-rds"]["master"]["password"],
        "PGSSLROOTCERT": str(laboratory.bundle),
        "PGSSLMODE": "verify-ca",
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
    }
    command = ("setup", "verify", "--iam-user", "app_iam", "--login")
    to = _visit(laboratory, command, environment, server=main)
    assert "app_iam logged in with a token over verify-full" in to.output, to.output
    assert f"{ALIAS} is an alias of {main.host}" in to.output, to.output


MINE = "shop.abc123def456.eu-west-1.rds.amazonaws.com"


def _keys(laboratory: Laboratory) -> dict[str, str]:
    key = laboratory.keys.long_term
    return {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}


@pytest.mark.parametrize("token", ["made", "given"])
@pytest.mark.parametrize("host", ["db.office.example", ADDRESS, "hostaddr"])
def test_a_token_for_one_server_does_not_go_to_another(
    laboratory: Laboratory, host: str, token: str
) -> None:
    where = {"PGHOSTADDR": ADDRESS} if host == "hostaddr" else {"PGHOST": host}
    environment = {**where, "PGUSER": "app", **_keys(laboratory), "AWS_REGION": "eu-west-1"}
    command: tuple[str, ...] = ("doctor", "--timeout", "4s")
    if token == "made":
        command += ("--token-host", MINE)
    else:
        command += ("--password-from-env",)
        request = laboratory.request(laboratory.main, "app").but(host=MINE, port=5432)
        environment["PGPASSWORD"] = request.token()
    to = _visit(laboratory, command, environment, _certified(laboratory))
    assert to.received("X-Amz-Signature") == 0, to.output


@pytest.mark.parametrize("host", ["db.office.example", ADDRESS])
def test_it_goes_where_the_certificate_is_for_the_server_that_it_is_for(
    laboratory: Laboratory, host: str
) -> None:
    environment = {"PGHOST": host, "PGUSER": "app", **_keys(laboratory)}
    environment["PGSSLROOTCERT"] = str(laboratory.bundle)
    identity = laboratory.issuer.issue(MINE)
    command = ("doctor", "--timeout", "4s", "--token-host", MINE)
    to = _visit(laboratory, command, environment, identity)
    assert to.received("X-Amz-Signature") == 1, to.output
    assert f"note: the token for {MINE} goes to {host}" in to.output, to.output


def test_a_weaker_mode_for_another_servers_token_is_obeyed_with_a_warning(
    laboratory: Laboratory,
) -> None:
    environment = {"PGHOST": "db.office.example", "PGUSER": "app", "PGSSLMODE": "require"}
    command = ("doctor", "--timeout", "4s", "--token-host", MINE)
    environment |= _keys(laboratory)
    to = _visit(laboratory, command, environment, _certified(laboratory))
    assert to.received("X-Amz-Signature") == 1, to.output
    assert "without verifying who answers" in to.output, to.output
