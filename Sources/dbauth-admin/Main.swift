import DBAuthCommands

@main
enum Main {
  static func main() async {
    await DBAuthAdmin.start()
  }
}
