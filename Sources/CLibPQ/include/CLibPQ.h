#pragma once

/* Where Debian and the others keep it. */
#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif

/// libpq prints notices on stderr unless a processor is set; this one drops them.
static inline void dbauth_ignore_notice(void *context, const PGresult *result) {
  (void)context;
  (void)result;
}

static inline void dbauth_silence_notices(PGconn *connection) {
  PQsetNoticeReceiver(connection, dbauth_ignore_notice, NULL);
}
