"""Login by token: the files that the PAM module and PostgreSQL need for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import native
from .account import give, write_private
from .credentials import REGION, AWSKeys
from .rules import PAM_SERVICE


@dataclass(frozen=True)
class TokenCheck:
    """Verifies the tokens of one server; `keys` are those that may sign."""

    keys: AWSKeys

    def install(self, folder: Path, host: str, port: int) -> dict[str, str]:
        """Writes the files under a server's folder; returns additions to its environment."""
        settings = folder / "tokens.conf"
        values = {
            "host": host.lower(),
            "port": str(port),
            "region": REGION,
            "access_key_id": self.keys.long_term.id,
            "secret_access_key": self.keys.long_term.secret,
            "temporary_access_key_id": self.keys.temporary.id,
            "temporary_secret_access_key": self.keys.temporary.secret,
            "temporary_session_token": self.keys.temporary.session_token,
        }
        write_private(settings, "".join(f"{name}={value}\n" for name, value in values.items()))
        services = folder / "pam.d"
        services.mkdir(exist_ok=True)
        give(services, 0o700)
        module = native.token_module()
        # PAM takes a word in brackets as one, spaces included (pam.conf(5)).
        text = f"auth required {module} [settings={settings}]\naccount required {module}\n"
        write_private(services / PAM_SERVICE, text)
        return {
            "LD_PRELOAD": str(native.pam_folder_shim()),
            "DBAUTH_SANDBOX_PAM_FOLDER": str(services),
        }
