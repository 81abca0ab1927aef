"""Section G: AWS credentials, as far as they show without asking AWS."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from labkit.catalogue import fault
from labkit.laboratory import Laboratory
from labkit.scene import Scene

#: Takes away what the laboratory gives otherwise.
NO_KEYS: dict[str, str | None] = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}


def _with(lab: Laboratory, files: dict[str, str], **environment: str) -> Scene:
    scene = lab.scene(lab.main, files=files, environment={**NO_KEYS, **environment})
    return scene.but(flags=("--region", lab.region))


@fault("nobody has any AWS credentials", "cred-none")
def none(lab: Laboratory) -> Scene:
    return _with(lab, {})


@fault("the shared files hold another profile than the default one", "cred-none")
def other_profile(lab: Laboratory) -> Scene:
    key = lab.keys.long_term
    text = f"[other]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n"
    return _with(lab, {".aws/credentials": text})


@fault("the environment has an access key without its secret", "cred-partial")
def partial_environment(lab: Laboratory) -> Scene:
    return _with(lab, {}, AWS_ACCESS_KEY_ID=lab.keys.long_term.id)


@fault("the credentials file has an access key without its secret", "cred-partial")
def partial_file(lab: Laboratory) -> Scene:
    text = f"[default]\naws_access_key_id = {lab.keys.long_term.id}\n"
    return _with(lab, {".aws/credentials": text})


@fault("the sign-in of the profile's SSO session is over", "cred-sso-expired")
def sso(lab: Laboratory) -> Scene:
    config = (
        "[default]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = app\n"
        "[sso-session work]\nsso_region = eu-west-1\n"
        "sso_start_url = https://example.awsapps.com/start\n"
    )
    # The AWS tools name the file by the SHA-1 of the session's name.
    cache = f".aws/sso/cache/{hashlib.sha1(b'work').hexdigest()}.json"
    token = (
        '{"startUrl": "https://example.awsapps.com/start", "region": "eu-west-1", '
        '"accessToken": "made-up", "expiresAt": "2026-01-02T03:04:05Z"}'
    )
    return _with(lab, {".aws/config": config, cache: token})


@fault("the temporary credentials have ended", "tok-creds-expired")
def ended(lab: Laboratory) -> Scene:
    key = lab.keys.temporary
    end = datetime.now(UTC) - timedelta(minutes=10)
    assert key.session_token is not None
    return _with(
        lab,
        {},
        AWS_ACCESS_KEY_ID=key.id,
        AWS_SECRET_ACCESS_KEY=key.secret,
        AWS_SESSION_TOKEN=key.session_token,
        AWS_CREDENTIAL_EXPIRATION=end.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
