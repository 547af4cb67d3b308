internal import Wording

extension Phrasebook {
  /// What `--help` says.
  static let help: [String: String] = [
    "--out writes the sheet: an .html page to print, or a .pdf. --confirm notes that the plan hangs on the wall as it is now; a new version or an edit opens that again. Without either it says what hangs there.\n\nExample: yizhan plan post --data station --month 2026-09 --out wall.html\n         yizhan plan post --data station --month 2026-09 --confirm --operator 侯勇":
      "`--out` 写出张贴表：可打印的 .html 页面，或 .pdf。`--confirm` 记下现在的计划已张贴；有新版本或修改后要重新张贴。两者都不写时，显示张贴情况。\n\n示例：yizhan plan post --data station --month 2026-09 --out wall.html\n      yizhan plan post --data station --month 2026-09 --confirm --operator 侯勇",
    "--seen notes that they were seen as they are now, so that the next time begins there; `plan post --confirm` does that too. What was seen is kept here and never sent.":
      "`--seen` 记下现在的内容已看过，下次从这里比起；`plan post --confirm` 也会记下。看过的内容只存在本处，不发送。",
    "A bundle's file.": "数据包文件。",
    "A data folder that is not there yet becomes a new hub. A hub that is there keeps all it has: it and its stations get another place above them.":
      "数据文件夹还没有时，新建枢纽。已有的枢纽内容全部保留：它和它的站点改归新的上级。",
    "A data folder that is not there yet becomes a new station. One that is there, of the same place, goes over to the hub that the invitation is from.":
      "数据文件夹还没有时，新建站点。已有的同一区划的站点改归发出邀请码的枢纽。",
    "A hub plans, stations play. What changes on either side travels as bundles, on a USB stick, and merges without losing anything.\n\nBegin at a hub, and invite a station:\n  yizhan hub init --data hub --place 34.01.23.109 --name 丰乐镇\n  yizhan hub invite --data hub --place 34.01.23.109.207 --name 双枣社区\nJoin at the station:\n  yizhan station join --data station --invitation yizhan1...\nPlan and issue:\n  yizhan plan import --data hub --for 34.01.23.109 plan.csv\n  yizhan plan issue --data hub --month 2026-03\nFill a stick at the hub, empty it at the station:\n  yizhan bundle export --data hub --to /media/stick\n  yizhan bundle import --data station --from /media/stick\nLog what was played, and carry it home the same way:\n  yizhan playback import --data station plays.csv\n\nExit codes: 0 done; 1 an error, nothing was changed; 2 done in part, what was refused is listed; 64 the command line is wrong. Errors are one line on standard error: `yizhan: CODE: text`; with --json an object with `code`.":
      "枢纽定计划，站点播放。两边的变化装进数据包，用 U 盘或网络传送，合并时不丢任何内容。\n\n先建枢纽，再邀请站点：\n  yizhan hub init --data hub --place 34.01.23.109 --name 丰乐镇\n  yizhan hub invite --data hub --place 34.01.23.109.207 --name 双枣社区\n站点加入：\n  yizhan station join --data station --invitation yizhan1...\n导入并发布计划：\n  yizhan plan import --data hub --for 34.01.23.109 plan.csv\n  yizhan plan issue --data hub --month 2026-03\n在枢纽写 U 盘，到站点读入：\n  yizhan bundle export --data hub --to /media/stick\n  yizhan bundle import --data station --from /media/stick\n记录播放，用同样的办法带回：\n  yizhan playback import --data station plays.csv\n\n退出码：0 完成；1 出错，没有改动；2 部分完成，拒收的已列出；64 命令写错。错误在标准错误输出里占一行：`yizhan: 代码: 说明`；加 `--json` 时是带 `code` 的对象。",
    "A hub writes a bundle for each of its stations, a station one for its hub. Every file is read back before this says that the stick is safe to remove. Bundles that were merged here are removed from the stick: the receipt for them has just been written.":
      "枢纽给每个站点写一个数据包，站点给枢纽写一个。每个文件都读回核对后，才提示可以拔出 U 盘。已在本处合并的数据包会从 U 盘删除：它们的回执刚刚写好。",
    "A line for each: station, township, week or month.":
      "每行一个：station 站点、township 乡镇、week 周或 month 月。",
    "A link that is silent for so long is broken.": "连接这么久没有动静就算断开。",
    "A list for forms and reports, not a fence: any other text is kept.":
      "供填表和报表选用，不是限制：其他文字也照样保存。",
    "A month plan.": "月计划。",
    "A place's code or name.": "区划的代码或名称。",
    "A player's sign of life, about once a minute.": "播放器的心跳，大约每分钟一次。",
    "A sheet is CSV or a workbook (.xlsx), a guide is XMLTV, plain or packed by gzip; what it is shows in the file, not in its name.\n\nColumns, in any order: id, station, date, start, programme, title, category, seconds, required, note; or their Chinese names, such as 日期, 开始时间, 节目编号, 节目名称, 时长(分钟), 必播, 备注. Titles may stand above them. `plan template` writes a sheet to fill in.\n\nWith --for all rows are the plan of that place: the township's own code means all its stations. Without it the station column says whose each row is. Importing a changed sheet or a newer guide again edits exactly what changed.":
      "表格是 CSV 或工作簿（.xlsx），节目单是 XMLTV，可用 gzip 压缩；按文件内容判断，不看文件名。\n\n列的顺序不限：id、station、date、start、programme、title、category、seconds、required、note；也可用中文列名，如 日期、开始时间、节目编号、节目名称、时长(分钟)、必播、备注。列名上方可以有标题。`plan template` 写一张空表供填写。\n\n加 `--for` 时所有行都是那个区划的计划：写乡镇自己的代码就是给它的全部站点。不加时由站点列指明每一行是谁的。再次导入改过的表格或更新的节目单，只修改有变化的地方。",
    "A station looks at itself, a hub at every station below it. A plan of a hub covers all stations below. A line for each station and a column for each month: its plan, and how many of its weeks have a recommendation; a week belongs to the month of its Thursday. --missing lists what is missing, --all everything, as --csv and --json do.":
      "站点看自己，枢纽看下属的每个站点。枢纽的计划覆盖全部下属站点。每个站点一行，每个月一列：有没有月计划，几周有推荐；一周属于其星期四所在的月份。`--missing` 逐条列出缺少的，`--all` 列出全部，`--csv` 和 `--json` 也是全部。",
    "A week recommendation.": "周推荐。",
    "A workbook if the name ends with .xlsx, with a second sheet that explains the columns; CSV if it ends with .csv. `plan import` takes the filled sheet. With --month the title names the month, so that days may be written without a year: 3月5日.":
      "文件名以 .xlsx 结尾写成工作簿，第二张工作表说明各列；以 .csv 结尾写成 CSV。填好后用 `plan import` 导入。加 `--month` 时标题写明月份，日期就可以不写年份：3月5日。",
    "Add a word for this hub and all below it.": "给本枢纽和所有下级添加一个词。",
    "Address to listen on; port 0 is any.": "监听的地址；端口 0 为任意端口。",
    "After a power cut the last one proves how long was played. A player that has given one and then is silent for a quarter of an hour has ended with it.":
      "断电后，最后一次心跳说明播放到何时。播放器有过心跳，又一刻钟没有动静，就算播放已结束。",
    "Also if not all of it is known.": "资料不全也上报。",
    "Another date, start, or both.": "另一个日期、开始时间，或两者。",
    "Another programme.": "另一个节目。",
    "Anything worth noting.": "需要说明的内容。",
    "Append a correction to a playback; what was logged first stays in the log.":
      "追加一条更正；原来的记录仍留在日志里。",
    "At a hub above with --for: what a hub below reported, by the rules of its report, and below it what has been learnt here since.\n\nExample: yizhan report show --data county --month 2026-09 --for 34.01.23.109":
      "在上级枢纽加 `--for`：显示下级枢纽按其规则上报的数字，下方是此后在本处得知的变化。\n\n示例：yizhan report show --data county --month 2026-09 --for 34.01.23.109",
    "At most so many percent of a category.": "某类别最多占百分之几。",
    "At which player; without it, at the keeper's.": "哪个播放器；不写就是管理员的。",
    "Before this day or time.": "在这一天或时间之前。",
    "Between attempts when nothing happens.": "没有动静时两次尝试的间隔。",
    "Bundles may come in any order, and any number of times. Those for other places are left alone: one stick serves many stations. If there are only such, and none that was written here, it is the wrong stick or the wrong --data: the error not_for_here.\n\nWhat is refused stays on the stick, a copy is kept in the data folder's `aside`, and it is asked for again with the next bundle. Exit code 2 if something was refused.":
      "数据包先后不限，重复也没有关系。给别处的不动：一个 U 盘可给许多站点用。如果只有给别处的，又没有本处写的，就是 U 盘或 `--data` 不对：错误 `not_for_here`。\n\n拒收的留在 U 盘上，在数据文件夹的 `aside` 里存一份，并在下一个数据包里再次索要。有拒收时退出码为 2。",
    "Bytes a day, both ways.": "每天的字节数，双向合计。",
    "Bytes a month, both ways.": "每月的字节数，双向合计。",
    "Carry changes on a stick.": "用 U 盘传送数据包。",
    "Change fields of an item. An empty value clears a field.": "修改节目安排的字段。值留空就是清除。",
    "Check the database file, the chains and the digests.": "检查数据库文件、哈希链和摘要。",
    "Choose the value that holds from now on, everywhere.": "选定今后各处都用的值。",
    "Columns, in any order: id, station, programme, started_at, ended_at, audience, operator, occasion, outcome, note. At a station every row is its own; at a hub --for says whose. Importing a sheet again adds nothing.":
      "列的顺序不限：id、station、programme、started_at、ended_at、audience、operator、occasion、outcome、note。在站点，每一行都是本站的；在枢纽用 `--for` 指明是谁的。重复导入同一表格不会增加记录。",
    "Columns: programme, title, category, seconds. Rows are matched by programme.":
      "列：programme、title、category、seconds。按节目编号对应。",
    "Connections at once, of all.": "总的同时连接数。",
    "Connections of one address: 256; without this option, this machine has no limit.":
      "每个地址的同时连接数：256；不写此选项时，本机不限。",
    "Days on which a station cannot play, with the cause.": "站点不能播放的日子和原因。",
    "Edits to issued items travel by themselves; issuing the plan again gives them a version, and tells keepers to post it anew. Without --for it is a hub's plan for all its stations, or a station's own. Without --month or --week every plan of the place that has drafts is issued.":
      "已发布的节目安排改动后会自动传送；再次发布会给它们新的版本号，并提醒管理员重新张贴。不加 `--for` 时是枢纽给全部站点的计划，或站点自己的计划。不加 `--month` 或 `--week` 时，发布该区划所有有草稿的计划。",
    "Every second on the screen counts. A programme whose category nobody has told is of no category: it may be any, so a share is told from what is sure to what is possible, and a limit is kept only if it would be kept even then.\n\nExample: yizhan report share --data hub --month 2026-09 --limit 文化生活=30":
      "屏幕上的每一秒都算。没有人说明类别的节目可能属于任何类别：所以占比从确定的算到可能的，只有按最坏情况也不超才算不超。\n\n示例：yizhan report share --data hub --month 2026-09 --limit 文化生活=30",
    "Every slot that was due counts as one of these. \"Not known\" means that what the station logged has not come that far: silence is no miss. \"Played\" is the part of the slots of which it is known whether they were played.\n\n--list shows what a figure is made of: slots that are on_time, late, missed, excused, not_known or not_due; playbacks that are planned, off_plan, short, repeated or beyond_max; rewritten are items that were changed or cancelled after their time.\n\nA month that was reported (`report close`) shows the figures of the report, and below them what was learnt since; --live reckons anew.\n\nExample: yizhan report played --data hub --month 2026-09 --out report.xlsx":
      "每一项到期的节目安排算作其中一种。“未知”指站点的日志还没有送到那一天：没有消息不算漏播。“完成率”只算已经知道播没播的。\n\n`--list` 列出数字背后的记录：节目安排有 on_time、late、missed、excused、not_known、not_due；播放有 planned、off_plan、short、repeated、beyond_max；rewritten 是过了时间才更改或取消的节目安排。\n\n已上报的月份（`report close`）显示上报的数字，下面是之后的更正；`--live` 重新计算。\n\n示例：yizhan report played --data hub --month 2026-09 --out report.xlsx",
    "Example:\n  yizhan playback add --data station --programme P00012 \\\n    --start 2026-03-05T09:30 --end 2026-03-05T10:00 --audience 23 \\\n    --operator 侯勇 --occasion 日常播放 --outcome completed\n\nTimes without an offset are in the tree's time zone, never this machine's.":
      "示例：\n  yizhan playback add --data station --programme P00012 \\\n    --start 2026-03-05T09:30 --end 2026-03-05T10:00 --audience 23 \\\n    --operator 侯勇 --occasion 日常播放 --outcome completed\n\n没有写时差的时间按全树统一的时区，与本机时区无关。",
    "Example: yizhan conflict settle --data hub 7e7d287984240da7:2/start --value 09:30\n\nA station settles what is of its own plan, a hub what is of its own and its stations'.":
      "示例：yizhan conflict settle --data hub 7e7d287984240da7:2/start --value 09:30\n\n站点解决自己计划的冲突，枢纽解决自己和下属站点的冲突。",
    "Example: yizhan hub init --data hub --place 34.01.23.109 --name 丰乐镇":
      "示例：yizhan hub init --data hub --place 34.01.23.109 --name 丰乐镇",
    "Example: yizhan term add --data hub occasion 村民大会":
      "示例：yizhan term add --data hub occasion 村民大会",
    "Exchange what is new with the hub over the network, now.": "现在就通过网络与枢纽交换新内容。",
    "Exchange with the hub by itself until told to end.": "自动与枢纽交换，直到要求停止。",
    "Fields: date, start, programme, title, category, seconds, required, note. A new programme brings its title, category and seconds along.\n\nExample: yizhan plan edit --data hub ITEM start=09:30 note=停电改期":
      "字段：date、start、programme、title、category、seconds、required、note。换节目时名称、类别和时长一起换。\n\n示例：yizhan plan edit --data hub ITEM start=09:30 note=停电改期",
    "Found a hub, and keep the tree of places below it.": "建立枢纽，管理下属区划。",
    "From this day or time on.": "从这一天或时间起。",
    "Give this name to a place that is there under another.": "给已有的区划改成这个名称。",
    "Hours ahead of UTC, for the whole tree.": "比 UTC 早几小时，全树统一。",
    "How it ended: completed unless told; see `term list`.":
      "结果如何：不写就是 completed；见 `term list`。",
    "How long it has really played, pauses left out.": "实际播放的时长，不含暂停。",
    "How long it took is told by the time since the machine started, whatever was done to its clock. If the stop was forgotten, say with --end or --seconds when it was over.":
      "时长按开机后的时间计算，与时钟无关。如果忘了停，用 `--end` 或 `--seconds` 说明何时结束。",
    "How long it took, instead of --end.": "时长，代替 `--end`。",
    "How many watch.": "多少人在看。",
    "How many watched.": "多少人看了。",
    "How the time that was played divides among categories.": "播放时长在各类别中的占比。",
    "It hangs on the wall.": "已张贴。",
    "It is kept at once, and logged when it ends. A power cut leaves an event that says so. Give the programme, or the plan item that it is for.\n\nExample:\n  yizhan playback start --data station --programme P00012 --occasion 日常播放\n  yizhan playback stop --data station --audience 23":
      "开始时立即保存，结束时记入日志。断电也会留下说明断电的记录。请写节目，或写它对应的节目安排。\n\n示例：\n  yizhan playback start --data station --programme P00012 --occasion 日常播放\n  yizhan playback stop --data station --audience 23",
    "It is not played here.": "本站不播。",
    "Keeps village education stations working when the link does not.": "驿站：没有网络时，村级教育站点也能照常工作。",
    "Lay down.": "设定。",
    "List closures.": "列出停播。",
    "List each month and week that is missing.": "逐条列出缺少的月和周。",
    "List each month and week, with what is there.": "逐条列出所有的月和周，已有的也列出。",
    "List playbacks.": "列出播放记录。",
    "List the known programmes.": "列出已知的节目。",
    "List the months that were reported, here and at the hubs below.": "列出本处和下级枢纽上报过的月份。",
    "List the plans, with their versions and how many items are drafts.": "列出计划、版本和草稿数。",
    "List the words.": "列出词表。",
    "List what is not settled.": "列出未解决的冲突。",
    "Log a playback.": "补记一次播放。",
    "Log the playback under way, which has ended.": "把正在播放的记入日志，播放已结束。",
    "Log what the mpv plays that was started with --input-ipc-server=SOCKET.":
      "记录 mpv 的播放，mpv 启动时要加 `--input-ipc-server=SOCKET`。",
    "Make a data folder the station that an invitation is for.": "按邀请码把数据文件夹建成站点。",
    "Make a new data folder from a backup.": "从备份建立新的数据文件夹。",
    "Make a new data folder the hub of a place.": "把新的数据文件夹建成某区划的枢纽。",
    "Make a station or a hub below known and print its invitation, one line.":
      "登记下属站点或枢纽，并打印一行邀请码。",
    "Make it a week recommendation; dates are optional.": "作为周推荐；可以不写日期。",
    "Make the sheet for the wall, and confirm that it hangs there.": "写出张贴表，并确认已张贴。",
    "Measure speed and bytes, as ratios within this run.": "测量速度和字节数，以同一次运行内的比值表示。",
    "Merge the bundles for this replica from a mailbag folder.": "合并邮袋文件夹中给本副本的数据包。",
    "Month plans and week recommendations.": "月计划和周推荐。",
    "Move a place under another hub.": "把区划移到另一个枢纽之下。",
    "Note that a playback begins; what was under way at the player has ended.":
      "记下播放开始；该播放器原来播放的算已结束。",
    "Note them as seen.": "记为已看过。",
    "Note what this station makes of an item: moved, replaced or skipped, and why.":
      "记下本站对节目安排的调整：改期、换片或不播，以及原因。",
    "Nothing is written for a retired place, and what was deleted is released without it. It may come back at any time and merges like any other; invite it again, or give --undo, and it is waited for again.":
      "不再给停用的区划写数据包，已删除的内容不等它就清除。它随时可以回来，照常合并；重新邀请，或加 `--undo`，就重新等待它。",
    "occasion, category or outcome.": "`occasion`（场合）、`category`（类别）或 `outcome`（结果）。",
    "Of a guide's times without an offset; else the tree's.": "节目单里没有时差的时间用它；不写就按全树的时区。",
    "Of all stations below this hub, by the rules that hold now. What is learnt later does not change them; `report played` shows it as corrections. The hubs above receive the report.":
      "包括本枢纽的全部下属站点，按现行规则。以后得知的不改上报的数字，`report played` 把它们列为更正。上级枢纽会收到月报。",
    "Of this month only.": "只要这个月的。",
    "Of this month, with what is missing.": "这个月的，并列出缺少的。",
    "on_time_minutes: a playback that begins at most so long before or after is on time. late_days: after that, on its day or so many days later, it is late. seconds_min: so long must it last to count. once_a_day: 1 if repetitions on a day count no more than were planned. count_max: so many of one programme count in a month; 0 for all. due_before_issue: 0 if a slot that was over before its plan went out is not due.\n\nExample: yizhan report rules --data hub --set on_time_minutes=15":
      "on_time_minutes：早晚不超过这么多分钟算按时。late_days：超过的，当天或这么多天内算推迟。seconds_min：至少播这么多秒才算。once_a_day：1 表示一天内重复的不超过计划次数才算。count_max：一个节目一个月最多算这么多次；0 表示全算。due_before_issue：0 表示计划发布前已过时间的不算到期。\n\n示例：yizhan report rules --data hub --set on_time_minutes=15",
    "Only for these places, by code or name.": "只给这些区划，写代码或名称。",
    "Only in these hours, such as 06:00-08:00.": "只在这些时段，如 06:00-08:00。",
    "Only this partition: CODE/SECTION, such as 34.01.23.109/public.":
      "只要这个分区：CODE/SECTION，如 34.01.23.109/public。",
    "Planned against played: on time, late, missed, excused, not known.": "计划与播放对照：按时、推迟、漏播、免责、未知。",
    "Print all content as canonical text, equal for equal replicas.": "以规范文本输出全部内容，相同的副本输出也相同。",
    "Print CSV.": "输出 CSV。",
    "Print JSON.": "输出 JSON。",
    "Put a hub under the one that an invitation is from.": "把枢纽归到发出邀请码的枢纽之下。",
    "Reckon anew what was reported.": "已上报的也重新计算。",
    "Record days without playing.": "记录停播的日子。",
    "Report a month: its figures stand from now on.": "上报一个月：数字从此不再变动。",
    "Requests a minute of one address: 1200; without this option, as above.":
      "每个地址每分钟的请求数：1200；不写此选项时，本机同样不限。",
    "Run this at a hub that is above both. The order travels to the place through its old hub; what was written there and not sent yet goes to the old hub first. Then the place exchanges with the new one, whose plans take the place of the old ones.":
      "请在两者共同的上级枢纽执行。移动令经原枢纽送到该区划；在那里写了还没有发出的，先送到原枢纽。之后该区划与新枢纽交换，新枢纽的计划取代原来的。",
    "Say which day was the last.": "写明哪天是停播的最后一天。",
    "See and settle edits that cross.": "查看和解决修改冲突。",
    "Send the drafts of a plan out under its next version.": "把计划的草稿作为新版本发布。",
    "Serve https with this certificate, and those that vouch for it (PEM).":
      "用这个证书（PEM，含上级证书）提供 https。",
    "Serve stations over the network until told to end.": "通过网络为站点服务，直到要求停止。",
    "Set up a village's station.": "建立和运行村站点。",
    "Show a month as it was reported, station by station.": "逐站显示某月上报时的数字。",
    "Show how playbacks count, or lay it down at a hub for all below it.": "显示播放如何计数，或在枢纽为所有下级设定。",
    "Show one conflict.": "显示一个冲突。",
    "Show the items of plans.": "显示计划的节目安排。",
    "Show what waits for whom, what is safe, and what is wrong.": "显示什么在等谁、什么已安全、什么有问题。",
    "Split bundles into files of about this size.": "把数据包分成大约这么大的文件。",
    "Stations whose invitation names this address find the hub by themselves. /healthz says whether it runs, /metrics what it has done, in OpenMetrics text. SIGTERM ends it after what has begun; a kill harms nothing. A hub with another above it exchanges with that by itself, as a station does.":
      "邀请码里有这个地址的站点会自己找到枢纽。/healthz 说明是否在运行，/metrics 以 OpenMetrics 文本说明做了什么。SIGTERM 会让它做完手头的事再结束；强行终止也没有损害。有上级的枢纽会像站点一样自动与上级交换。",
    "Such as completed, stopped, power_lost.": "如 completed（播完）、stopped（中途停止）、power_lost（断电）。",
    "Such as 日常播放, 主题党日; see `term list`.": "如 日常播放、主题党日；见 `term list`。",
    "Take a sheet of plan items or a guide. New items are drafts until issued.":
      "导入计划表或节目单。新的节目安排在发布前是草稿。",
    "Take a sheet of playbacks into a log.": "把播放记录表导入日志。",
    "Take a sheet of programmes into a hub's catalogue.": "把节目表导入枢纽的节目目录。",
    "Take an item off its plan, for ever.": "取消节目安排，不能恢复。",
    "Take one back that was wrong.": "撤销一条写错的停播。",
    "Take the good rows although others are bad.": "有错误的行时也导入正确的行。",
    "Take the value of this write; `conflict list` shows the dots.":
      "采用这次写入的值；`conflict list` 会列出事件号。",
    "Take this value, one of them or another; empty for none.": "采用这个值，可以是其中之一或别的；留空就是没有。",
    "Tell how the station stands at http://HOST:PORT/v1/status, and take what players tell.":
      "在 http://HOST:PORT/v1/status 说明站点的情况，并接收播放器的消息。",
    "The `dot` names a playback for `playback correct`. Times are in the tree's zone. Long texts are cut; --json has all of them. With --month what is missing stands below: a play of a theme day, a short programme in the hour before a meeting; --json is then an object with `playbacks`, `flags` and `playing`. What is under way is none yet.":
      "事件号是播放记录的名字，`playback correct` 要用。时间按全树的时区。长文字会截短，`--json` 有全文。加 `--month` 时下面列出缺少的：主题党日的播放、会议前一小时内的短片；这时 `--json` 是带 `playbacks`、`flags` 和 `playing` 的对象。正在播放的还不算。",
    "The `dot` names an item for `plan edit` and `plan cancel`, and when a playback is logged. A hub shows drafts too, a station only what was issued. Long texts are cut; --json has all of them.":
      "事件号是节目安排的名字，`plan edit`、`plan cancel` 和记录播放时要用。枢纽也显示草稿，站点只显示已发布的。长文字会截短，`--json` 有全文。",
    "The address of the hub above; else that of the invitation.": "上级枢纽的地址；不写就用邀请码里的。",
    "The backup is verified first. What was written after it comes back by itself: from the stations of a hub with their next exchanges, from the hub of a station. New writes begin new epochs, so nothing that others remember is named twice.":
      "先核对备份。备份之后写的内容会自动补回：枢纽的由各站点在以后的交换中补回，站点的由枢纽补回。新的写入用新的纪元，别人记得的事件号不会重复。",
    "The backup.": "备份文件。",
    "The catalogue of programmes.": "节目目录。",
    "The certificate's key (PEM), which not every user may read.": "证书的私钥（PEM），不能人人可读。",
    "The closure's dot, from `closure list`.": "停播的事件号，见 `closure list`。",
    "The conflict's id, from `conflict list`.": "冲突编号，见 `conflict list`。",
    "The file.": "文件。",
    "The file; one that is there is replaced.": "文件；已有的会被取代。",
    "The first day.": "第一天。",
    "The first of several months.": "几个月中的第一个月。",
    "The hub's address.": "枢纽的地址。",
    "The item's dot, from `plan show`.": "节目安排的事件号，见 `plan show`。",
    "The last day.": "最后一天。",
    "The last day; open if left out.": "最后一天；不写就是未定。",
    "The last of several months.": "几个月中的最后一个月。",
    "The latest of each place, at most so many.": "每个区划最近的，最多这么多条。",
    "The line that `yizhan hub invite --hub` printed, or a file that holds it.":
      "`yizhan hub invite --hub` 打印的那一行，或保存它的文件。",
    "The line that `yizhan hub invite` printed, or a file that holds it.":
      "`yizhan hub invite` 打印的那一行，或保存它的文件。",
    "The mailbag folder, or one bundle's file.": "邮袋文件夹，或一个数据包文件。",
    "The mailbag folder.": "邮袋文件夹。",
    "The month of the plan.": "计划的月份。",
    "The month that all rows are in; then 3月5日 needs no year.": "所有行所在的月份；这样 3月5日 就不用写年份。",
    "The month.": "月份。",
    "The new hub, by code or name.": "新的枢纽，写代码或名称。",
    "The occasion of what the mpv plays, until `playback correct` says another.":
      "mpv 播放内容的播放场合，可用 `playback correct` 更正。",
    "The place has a hub of its own.": "这个区划有自己的枢纽。",
    "The place's code, with or without dots.": "区划代码，可带点也可不带。",
    "The place's name.": "区划名称。",
    "The place's new code; else the last part of the old one under the new hub's.":
      "区划的新代码；不写就用新枢纽的代码加原代码的最后一段。",
    "The place, by code or name.": "区划，写代码或名称。",
    "The plan item it is for, by its dot.": "对应的节目安排，写事件号。",
    "The plan item it was for, by its dot.": "对应的节目安排，写事件号。",
    "The plan itself stays as the township issued it. Reports hold the station to what it made of the item; a skipped item is excused with its reason.\n\nExamples:\n  yizhan plan adjust --data station ITEM --move start=15:00 --reason 停电\n  yizhan plan adjust --data station ITEM --replace programme=P7 --reason 损坏\n  yizhan plan adjust --data station ITEM --skip --reason 村民大会占用\n  yizhan plan adjust --data station ITEM --undo":
      "计划本身仍是乡镇发布的样子。报表按站点调整后的安排考核；不播的凭原因免责。\n\n示例：\n  yizhan plan adjust --data station ITEM --move start=15:00 --reason 停电\n  yizhan plan adjust --data station ITEM --replace programme=P7 --reason 损坏\n  yizhan plan adjust --data station ITEM --skip --reason 村民大会占用\n  yizhan plan adjust --data station ITEM --undo",
    "The playback's dot, from `playback list`.": "播放记录的事件号，见 `playback list`。",
    "The programme's code.": "节目编号。",
    "The records behind a figure.": "数字背后的记录。",
    "The replica's data folder.": "副本的数据文件夹。",
    "The sheet: .xlsx, or CSV in UTF-8 or GB18030.": "表格：.xlsx，或 UTF-8、GB18030 的 CSV。",
    "The short programme shown before a meeting, if it is not found by itself.":
      "会议前播放的短片，如果不能自动找到。",
    "The short programme shown before a meeting.": "会议前播放的短片。",
    "The station's code, below this hub's.": "站点代码，在本枢纽之下。",
    "The station's name.": "站点名称。",
    "The word.": "词。",
    "Tries again and again while there is no link, goes on where a broken link stopped, and stays within the hours and bytes it is given. When a stick appears in a folder that --stick names, it is emptied and filled, and the log and `yizhan status` say when it is safe to remove. Commands work beside it as always.":
      "没有网络时不断重试，断开后接着传，不超出规定的时段和字节数。`--stick` 所指的文件夹里出现 U 盘时，自动读入并写出，日志和 `yizhan status` 会说明何时可以拔出。其他命令可同时照常使用。",
    "Trust these certificates (PEM) for an https address, instead of the system's.":
      "https 地址只信任这些证书（PEM），不用系统的。",
    "Wait for a place no longer.": "不再等待某个区划。",
    "Wait for it again.": "重新等待它。",
    "What a broken link has brought so far is kept, and the next sync goes on from there. The hub's address is in the invitation; --url overrides it.":
      "连接断开前收到的都已保存，下次同步接着传。枢纽地址在邀请码里；`--url` 可另指。",
    "What changed in plans since they were seen last, item by item.": "上次看过之后计划有哪些变化，逐项列出。",
    "What people read, if it differs.": "显示给人看的文字，如果不同。",
    "What to set.": "要修改的内容。",
    "What waits is what a neighbour has not yet said to hold: it goes with the next bundle, and waits until a receipt comes back. It is named by place and section: `public` holds a place's programmes and plans for all, `work` a station's own plan, `log` what it played, `people` who played it. `received` is what the hub above has durably merged, `safe` what it has in a verified backup; both are as old as the hub was last heard. With --json a hub gives the list of its stations; --own is about the hub itself.":
      "待送内容是对方还没有说已收到的：随下一个数据包发出，收到回执才算完。按区划和类别列出：`public` 是给所有人的节目和计划，`work` 是站点自己的计划，`log` 是播放记录，`people` 是操作人员。“已收到”指上级枢纽已可靠合并，“已安全”指已进入它核对过的备份；都以上次联系为准。加 `--json` 时枢纽给出各站点的列表；`--own` 是枢纽自己的情况。",
    "What was planned for such days is excused in reports.": "这些日子的节目安排在报表里免责。",
    "What was planned, what was played.": "计划了什么，播放了什么。",
    "What was really played.": "实际播放了什么。",
    "What went out for a place, by date and time; a station's adjustments are taken in. A .csv or .xlsx has the columns that `plan import` reads. Calendars (.ics) know an item again, so a later export updates the former.\n\nExample: yizhan plan export --data hub --month 2026-09 --out plan.ics":
      "某区划已发布的节目安排，按日期和时间排列，已计入站点的调整。.csv 和 .xlsx 的列可用 `plan import` 再读。日历（.ics）认得同一项节目安排，以后导出会更新以前的。\n\n示例：yizhan plan export --data hub --month 2026-09 --out plan.ics",
    "When it began, such as 2026-03-05T09:30.": "何时开始，如 2026-03-05T09:30。",
    "When it ended, if not now.": "何时结束，如果不是现在。",
    "When it ended.": "何时结束。",
    "When two replicas change the same field of the same record without knowing of each other, a rule chooses which value shows, the same everywhere, and the other is kept until a person settles it.":
      "两个副本互不知情地修改同一条记录的同一字段时，由规则决定显示哪个值，各处一致；另一个值保留到有人解决为止。",
    "Where sticks appear; may be given several times.": "U 盘出现的文件夹；可以写几次。",
    "Where the place finds the new hub; without it, by stick only.": "区划在哪里找到新枢纽；不写就只用 U 盘。",
    "Where the station finds this hub, such as http://10.0.0.1:8100; else where it last ran.":
      "站点在哪里找到本枢纽，如 http://10.0.0.1:8100；不写就用上次运行的地址。",
    "Where to write it: .xlsx or .csv.": "写到哪里：.xlsx 或 .csv。",
    "Whether every month has a plan and every week a recommendation.": "是否每个月都有计划、每周都有推荐。",
    "Whether the clock was right: trusted or unknown.": "时钟是否准确：trusted 可信，unknown 不知道。",
    "Which channel of a guide, if it has several.": "节目单的哪个频道，如果有几个。",
    "Which sheet of a workbook; else the first with such columns.": "工作簿的哪张工作表；不写就是第一张列名相符的。",
    "Who decides it.": "由谁决定。",
    "Who played it.": "由谁播放。",
    "Who plays it.": "由谁播放。",
    "Who posted it.": "由谁张贴。",
    "Who records it.": "由谁记录。",
    "Why.": "原因。",
    "Why: 停电, 设备维修, 放假.": "原因：停电、设备维修、放假。",
    "Why; stations see it in `plan diff`.": "原因；站点在 `plan diff` 里能看到。",
    "With --json at a hub: about the hub itself.": "在枢纽加 `--json` 时：枢纽自己的情况。",
    "With the columns that `playback import` reads, and what is known beside them. Names of persons are in it: keep the file as you keep the log.\n\nExample: yizhan playback export --data hub --month 2026-09 --out plays.xlsx":
      "列与 `playback import` 所读的相同，另加已知的内容。里面有人名：请像日志一样保管文件。\n\n示例：yizhan playback export --data hub --month 2026-09 --out plays.xlsx",
    "Words to choose from: occasions, categories, outcomes.": "可选的词：场合、类别、结果。",
    "Write a verified copy of the database to a file.": "把数据库备份到文件，并核对。",
    "Write an empty month sheet for a clerk to fill in.": "写一张空的月计划表供填写。",
    "Write it to a file: .csv, .xlsx, .html for printing, or .pdf.":
      "写到文件：.csv、.xlsx、可打印的 .html，或 .pdf。",
    "Write plans to a file: .csv, .xlsx, .html, .pdf, .ics or .xml (XMLTV).":
      "把计划写到文件：.csv、.xlsx、.html、.pdf、.ics 或 .xml（XMLTV）。",
    "Write playbacks to a file: .csv, .xlsx, .html or .pdf.": "把播放记录写到文件：.csv、.xlsx、.html 或 .pdf。",
    "Write the sheet: .html or .pdf.": "写出张贴表：.html 或 .pdf。",
    "Write what others lack to a mailbag folder on a stick.": "把对方缺少的内容写到 U 盘上的邮袋文件夹。",
  ]
}
