/// The pages of this folder, one for each diagnosis, embedded in the binary by the plugin EmbedFiles:
/// `CheckPages["tls/tls-name-mismatch.md"]`.
///
/// Edit the files and build; nothing has to be registered.
public enum CheckPages {}
