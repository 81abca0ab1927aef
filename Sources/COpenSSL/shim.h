#pragma once
/*
 * SHA256_Init and its companions are marked as deprecated in favour of EVP. They are used on purpose: see
 * Sources/TLS/SHA256.swift.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* What follows wraps macros and typed stacks, which Swift cannot call. */

static inline int dbauth_ssl_set_server_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}

static inline int dbauth_ctx_set_minimum(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int dbauth_ctx_set_maximum(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_max_proto_version(context, version);
}

static inline int dbauth_ctx_set_groups(SSL_CTX *context, const char *groups) {
  return (int)SSL_CTX_set1_groups_list(context, groups);
}

static inline void dbauth_ctx_disable_session_cache(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void dbauth_ssl_set_message_context(SSL *ssl, void *argument) {
  SSL_set_msg_callback_arg(ssl, argument);
}

static inline int dbauth_ssl_negotiated_group(SSL *ssl) { return (int)SSL_get_negotiated_group(ssl); }

static inline int dbauth_ssl_peer_key_exchange(SSL *ssl, EVP_PKEY **key) {
  return (int)SSL_get_peer_tmp_key(ssl, key);
}

static inline long dbauth_bio_contents(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

static inline int dbauth_error_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline int dbauth_error_library(unsigned long code) { return ERR_GET_LIB(code); }

static inline STACK_OF(X509) *dbauth_certificates_new(void) { return sk_X509_new_null(); }
static inline int dbauth_certificates_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *dbauth_certificates_at(const STACK_OF(X509) *stack, int index) {
  return sk_X509_value(stack, index);
}
/* The stack takes a reference of its own. */
static inline int dbauth_certificates_append(STACK_OF(X509) *stack, X509 *certificate) {
  return X509_add_cert(stack, certificate, X509_ADD_FLAG_UP_REF);
}
static inline void dbauth_certificates_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

static inline int dbauth_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline const GENERAL_NAME *dbauth_names_at(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}
/* The text of a dNSName or the bytes of an iPAddress; NULL for names of other kinds. */
static inline const ASN1_STRING *dbauth_name_dns(const GENERAL_NAME *name) {
  return name->type == GEN_DNS ? name->d.dNSName : NULL;
}
static inline const ASN1_STRING *dbauth_name_ip(const GENERAL_NAME *name) {
  return name->type == GEN_IPADD ? name->d.iPAddress : NULL;
}

/* RFC 2253, but with letters beyond ASCII as they are (UTF-8) instead of in hexadecimal. */
static inline int dbauth_name_print(BIO *bio, const X509_NAME *name) {
  return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
}

static inline void dbauth_store_context_set_argument(X509_STORE_CTX *context, void *argument) {
  X509_STORE_CTX_set_app_data(context, argument);
}
static inline void *dbauth_store_context_argument(X509_STORE_CTX *context) {
  return X509_STORE_CTX_get_app_data(context);
}
