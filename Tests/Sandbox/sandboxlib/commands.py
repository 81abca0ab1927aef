"""The commands of `sandbox`: up, down, status and env."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

from . import catalogue, environment, registry
from .errors import SandboxError
from .places import require_reachable
from .supervisor import Plan, launch
from .watch import DETACH


def main(arguments: list[str]) -> int:
    """Runs one command; 0 is success, 1 a failure that is explained on stderr, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="PostgreSQL servers on loopback that behave like Amazon RDS."
    )
    commands = parser.add_subparsers(required=True, metavar="up|down|status|env")
    names = ", ".join(kind.name for kind in catalogue.CATALOGUE)

    def command(name: str, function: object, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(command=function)
        return added

    def choice(added: argparse.ArgumentParser) -> None:
        added.add_argument("--id", help="the sandbox; else $DBAUTH_SANDBOX_ID, else the only one")
        added.add_argument("--dir", type=Path, help="the sandbox in this folder")

    up = command("up", _up, "Start a sandbox and print the path of its environment file.")
    up.add_argument("--only", metavar="NAME,…", help=f"these servers only, of {names}")
    up.add_argument("--dir", type=Path, help="put everything into this new or empty folder")
    up.add_argument("--id", help="call the sandbox this; else a random name")
    up.add_argument("--foreground", action="store_true", help="stay, and end it when this ends")
    up.add_argument(
        "--while", dest="companion", type=int, metavar="PID", help="end it with process PID"
    )
    up.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="start every server with this setting; may be given several times",
    )
    up.add_argument("--ttl", type=float, metavar="SECONDS", help="end it after so long")

    down = command("down", _down, "End a sandbox and remove everything that it wrote.")
    choice(down)
    down.add_argument("--all", action="store_true", help="every sandbox of this user")

    status = command("status", _status, "List the running sandboxes and their servers.")
    choice(status)

    env = command("env", _env, "Print what a client needs to know, as JSON or for eval.")
    choice(env)
    env.add_argument("--only", metavar="NAME,…", help="these servers only")
    env.add_argument("--shell", action="store_true", help="export lines for one server")
    env.add_argument("--server", metavar="NAME", help="the server for --shell; else the first")
    env.add_argument("--temporary", action="store_true", help="with --shell: the temporary AWS key")
    return parser


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (equals and re.fullmatch(r"[a-z_][a-z0-9_.]*", name)):
        raise argparse.ArgumentTypeError(f"{text!r}: a setting is NAME=VALUE, such as fsync=off")
    return name, value


def _up(options: argparse.Namespace) -> int:
    kinds = catalogue.select(options.only)
    folder = options.dir.absolute() if options.dir else None
    place, lock = registry.create(options.id or os.environ.get("DBAUTH_SANDBOX_ID"), folder)
    try:
        require_reachable(place.folder)
        lifeline_read, lifeline = os.pipe2(os.O_CLOEXEC)
        report_read, report = os.pipe2(os.O_CLOEXEC)
        plan = Plan(
            kinds,
            lifeline_read,
            lifeline,
            report,
            options.ttl,
            options.companion,
            dict(options.set),
        )
    except BaseException:
        place.remove(lock)
        registry.sweep()
        raise
    launch(place, lock, plan)
    for descriptor in (lock, lifeline_read, report):
        os.close(descriptor)
    _stop_on_signals()
    with os.fdopen(report_read) as reports:
        answer = json.loads(reports.readline() or "{}")
    if "ready" not in answer:
        raise SandboxError(
            answer.get("error", "the sandbox's supervisor was killed as it started.")
        )
    print(answer["ready"], flush=True)
    if not options.foreground:
        os.write(lifeline, DETACH)
        return 0
    while place.is_alive():
        time.sleep(0.1)
    return 0


def _stop_on_signals() -> None:
    """Ends this process by an exception, which closes the lifeline to the supervisor."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    # SIGINT too: a shell that starts a job in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _down(options: argparse.Namespace) -> int:
    registry.sweep()
    if options.all:
        for place in registry.list_places():
            registry.end(place)
    else:
        registry.end(registry.find(options.id, options.dir))
    return 0


def _status(options: argparse.Namespace) -> int:
    registry.sweep()
    if options.id or options.dir:
        places = [registry.find(options.id, options.dir)]
    else:
        places = registry.list_places()
    for place in places:
        print(f"{place.id}  {place.folder}")
        if not place.environment.exists():
            print("  starting")
            continue
        for name, server in environment.read(place.environment)["servers"].items():
            tls = "TLS and IAM tokens" if server["tls"] else "passwords only, no TLS"
            address = f"{server['hostaddr']}:{server['port']}"
            print(f"  {name:<11} {server['version']}  {address:<16} {tls}")
    return 0


def _env(options: argparse.Namespace) -> int:
    found = environment.read(registry.find(options.id, options.dir).environment)
    if options.shell:
        print(environment.shell(found, options.server, temporary=options.temporary), end="")
        return 0
    if options.only is not None:
        wanted = [kind.name for kind in catalogue.select(options.only)]
        if missing := [name for name in wanted if name not in found["servers"]]:
            raise SandboxError(f"this sandbox has no {', '.join(missing)}.")
        found["servers"] = {name: found["servers"][name] for name in wanted}
    print(json.dumps(found, indent=2))
    return 0
