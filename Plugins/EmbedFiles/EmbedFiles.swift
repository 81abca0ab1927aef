import Foundation
import PackagePlugin

/// Turns the text files in a target's folder into Swift literals, so that the binary carries them.
///
/// Each build gives the tool `embed-files` the files that are there now; it runs when one of them has changed.
@main
struct EmbedFiles: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let module = target.sourceModule else { return [] }
    let root = target.directoryURL
    let files = module.sourceFiles.map(\.url).filter { $0.pathExtension != "swift" }.sorted {
      $0.path < $1.path
    }
    let output = context.pluginWorkDirectoryURL.appending(path: "\(target.name)+Files.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(files.count) files of \(root.lastPathComponent)",
        executable: try context.tool(named: "embed-files").url,
        arguments: [target.name, root.path, output.path] + files.map(\.path),
        inputFiles: files,
        outputFiles: [output])
    ]
  }
}
