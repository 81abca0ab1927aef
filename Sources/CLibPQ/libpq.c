/*
 * libpq, loaded by the first call of one of its functions.
 *
 * It needs twenty libraries of its own (Kerberos, LDAP, GnuTLS among them), and loading them takes half of the time that a
 * program like `token`, which never calls it, runs. Every function here has libpq's own declaration, and hands on to the
 * function of that name in the library, which is found as the dynamic loader would have found it at start.
 */
#include "CLibPQ.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __APPLE__
#define LIBRARY "libpq.5.dylib"
#else
#define LIBRARY "libpq.so.5"
#endif

/* Ends the process as the loader does when a library is missing: nothing has begun that could be left half-done. */
static void *function_named(const char *name) {
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  void *function = library ? dlsym(library, name) : NULL;
  if (function) return function;
  const char *reason = dlerror();
  fprintf(stderr,
          "dbauth-admin: libpq, PostgreSQL's client library, cannot be used: %s\n"
          "  fix: install it (Debian and Ubuntu: libpq5; Fedora and RHEL: libpq)\n",
          reason ? reason : name);
  exit(1);
}

/* Hidden, so that the library's own calls reach its own functions. */
#define HAND_ON(type, name, parameters, arguments)                                         \
  __attribute__((visibility("hidden"))) type name parameters {                             \
    static _Atomic(void *) known;                                                          \
    void *function = atomic_load_explicit(&known, memory_order_relaxed);                   \
    if (!function) {                                                                       \
      function = function_named(#name);                                                    \
      atomic_store_explicit(&known, function, memory_order_relaxed);                       \
    }                                                                                      \
    return ((__typeof__(&name))function) arguments;                                        \
  }

HAND_ON(PGconn *, PQconnectStartParams, (const char *const *k, const char *const *v, int e), (k, v, e))
HAND_ON(PostgresPollingStatusType, PQconnectPoll, (PGconn *c), (c))
HAND_ON(void, PQfinish, (PGconn *c), (c))
HAND_ON(PQconninfoOption *, PQconninfo, (PGconn *c), (c))
HAND_ON(PQconninfoOption *, PQconninfoParse, (const char *text, char **message), (text, message))
HAND_ON(void, PQconninfoFree, (PQconninfoOption *options), (options))
HAND_ON(void, PQfreemem, (void *memory), (memory))
HAND_ON(int, PQlibVersion, (void), ())

HAND_ON(char *, PQdb, (const PGconn *c), (c))
HAND_ON(char *, PQuser, (const PGconn *c), (c))
HAND_ON(char *, PQpass, (const PGconn *c), (c))
HAND_ON(char *, PQhost, (const PGconn *c), (c))
HAND_ON(char *, PQport, (const PGconn *c), (c))
HAND_ON(ConnStatusType, PQstatus, (const PGconn *c), (c))
HAND_ON(PGTransactionStatusType, PQtransactionStatus, (const PGconn *c), (c))
HAND_ON(int, PQserverVersion, (const PGconn *c), (c))
HAND_ON(char *, PQerrorMessage, (const PGconn *c), (c))
HAND_ON(int, PQsocket, (const PGconn *c), (c))
HAND_ON(int, PQbackendPID, (const PGconn *c), (c))
HAND_ON(int, PQconnectionNeedsPassword, (const PGconn *c), (c))
HAND_ON(int, PQconnectionUsedPassword, (const PGconn *c), (c))
HAND_ON(int, PQsslInUse, (PGconn *c), (c))
HAND_ON(PGVerbosity, PQsetErrorVerbosity, (PGconn *c, PGVerbosity verbosity), (c, verbosity))
HAND_ON(
  PQnoticeReceiver, PQsetNoticeReceiver, (PGconn *c, PQnoticeReceiver receiver, void *context),
  (c, receiver, context))

HAND_ON(int, PQsendQuery, (PGconn *c, const char *query), (c, query))
HAND_ON(
  int, PQsendQueryParams,
  (PGconn *c, const char *query, int count, const Oid *types, const char *const *values, const int *lengths,
   const int *formats, int format),
  (c, query, count, types, values, lengths, formats, format))
HAND_ON(int, PQsetSingleRowMode, (PGconn *c), (c))
HAND_ON(int, PQsetnonblocking, (PGconn *c, int value), (c, value))
HAND_ON(int, PQflush, (PGconn *c), (c))
HAND_ON(int, PQconsumeInput, (PGconn *c), (c))
HAND_ON(int, PQisBusy, (PGconn *c), (c))
HAND_ON(PGresult *, PQgetResult, (PGconn *c), (c))
HAND_ON(PGcancel *, PQgetCancel, (PGconn *c), (c))
HAND_ON(int, PQcancel, (PGcancel *cancel, char *message, int size), (cancel, message, size))
HAND_ON(void, PQfreeCancel, (PGcancel *cancel), (cancel))

HAND_ON(ExecStatusType, PQresultStatus, (const PGresult *r), (r))
HAND_ON(char *, PQresultErrorMessage, (const PGresult *r), (r))
HAND_ON(char *, PQresultErrorField, (const PGresult *r, int field), (r, field))
HAND_ON(char *, PQcmdStatus, (PGresult *r), (r))
HAND_ON(int, PQntuples, (const PGresult *r), (r))
HAND_ON(int, PQnfields, (const PGresult *r), (r))
HAND_ON(char *, PQfname, (const PGresult *r, int column), (r, column))
HAND_ON(char *, PQgetvalue, (const PGresult *r, int row, int column), (r, row, column))
HAND_ON(int, PQgetlength, (const PGresult *r, int row, int column), (r, row, column))
HAND_ON(int, PQgetisnull, (const PGresult *r, int row, int column), (r, row, column))
HAND_ON(void, PQclear, (PGresult *r), (r))
