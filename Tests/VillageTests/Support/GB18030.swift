import Glibc

/// The text in GB18030, by the C library.
func gb18030(_ text: String) -> [UInt8] {
  let handle = iconv_open("GB18030", "UTF-8")
  defer { iconv_close(handle) }
  var input = Array(text.utf8)
  var output = [UInt8](repeating: 0, count: 4 * input.count + 4)
  let count = input.withUnsafeMutableBytes { source in
    output.withUnsafeMutableBytes { target in
      var from = source.bindMemory(to: CChar.self).baseAddress
      var to = target.bindMemory(to: CChar.self).baseAddress
      var fromLeft = source.count
      var toLeft = target.count
      iconv(handle, &from, &fromLeft, &to, &toLeft)
      return target.count - toLeft
    }
  }
  return Array(output[0..<count])
}
