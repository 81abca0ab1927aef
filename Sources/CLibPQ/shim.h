#pragma once
#include <libpq-fe.h>

/// libpq prints notices on stderr unless a processor is set; this one drops them.
static inline void dbauth_ignore_notice(void *context, const PGresult *result) {
  (void)context;
  (void)result;
}

static inline void dbauth_silence_notices(PGconn *connection) {
  PQsetNoticeReceiver(connection, dbauth_ignore_notice, NULL);
}
