@preconcurrency import Dispatch
import Glibc

@testable import DNS
@testable import Sockets

/// A DNS server over UDP that answers as a test says, also in ways that a real one would not.
final class ScriptedNameServer: Sendable {
  struct Question: Sendable {
    var name: String
    var isIPv6: Bool
    fileprivate var message: [UInt8]
  }

  enum Answer: Sendable {
    case records([Record], rcode: UInt8 = 0)
    case garbage
    case silence
  }

  enum Record: Sendable {
    case alias(String, String)
    case ipv4(String, [UInt8])
  }

  private let socket: LoopbackSocket
  private let source: any DispatchSourceRead
  let server: NameServer

  init(_ respond: @escaping @Sendable (Question) -> Answer) throws {
    let socket = try LoopbackSocket.udp()
    let source = DispatchSource.makeReadSource(fileDescriptor: socket.descriptor)
    (self.socket, self.source, server) = (socket, source, NameServer(socket.address))
    source.setEventHandler {
      var buffer = [UInt8](repeating: 0, count: 1_500)
      var peer = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutablePointer(to: &peer) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
          let count = recvfrom(socket.descriptor, &buffer, buffer.count, 0, peer, &length)
          guard count > 0, let question = Question(Array(buffer.prefix(count))),
            let answer = Self.encode(respond(question), question)
          else { return }
          sendto(socket.descriptor, answer, answer.count, 0, peer, length)
        }
      }
    }
    source.resume()
  }

  deinit { source.cancel() }

  private static func encode(_ answer: Answer, _ question: Question) -> [UInt8]? {
    switch answer {
    case .silence: return nil
    case .garbage:
      // One record is announced, and none follows.
      return Array(question.message.prefix(2)) + [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]
        + question.message.dropFirst(12)
    case .records(let records, let rcode):
      var message = Array(question.message.prefix(2)) + [0x81, 0x80 | rcode, 0, 1]
      message += [0, UInt8(records.count), 0, 0, 0, 0] + question.message.dropFirst(12)
      for record in records {
        switch record {
        case .alias(let owner, let target):
          message += header(owner, type: 5, data: encode(target))
        case .ipv4(let owner, let bytes):
          message += header(owner, type: 1, data: bytes)
        }
      }
      return message
    }
  }

  private static func header(_ owner: String, type: UInt8, data: [UInt8]) -> [UInt8] {
    encode(owner) + [0, type, 0, 1, 0, 0, 0, 60, 0, UInt8(data.count)] + data
  }

  private static func encode(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 } + [0]
  }
}

extension ScriptedNameServer.Question {
  fileprivate init?(_ message: [UInt8]) {
    var reader = DNSMessageReader(message, position: 12)
    guard let name = try? reader.name(), let type = try? reader.number(bytes: 2) else { return nil }
    self.init(name: name.lowercased(), isIPv6: type == 28, message: message)
  }
}
