#pragma once
/*
 * SHA256_Init and its companions are marked as deprecated in favour of EVP. They are used on purpose: see
 * Sources/TLS/SHA256.swift.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
