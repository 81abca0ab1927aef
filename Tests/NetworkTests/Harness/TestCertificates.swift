import Foundation
import Synchronization
import TLS
import Testing

/// Certificates made on the spot by the openssl command, once for all tests.
struct TestCertificates: Sendable {
  let folder: TemporaryFolder

  static let made = Task { try await make() }

  /// What is left when the tests have ended; a static value has no end of its own.
  private static let leftovers = Mutex<[String]>([])

  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// The only certificate of a file.
  func certificate(_ name: String) throws -> Certificate {
    try #require(TrustBundle.load(path: path("\(name).pem")).certificates.first)
  }

  func bundle(_ name: String) throws -> TrustBundle { try TrustBundle.load(path: path("\(name).pem")) }

  private static func make() async throws -> TestCertificates {
    let folder = try TemporaryFolder()
    leftovers.withLock { $0.append(folder.path) }
    atexit {
      for path in TestCertificates.leftovers.withLock({ $0 }) {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
    let script = try folder.write(Self.script, to: "make.sh")
    _ = try await RunningProgram.start("/bin/sh", [script, folder.path], until: "all made")
    return TestCertificates(folder: folder)
  }

  private static let script = """
    set -e; cd "$1"; exec 2>&1
    ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
    authority() { openssl req -x509 $ec -keyout $1.key -out $1.pem -days 3650 -subj "/O=Example/CN=$2" \\
      -addext keyUsage=keyCertSign; }
    # name, key, authority, subject, extensions
    issue() {
      openssl req -utf8 $2 -keyout $1.key -out $1.csr -subj "$4"
      printf "$5\\n" > $1.ext
      openssl x509 -req -in $1.csr -CA $3.pem -CAkey $3.key -CAcreateserial -days 365 -out $1.pem -extfile $1.ext
    }
    authority root 'Test Root'
    authority other 'Another Root'
    issue middle "$ec" root '/CN=Test Intermediate' 'basicConstraints=CA:TRUE'
    issue server '-newkey rsa:2048 -nodes' root '/O=Exämple/CN=db.example.com' \\
      'subjectAltName=DNS:db.example.com,DNS:*.cluster.example.com,IP:10.0.0.1,IP:fd00::1'
    issue below "$ec" middle '/CN=below.example.com' 'subjectAltName=DNS:below.example.com'
    issue client "$ec" root '/CN=client.example.com' 'extendedKeyUsage=clientAuth'
    openssl req -x509 $ec -keyout own.key -out own.pem -days 365 -subj /CN=own.example.com
    openssl x509 -in root.pem -outform DER -out root.der
    cat below.pem middle.pem > below-chain.pem
    cat below.pem middle.pem root.pem > below-root.pem
    echo 'all made'
    """
}
