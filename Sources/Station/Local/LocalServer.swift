package import Exchange
internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore
package import Replica
internal import ServiceLifecycle

/// What a station tells on its own machine, to the programmes that show it: how it stands.
package struct LocalServer: Sendable {
  private let host: String
  private let port: Int
  private let thread: ReplicaThread
  private let status: @Sendable (Replica) throws -> String
  private let logger: Logger

  /// `status` gives the text of /v1/status, JSON.
  package init(
    host: String, port: Int, _ thread: ReplicaThread, logger: Logger,
    status: @escaping @Sendable (Replica) throws -> String
  ) {
    self.host = host
    self.port = port
    self.thread = thread
    self.status = status
    self.logger = logger
  }

  /// Serves until the task is cancelled. `ready` is told the port.
  package func run(ready: @escaping @Sendable (Int) -> Void) async throws {
    let router = Router()
    router.get("/healthz") { _, _ in "ok\n" }
    router.get("/v1/status") { _, _ in
      let text = try await thread.run(status)
      return Response(
        status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n")))
    }
    let application = Application(
      router: router,
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { channel in ready(channel.localAddress?.port ?? 0) },
      logger: logger)
    // The command that runs this listens for signals itself.
    let group = ServiceGroup(services: [application], logger: logger)
    let running = Task.detached { try await group.run() }
    try await withTaskCancellationHandler {
      try await running.value
    } onCancel: {
      Task { await group.triggerGracefulShutdown() }
    }
  }
}
