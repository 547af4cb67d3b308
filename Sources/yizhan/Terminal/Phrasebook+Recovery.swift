internal import Wording

extension Phrasebook {
  /// Of what went wrong with a machine, and how it comes back.
  static let recovery: [String: String] = [
    "`yizhan sync --data {}`, or `yizhan bundle export --data {} --to STICK`":
      "`yizhan sync --data {}`，或 `yizhan bundle export --data {} --to U盘`",
    "a hub's list of keys that are believed no more came back shorter than it was":
      "某个枢纽的吊销名单比以前短了",
    "a neighbour goes on from an old copy of its data, or two machines run as that place":
      "某个邻居用旧的数据副本继续运行，或者有两台机器在冒用同一个区划",
    "a neighbour has refused some of what was written here: {}": "邻居拒收了这里写入的部分内容：{}",
    "an alarm that this version does not explain": "本版本不认识的警报",
    "ask at that hub whether its database was restored from an old backup": "问一问那个枢纽，是不是用旧备份恢复过数据库",
    "copy the file `keys` from the station's data folder or from beside its backup into {}; without it the hub believes nothing":
      "把站点数据文件夹里（或备份旁边）的 `keys` 文件复制到 {}；没有它枢纽什么都不会相信",
    "Everything could be read: nothing is missing.": "全部内容都能读出：什么也没有少。",
    "exchange with the hub, by link or by a stick there and back": "与枢纽交换数据：用网络，或让 U 盘去一趟再回来",
    "find out whether a copy of this card runs elsewhere, switch one of the two off, and call somebody":
      "查一查这张卡的副本是否在别处运行，关掉其中一台，再找人来看",
    "For any computer: the folder is that of the station's card, or a copy of it, with its keys. It is only read. The hub takes the stick in with `yizhan bundle import`. The station itself may go on living afterwards: nothing is taken twice.":
      "可在任何电脑上运行：文件夹是站点存储卡上的数据文件夹或它的副本，要带着密钥。只读，不改动。枢纽用 `yizhan bundle import` 收下 U 盘。站点以后仍可继续运行：什么都不会重复收入。",
    "if a backup was restored or a folder repaired there, nothing; else look which machines run there":
      "如果那里恢复过备份或修复过文件夹，就不用管；否则查一查那里有哪些机器在运行",
    "it cannot be read which hub {} is under": "读不出 {} 属于哪个枢纽",
    "it is kept here, and goes again with each exchange": "内容仍留在这里，每次交换都会再送",
    "look at a watch and set this machine's clock, or the hub's if that one is wrong":
      "对照手表校准这台机器的时钟；如果错的是枢纽，就校准枢纽的",
    "look at them with `yizhan playback list`": "用 `yizhan playback list` 查看",
    "look into them with `yizhan review list --data {}`": "用 `yizhan review list --data {}` 查看",
    "Make a damaged data folder work again.": "让损坏的数据文件夹重新可用。",
    "move one of the two again with `yizhan hub move`": "用 `yizhan hub move` 重新移动其中一个",
    "Next:": "下一步：",
    "Next: `yizhan bundle import` at the hub.": "下一步：在枢纽运行 `yizhan bundle import`。",
    "Next: exchange with the hub, by link or by a stick there and back.":
      "下一步：与枢纽交换数据，用网络，或让 U 盘去一趟再回来。",
    "Next: who the hub is could not be read. Ask it for an invitation (`yizhan hub invite --replace`) and run `yizhan station join` with it.":
      "下一步：读不出枢纽是谁。请枢纽给一个邀请码（`yizhan hub invite --replace`），再用它运行 `yizhan station join`。",
    "no merge goes by a clock; only the times that people read may be wrong":
      "合并从不依靠时钟；只是给人看的时间可能不对",
    "no write is named twice; what the neighbours hold comes back with the exchanges":
      "没有任何写入会重名；邻居那里有的会随交换回来",
    "nothing in the database says any more whose it is": "数据库里已读不出它属于谁",
    "nothing is lost by that; playbacks are marked as of an unknown time": "这不会丢失任何内容；播放记录会标记为时间未知",
    "nothing is lost, and both stay where they are": "什么也没有丢，两个都留在原处",
    "nothing is lost: both histories are kept and go on under new epochs":
      "什么也没有丢：两段历史都保留，并在新的纪元里继续",
    "nothing is overwritten by that; which of the two is right is not known":
      "不会因此覆盖任何内容；哪一方正确还不知道",
    "Nothing is thrown away: the damaged files are set aside whole, in `damaged-1` and so on in the data folder, and a new database is made of what can be read. The machine stays the same place with the same keys and goes on in new epochs. What is missing comes back from the hub with the next exchanges; what only this machine had and can be read goes there. If the power goes meanwhile, run it again. If nothing is wrong it changes nothing.":
      "什么也不会丢弃：损坏的文件整体移到数据文件夹里的 `damaged-1` 等处，再用能读出的内容建一个新数据库。机器仍是同一个区划、同样的密钥，并进入新的纪元。缺少的内容随以后的交换从枢纽回来；只有这台机器有、又能读出的会送到枢纽。中途断电就再运行一次。没有问题时不作任何改动。",
    "Nothing is wrong with the database, and nothing was changed.": "数据库没有问题，未作任何改动。",
    "nothing of the database is lost; without the keys nothing can be exchanged":
      "数据库内容没有丢；但没有密钥就不能交换",
    "nothing of them was taken in, and nothing of them is lost": "没有收入其中任何内容，也没有丢掉任何内容",
    "nothing until the next start; a new clock battery helps for good": "下次开机前不用管；换一块时钟电池可以根治",
    "nothing was merged that could be wrong, and what was written here is kept":
      "没有合并任何可能出错的内容，这里写入的都保留着",
    "nothing: that the hub notes `place_diverged` is right and does no harm":
      "不用做什么：枢纽记下 `place_diverged` 是正常的，没有害处",
    "Parts of it could not be read. The hub has what it had confirmed before.":
      "有些部分读不出来。枢纽以前确认过的都在枢纽那里。",
    "playbacks that are said to have been entered here came back from below after this hub was set back":
      "枢纽退回旧状态后，有些据说在这里录入的播放记录从下级回来了",
    "Recomputes everything from what is stored, and says of each thing that was found what happened, what is safe, and what to do next. Nothing is changed. Exit code 2 if something is wrong.":
      "根据所存内容重新计算一切，并对发现的每件事说明发生了什么、哪些安全、下一步做什么。不作任何改动。有问题时退出码为 2。",
    "Repaired. The damaged files are kept in {}.": "已修复。损坏的文件保存在 {}。",
    "restore a backup of the station; or keep the folder for somebody who knows more":
      "恢复站点的备份；或者留好这个文件夹，交给懂行的人",
    "restore a backup with `yizhan restore`; or run `yizhan hub invite --replace` at the hub and `yizhan station join` here, in a new folder":
      "用 `yizhan restore` 恢复备份；或者在枢纽运行 `yizhan hub invite --replace`，再在这里用新文件夹运行 `yizhan station join`",
    "restore a backup, or set the place up anew with `yizhan hub invite --replace`":
      "恢复备份，或用 `yizhan hub invite --replace` 重新设置",
    "run `yizhan check` at both; the one that is damaged is mended with `yizhan repair`":
      "在双方都运行 `yizhan check`；损坏的一方用 `yizhan repair` 修好",
    "run `yizhan check`, then `yizhan repair`": "运行 `yizhan check`，再运行 `yizhan repair`",
    "run `yizhan check`, which says what is safe, then `yizhan repair`":
      "运行 `yizhan check`（会说明哪些安全），再运行 `yizhan repair`",
    "run `yizhan repair --data {}` again: it goes on where it was":
      "再运行一次 `yizhan repair --data {}`：它会接着做完",
    "run `yizhan repair --data {}`; it throws nothing away. Then exchange with the hub":
      "运行 `yizhan repair --data {}`；它不会丢弃任何内容。然后与枢纽交换数据",
    "Safe:": "安全情况：",
    "see `yizhan status --data {}` for what and why": "内容和原因见 `yizhan status --data {}`",
    "see `yizhan status`, and call somebody": "见 `yizhan status`，并找人来看",
    "set the clock, or exchange with the hub, which tells the time": "校准时钟，或与枢纽交换数据，枢纽会告知时间",
    "The broken station's data folder.": "损坏站点的数据文件夹。",
    "the database is damaged, and nothing in it can be read": "数据库已损坏，读不出任何内容",
    "The database is damaged; what could be read of it was taken.": "数据库已损坏；能读出的都已带走。",
    "The database is well, but not all is well.": "数据库没有问题，但有别的问题。",
    "the database of {} is damaged, by a bad disk or a power cut most likely":
      "{}的数据库已损坏，多半是磁盘坏了或突然断电",
    "the old database is set aside whole, and the new one is ready": "旧数据库已整体另存，新的已经准备好",
    "The playbacks began between {} and {}.": "播放开始时间在 {} 至 {} 之间。",
    "the repair of this folder was cut short": "这个文件夹的修复中断了",
    "the repair of {} was cut short": "{} 的修复中断了",
    "The repair that was cut short is finished, and all is well.": "中断的修复已经完成，一切正常。",
    "there is no database that can be read": "没有可以读出的数据库",
    "they are in the database; those that the hub lacks are written again by themselves":
      "它们在数据库里；枢纽没有的会自动重新写入",
    "they are in this database, and nowhere else as far as is known here": "它们在这个数据库里；据这里所知，别处还没有",
    "they are taken in, but nothing proves that they were entered here": "已经收入，但无法证明是在这里录入的",
    "this folder was repaired on {} and has written in new epochs since":
      "这个文件夹在 {} 修复过，此后在新的纪元里写入",
    "this folder was restored from a backup on {} and has written in new epochs since":
      "这个文件夹在 {} 用备份恢复过，此后在新的纪元里写入",
    "this machine's clock shows a year that cannot be": "这台机器的时钟显示的年份不可能",
    "this place and a neighbour hold different content although both have seen the same writes":
      "这里和某个邻居收到的写入相同，内容却不一样",
    "two hubs were each put below the other": "两个枢纽互相被放到了对方下面",
    "two machines have written different things under one name, or a database was changed by hand":
      "两台机器用同一个名义写了不同的内容，或者有人手工改过数据库",
    "what could be saved does not add up: {}": "抢救出的内容对不上：{}",
    "What could not be read comes back from the hub with the next exchanges.": "读不出的内容随以后的交换从枢纽回来。",
    "what the hub has confirmed is safe there; of what it has not, {} playbacks and {} other writes can still be read here":
      "枢纽确认过的在那里是安全的；没有确认的当中，还能从这里读出 {} 条播放记录和 {} 次其他写入",
    "what the hub has confirmed is safe there; what it has not is lost, unless a copy of the disk tells more":
      "枢纽确认过的在那里是安全的；没有确认的已经丢失，除非磁盘的副本里还能读到",
    "what was revoked before stays revoked here": "以前吊销的在这里仍然无效",
    "what was written here is kept": "这里写入的都保留着",
    "Write what a broken station has not sent to a stick for its hub.":
      "把损坏站点还没送出的内容写到 U 盘上，交给它的枢纽。",
    "{} (since {})": "{}（自 {} 起）",
    "{} (since {}, {} times)": "{}（自 {} 起，共 {} 次）",
    "{} bundles were refused and are kept aside": "有 {} 个数据包被拒收，已另存",
    "{} other values wait for the hub's answer; those that it lacks are written again then.":
      "另有 {} 个值等枢纽答复；枢纽没有的到时会重新写入。",
    "{} playbacks and {} other writes of {} for {} {}: {} files, written and read back.":
      "{} 条播放记录和 {} 次其他写入（来自{}），送往 {} {}：共 {} 个文件，已写入并读回核对。",
    "{} playbacks and {} other writes were left: nobody can say whether the hub has them.":
      "{} 条播放记录和 {} 次其他写入没有带走：无法确定枢纽是否已有。",
    "{} playbacks have lost their names and stay in the damaged files only.":
      "{} 条播放记录丢失了事件号，只留在损坏的文件里。",
    "{} playbacks that the hub has not confirmed were logged again; each is counted once.":
      "{} 条枢纽尚未确认的播放记录已重新登记；每条只计一次。",
    "{} values that were saved from the damaged database wait for the hub's answer":
      "从损坏的数据库中抢救出的 {} 个值正等枢纽答复",
    "{} writes wait until the hub has confirmed them": "{} 次写入等待枢纽确认",
  ]
}
