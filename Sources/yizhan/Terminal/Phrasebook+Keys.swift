internal import Wording

extension Phrasebook {
  /// What is said of keys, seals and invitations.
  static let keys: [String: String] = [
    "'{}' is no section: they are urgent, public, work, log and people":
      "没有名为“{}”的分区：分区有 urgent、public、work、log 和 people",
    "--only is a list of numbers": "`--only` 是一串编号",
    "--qr is for people: give --json or --qr": "`--qr` 是给人看的：`--json` 和 `--qr` 只能用一个",
    "--write has a section that --read has not: who writes must read":
      "`--write` 中有 `--read` 里没有的分区：可写的必须可读",
    "a proof of no hub's writes here": "证明所指并非此处枢纽的写入",
    "a proof that is cut short or of no listed epoch": "证明不完整，或指向未列出的纪元",
    "an invitation that is not used yet is taken back by `yizhan hub invite --replace`":
      "尚未使用的邀请可用 `yizhan hub invite --replace` 收回",
    "another machine has joined as {} {} before": "已有另一台机器以 {} {} 的身份加入",
    "ask those who keep the hub above, who can allow it with `yizhan hub allow`":
      "请联系上级枢纽的管理员，可用 `yizhan hub allow` 允许",
    "Believe the keys of a place no more.": "不再相信某处的密钥。",
    "certificate: {}": "证书：{}",
    "Check that a bundle is whole, and with --data every byte and who wrote it.":
      "检查数据包是否完整；加 `--data` 时核对每个字节和写入者。",
    "content": "内容",
    "End with the first seed that breaks a promise, and make its schedule no shorter.":
      "遇到第一个违背承诺的种子即结束，不再缩短它的日程。",
    "For how many days the invitation is good.": "邀请码的有效天数。",
    "Give the line to the station's keeper, who runs `yizhan station join`; with --hub to those who keep the hub there, who run `yizhan hub join`. Inviting the same place again prints the same invitation: it is good for one machine. Under another name that is an error, unless --rename says that the place is to be renamed.":
      "把这一行交给站点管理员，由他运行 `yizhan station join`；加 `--hub` 时交给那里的枢纽管理员，由他运行 `yizhan hub join`。再次邀请同一区划会得到同样的邀请码，邀请码只供一台机器使用。名称不同则报错，除非用 `--rename` 说明要改名。",
    "give the line, or the file that `yizhan hub invite --to` wrote":
      "请给出那一行，或 `yizhan hub invite --to` 写的文件",
    "How many seeds.": "种子的个数。",
    "How many things happen in each.": "每个种子中发生多少件事。",
    "if a place was set up anew, invite it with `yizhan hub invite --replace`; else trust nobody who brought this":
      "如果那里重新设置过，请用 `yizhan hub invite --replace` 邀请；否则不要相信带来它的人",
    "if this one takes its place, invite it with `yizhan hub invite --replace`":
      "如果由这台接替，请用 `yizhan hub invite --replace` 邀请",
    "invite the place again with `yizhan hub invite`": "请用 `yizhan hub invite` 重新邀请这个区划",
    "kept aside": "另存",
    "List bundles that were refused, and writes that were taken back.": "列出被拒收的数据包和被撤回的写入。",
    "look at it with `yizhan review list`": "用 `yizhan review list` 查看",
    "Look into what was refused and kept aside.": "查看被拒收并另存的内容。",
    "made         {}": "制作时间    {}",
    "Make new keys; the old ones vouch for them.": "换新密钥，由旧密钥作保。",
    "may read {} and write {}": "可读 {}，可写 {}",
    "Merge a bundle that was kept aside.": "并入另存的数据包。",
    "Neighbours learn of the new keys with the next bundles, and what was sealed for the old ones can still be read. It helps against keys that somebody may guess or copy one day, not against somebody who has them: then invite the place anew with --replace. Make a backup afterwards: an older one brings back older keys, which are believed no more.":
      "邻居随下一批数据包得知新密钥，为旧密钥封装的仍可读取。这可防日后密钥被猜出或复制，防不了已拿到密钥的人：那时请用 --replace 重新邀请。之后请做一次备份：旧备份会带回旧密钥，而旧密钥已不再可信。",
    "no invitation can be read from {}": "从 {} 读不出邀请码",
    "nothing is lost: the file is kept aside for whoever looks into it": "没有丢失：文件已另存，供人查看",
    "nothing of the name {} is kept aside": "没有另存名为 {} 的文件",
    "Nothing that is refused is lost: a bundle is kept in the data folder's `aside` as it came, and of a write that had no right to be its content is kept. At a station the second list says what the hub has taken back of what was written here.":
      "拒收的都不会丢失：数据包原样存入数据文件夹的 `aside`，无权的写入也保留其内容。在站点，第二张表列出枢纽撤回了本处写的哪些内容。",
    "nothing was refused": "没有被拒收的内容",
    "Of these only the ones with these numbers, with commas, as a shorter schedule names them.":
      "只取其中这些编号的事，用逗号分隔，如较短的日程所列。",
    "older keys: {}": "旧密钥：{}",
    "others may read the secret keys in {}": "别人也能读取 {} 中的私钥",
    "own keys: {}": "本处密钥：{}",
    "Prints a line for each seed that breaks a promise, with a shorter schedule that does, and ends with 1. The same seed always goes the same way.":
      "对每个违背承诺的种子打印一行，并给出同样会违背的更短的日程，以 1 结束。同一种子的过程总是相同。",
    "put the file `keys` back from where the folder was copied; or set the place up anew with an invitation that replaces it":
      "从原来的文件夹把 `keys` 文件拷回来；或者用接替的邀请码重新设置",
    "put the file back from a backup; or set the place up anew with an invitation that replaces it":
      "从备份恢复这个文件；或者用接替的邀请码重新设置",
    "put them beside the backup, or into the new data folder as the file `keys`":
      "把它放在备份旁边，或者放进新的数据文件夹，文件名为 `keys`",
    "record {} is not what its writes make of it": "记录 {} 与其写入不符",
    "revoked by {}: list {} of {}, {} places": "{} 的吊销清单：第 {} 号，{}，共 {} 处",
    "run `chmod 600 {}`; if others could log in here, replace the keys with a new invitation":
      "请运行 `chmod 600 {}`；如果别人能登录这台机器，请用新的邀请码换掉密钥",
    "Run each seed twice: both must go the same way.": "每个种子运行两次：两次的过程必须相同。",
    "run this again when it has exchanged with this hub": "请在它与本枢纽交换之后再运行",
    "run this as the user that owns the data folder": "请用数据文件夹所属的用户运行",
    "Say each thing that happens.": "说明发生的每件事。",
    "Say which sections a place may read and write.": "规定某处可以读写哪些分区。",
    "Search for a broken promise in simulated villages; for developers.": "在模拟的村庄中搜寻被违背的承诺；供开发者使用。",
    "Sections are urgent, public, work, log and people; a place may do everything unless something else is said. What it may not read is not exchanged with it from now on, and it keeps what it has. What it writes elsewhere is refused. The certificate goes out with the next exchange.":
      "分区有 urgent、public、work、log 和 people；未另行规定时全部可读可写。不可读的分区此后不再与它交换，它已有的内容仍保留。它在其他分区写入的内容会被拒收。证书随下一次交换发出。",
    "Sections it may read, with commas, or all. `public` is always among them.":
      "可读的分区，用逗号分隔，或 all。`public` 总是可读。",
    "Sections it may write, with commas, all that it reads, or none.":
      "可写的分区，用逗号分隔；all 为全部可读的分区，none 为没有。",
    "see `yizhan review list`": "见 `yizhan review list`",
    "Show the keys of a data folder, or replace them.": "查看或更换数据文件夹的密钥。",
    "Show the line as a QR code too.": "同时用二维码显示这一行。",
    "Show the names of the keys: none is a secret.": "显示密钥的名称：都不是秘密。",
    "Show what a courier can read on a bundle, and with --data what is in it.":
      "显示信使能看到的数据包标签；加 `--data` 时显示内容。",
    "taken back": "撤回",
    "the bundle claims a huge head": "数据包声称的头部过大",
    "the bundle is not sealed for the keys of this place": "数据包不是用本区划的密钥封存的",
    "the bundle is not signed by the sender's key": "数据包不是用发送方的密钥签名的",
    "the bundle is signed by keys of {} that are not believed any more": "数据包由 {} 的密钥签名，而这些密钥已不再可信",
    "the bundle's head is damaged": "数据包的头部已损坏",
    "The data folder of the place that it is for, to see what is in it.": "收件区划的数据文件夹，用来查看内容。",
    "the delta claims writes and brings none": "增量声称有写入，却没有带来",
    "The file's name, from `yizhan review list`.": "文件名，见 `yizhan review list`。",
    "The first seed.": "第一个种子。",
    "the hub's keys: {}": "枢纽的密钥：{}",
    "the invitation of {} {} has expired": "{} {} 的邀请码已过期",
    "The invitation of {} {} is in {}. Delete the file when it was used.":
      "{} {} 的邀请码已写入 {}。用过之后请删除这个文件。",
    "The keys are {} now.": "密钥现在是 {}。",
    "the keys cannot be written to {}: {}": "私钥无法写入 {}：{}",
    "the keys in {} cannot be read: {}": "{} 中的私钥无法读取：{}",
    "the keys of the hub above are not known here": "这里不知道上级枢纽的密钥",
    "The keys of {} {} are believed no more (list {}).": "{} {} 的密钥不再可信（清单 {}）。",
    "the keys of {} {} are not known here": "这里不知道 {} {} 的密钥",
    "the label is malformed": "标签格式错误",
    "the line itself does as well": "直接用那一行也可以",
    "the list of revoked keys of {} went back; what is known of it goes on holding":
      "{} 的吊销清单倒退了；已知的内容继续有效",
    "The machine that joined before is lost: another takes its place, and it is believed no more.":
      "原来加入的机器已丢失：由另一台接替，原机器不再可信。",
    "the manifest is malformed: its label says otherwise": "清单格式错误：与标签不符",
    "the QR code is {} columns wide and the terminal {}: make the window wider or its letters smaller":
      "二维码宽 {} 列，终端只有 {} 列：请加宽窗口或缩小字号",
    "the reader's key cannot be sealed for": "收件方的密钥无法用来封存",
    "the text is too long for a QR code": "内容太长，无法用二维码显示",
    "there are no keys in this data folder": "这个数据文件夹中没有密钥",
    "there are no keys in {}": "{} 中没有密钥",
    "Throw a bundle away that was kept aside.": "丢弃另存的数据包。",
    "Two people who read the same name to each other over the telephone have the same keys before them. With the hub's they also see how old the lists of revoked keys are.":
      "两人在电话里互相念出同样的名称，面前就是同样的密钥。还可看到各吊销清单有多旧。",
    "What is in it is sealed: --data with the place's folder opens it.":
      "内容已封存：用 `--data` 指定收件区划的文件夹可以打开。",
    "What the place sends from now on is kept aside (`yizhan review list`) and nothing is written for it. The list of what is revoked goes out with the next exchanges. To let another machine take the place, invite it with `yizhan hub invite --replace`.":
      "该处今后送来的一律另存（`yizhan review list`），也不再为它写数据包。吊销清单随下次交换发出。\n\n要由另一台机器接替：`yizhan hub invite --replace`。",
    "where": "处",
    "Whoever signed it is believed this once, and its writes stand whatever right their authors had. What a lost machine still brought is taken in so.":
      "仅此一次相信其签名者，其中的写入不论作者有无权限都有效。丢失的机器后来送来的内容就这样收下。",
    "why": "原因",
    "Works beside a running hub or station. The copy is read back whole: the file, every chain and every digest. Only then is it put in its place, and only then are those whose writes are in it told that these are safe, with the next exchange. Keep it on another disk. The secret keys lie beside it in FILE.keys, which nobody else should read. `yizhan restore` makes a data folder of it.":
      "枢纽或站点运行时也能备份。备份要整个读回核对：文件、每条哈希链和每个摘要。核对无误后才放到目标位置，并在下次交换时告诉写入者，这些内容已安全。请存到另一个磁盘。私钥在旁边的 FILE.keys 中，不要让别人读到。`yizhan restore` 用它建立数据文件夹。",
    "Write the line to this file, or into this folder of a stick, instead of printing it. Only its owner can read it.":
      "不打印，而是把这一行写入这个文件，或 U 盘上的这个文件夹。只有文件所有者能读取。",
    "writes that had no right to be were taken back": "无权的写入已撤回",
    "{} does not lie directly below this hub": "{} 并不直接隶属于本枢纽",
    "{} has events of a place that has no right to it": "{} 中有无权写入者的事件",
    "{} has writes of a place that has no right to it": "{} 中有无权写入者的内容",
    "{} has writes that must come from above first": "{} 中有须先由上级送来的写入",
    "{} holds no keys": "{} 中没有密钥内容",
    "{} is gone.": "{} 已丢弃。",
    "{} {} has not shown any keys yet": "{} {} 尚未出示过密钥",
    "{} {} may read {} and write {}.": "{} {} 可读 {}，可写 {}。",
    "{} {} shows an invitation that was not given here": "{} {} 出示的邀请码不是这里发出的",
    "{}: events that were entered here came back from below, and nothing proves them":
      "{}：曾在本处录入的事件由下级送回，但无从证明",
    "{}: this station may not write in `{}`": "{}：本站无权写入 `{}`",
    "{}: what is said to have been written here is not proven": "{}：所称由本处写入的内容没有证明",
    "{}: {} new.": "{}：新增 {}。",
  ]
}
