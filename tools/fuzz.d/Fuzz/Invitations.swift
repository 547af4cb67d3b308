import Foundation
import Records
import Village

/// An invitation: as the text that somebody pasted, and as the bytes within one whose check is
/// right. What is taken is exactly what an invitation writes.
func fuzzInvitation(_ bytes: [UInt8]) throws {
  holdSame(String(decoding: bytes, as: UTF8.self))
  let check = ChainValue(hashing: bytes).low
  let checked = bytes + (0..<4).map { UInt8(truncatingIfNeeded: check >> (8 * $0)) }
  let text = Data(checked).base64EncodedString()
    .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  holdSame("yizhan2" + text)
}

private func holdSame(_ text: String) {
  guard let invitation = try? Invitation(text) else { return }
  hold(invitation.text == text.filter { !$0.isWhitespace }, "another text of \(invitation)")
  hold((try? Invitation(invitation.text)) == invitation, "another invitation: \(invitation)")
}
