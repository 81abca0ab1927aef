/* rds_token_settings: reads the file that says what tokens of one server must be. */
#ifndef RDS_TOKEN_SETTINGS_H
#define RDS_TOKEN_SETTINGS_H

#include <stdbool.h>

#include "rds_token.h"

/*
 * Fills `server` from a file of name=value lines: host, port, region, access_key_id,
 * secret_access_key, and the last two and session_token with "temporary_" before them. False, with
 * errno set, when it cannot be read or lacks one. Free with rds_settings_free in both cases.
 */
bool		rds_settings_read(struct rds_server *server, const char *path);
void		rds_settings_free(struct rds_server *server);

#endif
