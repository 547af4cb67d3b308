internal import ArgumentParser
internal import Glibc
internal import Wording

/// Where the program begins: parses the command line, runs the command, and turns whatever is
/// thrown into one line and an exit code.
@main
enum Entry {
  static func main() async {
    let wantsJSON = CommandLine.arguments.contains("--json")
    // A reader that goes away (`| head`) ends the program quietly.
    signal(SIGPIPE, SIG_DFL)
    Crash.showNoMemory()
    do {
      var command = try Yizhan.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let code as ExitCode {
      // Done in part; the command has said what was refused.
      exit(code.rawValue)
    } catch let failure as any Failing {
      failure.report(asJSON: wantsJSON)
      exit(failure.exitCode)
    } catch {
      let failure = Failure(error)
      guard let failure else {
        guard Language.book != nil else { Yizhan.exit(withError: error) }
        print(HelpText.retold(Yizhan.fullMessage(for: error)))
        exit(0)
      }
      failure.report(asJSON: wantsJSON)
      exit(failure.exitCode)
    }
  }
}

struct Yizhan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "yizhan",
    abstract: said("Keeps village education stations working when the link does not."),
    discussion: said(
      """
      A hub plans, stations play. What changes on either side travels as bundles, on a USB \
      stick, and merges without losing anything.

      Begin at a hub, and invite a station:
        yizhan hub init --data hub --place 34.01.23.109 --name 丰乐镇
        yizhan hub invite --data hub --place 34.01.23.109.207 --name 双枣社区
      Join at the station:
        yizhan station join --data station --invitation yizhan1...
      Plan and issue:
        yizhan plan import --data hub --for 34.01.23.109 plan.csv
        yizhan plan issue --data hub --month 2026-03
      Fill a stick at the hub, empty it at the station:
        yizhan bundle export --data hub --to /media/stick
        yizhan bundle import --data station --from /media/stick
      Log what was played, and carry it home the same way:
        yizhan playback import --data station plays.csv

      Exit codes: 0 done; 1 an error, nothing was changed; 2 done in part, what was refused is \
      listed; 64 the command line is wrong. Errors are one line on standard error: \
      `yizhan: CODE: text`; with --json an object with `code`.
      """),
    version: Version.text,
    subcommands: [
      HubCommand.self, StationCommand.self, BundleCommand.self, ProgrammeCommand.self,
      PlanCommand.self, PlaybackCommand.self, ClosureCommand.self, ReportCommand.self,
      ConflictCommand.self, TermCommand.self, ReviewCommand.self, KeysCommand.self,
      SyncCommand.self, StatusCommand.self, BackupCommand.self, RestoreCommand.self,
      DumpCommand.self, CheckCommand.self, RepairCommand.self, RescueCommand.self,
      BenchCommand.self, SimulateCommand.self,
    ])
}

enum Version {
  static let text = "0.1.0"
}
