/* rds_request: see rds_request.h. */
#include "rds_request.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *const rds_parameter_names[RDS_PARAMETERS] = {
	"Action", "DBUser", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
	"X-Amz-Security-Token", "X-Amz-SignedHeaders", "X-Amz-Signature",
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

const char *
rds_request_parse(struct rds_request *parsed, const char *token)
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
		while (which < RDS_PARAMETERS && strcmp(rds_parameter_names[which], name) != 0)
			which++;
		if (which == RDS_PARAMETERS)
			return "the token has a parameter that tokens do not have";
		if (parsed->values[which])
			return "the token has a parameter twice";
		parsed->values[which] = value;
	}
	for (int which = 0; which < RDS_PARAMETERS; which++)
		if (parsed->values[which] == NULL && which != RDS_SECURITY_TOKEN)
			return "the token lacks a parameter: it is cut off, or not for a database";
	return NULL;
}
