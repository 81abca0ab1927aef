/// An ErrorResponse, by its fields: https://www.postgresql.org/docs/current/protocol-error-fields.html
public struct ServerMessage: Sendable, Hashable, CustomStringConvertible {
  /// `FATAL`, `ERROR`, untranslated where the server says so (9.6 and later).
  public var severity: String
  public var sqlstate: String
  public var message: String
  public var detail: String?
  public var hint: String?
  /// The routine of the server's source that spoke, `auth_failed` for one: it is not translated.
  public var routine: String?

  public init(
    severity: String = "FATAL", sqlstate: String, message: String, detail: String? = nil, hint: String? = nil,
    routine: String? = nil
  ) {
    self.severity = severity
    self.sqlstate = sqlstate
    self.message = message
    self.detail = detail
    self.hint = hint
    self.routine = routine
  }

  /// Reads the fields of an ErrorResponse's body.
  init(body: some Sequence<UInt8>) {
    self.init(sqlstate: "", message: "")
    var shown: String?
    var untranslated: String?
    for field in Array(body).split(separator: 0) {
      guard let code = field.first else { continue }
      let text = String(decoding: field.dropFirst(), as: UTF8.self)
      switch code {
      case UInt8(ascii: "S"): shown = text
      case UInt8(ascii: "V"): untranslated = text
      case UInt8(ascii: "C"): sqlstate = text
      case UInt8(ascii: "M"): message = text
      case UInt8(ascii: "D"): detail = text
      case UInt8(ascii: "H"): hint = text
      case UInt8(ascii: "R"): routine = text
      default: break
      }
    }
    severity = untranslated ?? shown ?? severity
  }

  /// As libpq shows it.
  public var description: String { "\(severity):  \(message)" }
}
