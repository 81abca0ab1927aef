/* rds_signature: see rds_signature.h. */
#include "rds_signature.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

static void
hex(const unsigned char digest[SHA256_DIGEST_LENGTH], char text[RDS_SIGNATURE_LENGTH + 1])
{
	for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
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
digest_request(const struct rds_server *server, const struct rds_request *request,
			   char text[RDS_SIGNATURE_LENGTH + 1])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char	   *canonical = NULL;
	size_t		length = 0;
	FILE	   *out = open_memstream(&canonical, &length);
	bool		done;

	if (out == NULL)
		return false;
	fputs("GET\n/\n", out);
	for (int which = 0; which < RDS_SIGNATURE; which++)
		if (request->values[which])
		{
			if (which > 0)
				fputc('&', out);
			fprintf(out, "%s=", rds_parameter_names[which]);
			write_encoded(out, request->values[which]);
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
		SHA256((const unsigned char *) canonical, length, digest);
		hex(digest, text);
	}
	free(canonical);
	return done;
}

static bool
hmac(const void *key, size_t key_length, const char *message,
	 unsigned char result[SHA256_DIGEST_LENGTH])
{
	return HMAC(EVP_sha256(), key, (int) key_length, (const unsigned char *) message,
				strlen(message), result, NULL) != NULL;
}

bool
rds_sign(const struct rds_server *server, const struct rds_key *key,
		 const struct rds_request *request, char signature[RDS_SIGNATURE_LENGTH + 1])
{
	const char *date = request->values[RDS_DATE];
	char		digest[RDS_SIGNATURE_LENGTH + 1];
	unsigned char result[SHA256_DIGEST_LENGTH];
	char	   *seed = NULL;
	char	   *message = NULL;
	char		day[9];
	bool		done = false;

	snprintf(day, sizeof day, "%.8s", date);
	if (digest_request(server, request, digest) &&
		asprintf(&seed, "AWS4%s", key->secret_access_key) >= 0 &&
		asprintf(&message, "%s\n%s\n%s/%s/%s/%s\n%s", RDS_SIGNATURE_ALGORITHM, date, day, server->region, RDS_SERVICE,
				 RDS_TERMINATOR, digest) >= 0)
		done = hmac(seed, strlen(seed), day, result) &&
			hmac(result, sizeof result, server->region, result) &&
			hmac(result, sizeof result, RDS_SERVICE, result) &&
			hmac(result, sizeof result, RDS_TERMINATOR, result) &&
			hmac(result, sizeof result, message, result);
	if (done)
		hex(result, signature);
	free(seed);
	free(message);
	return done;
}
