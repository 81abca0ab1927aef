import Sockets
import TLS
import Testing

@Suite("A handshake shows what the server does", .timeLimit(.minutes(1)))
struct HandshakeTests {
  private func failure(
    _ address: SocketAddress, _ options: TLSOptions = TLSOptions(), within limit: Duration = .seconds(5)
  ) async -> TLSFailure? {
    do {
      _ = try await TLSConnection.handshake(address, options, within: limit)
      return nil
    } catch { return error as? TLSFailure }
  }

  @Test("version, cipher, group and certificates are seen, whoever signed them")
  func observation() async throws {
    let server = try await OpenSSLServer.start()
    let seen = try await server.handshake().observation
    #expect(seen.version == "TLSv1.3")
    #expect(seen.cipher == "TLS_AES_256_GCM_SHA384")
    #expect(seen.group == "X25519")
    #expect(!seen.helloRetryRequest)
    #expect(!seen.clientCertificateRequested)
    #expect(seen.applicationProtocol == nil)
    #expect(seen.peerChain.map(\.commonName) == ["db.example.com"])
    #expect(seen.duration > .zero)
  }

  @Test("bytes go both ways, and the end of the stream is seen")
  func echo() async throws {
    let server = try await OpenSSLServer.start("server", ["-rev"])
    let connection = try await server.handshake()
    let deadline = ContinuousClock.now + .seconds(5)
    try await connection.write(Array("stressed\n".utf8), until: deadline)
    #expect(try await connection.read(exactly: 9, until: deadline) == Array("desserts\n".utf8))
    await connection.close(until: deadline)
  }

  @Test("a server that only knows P-256 asks for another key share")
  func helloRetryRequest() async throws {
    let server = try await OpenSSLServer.start("server", ["-groups", "P-256"])
    let seen = try await server.handshake().observation
    #expect(seen.helloRetryRequest)
    #expect(seen.group == "prime256v1")
  }

  @Test("offering P-256 first saves that round trip")
  func groups() async throws {
    let server = try await OpenSSLServer.start("server", ["-groups", "P-256"])
    let seen = try await server.handshake(TLSOptions(groups: ["P-256", "X25519"])).observation
    #expect(!seen.helloRetryRequest)
  }

  @Test("a server of TLS 1.2 is seen as one, and refuses who wants more")
  func oldServer() async throws {
    let server = try await OpenSSLServer.start("server", ["-tls1_2"])
    let seen = try await server.handshake().observation
    #expect(seen.version == "TLSv1.2")
    #expect(seen.group == "X25519")
    #expect(!seen.helloRetryRequest)
    #expect(await failure(server.address, TLSOptions(minimumVersion: .tls13))?.isVersionMismatch == true)
  }

  @Test("a server of TLS 1.3 refuses who can only do less, with an alert that says so")
  func oldClient() async throws {
    let server = try await OpenSSLServer.start("server", ["-tls1_3"])
    let result = await failure(server.address, TLSOptions(maximumVersion: .tls12))
    #expect(result == .alert(TLSAlert(number: 70)))
    #expect(result?.isVersionMismatch == true)
    #expect(result?.description.contains("protocol version") == true)
  }

  @Test("TLS 1.0 can be looked at when it is asked for")
  func ancientServer() async throws {
    let server = try await OpenSSLServer.start("server", ["-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"])
    #expect(await failure(server.address)?.isVersionMismatch == true)
    let options = TLSOptions(minimumVersion: .tls10, maximumVersion: .tls10)
    #expect(try await server.handshake(options).observation.version == "TLSv1")
  }

  @Test("the protocol for direct negotiation is offered, and a server without it says so")
  func applicationProtocol() async throws {
    let postgres = try await OpenSSLServer.start("server", ["-alpn", "postgresql"])
    let options = TLSOptions(applicationProtocols: ["postgresql"])
    #expect(try await postgres.handshake(options).observation.applicationProtocol == "postgresql")
    let web = try await OpenSSLServer.start("server", ["-alpn", "h2"])
    // no_application_protocol, RFC 7301.
    #expect(await failure(web.address, options) == .alert(TLSAlert(number: 120)))
  }

  @Test(
    "a name is indicated to the server, an address is not",
    arguments: ["db.example.com", "10.0.0.1", "fd00::1"])
  func serverName(name: String) async throws {
    let server = try await OpenSSLServer.start("server", ["-tlsextdebug", "-rev"])
    let connection = try await server.handshake(TLSOptions(serverName: name))
    // The echo makes sure that the server has printed what it saw.
    try await connection.write(Array("a\n".utf8), until: .now + .seconds(5))
    _ = try await connection.read(exactly: 2, until: .now + .seconds(5))
    #expect(server.program.text.contains("\"server name\"") == (name == "db.example.com"))
  }

  @Test("a server that asks for a client's certificate is noticed", arguments: [["-tls1_2"], ["-tls1_3"]])
  func clientCertificate(version: [String]) async throws {
    let server = try await OpenSSLServer.start("server", ["-verify", "1"] + version)
    #expect(try await server.handshake().observation.clientCertificateRequested)
  }

  @Test("a server that insists on a client's certificate says so after a handshake that looked complete")
  func missingClientCertificate() async throws {
    let server = try await OpenSSLServer.start("server", ["-Verify", "1", "-tls1_3"])
    let connection = try await server.handshake()
    // certificate_required, RFC 8446 §6.2.
    await #expect(throws: TLSFailure.alert(TLSAlert(number: 116))) {
      try await connection.read(atMost: 1, until: .now + .seconds(5))
    }
  }

  @Test("the whole presented chain is kept")
  func chain() async throws {
    let made = try await TestCertificates.made.value
    let server = try await OpenSSLServer.start("below", ["-cert_chain", made.path("below-chain.pem")])
    let seen = try await server.handshake().observation
    #expect(seen.peerChain.map(\.commonName).prefix(1) == ["below.example.com"])
    #expect(seen.peerChain.contains { $0.commonName == "Test Intermediate" })
  }

  @Test(
    "another protocol is told from a broken handshake",
    arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "E\0\0\0\u{8}oops"])
  func otherProtocol(text: String) async throws {
    let peer = try ScriptedPeer(.answer(Array(text.utf8)))
    #expect(await failure(peer.address) == .notTLS(Array(text.utf8)))
    let greeter = try ScriptedPeer(.greet(Array(text.utf8)))
    #expect(await failure(greeter.address) == .notTLS(Array(text.utf8)))
  }

  @Test("closed, cut and silent are three different things")
  func endings() async throws {
    let (cutting, silent) = (try ScriptedPeer(.reset), try ScriptedPeer(.silence))
    let closing = try ScriptedPeer(.answer([]))
    #expect(await failure(closing.address) == .closed)
    #expect(await failure(cutting.address) == .reset)
    async let usual = BusyMachine.wait()
    let started = ContinuousClock.now
    #expect(await failure(silent.address, within: .seconds(2)) == .timedOut)
    let elapsed = ContinuousClock.now - started
    let bound = BusyMachine.bound(await usual)
    #expect(elapsed < bound)
  }

  @Test("a group that OpenSSL does not know is its error, not a crash")
  func unknownGroup() async throws {
    let peer = try ScriptedPeer(.silence)
    guard case .openSSL(let errors) = await failure(peer.address, TLSOptions(groups: ["P-999"])) else {
      Issue.record("the group was taken")
      return
    }
    #expect(!errors.isEmpty)
  }

  @Test("OpenSSL says which version it is")
  func version() { #expect(OpenSSLLibrary.version.hasPrefix("OpenSSL 3")) }
}
