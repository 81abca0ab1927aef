internal import ArgumentParser

/// `setup`: moves a database from passwords to IAM.
struct Setup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Move a database to IAM: plan, apply, verify, revert.",
    discussion: """
      Creates the IAM user, hands it ownership of everything in the schemas you name, and makes the server \
      authenticate it by token. The master user need not be a superuser, nobody is locked out, and a journal lets \
      revert undo it all. Without a subcommand it plans, shows, asks and applies:

        export PGHOST=mydb.abc123.eu-west-1.rds.amazonaws.com
        export PGUSER=postgres PGDATABASE=app
        dbauth-admin setup plan --iam-user app_iam --keep-access app_old
        dbauth-admin setup apply --iam-user app_iam --keep-access app_old
        dbauth-admin setup verify --iam-user app_iam --login

      Where PGSSLMODE is not set, a password goes over TLS only, and with a root file (PGSSLROOTCERT) only to a name \
      that its certificate verifies; a mode that you set is obeyed.
      """,
    subcommands: [SetupPlan.self, SetupApply.self, SetupVerify.self, SetupRevert.self],
    defaultSubcommand: SetupApply.self)
}
