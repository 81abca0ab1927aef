/// The files of this folder, embedded in the binary by the plugin EmbedFiles:
/// `TemplateFiles["policy/connect.json.mustache"]`.
///
/// Edit the files and build; nothing has to be registered.
public enum TemplateFiles {}
