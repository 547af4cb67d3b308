package import Sheets

/// A sheet of plan items for a clerk to fill in.
package enum PlanForm {
  package static func title(_ month: Month?) -> String {
    guard let month else { return "节目播放计划（请写明年月）" }
    return "\(month.year)年\(month.number)月节目播放计划"
  }

  /// The workbook: months, columns in Chinese, and what to write into them.
  package static func workbook(_ month: Month?) -> XLSXForm {
    XLSXForm(title: title(month), columns: columns, advice: advice)
  }

  /// The same as CSV: the title and the columns, and no explanation.
  package static func csv(_ month: Month?) -> [[String]] {
    let names = columns.map(\.title)
    return [[title(month)] + names.dropFirst().map { _ in "" }, names]
  }

  private static let columns: [XLSXForm.Column] = [
    .init("日期", .date, "播放日期，如 2026-03-05 或 3月5日。只写月日时，年份取自标题。必填。"),
    .init("开始时间", .time, "24 小时制，如 09:30。必填。"),
    .init("节目编号", .text, "节目库中的编号，原样填写（本列为文本格式，1-2 不会变成日期）。必填。"),
    .init("节目名称", .text, "可不填；填写后以本表为准。"),
    .init("类别", .text, "可不填，节目库中有则自动取得。"),
    .init("时长(分钟)", .number, "整数分钟。可不填，节目库中有则自动取得。"),
    .init("必播", .choice(["是", "否"]), "填“是”表示各站点必须播放；不填为“否”。"),
    .init("站点", .text, "站点名称或编号。整表用于一个地方时（导入时用 --for），可不填。"),
    .init("备注", .text, "可不填。"),
  ]

  private static let advice = [
    "请在第一张表中填写，每个节目一行；标题、列名不要删除，列的次序可以调换。",
    "同一天有多个节目时，可以合并日期单元格，也可以每行都写日期。",
    "修改后再次导入，只更改有变化的行。",
    "不要用公式代替节目编号；出现 #REF! 等错误的行不会导入。",
  ]
}
