/// What logs of database servers and their clients say most of the time.
///
/// Nothing depends on its words but speed: ``AnchorTable`` looks for parts of messages that do not occur here.
enum CommonLogText {
  /// How often three bytes follow each other.
  static func trigrams() -> [UInt32: Int] {
    let bytes = Array(lines.utf8)
    var counts: [UInt32: Int] = [:]
    for index in 0..<(bytes.count - 2) { counts[trigram(bytes, at: index), default: 0] += 1 }
    return counts
  }

  /// Three bytes as one number, the first in the lowest bits.
  static func trigram(_ bytes: [UInt8], at index: Int) -> UInt32 {
    UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
  }

  private static let lines = """
    2026-01-01 00:00:00.000 UTC [1234] LOG:  connection received: host=10.0.12.34 port=54321
    2026-01-01 00:00:00.000 UTC [1234] app@orders LOG:  connection authenticated: identity="app" method=scram-sha-256
    2026-01-01 00:00:00.000 UTC:10.0.12.34(54321):app@orders:[1234]:LOG:  connection authorized: user=app database=orders \
    application_name=psql SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)
    LOG:  disconnection: session time: 0:00:01.234 user=app database=orders host=10.0.12.34 port=54321
    LOG:  duration: 12.345 ms  statement: SELECT id, name, created_at FROM users WHERE email = $1 ORDER BY id LIMIT 10
    LOG:  execute <unnamed>: UPDATE accounts SET balance = balance - $1, updated_at = now() WHERE id = $2 RETURNING id
    DETAIL:  parameters: $1 = '12', $2 = '34'
    INSERT INTO events (kind, payload) VALUES ('login', '{"user": "app", "status": "ok"}')
    LOG:  checkpoint starting: time
    LOG:  checkpoint complete: wrote 123 buffers (0.8%); 0 WAL file(s) added, 0 removed, 1 recycled; write=12.3 s, \
    sync=0.012 s, total=12.4 s; sync files=45, longest=0.003 s, average=0.001 s; distance=1234 kB, estimate=5678 kB
    LOG:  automatic vacuum of table "orders.public.events": index scans: 1 pages: 0 removed, 123 remain
    LOG:  automatic analyze of table "orders.public.events" system usage: CPU: user: 0.01 s, system: 0.00 s
    ERROR:  duplicate key value violates unique constraint "users_email_key"
    DETAIL:  Key (email)=(someone@example.com) already exists.
    STATEMENT:  INSERT INTO users (email, name) VALUES ($1, $2)
    ERROR:  relation "public.accounts" does not exist at character 15
    ERROR:  canceling statement due to statement timeout
    ERROR:  column "id" of relation "events" does not exist
    FATAL:  the database system is starting up
    FATAL:  terminating connection due to administrator command
    FATAL:  connection to client lost
    LOG:  could not receive data from client: Connection reset by peer
    LOG:  unexpected EOF on client connection with an open transaction
    LOG:  process 1234 still waiting for ShareLock on transaction 5678 after 1000.123 ms
    connection to server at "10.0.12.34", port 5432 failed: FATAL:  the database server was not able to
    {"timestamp":"2026-01-01T00:00:00.000Z","level":"info","message":"request completed","status":200,"host":"db"}
    2026-01-01T00:00:00Z INFO GET /api/v1/users 200 12ms request_id=abcdef0123456789 error=null retry failed for the
    mydb.abc123.eu-west-1.rds.amazonaws.com:5432 certificate authentication password token role user database server
    """
}
