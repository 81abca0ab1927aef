import Foundation
import Testing

extension TestDatabase {
  var hasJournal: Bool { FileManager.default.fileExists(atPath: journal) }

  /// Expects apply to end with a status and a message that has all these words, and nothing to have changed.
  func expectRefusal(
    _ status: Int32, _ words: String..., of options: [String], as login: Login? = nil, journal: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try await dump()
    let result = try await setup("apply", options + ["--yes"], as: login, journal: journal)
    #expect(result.status == status, "\(result.output)", sourceLocation: sourceLocation)
    for word in words {
      #expect(result.output.contains(word), "no \(word) in: \(result.output)", sourceLocation: sourceLocation)
    }
    let changed = try await dump().differences(from: before)
    #expect(changed == [], sourceLocation: sourceLocation)
    if journal == nil { #expect(!hasJournal, sourceLocation: sourceLocation) }
  }
}
