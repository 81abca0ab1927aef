internal import COpenSSL

/// One entry of OpenSSL's error queue, as a value.
public struct OpenSSLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The packed code, as `openssl errstr` takes it in hexadecimal.
  public var code: UInt
  /// The reason's number within its library.
  public var reasonCode: Int
  /// The reason in OpenSSL's words, such as `wrong version number`.
  public var reason: String
  /// The part of OpenSSL that reported it, such as `SSL routines`.
  public var library: String
  /// What OpenSSL added to this occurrence, such as a file name; often empty.
  public var data: String

  public init(code: UInt = 0, reasonCode: Int = 0, reason: String, library: String = "", data: String = "") {
    self.code = code
    self.reasonCode = reasonCode
    self.reason = reason
    self.library = library
    self.data = data
  }

  public var description: String {
    data.isEmpty ? reason : "\(reason) (\(data))"
  }

  /// Takes everything out of this thread's queue, oldest first. Call it before anything can suspend: the queue
  /// belongs to the thread.
  static func drain() -> [OpenSSLError] {
    var errors: [OpenSSLError] = []
    var data: UnsafePointer<CChar>?
    var flags: Int32 = 0
    while case let code = ERR_get_error_all(nil, nil, nil, &data, &flags), code != 0 {
      errors.append(
        OpenSSLError(
          code: UInt(code), reasonCode: Int(dbauth_error_reason(code)),
          reason: ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)",
          library: ERR_lib_error_string(code).map { String(cString: $0) } ?? "",
          data: flags & ERR_TXT_STRING != 0 ? data.map { String(cString: $0) } ?? "" : ""))
    }
    return errors
  }
}
