/* rds_signature: AWS Signature Version 4 for database tokens. */
#ifndef RDS_SIGNATURE_H
#define RDS_SIGNATURE_H

#include <stdbool.h>

#include "rds_request.h"
#include "rds_token.h"

#define RDS_SERVICE "rds-db"
#define RDS_TERMINATOR "aws4_request"
#define RDS_SIGNATURE_ALGORITHM "AWS4-HMAC-SHA256"

/* A SHA-256 digest in hex digits. */
#define RDS_SIGNATURE_LENGTH 64

/*
 * Writes the signature, in hex, that the request should have when it was signed by `key`. False when
 * it cannot be computed, for want of memory.
 */
bool		rds_sign(const struct rds_server *server, const struct rds_key *key,
					 const struct rds_request *request, char signature[RDS_SIGNATURE_LENGTH + 1]);

#endif
