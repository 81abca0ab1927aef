/*
 * rds_token: verifies an Amazon RDS authentication token, as the service does.
 *
 * A token is a presigned SigV4 request without its scheme:
 *   host:port/?Action=connect&DBUser=…&X-Amz-Algorithm=…&…&X-Amz-Signature=…
 */
#ifndef RDS_TOKEN_H
#define RDS_TOKEN_H

#include <time.h>

/* A key pair that may sign; session_token is NULL for a long-term key. */
struct rds_key
{
	char	   *access_key_id;
	char	   *secret_access_key;
	char	   *session_token;
};

/* What a token must be for. The host is in lower case. */
struct rds_server
{
	char	   *host;
	char	   *port;
	char	   *region;
	struct rds_key long_term;
	struct rds_key temporary;
};

/* Seconds that a client's clock may be ahead of ours (AWS gives five minutes). */
#define RDS_TOKEN_MAX_CLOCK_SKEW 300

/* The longest life of a token in seconds (X-Amz-Expires). */
#define RDS_TOKEN_MAX_LIFE 900

/*
 * NULL when the token lets `user` log in to `server` at the time `now`; otherwise why not, in words
 * that hold nothing of the token.
 */
const char *rds_token_refusal(const struct rds_server *server, const char *user, const char *token,
							  time_t now);

#endif
