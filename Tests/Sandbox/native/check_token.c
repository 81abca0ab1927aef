/*
 * check_token: the verification without PAM, for tests under sanitizers.
 *
 *   check_token SETTINGS USER UNIX-TIME < TOKENS
 *
 * Reads tokens, each ended by a NUL byte, and prints "ok" or the refusal for each, on a line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "rds_token.h"
#include "rds_token_settings.h"

int
main(int count, char **arguments)
{
	struct rds_server server;
	char	   *token = NULL;
	size_t		size = 0;

	if (count != 4)
	{
		fprintf(stderr, "usage: check_token SETTINGS USER UNIX-TIME < TOKENS\n");
		return 2;
	}
	if (!rds_settings_read(&server, arguments[1]))
	{
		perror(arguments[1]);
		rds_settings_free(&server);
		return 1;
	}
	while (getdelim(&token, &size, '\0', stdin) > 0)
	{
		const char *refusal = rds_token_refusal(&server, arguments[2], token,
												(time_t) strtoll(arguments[3], NULL, 10));

		puts(refusal ? refusal : "ok");
	}
	free(token);
	rds_settings_free(&server);
	return 0;
}
