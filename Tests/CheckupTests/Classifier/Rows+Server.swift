import AccessModel
import FoundationEssentials
import Postgres
import Targets

@testable import Checkup

extension ClassifierRow {
  static let serverTexts: [ClassifierRow] = [
    ClassifierRow(
      "srv-starting", when: "the server is starting", words: ["starting up"],
      said("57P03", "the database system is starting up")),
    ClassifierRow(
      "srv-starting", when: "the server recovers", said("57P03", "the database system is in recovery mode")),
    ClassifierRow(
      "hba-noentry-encrypted", when: "no line is for the login with TLS",
      said("28000", #"no pg_hba.conf entry for host "10.0.0.9", user "app", database "shop", SSL encryption"#)
    ),
    ClassifierRow(
      "hba-noentry-encrypted", when: "an old server has no line for the login with TLS",
      said("28000", #"no pg_hba.conf entry for host "10.0.0.9", user "app", database "shop", SSL on"#)),
    ClassifierRow(
      "hba-reject-plaintext", when: "an old server rejects the login without TLS",
      said(
        "28000", #"pg_hba.conf rejects connection for host "10.0.0.9", user "app", database "shop", SSL off"#)
    ),
    ClassifierRow(
      "db-no-accept", when: "the database is RDS's own",
      said(
        "28000",
        #"pg_hba.conf rejects connection for host "10.0.0.9", user "app", database "rdsadmin", SSL encryption"#
      ) {
        $0.target.database = "rdsadmin"
      }),
    ClassifierRow(
      "hba-replication", when: "no line is for replication",
      said(
        "28000",
        #"no pg_hba.conf entry for replication connection from host "10.0.0.9", user "app", SSL encryption"#)),
    ClassifierRow(
      "hba-replication", when: "a line rejects replication",
      said(
        "28000",
        #"pg_hba.conf rejects replication connection for host "10.0.0.9", user "app", SSL encryption"#)),
    ClassifierRow(
      "hba-replication", when: "the role may not replicate",
      said("42501", "must be superuser or replication role to start walsender")),
    ClassifierRow(
      "hba-replication", when: "the role may not replicate, as PostgreSQL 16 says it",
      said("42501", "permission denied to start WAL sender")),
    ClassifierRow(
      "role-nologin", when: "the role may not log in", words: ["authentication succeeded"],
      said("28000", #"role "app" is not permitted to log in"#)),
    ClassifierRow(
      "role-connlimit", when: "the role's connections are used up", words: ["authentication succeeded"],
      said("53300", #"too many connections for role "app""#)),
    ClassifierRow(
      "db-connlimit", when: "the database's connections are used up",
      said("53300", #"too many connections for database "shop""#)),
    ClassifierRow(
      "srv-slots", when: "the last slots are reserved",
      said("53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute")),
    ClassifierRow(
      "srv-slots", when: "there are too many clients", said("53300", "sorry, too many clients already")),
    ClassifierRow(
      "db-missing", when: "there is no such database", words: ["authentication succeeded"],
      said("3D000", #"database "shop" does not exist"#)),
    ClassifierRow(
      "db-connect-denied", when: "CONNECT was revoked",
      said("42501", #"permission denied for database "shop""#)),
    ClassifierRow(
      "db-no-accept", when: "the database takes no connections",
      said("55000", #"database "template0" is not currently accepting connections"#)),
  ]

  static let roles: [ClassifierRow] = [
    ClassifierRow(
      "role-valid-until", when: "VALID UNTIL is set for a role that uses tokens", as: .warning,
      by: "role-attributes",
      words: ["does not limit"], .but { $0.role?.validUntil = Evidence.date + 86_400 }),
    ClassifierRow(
      "role-rds-ad-both", when: "the role is in rds_ad, too", by: "role-memberships",
      .but { $0.role?.isInActiveDirectoryRole = true }),
    ClassifierRow(
      "dns-stale-writer", when: "a cluster's writer is in recovery", by: "role-database",
      .but {
        $0.endpoint?.endpoint = DatabaseEndpoint("shop.cluster-abc123.eu-west-1.rds.amazonaws.com")
        $0.role?.isInRecovery = true
      }),
    ClassifierRow(
      "dns-stale-writer", when: "a writer was asked for and the server is in recovery", by: "role-database",
      .but {
        $0.target.settings.add("target_session_attrs", "read-write", .conninfo)
        $0.role?.isInRecovery = true
      }),
    ClassifierRow(
      "obj-privileges", when: "the role can read nothing", by: "role-objects",
      words: ["12 of 12", "public.orders"],
      .but {
        $0.role?.unreadable = 12
        $0.role?.unreadableExample = "public.orders"
      }),
  ]

  private static func said(
    _ sqlstate: String, _ message: String, _ change: (inout Evidence) -> Void = { _ in }
  ) -> Evidence {
    .refused(sqlstate, "FATAL:  \(message)", phase: .authentication, change)
  }
}
