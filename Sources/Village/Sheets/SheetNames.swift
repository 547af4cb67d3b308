internal import Sheets

// The names that columns have in people's sheets, and those above the tables that this program
// writes, so that it reads them back. The English one is the field's own; further ones may be added
// at any time. A name that could mean two things (单位, 序号) does not belong here: a
// running number starts again in each sheet, and is no id.

/// What sheets are asked for, and under which names.
enum SheetNames {
  static let id = SheetField("id", .code, also: ["计划编号", "条目编号", "记录编号"])
  static let station = SheetField(
    "station", .code,
    also: [
      "place", "区划", "地点", "站点", "站点名称", "站点编号", "服务站", "播放点", "村", "村名", "社区", "村(社区)", "村社区",
      "村/社区",
    ])
  static let programme = SheetField(
    "programme", .code, also: ["节目编号", "编号", "节目代码", "节目编码", "代码"])
  static let title = SheetField(
    "title", also: ["节目名称", "节目名", "节目", "片名", "标题", "名称"])
  static let category = SheetField(
    "category", also: ["类别", "分类", "栏目", "节目类别", "节目分类", "节目类型"])
  /// In seconds, if its name says nothing else.
  static let seconds = SheetField(
    "seconds", .duration,
    also: [
      "时长(秒)", "节目时长(秒)", "时长秒", "秒数", "秒",
      .init("时长(分钟)", .minutes), .init("时长(分)", .minutes), .init("节目时长(分钟)", .minutes),
      .init("时长分钟", .minutes), .init("分钟数", .minutes), .init("分钟", .minutes),
      .init("minutes", .minutes), .init("时长", .unsaid), .init("节目时长", .unsaid),
      .init("duration", .unsaid),
    ])
  static let note = SheetField("note", also: ["备注", "说明", "附注"])

  // Of plans
  static let date = SheetField(
    "date", .date, also: ["日期", "节目日期", "播出日期", "播放日期"])
  static let start = SheetField(
    "start", .time, also: ["时间", "开始时间", "播出时间", "播放时间", "开始", "时刻"])
  static let required = SheetField(
    "required", .flag, also: ["必播", "必看", "是否必播", "是否必看"])

  // Of playbacks
  static let startedAt = SheetField(
    "started_at", .instant, also: ["started", "开始", "开始时间", "开始播放", "开始播放时间", "播放时间", "播出时间"])
  static let endedAt = SheetField(
    "ended_at", .instant, also: ["ended", "结束", "结束时间", "结束播放", "结束播放时间"])
  static let audience = SheetField(
    "audience", .count, also: ["人数", "观看人数", "收看人数", "参加人数", "观众人数"])
  static let operatorName = SheetField(
    "operator", also: ["by", "放映员", "操作员", "播放员", "管理员"])
  static let occasion = SheetField("occasion", also: ["场合", "播放场合"])
  static let outcome = SheetField("outcome", also: ["结果", "播放结果"])

  /// What a sheet of plan items may have. A recommendation for a week may say no more than what to
  /// play.
  static func plan(week: ISOWeek?) -> SheetWants {
    SheetWants(
      required: week == nil ? [date, start] : [], either: [[programme, title]],
      optional: (week == nil ? [] : [date, start]) + [
        id, station, category, seconds, required, note,
      ])
  }

  static let programmes = SheetWants(
    required: [programme], optional: [title, category, seconds])

  static let playbacks = SheetWants(
    required: [startedAt], either: [[programme, title]],
    optional: [id, station, endedAt, audience, operatorName, occasion, outcome, note])
}
