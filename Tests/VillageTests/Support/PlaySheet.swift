/// A sheet of playbacks as text.
enum PlaySheet {
  static let head =
    "id,station,programme,started_at,ended_at,audience,operator,occasion,outcome,note\n"

  static let two =
    head + """
      a,S1,P00061,2026-01-01T07:07:47+08:00,2026-01-01T07:37:47+08:00,7,陈静,日常播放,completed,
      b,S1,P00589,2026-01-01T07:47:00+08:00,2026-01-01T08:12:00+08:00,18,侯勇,农技培训,power_lost,设备异常

      """
}
