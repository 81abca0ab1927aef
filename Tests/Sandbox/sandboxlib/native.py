"""The C modules, compiled on the spot and kept by the digest of what went into them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .account import run
from .locks import holding
from .places import bin_folder, kept_folder, server_headers

SOURCES = Path(__file__).resolve().parent.parent / "native"

#: The verification of tokens, without PAM; the memory test builds it with sanitizers.
TOKEN_SOURCES = ["rds_token.c", "rds_request.c", "rds_signature.c", "rds_token_settings.c"]

WARNINGS = ["-Wall", "-Wextra", "-Werror"]


def compiled(sources: list[str], *, key: str, flags: list[str], libraries: list[str]) -> Path:
    """The shared object made from files in `native`, compiled when there is none yet.

    It is named after the first source. `key` says what else the result depends on, such as the
    version of the headers.
    """
    recipe = "\0".join([key, *WARNINGS, *flags, *libraries]).encode()
    texts = [path.read_bytes() for path in sorted(SOURCES.glob("*.[ch]"))]
    digest = hashlib.sha256(b"\0".join([recipe, *texts])).hexdigest()[:16]
    folder = kept_folder("modules")
    target = folder / f"{Path(sources[0]).stem}-{digest}.so"
    if target.exists():
        return target
    with holding(folder / ".lock"):
        if not target.exists():
            draft = folder / f".{target.name}"
            shape: list[str | Path] = ["-std=gnu11", "-O2", "-fPIC", "-shared", "-o", draft]
            files = [SOURCES / source for source in sources]
            run(
                ["cc", *WARNINGS, *flags, *shape, *files, *libraries],
                what=f"compiling {sources[0]} ({key})",
            )
            draft.chmod(0o755)
            draft.rename(target)
    return target


def role_rules(major: int) -> Path:
    """The module that lets members of rds_superuser administer roles, for one version."""
    version = run([bin_folder(major) / "postgres", "--version"], what="asking for the version")
    # PostgreSQL's own headers are not written for -Wextra.
    flags = ["-isystem", str(server_headers(major))]
    return compiled(["rds_roles.c"], key=version.strip(), flags=flags, libraries=[])


def token_module() -> Path:
    """The PAM module that verifies tokens."""
    libraries = ["-lpam", "-lcrypto"]
    sources = ["pam_rds_iam.c", *TOKEN_SOURCES]
    return compiled(sources, key="PAM", flags=["-D_GNU_SOURCE"], libraries=libraries)


def pam_folder_shim() -> Path:
    """The library that makes a preloaded process read its PAM services from our folder."""
    return compiled(["pam_confdir.c"], key="PAM", flags=[], libraries=["-lpam"])
