internal import Dispatch
internal import Exchange
internal import Glibc
internal import Synchronization

/// How a command gets at a data folder whose agent or hub is running: it borrows the database.
///
/// The owner listens on a socket in the folder. A command shows the token, which only those can
/// read who may write the folder; the owner closes the database and says so; the command works as
/// it always does; and when it lets go of the socket, or dies, the owner opens the database again.
/// So every command works beside an owner, and there is one way of doing things, not two.
private enum OwnerSocket {
  static let name = "owner.socket"
  static let tokenName = "owner.token"
  static let tokenBytes = 32
  static let lent = UInt8(ascii: "k")

  /// The address of the socket. A path in an address is short; the folder's descriptor makes it so.
  static func withAddress<Result>(
    _ folder: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result? {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = "/proc/self/fd/\(descriptor)/\(name)"
    withUnsafeMutableBytes(of: &address.sun_path) { bytes in
      bytes.copyBytes(from: path.utf8.prefix(bytes.count - 1))
    }
    return withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  static func socket() -> Int32 {
    Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  }

  /// How long the other side may take to answer.
  static func limit(_ descriptor: Int32, seconds: Int) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  static func readToken(_ folder: String) -> [UInt8]? {
    guard let file = fopen(folder + "/" + tokenName, "r") else { return nil }
    defer { fclose(file) }
    var token = [UInt8](repeating: 0, count: tokenBytes)
    return fread(&token, 1, tokenBytes, file) == tokenBytes ? token : nil
  }
}

/// A database borrowed from its owner, until this goes away.
final class Loan {
  private let descriptor: Int32
  private static let patience = 60

  /// Nil if nobody owns the folder who would lend.
  init?(_ folder: String) {
    guard let token = OwnerSocket.readToken(folder) else { return nil }
    let descriptor = OwnerSocket.socket()
    guard descriptor >= 0 else { return nil }
    let isConnected =
      OwnerSocket.withAddress(folder) { connect(descriptor, $0, $1) == 0 } ?? false
    OwnerSocket.limit(descriptor, seconds: Self.patience)
    var answer: UInt8 = 0
    guard isConnected,
      send(descriptor, token, token.count, Int32(MSG_NOSIGNAL)) == token.count,
      recv(descriptor, &answer, 1, 0) == 1, answer == OwnerSocket.lent
    else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

/// The owner's side: lends the database to one command after another.
final class Lender: Sendable {
  private let folder: String
  private let descriptor: Int32
  private let token: [UInt8]
  private let borrowing = Mutex<(borrower: Int32?, isStopped: Bool)>((nil, false))

  /// Listens in the folder. Nil if that is not possible; commands then find the folder in use.
  init?(_ folder: String) {
    var generator = SystemRandomNumberGenerator()
    let token = (0..<OwnerSocket.tokenBytes).map { _ in
      UInt8.random(in: .min ... .max, using: &generator)
    }
    unlink(folder + "/" + OwnerSocket.name)
    let descriptor = OwnerSocket.socket()
    let isBound =
      OwnerSocket.withAddress(folder) {
        bind(descriptor, $0, $1) == 0 && listen(descriptor, 16) == 0
      }
      ?? false
    guard isBound, Self.write(token, folder) else {
      close(descriptor)
      return nil
    }
    chmod(folder + "/" + OwnerSocket.name, 0o600)
    self.folder = folder
    self.descriptor = descriptor
    self.token = token
  }

  private static func write(_ token: [UInt8], _ folder: String) -> Bool {
    let path = folder + "/" + OwnerSocket.tokenName
    unlink(path)
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    return Glibc.write(file, token, token.count) == token.count
  }

  /// Lends on a thread of its own; `returned` is called after each time.
  func start(_ thread: ReplicaThread, returned: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "yizhan.lender").async {
      while true {
        let borrower = accept(self.descriptor, nil, nil)
        guard borrower >= 0 else {
          if errno == EINTR || errno == ECONNABORTED { continue }
          return
        }
        guard self.isTrusted(borrower) else {
          close(borrower)
          continue
        }
        thread.lend { self.lend(to: borrower) }
        thread.start { _ in returned() }
      }
    }
  }

  /// Waits until the borrower has done. False if the owner is ending.
  private func lend(to borrower: Int32) -> Bool {
    let goesAhead = borrowing.withLock { state in
      if !state.isStopped { state.borrower = borrower }
      return !state.isStopped
    }
    if goesAhead {
      var word = OwnerSocket.lent
      OwnerSocket.limit(borrower, seconds: 0)
      if send(borrower, &word, 1, Int32(MSG_NOSIGNAL)) == 1 { _ = recv(borrower, &word, 1, 0) }
    }
    return borrowing.withLock { state in
      state.borrower = nil
      close(borrower)
      return !state.isStopped
    }
  }

  private func isTrusted(_ borrower: Int32) -> Bool {
    OwnerSocket.limit(borrower, seconds: 2)
    var shown = [UInt8](repeating: 0, count: token.count)
    guard recv(borrower, &shown, shown.count, Int32(MSG_WAITALL)) == shown.count else {
      return false
    }
    // No early end: how long it takes tells nothing.
    return zip(shown, token).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// Lends no more, and waits for nobody who has borrowed.
  func stop() {
    borrowing.withLock { state in
      state.isStopped = true
      if let borrower = state.borrower { _ = shutdown(borrower, Int32(SHUT_RDWR)) }
    }
    unlink(folder + "/" + OwnerSocket.name)
    unlink(folder + "/" + OwnerSocket.tokenName)
    shutdown(descriptor, Int32(SHUT_RDWR))
  }
}
