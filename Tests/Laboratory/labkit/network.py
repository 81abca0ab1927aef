"""A network of the caller's own, in which packets really get lost or find no route.

It is a network namespace below a user namespace, which needs no root. Whatever is sent to its
gateway arrives at the other end of a virtual cable, where nobody is interested.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

UNSHARE = ("unshare", "--user", "--map-root-user", "--net")

GATEWAY_MAC = "02:00:00:00:00:01"

SCRIPT = """
set -e
ip link set lo up
ip link add lan0 type veth peer name lan1
ip address add {address}/24 dev lan0
ip link set lan0 up
ip link set lan1 up
ip neigh add {gateway} lladdr {mac} dev lan0
{routes}
setpriv --pdeathsig KILL dnsmasq --conf-file={settings} >/dev/null 2>&1 &
names=$!
tries=0
until grep -q ':0035 ' /proc/net/udp || [ $tries -gt 200 ]; do
  sleep 0.02
  tries=$((tries + 1))
done
status=0
setpriv --pdeathsig KILL "$@" || status=$?
kill $names
exit $status
"""

#: As labkit.names has it, but on DNS's own port and as the namespace's own root.
SETTINGS = """no-resolv
no-hosts
bind-interfaces
listen-address=127.0.0.1
keep-in-foreground
port=53
user=root
group=
pid-file=
local=/#/
"""


@cache
def is_possible() -> bool:
    """Whether this system lets us have networks of our own."""
    probe = [*UNSHARE, "ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def inside(
    folder: Path, zone: list[str], *, address: str, gateway: str, routed: bool = True
) -> tuple[str, ...]:
    """What a command is put behind to run in a network of its own.

    It has one interface with `address`, DNS with this zone at 127.0.0.1:53, and, if `routed`, a
    gateway that drops everything.
    """
    folder.mkdir()
    settings = folder / "dnsmasq.conf"
    settings.write_text(SETTINGS + "".join(f"{line}\n" for line in zone))
    routes = f"ip route add default via {gateway}" if routed else ""
    script = folder / "run.sh"
    text = SCRIPT.format(
        address=address, gateway=gateway, mac=GATEWAY_MAC, routes=routes, settings=settings
    )
    script.write_text(text)
    return (*UNSHARE, "sh", str(script))
