/* rds_token_settings: see rds_token_settings.h. */
#include "rds_token_settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct
{
	const char *name;
	size_t		offset;
}			settings[] = {
	{"host", offsetof(struct rds_server, host)},
	{"port", offsetof(struct rds_server, port)},
	{"region", offsetof(struct rds_server, region)},
	{"access_key_id", offsetof(struct rds_server, long_term.access_key_id)},
	{"secret_access_key", offsetof(struct rds_server, long_term.secret_access_key)},
	{"temporary_access_key_id", offsetof(struct rds_server, temporary.access_key_id)},
	{"temporary_secret_access_key", offsetof(struct rds_server, temporary.secret_access_key)},
	{"temporary_session_token", offsetof(struct rds_server, temporary.session_token)},
};

#define SETTINGS (sizeof settings / sizeof settings[0])

static char **
slot(struct rds_server *server, size_t which)
{
	return (char **) ((char *) server + settings[which].offset);
}

bool
rds_settings_read(struct rds_server *server, const char *path)
{
	FILE	   *file;
	char	   *line = NULL;
	size_t		size = 0;

	memset(server, 0, sizeof *server);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	while (getline(&line, &size, file) > 0)
	{
		char	   *value = strchr(line, '=');

		line[strcspn(line, "\n")] = '\0';
		if (value == NULL)
			continue;
		*value++ = '\0';
		for (size_t which = 0; which < SETTINGS; which++)
			if (strcmp(line, settings[which].name) == 0 && *slot(server, which) == NULL)
				*slot(server, which) = strdup(value);
	}
	free(line);
	fclose(file);
	for (size_t which = 0; which < SETTINGS; which++)
		if (*slot(server, which) == NULL)
		{
			errno = EINVAL;
			return false;
		}
	return true;
}

void
rds_settings_free(struct rds_server *server)
{
	for (size_t which = 0; which < SETTINGS; which++)
	{
		char	  **text = slot(server, which);

		/* Half of them are secrets. */
		if (*text)
			explicit_bzero(*text, strlen(*text));
		free(*text);
		*text = NULL;
	}
}
