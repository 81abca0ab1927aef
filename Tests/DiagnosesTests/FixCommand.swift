import Diagnoses

/// A block under Fix, with what stands in front of it.
struct FixCommand {
  let block: CodeBlock
  /// The prose between the block before, or the heading, and this block.
  let introduction: String
  let isFirst: Bool

  /// The blocks of a page's Fix, in order.
  static func all(of page: DiagnosisPage) -> [FixCommand] {
    guard let fix = page.section(.fix) else { return [] }
    var commands: [FixCommand] = []
    var prose: [String] = []
    var isBlock = false
    for line in fix.lines {
      if line.hasPrefix("```") {
        if !isBlock {
          commands.append(
            FixCommand(
              block: fix.codeBlocks[commands.count], introduction: prose.joined(separator: " "),
              isFirst: commands.isEmpty))
          prose = []
        }
        isBlock.toggle()
      } else if !isBlock {
        prose.append(line)
      }
    }
    return commands
  }

  /// What the block's commands can do beyond the cure, comments of the shell left out.
  func risks() throws -> Set<DiagnosisPage.Risk> {
    let code = block.text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
      .joined(separator: "\n")
    return Set(try Self.patterns.filter { code.contains(try Regex($0.words)) }.map(\.risk))
  }

  /// Words of commands, and what these can do.
  private static let patterns: [(words: String, risk: DiagnosisPage.Risk)] = [
    (#"--apply-immediately|apply_immediately"#, .restart),
    (#"\breboot-|\brestart\b|\bstop-db-|\bfailover-db-|\bmodify-db-(instance|cluster) "#, .restart),
    (#"\bREVOKE\b|ALTER ROLE \S+ NOLOGIN|\bpg_terminate_backend\b|\bKILL\b"#, .access),
    (#"--no-enable-iam|--disable-|--status Inactive|VALID UNTIL '\d|\bmodify-db-proxy"#, .access),
    (#"\bGRANT [a-z_, ]*rds_iam\b|\bRENAME TO\b|idle\w*_timeout = '"#, .access),
    (#"\bGRANT\b|ALTER ROLE \S+ LOGIN|CONNECTION LIMIT|VALID UNTIL 'infinity'"#, .privileges),
    (#"\bauthorize-security-group|\badmin-consent\b|\battach-\w+-policy|SECURITY LABEL"#, .privileges),
    (#"\bput-[a-z-]*policy\b|\bput-[a-z-]*boundary\b|\bput-secret-value\b"#, .overwrite),
    (#"\bupdate-assume-role-policy\b|\bcreate-policy-version\b|\bsetup apply\b"#, .overwrite),
    (#"\bDROP\b|\bDELETE FROM\b|\bTRUNCATE\b|\bdelete-[a-z]|\bdetach-[a-z]|\brm -"#, .overwrite),
  ]
}
