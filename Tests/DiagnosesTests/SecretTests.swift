import Testing

@testable import Diagnoses

@Suite("What is shown of a log")
struct SecretTests {
  private func shown(_ line: String) -> String {
    var line = line
    return line.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      return LineExcerpt(bytes, line: 1, showing: 0..<1, hiding: SecretRanges.all(in: bytes)).text
    }
  }

  static let token = """
    mydb.abc123.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app&X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Security-Token=plughtoken&X-Amz-Signature=xyzzysignature
    """

  @Test(
    "has neither tokens nor passwords",
    arguments: [
      "PGPASSWORD=\(token) psql", "export PGPASSWORD='\(token)'", "{\"password\":\"\(token)\"}",
      "postgresql://app:\(token)@db/x", "postgresql://app:xyzzy%2Fplugh@db.example.com:5432/app",
      "postgres://app:xy/zzy:xyzzy@plugh@db.example.com/app", "password=xyzzy host=db",
      "password = 'xyzzy plugh' host=db",
      "ALTER ROLE app PASSWORD 'xyzzy'", "CREATE USER app IDENTIFIED BY 'xyzzy'",
      "Authorization: Bearer xyzzy.plugh",
      "Authorization: Basic xyzzy", "aws_secret_access_key = xyzzy", "AWS_SESSION_TOKEN=xyzzy",
      "\"client_secret\": \"xyzzy\"",
      "MYSQL_PWD=xyzzy mysql", "x-amz-security-token: xyzzy", "token=xyzzy",
      "SAMLResponse=xyzzy&RelayState=1",
      "DBUser=app&X-Amz-Date=1&X-Amz-Signature=xyzzy",
      "ken=plugh%2Fxyzzy&X-Amz-Signature=xyz", "xyzzy" + String(repeating: "aB3/", count: 40),
      "mydb:5432%2F%3FAction%3Dconnect%26X-Amz-Signature%3Dxyzzy",
      #"{"log":"{\"password\":\"xyzzy\",\"user\":\"app\"}"}"#, #"{\\\"password\\\":\\\"xyzzy\\\"}"#,
      #"{\"password\":\"a\\\"xyzzy\"}"#, #"{"password":"a\"xyzzy"}"#, #"{"password":"a\\\"xyzzy"}"#,
      #"{\"Authorization\":\"Basic xyzzy\"}"#, "db_pass=xyzzy", "AccountName=a;AccountKey=xyzzy==;Suffix=b",
      "x-api-key: xyzzy", "tool --password xyzzy --host db", "tool --password 'xyzzy plugh'",
      #"["tool","--password","xyzzy"]"#, "tool\\n--password xyzzy", "password => xyzzy",
      "'password' => 'xyzzy'",
      "mysql -h db -pxyzzy orders", "mysqldump '-pxyzzy'", "mariadb -p'xyzzy plugh'", "password=no1xyzzy",
      "ALTER ROLE app PASSWORD E'xyzzy'", #"ALTER ROLE app PASSWORD E'a\'xyzzy'"#,
      "ALTER ROLE app ENCRYPTED PASSWORD 'it''s xyzzy'", "ALTER USER app PASSWORD U&'xyzzy'",
      "CREATE ROLE app LOGIN PASSWORD $$xyzzy plugh$$", "CREATE ROLE app PASSWORD $a$xyzzy$$ plugh$a$ LOGIN",
      "CREATE ROLE app PASSWORD $$xyzzy", "curl -u app:xyzzy https://db",
      "curl -s --user 'app:xyzzy plugh' https://db",
      "curl --user=app:xyzzy -k https://db", "curl -uapp:xyzzy https://db", "curl -U app:xyzzy https://db",
      "<password>xyzzy</password>", "<db:Password type=\"plain\">xyzzy plugh</db:Password>",
      "<entry key=\"db.password\">xyzzy</entry>", "<property name=\"password\" value=\"xyzzy\"/>",
      "<password><![CDATA[xyzzy]]></password>", "db.example.com:5432:orders:app:xyzzy",
      "*:*:*:app:xyzzy plugh",
      #"\:\:1:5432:orders:app:xyzzy"#, ".pgpass has db:5432:orders:app:xyzzy",
      "GET /?next=dbname%3Dorders%26password%3Dxyzzy%26user%3Dapp", "q=%7B%22password%22%3A%22xyzzy%22%7D",
      "q=password%253Dxyzzy", "url=postgresql%3A%2F%2Fapp%3Axyzzy%40db%2Forders", "password%3dxyzzy",
      "id eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4eXp6eSJ9.xyzzy", #"{"jwt":"eyJhbGciOi.xyzzy"}"#,
      #"password='it\'s xyzzy' host=db"#, #"password=it\'s\ xyzzy host=db"#,
      #"PGPASSWORD="a b"'xyzzy plugh' psql"#, #"PGPASSWORD=a"xyzzy plugh" psql"#,
      "PGPASSWORD='a'xyzzy psql", #"PGPASSWORD=a\ xyzzy psql"#, "scram_client_key=xyzzy",
      "scram_server_key=xyzzy",
      "ALTER ROLE app PASSWORD /* new */ 'xyzzy'", "ALTER ROLE app PASSWORD/* a *//* b */$$xyzzy$$",
      "DETAIL:  parameters: $1 = 'app', $2 = 'xyzzy plugh'", "no: app:xyzzy@db.example.com:5432",
      "no: app:xy:zzy@xyzzy@db/orders, said", "sshpass -p xyzzy ssh db", "sshpass -p 'xyzzy plugh' ssh",
      "sshpass -pxyzzy ssh", "redis-cli -h db -a xyzzy ping",
      #"-----BEGIN PRIVATE KEY-----\nxyzzy\nplugh\n-----END PRIVATE KEY-----"#,
      "-----BEGIN RSA PRIVATE KEY----- xyzzy plugh",
    ])
  func hidden(line: String) {
    let text = shown(line)
    #expect(!text.contains("xyzzy"), "\(text)")
    #expect(!text.contains("plugh"), "\(text)")
    #expect(text.contains("<redacted>"))
  }

  @Test(
    "has everything else",
    arguments: [
      "FATAL:  password authentication failed for user \"app\"",
      "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
      "connection to server at \"db.example.com\" (10.0.0.1), port 5432 failed: FATAL:  PAM authentication failed",
      "postgresql://app@db.example.com:5432/orders?sslmode=require",
      "The security token included in the request is expired", "psql -h db -p5432 -U app",
      "tool --password --host db", "mysql -P 3306 -p -h db", "curl -u app https://db",
      "sudo -u app:staff psql",
      "2026-01-01 10:22:33:44:55 UTC:10.0.0.1(52834):app@orders:[20493]:FATAL:  no", "<host>db</host>",
      "2026-01-01 10:22:33 UTC 10.0.0.1:app@orders: FATAL:  no",
      "C-0x55: orders/app@10.0.0.1:5432 login attempt",
      "psql -p 5432 -a -h db", "ssh -p 22 app@db.example.com", #"{"password":"","host":"db"}"#,
      "SELECT $$password$$", "redirect=https%3A%2F%2Fapp.example.com%3A443%2F",
    ])
  func kept(line: String) {
    #expect(shown(line) == line)
  }

  @Test(
    "has nothing of a password that began in an earlier line",
    arguments: [
      "ALTER ROLE app PASSWORD\n'xyzzy'", "ALTER ROLE app PASSWORD 'a\nb xyzzy'",
      "ALTER ROLE app PASSWORD /* new\none */ 'xyzzy'", "ALTER ROLE app PASSWORD -- new\n'xyzzy'",
      "ALTER ROLE app PASSWORD--new\r\n\tE'xyzzy'", "ALTER ROLE app PASSWORD -- it's new\n  -- 'b'\n'xyzzy'",
      "ALTER ROLE \"a--b\" PASSWORD -- new\n'xyzzy'", "ALTER ROLE app PASSWORD -- new */\n$$xyzzy$$",
      "ALTER ROLE app PASSWORD /* a /* b */\nc */ 'xyzzy'",
      "ALTER ROLE app PASSWORD /* a\nb */ -- c\n'xyzzy'",
      "ALTER ROLE app PASSWORD /* a\n-- b */\n'xyzzy'",
      "SELECT '/*'; ALTER ROLE app PASSWORD -- a */\n'xyzzy'",
      "CREATE USER app IDENTIFIED -- a\nBY -- b\n'xyzzy'",
      "ALTER ROLE app PASSWORD $$a\nxyzzy$$", "ALTER ROLE app PASSWORD $a$\n$$xyzzy$a$",
      "\"password\":\n\"xyzzy\"",
      "<password>\r\nxyzzy</password>", "password='a\nxyzzy'", "password = \n  'xyzzy'",
      "-----BEGIN PRIVATE KEY-----\nxyzzy", "-----BEGIN PRIVATE KEY-----\nplugh\nxyzzy",
    ])
  func continued(text: String) throws {
    let reading = LogScanner.reading(
      of: "a line\n\(text) FATAL:  password authentication failed for user \"app\"\n",
      pages: try PageRegistry.embedded.pages())
    let examples = reading.matches.flatMap(\.examples).map(\.text)
    #expect(!examples.isEmpty)
    for example in examples {
      #expect(!example.contains("xyzzy"), "\(example)")
      #expect(example.contains("<redacted>"), "\(example)")
    }
  }

  @Test(
    "has all of a line below one that says password",
    arguments: [
      "Password:", "password authentication failed for user \"app\"", "the password is 'xyzzy'",
      "PASSWORD 'xyzzy'",
      "password='xyzzy'", "password=\"xyzzy\"", "<password>xyzzy</password>",
      "-----BEGIN PRIVATE KEY-----\nxyzzy\n-----END PRIVATE KEY-----", "PASSWORD $$xyzzy$$",
    ])
  func ended(text: String) throws {
    let line =
      "FATAL:  no pg_hba.conf entry for host \"10.0.0.1\", user \"app\", database \"orders\", no encryption"
    let reading = LogScanner.reading(of: "\(text)\n\(line)\n", pages: try PageRegistry.embedded.pages())
    #expect(reading.matches.flatMap(\.examples).contains { $0.text == line })
  }

  @Test("is cut around what was found, and a secret on the edge stays hidden")
  func excerpt() {
    var line =
      "password=" + String(repeating: "xyzzy", count: 60) + " timeout expired "
      + String(repeating: "y ", count: 400)
    let text = line.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      return LineExcerpt(bytes, line: 1, showing: 310..<325, hiding: SecretRanges.all(in: bytes)).text
    }
    #expect(text.hasPrefix("…<redacted> timeout expired y y"))
    #expect(text.hasSuffix("…"))
  }
}
