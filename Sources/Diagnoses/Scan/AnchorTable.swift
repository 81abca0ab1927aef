/// Finds where any of many texts may be, in one pass that looks at a fraction of the bytes.
///
/// The algorithm is that of Wu and Manber ("A fast algorithm for multi-pattern searching", 1994): of each text one
/// window of equal width is sought. Three bytes at the window's end tell by how much it can move on; only where they
/// say zero something is compared. Windows are chosen among what logs rarely say, so that zero is rare.
final class AnchorTable {
  /// One text that is sought, and where in it its window lies.
  struct Anchor {
    /// The number that the caller knows the text by.
    let id: Int
    let literal: [UInt8]
    let offset: Int
  }

  private struct Entry {
    /// The window's bytes, the first in the lowest bits.
    let key: UInt64
    let anchors: [Anchor]
  }

  /// Bytes of every window.
  let width: Int
  private let mask: UInt64
  /// By how many bytes a window may move on, by the hash of its last three bytes.
  private let shifts: UnsafeMutablePointer<UInt8>
  /// Windows that end with three bytes of this hash.
  private var buckets: [[Entry]] = []
  /// The bucket of each hash, plus one; zero for none.
  private let bucketNumbers: UnsafeMutablePointer<UInt16>

  /// Readable bytes that have to follow what is searched.
  static let padding = 8
  private static let widest = 8
  /// The shifts then fit in the first-level cache.
  private static let hashBits: UInt32 = 15

  /// - Parameter texts: for each id the literal parts of which one is to be found; the longest has at least
  ///   ``MessagePattern/fewestTogether`` bytes.
  init(_ texts: [[[UInt8]]]) {
    let longest = texts.map { $0.map(\.count).max() ?? 0 }
    let width = max(MessagePattern.fewestTogether, min(Self.widest, longest.min() ?? Self.widest))
    self.width = width
    mask = width == 8 ? .max : (1 << (8 * UInt64(width))) - 1
    let size = 1 << Int(Self.hashBits)
    shifts = .allocate(capacity: size)
    shifts.initialize(repeating: UInt8(width - 2), count: size)
    bucketNumbers = .allocate(capacity: size)
    bucketNumbers.initialize(repeating: 0, count: size)

    var windows: [UInt64: [Anchor]] = [:]
    let common = CommonLogText.trigrams()
    for (id, literals) in texts.enumerated() {
      guard let anchor = Self.rarest(of: literals, id: id, width: width, common: common) else { continue }
      let window = anchor.literal[anchor.offset..<(anchor.offset + width)]
      windows[Self.key(window), default: []].append(anchor)
    }
    for (key, anchors) in windows { insert(Entry(key: key, anchors: anchors)) }
  }

  deinit {
    shifts.deallocate()
    bucketNumbers.deallocate()
  }

  private func insert(_ entry: Entry) {
    for position in 0...(width - 3) {
      let hash = Self.hash(UInt32(truncatingIfNeeded: entry.key >> (8 * UInt64(position))))
      shifts[hash] = min(shifts[hash], UInt8(width - 3 - position))
    }
    let hash = Self.hash(UInt32(truncatingIfNeeded: entry.key >> (8 * UInt64(width - 3))))
    if bucketNumbers[hash] == 0 {
      buckets.append([])
      bucketNumbers[hash] = UInt16(buckets.count)
    }
    buckets[Int(bucketNumbers[hash]) - 1].append(entry)
  }

  /// The first place at or after `start` where a window is, or `end` when there is none.
  ///
  /// - Parameter end: at least ``padding`` readable bytes follow it.
  func nextWindow(in text: UnsafeRawPointer, from start: Int, to end: Int) -> (place: Int, anchors: [Anchor])?
  {
    var place = start
    let last = end - width
    let tail = width - 3
    while place <= last {
      let hash = Self.hash(text.loadUnaligned(fromByteOffset: place + tail, as: UInt32.self))
      let shift = shifts[hash]
      if shift != 0 {
        place += Int(shift)
        continue
      }
      let key = text.loadUnaligned(fromByteOffset: place, as: UInt64.self) & mask
      if let entry = buckets[Int(bucketNumbers[hash]) - 1].first(where: { $0.key == key }) {
        return (place, entry.anchors)
      }
      place += 1
    }
    return nil
  }

  /// A number below 2^``hashBits`` of the low three bytes.
  @inline(__always)
  private static func hash(_ bytes: UInt32) -> Int {
    Int(((bytes & 0xFF_FFFF) &* 0x9E37_79B1) >> (32 - hashBits))
  }

  private static func key(_ window: ArraySlice<UInt8>) -> UInt64 {
    window.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The window whose end logs say least often, then the one whose whole they say least often.
  private static func rarest(
    of literals: [[UInt8]], id: Int, width: Int, common: [UInt32: Int]
  ) -> Anchor? {
    var best: (cost: Int, anchor: Anchor)?
    for literal in literals where literal.count >= width {
      let counts = (0...(literal.count - 3)).map { common[CommonLogText.trigram(literal, at: $0)] ?? 0 }
      for offset in 0...(literal.count - width) {
        let window = counts[offset...(offset + width - 3)]
        let cost = 8 * (window.last ?? 0) + window.reduce(0, +)
        if best.map({ cost < $0.cost }) ?? true {
          best = (cost, Anchor(id: id, literal: literal, offset: offset))
        }
      }
    }
    return best?.anchor
  }
}
