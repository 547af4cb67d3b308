internal import Glibc
internal import Wording

/// A browser that turns a page into a PDF.
enum Browser {
  private static let names = ["chromium", "chromium-browser", "google-chrome"]
  private static let patienceSeconds = 60

  /// Prints a page in HTML to a PDF at `path`.
  ///
  /// Throws `no_browser` if there is none, `browser_failed` if it makes no PDF.
  static func print(_ page: [UInt8], to path: String) throws {
    guard let browser = names.lazy.compactMap(find).first, let timer = find("timeout") else {
      throw Failure(
        code: "no_browser", reason: "a browser makes PDF files, and there is none here",
        hint: "install chromium, or write an .html file and print that")
    }
    let folder = try temporaryFolder()
    defer { remove(folder) }
    let (source, target) = (folder + "/page.html", folder + "/page.pdf")
    try SyncedFile.write(source) { put in try put(page) }
    // The page is ours and runs no script; without root's own sandbox it would not start as root.
    let sandbox = getuid() == 0 ? ["--no-sandbox"] : []
    let status = try run(
      [timer, String(patienceSeconds), browser, "--headless", "--disable-gpu"] + sandbox + [
        "--user-data-dir=" + folder + "/profile", "--no-first-run", "--no-pdf-header-footer",
        "--print-to-pdf=" + target, "file://" + source,
      ])
    guard status == 0, access(target, R_OK) == 0 else {
      throw Failure(
        code: "browser_failed", reason: "\(browser) made no PDF",
        hint: "write an .html file and print that")
    }
    unlink(path + ".part")
    try SyncedFile.copy(target, to: path + ".part")
    try SyncedFile.rename(path + ".part", to: path)
  }

  private static func find(_ name: String) -> String? {
    guard let path = getenv("PATH") else { return nil }
    return String(cString: path).split(separator: ":").map { "\($0)/\(name)" }
      .first { access($0, X_OK) == 0 }
  }

  private static func temporaryFolder() throws -> String {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/yizhan-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(
        code: "disk_error", reason: "no folder can be made in \(base)", hint: "check TMPDIR")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Runs a program without input or output, and returns its exit status.
  private static func run(_ command: [String]) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
    }
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    arguments.append(nil)
    var child = pid_t()
    guard posix_spawn(&child, command[0], &actions, nil, arguments, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }

  private static func remove(_ folder: String) {
    _ = try? run(["/bin/rm", "-rf", folder])
  }
}
