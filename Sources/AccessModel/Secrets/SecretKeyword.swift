/// libpq's connection keywords whose values are secrets, as of version 18.
///
/// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
package enum SecretKeyword {
  package static let all: Set<String> = [
    "password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key",
  ]
}
