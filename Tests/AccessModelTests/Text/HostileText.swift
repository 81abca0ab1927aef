/// Texts that want to be something else where they are shown.
enum HostileText {
  static let all: [String] = [
    "\u{1B}[2J\u{1B}[1;31mred", "\u{9B}31m", "bell\u{7}", "back\u{8}space", "del\u{7F}", "zero\u{0}byte",
    "line\nbreak", "carriage\rreturn", "\r\n", "tab\tstop", "next\u{85}line", "\u{2028}line\u{2029}paragraph",
    "left\u{202E}right\u{2066}x\u{2069}", "zero\u{200B}width\u{FEFF}", "soft\u{AD}hyphen", "tag\u{E0041}s",
    "no\u{FFFE}character\u{FFFF}", "::error file=x::y", "\n::stop-commands::z", " \t\u{A0}::error::y",
    "##vso[task.setvariable variable=a]b", "x ##[error]y", "##teamcity[buildStatus status='SUCCESS']",
    "section_start:1:x\r\u{1B}[0K", "travis_fold:start:x",
    "$(touch /tmp/x)", "`touch /tmp/x`", "'; touch /tmp/x; '", "\"; \\! touch /tmp/x\n", "\\! touch /tmp/x",
    "x\n\\! touch /tmp/x", "x\n\\copy t from program 'touch /tmp/x'", "!! !x", "~root", "=ls", "-rf", "--yes",
    "",
    " ", "%s%n", "*?[a]", "a&b|c>d<e", "{a,b}", "a\\", "it's", "\"q\"", "”“’", "<script>alert(1)</script>",
    "]]>",
    "a,b:c", "%0A::error::y", "｜名前🐘", "--", "/*", "*/ x", "$$", "x\n", "\n",
  ]
}
