/// One step of an alias: `owner` is another name for `target`.
public struct CNAMERecord: Sendable, Hashable {
  public var owner: String
  public var target: String
  /// Seconds that the answer may still be kept.
  public var ttl: Int

  public init(owner: String, target: String, ttl: Int) {
    self.owner = owner
    self.target = target
    self.ttl = ttl
  }
}

/// One address of a name.
public struct AddressRecord: Sendable, Hashable {
  public var address: String
  /// Seconds that the answer may still be kept; nil for what does not come from DNS.
  public var ttl: Int?
  public var isIPv6: Bool

  public init(address: String, ttl: Int? = nil, isIPv6: Bool = false) {
    self.address = address
    self.ttl = ttl
    self.isIPv6 = isIPv6
  }
}

/// How a question to DNS ended.
public enum DNSStatus: String, Sendable, Hashable, CaseIterable {
  /// With what was asked for.
  case answered
  /// The name exists, but has no record of this type.
  case noData
  /// The name does not exist (NXDOMAIN).
  case nxDomain
  /// No server answered in time.
  case timedOut
  /// SERVFAIL: the server could not find out, and RCODEs that mean no more than that.
  case serverFailure
  /// REFUSED: the server does not answer such questions from here.
  case refused
  /// The answer could not be read.
  case malformed
  /// The server's machine or the network said that nobody listens there.
  case unreachable
  /// The text cannot be a name in DNS: a label of more than 63 bytes, an empty one, or more than 255 in all.
  case invalidName
}

/// One question to one server.
public struct DNSQuery: Sendable, Hashable {
  public enum RecordType: String, Sendable, Hashable {
    case a = "A"
    case aaaa = "AAAA"
  }

  public var name: String
  public var type: RecordType
  public var server: String
  public var status: DNSStatus
  public var duration: Duration

  public init(name: String, type: RecordType, server: String, status: DNSStatus, duration: Duration) {
    self.name = name
    self.type = type
    self.server = server
    self.status = status
    self.duration = duration
  }
}

/// What a name led to, with every step on the way.
public struct Resolution: Sendable, Hashable {
  public enum Source: String, Sendable, Hashable {
    case dns
    /// The hosts file.
    case hosts
    /// The question was an address already.
    case literal
  }

  /// What was asked for, as given.
  public var question: String
  /// The name that the answer is about: the question without a trailing dot, with a search domain where one helped.
  public var name: String
  /// The aliases in order; the first one's owner is `name`.
  public var chain: [CNAMERecord]
  /// The addresses of the chain's end, IPv4 first, else as the server ordered them.
  public var addresses: [AddressRecord]
  /// `answered` when there is at least one address; otherwise what stood in the way. With `loop` or
  /// `hopLimitReached` it is `noData`.
  public var status: DNSStatus
  /// The chain leads back to a name that it has passed.
  public var loop: Bool
  /// The chain is longer than `Resolver.hopLimit`, and was not followed further.
  public var hopLimitReached: Bool
  /// The server that answered last, with its port; nil when none did.
  public var server: String?
  public var source: Source
  public var duration: Duration
  /// Every question sent, in the order of their answers.
  public var queries: [DNSQuery]

  public init(
    question: String, name: String? = nil, chain: [CNAMERecord] = [], addresses: [AddressRecord] = [],
    status: DNSStatus = .answered, loop: Bool = false, hopLimitReached: Bool = false, server: String? = nil,
    source: Source = .dns, duration: Duration = .zero, queries: [DNSQuery] = []
  ) {
    self.question = question
    self.name = name ?? question
    self.chain = chain
    self.addresses = addresses
    self.status = status
    self.loop = loop
    self.hopLimitReached = hopLimitReached
    self.server = server
    self.source = source
    self.duration = duration
    self.queries = queries
  }

  /// The name at the chain's end, which the addresses belong to.
  public var canonicalName: String { chain.last?.target ?? name }
}
