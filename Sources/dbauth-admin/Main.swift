import DBAuthCommands
import Dispatch

@main
enum Main {
  static func main() {
    Task.immediate { await DBAuthAdmin.start() }
    dispatchMain()
  }
}
