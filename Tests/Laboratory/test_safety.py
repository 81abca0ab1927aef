"""Doctor changes nothing, lets nobody act in its name, and shows no secret."""

from __future__ import annotations

import re
import subprocess
import time

import pytest

from labkit import roles
from labkit.laboratory import Laboratory
from labkit.trial import binary, doctor

#: Functions with the names of those that doctor calls, which write down who calls them.
TRAPS = """
CREATE TABLE public.caught (who name);
GRANT ALL ON public.caught TO PUBLIC;
CREATE FUNCTION public.cardinality(text[]) RETURNS int LANGUAGE sql AS
  $$INSERT INTO public.caught VALUES (current_user); SELECT 1$$;
CREATE FUNCTION public.lower(name) RETURNS text LANGUAGE sql AS
  $$INSERT INTO public.caught VALUES (current_user); SELECT $1::text$$;
"""

UNTRAP = """
DROP FUNCTION public.cardinality(text[]), public.lower(name);
DROP TABLE public.caught;
"""


def test_functions_of_other_users_are_never_called(laboratory: Laboratory) -> None:
    main = laboratory.main
    main.sql(TRAPS, "app")
    try:
        scene = laboratory.scene(main, flags=("--admin", main.admin()))
        outcome = doctor(laboratory, scene)
        assert "route-rules" not in outcome.story()
        assert main.sql("SELECT count(*) FROM public.caught", "app") == "0"
    finally:
        main.sql(UNTRAP, "app")


def test_doctor_changes_nothing(laboratory: Laboratory) -> None:
    main = laboratory.main

    def everything() -> str:
        socket = ["-h", str(main.sockets), "-p", str(main.port), "-U", "rdsadmin"]
        command = [str(main.programs / "pg_dumpall"), *socket]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        # pg_dump guards its script with a random word.
        lines = done.stdout.splitlines()
        return "\n".join(line for line in lines if not re.match(r"\\(un)?restrict ", line))

    before = everything()
    more = ("--admin", main.admin(), "--samples", "3")
    assert doctor(laboratory, laboratory.scene(main, flags=more)).verdict == "pass"
    assert everything() == before


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:s3cr%zzet@h/db",
        "postgresql://u:s3cret@[h/db",
        "host=h password=my s3cret",
        "postgresql://u:p@s3cret@h/db",
        "postgresql://u:s3/cr?s3cret@h/db",
        "postgresql://u:s3cret%00@h/db",
    ],
)
@pytest.mark.parametrize("flag", ["-d", "--admin"])
def test_a_malformed_connection_string_is_not_repeated(dsn: str, flag: str) -> None:
    more = ["-h", "h"] if flag == "--admin" else []
    command = [binary(), "doctor", flag, dsn, "--offline", *more]
    done = subprocess.run(command, capture_output=True, text=True, env={"HOME": "/nonexistent"})
    assert done.returncode in (1, 64)
    assert "s3cr" not in done.stdout + done.stderr
    assert done.stderr or done.stdout


def test_an_answer_that_repeats_the_password_is_shown_without_it(laboratory: Laboratory) -> None:
    # No SQLSTATE says what went wrong: the message itself is shown.
    text = f"bad password {roles.PASSWORD} of a proxy"
    body = b"SFATAL\0VFATAL\0CXX000\0M" + text.encode() + b"\0\0"
    request = b"R" + (8).to_bytes(4, "big") + (3).to_bytes(4, "big")
    error = b"E" + (len(body) + 4).to_bytes(4, "big") + body
    at = laboratory.scripted(laboratory.name("echo."), request + error)
    outcome = doctor(laboratory, laboratory.scene(at, user="app_password", password=roles.PASSWORD))
    assert outcome.verdict == "fail", outcome.story()
    assert roles.PASSWORD not in str(outcome.report)


def test_a_server_that_hangs_in_the_role_query_holds_doctor_no_longer(
    laboratory: Laboratory,
) -> None:
    main = laboratory.main
    holder = subprocess.Popen(
        [main.programs / "psql", "-Xq", "-h", main.sockets, "-p", str(main.port), "-U", "rdsadmin"]
        + ["-d", "app", "-c", "BEGIN; LOCK TABLE pg_depend; SELECT pg_sleep(30)"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        locked = "SELECT count(*) FROM pg_locks WHERE relation = 'pg_depend'::regclass AND granted"
        while main.sql(locked, "app") == "0":
            time.sleep(0.05)
        begin = time.monotonic()
        outcome = doctor(laboratory, laboratory.scene(main, timeout="5s"))
        assert time.monotonic() - begin <= 6.5, outcome.story()
        assert outcome.verdict == "incomplete", outcome.story()
    finally:
        holder.terminate()
        holder.wait()
        main.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%'"
        )
