/* rds_request: a token taken apart. */
#ifndef RDS_REQUEST_H
#define RDS_REQUEST_H

/* The parameters of a token, in the order of their names: the order of the canonical query. */
enum rds_parameter
{
	RDS_ACTION, RDS_DB_USER, RDS_ALGORITHM, RDS_CREDENTIAL, RDS_DATE, RDS_EXPIRES,
	RDS_SECURITY_TOKEN, RDS_SIGNED_HEADERS, RDS_SIGNATURE, RDS_PARAMETERS
};

extern const char *const rds_parameter_names[RDS_PARAMETERS];

/* One allocation, `text`, with the decoded parts pointing into it. */
struct rds_request
{
	char	   *text;
	char	   *authority;
	char	   *values[RDS_PARAMETERS];
};

/*
 * Takes a token apart into `parsed`, which has to be zero before. NULL, or what is wrong with its
 * shape: every parameter has to be there once (the session token at most once), and no other.
 * Free `text` in both cases.
 */
const char *rds_request_parse(struct rds_request *parsed, const char *token);

#endif
