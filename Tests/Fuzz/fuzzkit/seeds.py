# ruff: noqa: E501
"""Inputs as they are when nothing is wrong. Every secret is a word that nothing else says."""

from __future__ import annotations

TARGETS = [
    b"""# The targets
targets:
  orders:
    host: orders.abc123.eu-west-1.rds.amazonaws.com
    port: 5432
    user: orders_iam
    dbname: "orders"
    sslmode: 'verify-full'
    sslrootcert: global-bundle.pem
    region: eu-west-1
    profile: some
    token-host: orders.abc123.eu-west-1.rds.amazonaws.com
  "other one": {host: 10.0.0.1, user: app}
""",
    b'{"targets": {"orders": {"host": "a.example.com", "user": "app", "connect_timeout": "5"}}}',
]

SERVICES = [
    b"""# comment
[other]
host=other.example.com
[orders]
host=orders.abc123.eu-west-1.rds.amazonaws.com
port=5432
user=orders_iam
password=hunter2password
sslmode=verify-full
dbname=orders
"""
]

PASSWORDS = [
    b"""# host:port:database:user:password
other.example.com:5432:*:*:hunter2password
db.abc123.eu-west-1.rds.amazonaws.com:5432:shop:app:hunter2password
*:*:*:app:hunter2password\\:more
"""
]

CONNINFO = [
    b"postgresql://app:hunter2password@db.abc123.eu-west-1.rds.amazonaws.com:5432/shop?sslmode=verify-full",
    b"postgres://app@[::1]:5432,other:5433/shop?target_session_attrs=read-write&options=-c%20a%3Db",
    b"host=db.abc123.eu-west-1.rds.amazonaws.com port=5432 user=app password='hunter2password' dbname=shop",
    b"service=none host = 'a \\' b' connect_timeout=5",
]

AWS_CONFIG = [
    b"""[default]
region = eu-west-1

[profile some]
region = eu-west-1
aws_access_key_id = AKIAEXAMPLE1234
aws_secret_access_key = xyzzysecret
aws_session_token = plughtoken
s3 =
    max_concurrent_requests = 20

[profile role]
role_arn = arn:aws:iam::123456789012:role/some
source_profile = some
[sso-session my]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
[profile sso]
sso_session = my
sso_account_id = 123456789012
[profile process]
credential_process = /bin/false --some "thing"
"""
]

AWS_CREDENTIALS = [
    b"""[default]
aws_access_key_id = AKIAEXAMPLE1234
aws_secret_access_key = xyzzysecret

[some] # comment
aws_access_key_id=AKIAEXAMPLE1234
aws_secret_access_key=xyzzysecret
aws_session_token=plughtoken
"""
]

_SIGNED = (
    b"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE1234%2F20261121%2Feu-west-1%2Frds-db%2Faws4_request"
    b"&X-Amz-Date=20261121T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
    b"&X-Amz-Security-Token=plughtoken&X-Amz-Signature="
    b"1111111111111111111111111111111111111111111111111111111111111111"
)
TOKENS = [
    b"db.abc123.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app&" + _SIGNED,
    b"foo0bar1baz2quux3.dsql.us-east-1.on.aws/?Action=DbConnectAdmin&"
    + _SIGNED.replace(b"rds-db", b"dsql"),
    b"export PGPASSWORD='db.abc123.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app&"
    + _SIGNED
    + b"'\n",
]

LOGS = [
    b"""2026-11-21 12:00:00 UTC [17] FATAL:  PAM authentication failed for user "app"
2026-11-21 12:00:00 UTC [17] DETAIL:  Connection matched pg_hba.conf line 3: "hostssl all +rds_iam all pam"
{"level":"error","msg":"connection to server at \\"db\\" (10.0.0.1), port 5432 failed: SSL error: certificate verify failed"}
Caused by: org.postgresql.util.PSQLException: FATAL: no pg_hba.conf entry for host "10.0.0.1", user "app"
\tat org.postgresql.Driver.connect(Driver.java:1)
PGPASSWORD=hunter2password psql "postgresql://app:hunter2password@db/shop"
ALTER ROLE app PASSWORD 'hunter2password';
token: db.abc123.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app&"""
    + _SIGNED
    + b"\n",
    b"\xff\xfe\x00 password authentication failed for user \x1b[31mapp\x1b[0m\r\n" * 3,
]
