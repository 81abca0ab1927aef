/* rds_token: see rds_token.h. */
#include "rds_token.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "rds_request.h"
#include "rds_signature.h"

/* host:port of this server; the host in any case. */
static const char *
check_authority(const struct rds_server *server, const char *authority)
{
	const char *colon = strrchr(authority, ':');
	size_t		length = strlen(server->host);

	if (colon == NULL)
		return "the token names no port";
	if ((size_t) (colon - authority) != length || strncasecmp(authority, server->host, length) != 0)
		return "the token is for another host";
	if (strcmp(colon + 1, server->port) != 0)
		return "the token is for another port";
	return NULL;
}

/* yyyymmddThhmmssZ, every field in its range. -1 for anything else. */
static time_t
parse_date(const char *text)
{
	struct tm	fields = {0};
	struct tm	again;
	char		rewritten[sizeof "yyyymmddThhmmssZ"];
	time_t		date;

	if (strlen(text) != sizeof rewritten - 1 ||
		sscanf(text, "%4d%2d%2dT%2d%2d%2dZ", &fields.tm_year, &fields.tm_mon, &fields.tm_mday,
			   &fields.tm_hour, &fields.tm_min, &fields.tm_sec) != 6)
		return -1;
	fields.tm_year -= 1900;
	fields.tm_mon -= 1;
	date = timegm(&fields);
	/* timegm takes a 13th month for the next January: only what it writes back is a date. */
	if (date < 0 || gmtime_r(&date, &again) == NULL ||
		strftime(rewritten, sizeof rewritten, "%Y%m%dT%H%M%SZ", &again) == 0 ||
		strcmp(text, rewritten) != 0)
		return -1;
	return date;
}

/* The token's life in seconds, or 0 when it is no number from 1 to the limit. */
static int
parse_life(const char *text)
{
	int			life = 0;

	if (*text < '1' || *text > '9' || strlen(text) > 3)
		return 0;
	for (; *text; text++)
	{
		if (!isdigit((unsigned char) *text))
			return 0;
		life = life * 10 + (*text - '0');
	}
	return life <= RDS_TOKEN_MAX_LIFE ? life : 0;
}

static const char *
check_time(const struct rds_request *token, time_t now)
{
	time_t		date = parse_date(token->values[RDS_DATE]);
	int			life = parse_life(token->values[RDS_EXPIRES]);

	if (date < 0)
		return "X-Amz-Date is no date";
	if (life == 0)
		return "X-Amz-Expires is not between 1 and 900 seconds";
	if (date > now + RDS_TOKEN_MAX_CLOCK_SKEW)
		return "the token is from the future: the client's clock is ahead";
	if (date + life <= now)
		return "the token has expired";
	return NULL;
}

/* Equal in content; takes as long for a wrong text as for the right one of its length. */
static bool
same_secret(const char *left, const char *right)
{
	size_t		length = strlen(left);

	return length == strlen(right) && CRYPTO_memcmp(left, right, length) == 0;
}

/* Finds the key and checks scope and session token. `credential` is a copy, to be cut up. */
static const char *
check_credential(const struct rds_server *server, const struct rds_request *token, char *credential,
				 const struct rds_key **key)
{
	char	   *access_key = strsep(&credential, "/");
	char	   *day = strsep(&credential, "/");
	char	   *region = strsep(&credential, "/");
	char	   *service = strsep(&credential, "/");
	const char *session = token->values[RDS_SECURITY_TOKEN];

	if (service == NULL || credential == NULL || strcmp(credential, RDS_TERMINATOR) != 0)
		return "X-Amz-Credential is not key/date/region/service/aws4_request";
	if (strlen(day) != 8 || strncmp(day, token->values[RDS_DATE], 8) != 0)
		return "the credential's date is not the date of X-Amz-Date";
	if (strcmp(region, server->region) != 0)
		return "the token is for another region";
	if (strcmp(service, RDS_SERVICE) != 0)
		return "the token is for another service than rds-db";
	if (strcmp(access_key, server->long_term.access_key_id) == 0)
		*key = &server->long_term;
	else if (strcmp(access_key, server->temporary.access_key_id) == 0)
		*key = &server->temporary;
	else
		return "the access key is not known";
	if ((*key)->session_token == NULL)
		return session ? "a long-term access key came with a session token" : NULL;
	if (session == NULL)
		return "a temporary access key came without its session token";
	if (!same_secret((*key)->session_token, session))
		return "the session token is not the access key's";
	return NULL;
}

static const char *
check(const struct rds_server *server, const char *user, const struct rds_request *token, time_t now)
{
	const struct rds_key *key = NULL;
	char		expected[RDS_SIGNATURE_LENGTH + 1];
	char	   *credential;
	const char *refusal = check_authority(server, token->authority);

	if (refusal == NULL && strcmp(token->values[RDS_ACTION], "connect") != 0)
		refusal = "the token's Action is not connect";
	if (refusal == NULL && strcmp(token->values[RDS_DB_USER], user) != 0)
		refusal = "the token is for another database user";
	if (refusal == NULL && strcmp(token->values[RDS_ALGORITHM], RDS_SIGNATURE_ALGORITHM) != 0)
		refusal = "the token's algorithm is not AWS4-HMAC-SHA256";
	if (refusal == NULL && strcmp(token->values[RDS_SIGNED_HEADERS], "host") != 0)
		refusal = "the token signs other headers than host";
	if (refusal == NULL)
		refusal = check_time(token, now);
	if (refusal)
		return refusal;

	credential = strdup(token->values[RDS_CREDENTIAL]);
	if (credential == NULL)
		return "out of memory";
	refusal = check_credential(server, token, credential, &key);
	free(credential);
	if (refusal)
		return refusal;
	if (!rds_sign(server, key, token, expected))
		return "the signature cannot be computed";
	return same_secret(expected, token->values[RDS_SIGNATURE]) ? NULL : "the signature is wrong";
}

const char *
rds_token_refusal(const struct rds_server *server, const char *user, const char *token, time_t now)
{
	struct rds_request parsed = {0};
	const char *refusal = rds_request_parse(&parsed, token);

	if (refusal == NULL)
		refusal = check(server, user, &parsed, now);
	free(parsed.text);
	return refusal;
}
