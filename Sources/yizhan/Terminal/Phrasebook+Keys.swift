internal import Wording

extension Phrasebook {
  /// What is said of keys, seals and invitations.
  static let keys: [String: String] = [
    "--qr is for people: give --json or --qr": "`--qr` 是给人看的：`--json` 和 `--qr` 只能用一个",
    "another machine has joined as {} {} before": "已有另一台机器以 {} {} 的身份加入",
    "Check that a bundle is whole, and with --data every byte and who wrote it.":
      "检查数据包是否完整；加 `--data` 时核对每个字节和写入者。",
    "For how many days the invitation is good.": "邀请码的有效天数。",
    "Give the line to the station's keeper, who runs `yizhan station join`; with --hub to those who keep the hub there, who run `yizhan hub join`. Inviting the same place again prints the same invitation: it is good for one machine. Under another name that is an error, unless --rename says that the place is to be renamed.":
      "把这一行交给站点管理员，由他运行 `yizhan station join`；加 `--hub` 时交给那里的枢纽管理员，由他运行 `yizhan hub join`。再次邀请同一区划会得到同样的邀请码，邀请码只供一台机器使用。名称不同则报错，除非用 `--rename` 说明要改名。",
    "give the line, or the file that `yizhan hub invite --to` wrote":
      "请给出那一行，或 `yizhan hub invite --to` 写的文件",
    "if a place was set up anew, invite it with `yizhan hub invite --replace`; else trust nobody who brought this":
      "如果那里重新设置过，请用 `yizhan hub invite --replace` 邀请；否则不要相信带来它的人",
    "if this one takes its place, invite it with `yizhan hub invite --replace`":
      "如果由这台接替，请用 `yizhan hub invite --replace` 邀请",
    "invite the place again with `yizhan hub invite`": "请用 `yizhan hub invite` 重新邀请这个区划",
    "made         {}": "制作时间    {}",
    "no invitation can be read from {}": "从 {} 读不出邀请码",
    "nothing is lost: the file is kept aside for whoever looks into it": "没有丢失：文件已另存，供人查看",
    "others may read the secret keys in {}": "别人也能读取 {} 中的私钥",
    "put the file `keys` back from where the folder was copied; or set the place up anew with an invitation that replaces it":
      "从原来的文件夹把 `keys` 文件拷回来；或者用接替的邀请码重新设置",
    "put the file back from a backup; or set the place up anew with an invitation that replaces it":
      "从备份恢复这个文件；或者用接替的邀请码重新设置",
    "put them beside the backup, or into the new data folder as the file `keys`":
      "把它放在备份旁边，或者放进新的数据文件夹，文件名为 `keys`",
    "run `chmod 600 {}`; if others could log in here, replace the keys with a new invitation":
      "请运行 `chmod 600 {}`；如果别人能登录这台机器，请用新的邀请码换掉密钥",
    "run this as the user that owns the data folder": "请用数据文件夹所属的用户运行",
    "Show the line as a QR code too.": "同时用二维码显示这一行。",
    "Show what a courier can read on a bundle, and with --data what is in it.":
      "显示信使能看到的数据包标签；加 `--data` 时显示内容。",
    "the bundle claims a huge head": "数据包声称的头部过大",
    "the bundle is not sealed for the keys of this place": "数据包不是用本区划的密钥封存的",
    "the bundle is not signed by the sender's key": "数据包不是用发送方的密钥签名的",
    "the bundle is of a machine that another has replaced at {}": "数据包来自 {} 已被接替的旧机器",
    "the bundle's head is damaged": "数据包的头部已损坏",
    "The data folder of the place that it is for, to see what is in it.": "收件区划的数据文件夹，用来查看内容。",
    "the invitation of {} {} has expired": "{} {} 的邀请码已过期",
    "The invitation of {} {} is in {}. Delete the file when it was used.":
      "{} {} 的邀请码已写入 {}。用过之后请删除这个文件。",
    "the keys cannot be written to {}: {}": "私钥无法写入 {}：{}",
    "the keys in {} cannot be read: {}": "{} 中的私钥无法读取：{}",
    "the keys of the hub above are not known here": "这里不知道上级枢纽的密钥",
    "the keys of {} {} are not known here": "这里不知道 {} {} 的密钥",
    "the label is malformed": "标签格式错误",
    "the line itself does as well": "直接用那一行也可以",
    "The machine that joined before is lost: another takes its place, and it is believed no more.":
      "原来加入的机器已丢失：由另一台接替，原机器不再可信。",
    "the manifest is malformed: its label says otherwise": "清单格式错误：与标签不符",
    "the QR code is {} columns wide and the terminal {}: make the window wider or its letters smaller":
      "二维码宽 {} 列，终端只有 {} 列：请加宽窗口或缩小字号",
    "the reader's key cannot be sealed for": "收件方的密钥无法用来封存",
    "the text is too long for a QR code": "内容太长，无法用二维码显示",
    "there are no keys in this data folder": "这个数据文件夹中没有密钥",
    "there are no keys in {}": "{} 中没有密钥",
    "What is in it is sealed: --data with the place's folder opens it.":
      "内容已封存：用 `--data` 指定收件区划的文件夹可以打开。",
    "Works beside a running hub or station. The copy is read back whole: the file, every chain and every digest. Only then is it put in its place, and only then are those whose writes are in it told that these are safe, with the next exchange. Keep it on another disk. The secret keys lie beside it in FILE.keys, which nobody else should read. `yizhan restore` makes a data folder of it.":
      "枢纽或站点运行时也能备份。备份要整个读回核对：文件、每条哈希链和每个摘要。核对无误后才放到目标位置，并在下次交换时告诉写入者，这些内容已安全。请存到另一个磁盘。私钥在旁边的 FILE.keys 中，不要让别人读到。`yizhan restore` 用它建立数据文件夹。",
    "Write the line to this file, or into this folder of a stick, instead of printing it. Only its owner can read it.":
      "不打印，而是把这一行写入这个文件，或 U 盘上的这个文件夹。只有文件所有者能读取。",
    "{} holds no keys": "{} 中没有密钥内容",
    "{} {} shows an invitation that was not given here": "{} {} 出示的邀请码不是这里发出的",
  ]
}
