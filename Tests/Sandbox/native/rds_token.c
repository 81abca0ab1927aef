/* rds_token: see rds_token.h. */
#include "rds_token.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#define SERVICE "rds-db"
#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"
#define HEX_DIGEST (2 * SHA256_DIGEST_LENGTH)

/* The parameters of a token, in the order of their names: the order of the canonical query. */
enum parameter
{
	ACTION, DB_USER, ALGORITHM_NAME, CREDENTIAL, DATE, EXPIRES, SECURITY_TOKEN, SIGNED_HEADERS,
	SIGNATURE, PARAMETERS
};

static const char *const names[PARAMETERS] = {
	"Action", "DBUser", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
	"X-Amz-Security-Token", "X-Amz-SignedHeaders", "X-Amz-Signature",
};

/* A decoded token: one allocation, with the values pointing into it. */
struct token
{
	char	   *text;
	char	   *authority;
	char	   *values[PARAMETERS];
};

static int
hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}

/* Decodes %XX in place. False for a broken escape, a NUL, and '+', which has two meanings. */
static bool
percent_decode(char *text)
{
	char	   *to = text;

	for (const char *from = text; *from; from++, to++)
	{
		*to = *from;
		if (*from == '+')
			return false;
		if (*from == '%')
		{
			int			high = hex_value(from[1]);
			int			low = high < 0 ? -1 : hex_value(from[2]);

			if (low < 0 || (high | low) == 0)
				return false;
			*to = (char) (high << 4 | low);
			from += 2;
		}
	}
	*to = '\0';
	return true;
}

static void
hex(const unsigned char digest[SHA256_DIGEST_LENGTH], char text[HEX_DIGEST + 1])
{
	for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

/* Takes the token apart. NULL, or what is wrong with its shape. */
static const char *
parse(struct token *parsed, const char *token)
{
	char	   *query;
	char	   *rest;

	for (const unsigned char *byte = (const unsigned char *) token; *byte; byte++)
		if (*byte <= ' ' || *byte >= 0x7f)
			return "the password has a byte that no token has: it is no token, or was wrapped";
	parsed->text = strdup(token);
	if (parsed->text == NULL)
		return "out of memory";
	query = strchr(parsed->text, '/');
	if (query == NULL || query[1] != '?')
		return "the password is no token: it does not begin with host:port/?";
	*query = '\0';
	parsed->authority = parsed->text;
	rest = query + 2;
	while (rest)
	{
		char	   *name = strsep(&rest, "&");
		char	   *value = name;
		int			which = 0;

		strsep(&value, "=");
		if (value == NULL || strchr(value, '='))
			return "a parameter is not of the form name=value";
		if (!percent_decode(name) || !percent_decode(value))
			return "a parameter is not percent-encoded";
		while (which < PARAMETERS && strcmp(names[which], name) != 0)
			which++;
		if (which == PARAMETERS)
			return "the token has a parameter that tokens do not have";
		if (parsed->values[which])
			return "the token has a parameter twice";
		parsed->values[which] = value;
	}
	for (int which = 0; which < PARAMETERS; which++)
		if (parsed->values[which] == NULL && which != SECURITY_TOKEN)
			return "the token lacks a parameter: it is cut off, or not for a database";
	return NULL;
}

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
check_time(const struct token *token, time_t now)
{
	time_t		date = parse_date(token->values[DATE]);
	int			life = parse_life(token->values[EXPIRES]);

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
check_credential(const struct rds_server *server, const struct token *token, char *credential,
				 const struct rds_key **key)
{
	char	   *access_key = strsep(&credential, "/");
	char	   *day = strsep(&credential, "/");
	char	   *region = strsep(&credential, "/");
	char	   *service = strsep(&credential, "/");
	const char *session = token->values[SECURITY_TOKEN];

	if (service == NULL || credential == NULL || strcmp(credential, TERMINATOR) != 0)
		return "X-Amz-Credential is not key/date/region/service/aws4_request";
	if (strlen(day) != 8 || strncmp(day, token->values[DATE], 8) != 0)
		return "the credential's date is not the date of X-Amz-Date";
	if (strcmp(region, server->region) != 0)
		return "the token is for another region";
	if (strcmp(service, SERVICE) != 0)
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

/* SigV4's own percent-encoding: everything but unreserved characters, in capital hex digits. */
static void
write_encoded(FILE *out, const char *text)
{
	for (; *text; text++)
	{
		unsigned char byte = (unsigned char) *text;

		if (isascii(byte) && (isalnum(byte) || strchr("-._~", byte)))
			fputc(byte, out);
		else
			fprintf(out, "%%%02X", byte);
	}
}

/* The canonical request's digest, in hex. False when memory is short. */
static bool
digest_request(const struct rds_server *server, const struct token *token, char text[HEX_DIGEST + 1])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char	   *request = NULL;
	size_t		length = 0;
	FILE	   *out = open_memstream(&request, &length);
	bool		done;

	if (out == NULL)
		return false;
	fputs("GET\n/\n", out);
	for (int which = 0; which < SIGNATURE; which++)
		if (token->values[which])
		{
			if (which > 0)
				fputc('&', out);
			fprintf(out, "%s=", names[which]);
			write_encoded(out, token->values[which]);
		}
	/* The port of https is not part of a Host header (RFC 9110, 4.2.3), and botocore omits it. */
	if (strcmp(server->port, "443") == 0)
		fprintf(out, "\nhost:%s\n\nhost\n", server->host);
	else
		fprintf(out, "\nhost:%s:%s\n\nhost\n", server->host, server->port);
	SHA256((const unsigned char *) "", 0, digest);
	hex(digest, text);
	fputs(text, out);
	done = !ferror(out);
	done = fclose(out) == 0 && done;
	if (done)
	{
		SHA256((const unsigned char *) request, length, digest);
		hex(digest, text);
	}
	free(request);
	return done;
}

static bool
hmac(const void *key, size_t key_length, const char *message,
	 unsigned char result[SHA256_DIGEST_LENGTH])
{
	return HMAC(EVP_sha256(), key, (int) key_length, (const unsigned char *) message,
				strlen(message), result, NULL) != NULL;
}

/* The signature that the token should have, in hex. */
static bool
sign(const struct rds_server *server, const struct rds_key *key, const struct token *token,
	 char signature[HEX_DIGEST + 1])
{
	const char *date = token->values[DATE];
	char		request[HEX_DIGEST + 1];
	unsigned char result[SHA256_DIGEST_LENGTH];
	char	   *seed = NULL;
	char	   *message = NULL;
	char		day[9];
	bool		done = false;

	snprintf(day, sizeof day, "%.8s", date);
	if (digest_request(server, token, request) &&
		asprintf(&seed, "AWS4%s", key->secret_access_key) >= 0 &&
		asprintf(&message, "%s\n%s\n%s/%s/%s/%s\n%s", ALGORITHM, date, day, server->region, SERVICE,
				 TERMINATOR, request) >= 0)
		done = hmac(seed, strlen(seed), day, result) &&
			hmac(result, sizeof result, server->region, result) &&
			hmac(result, sizeof result, SERVICE, result) &&
			hmac(result, sizeof result, TERMINATOR, result) &&
			hmac(result, sizeof result, message, result);
	if (done)
		hex(result, signature);
	free(seed);
	free(message);
	return done;
}

static const char *
check(const struct rds_server *server, const char *user, const struct token *token, time_t now)
{
	const struct rds_key *key = NULL;
	char		expected[HEX_DIGEST + 1];
	char	   *credential;
	const char *refusal = check_authority(server, token->authority);

	if (refusal == NULL && strcmp(token->values[ACTION], "connect") != 0)
		refusal = "the token's Action is not connect";
	if (refusal == NULL && strcmp(token->values[DB_USER], user) != 0)
		refusal = "the token is for another database user";
	if (refusal == NULL && strcmp(token->values[ALGORITHM_NAME], ALGORITHM) != 0)
		refusal = "the token's algorithm is not AWS4-HMAC-SHA256";
	if (refusal == NULL && strcmp(token->values[SIGNED_HEADERS], "host") != 0)
		refusal = "the token signs other headers than host";
	if (refusal == NULL)
		refusal = check_time(token, now);
	if (refusal)
		return refusal;

	credential = strdup(token->values[CREDENTIAL]);
	if (credential == NULL)
		return "out of memory";
	refusal = check_credential(server, token, credential, &key);
	free(credential);
	if (refusal)
		return refusal;
	if (!sign(server, key, token, expected))
		return "the signature cannot be computed";
	return same_secret(expected, token->values[SIGNATURE]) ? NULL : "the signature is wrong";
}

const char *
rds_token_refusal(const struct rds_server *server, const char *user, const char *token, time_t now)
{
	struct token parsed = {0};
	const char *refusal = parse(&parsed, token);

	if (refusal == NULL)
		refusal = check(server, user, &parsed, now);
	free(parsed.text);
	return refusal;
}
