"""Workbooks of other programs, and programme guides: what they bring, and what is refused."""
import csv
import datetime
import gzip
import os
import subprocess
import zipfile

from harness import HUB, found_tree

try:
    import openpyxl
except ImportError:
    openpyxl = None

SOFFICE = "soffice"
IMPORT = ["plan", "import", "--data", "hub", "--for", HUB]
HEAD = ["日期", "开始时间", "节目编号", "节目名称", "时长（分钟）", "必播", "备注"]
DAY = datetime.date(2026, 3, 5)
TIME = datetime.time(9, 30)
BOMB_BYTES = 300 << 20


# ---------------------------------------------------------------- tools

def has_tools(t, what):
    if openpyxl is None:
        t.skip(what, "there is no openpyxl: tools/setup --tests")
        return False
    if subprocess.run(["which", SOFFICE], capture_output=True).returncode != 0:
        t.skip(what, "there is no LibreOffice: tools/setup --tests")
        return False
    return True


def convert(t, name, kind):
    """The file as LibreOffice saves it, in a folder of its own."""
    folder = t.path("converted")
    done = subprocess.run(
        [SOFFICE, f"-env:UserInstallation=file://{t.path('office')}", "--headless", "--convert-to",
         kind, "--outdir", folder, t.path(name)], capture_output=True, timeout=180)
    stem = os.path.splitext(os.path.basename(name))[0]
    path = os.path.join(folder, stem + "." + kind.split(":")[0])
    if not os.path.exists(path):
        raise RuntimeError(f"LibreOffice wrote no {path}: {done.stderr.decode(errors='replace')}")
    return path


def as_csv(t, name):
    """Each visible cell of the first sheet, as LibreOffice shows it."""
    with open(convert(t, name, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true"),
              encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def book(t, name, rows, change=lambda book, sheet: None):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "三月"
    for row in rows:
        sheet.append(row)
    change(made, sheet)
    made.save(t.path(name))
    return name


def replace_parts(t, source, target, **parts):
    """The workbook with other parts: text in place of text, or a new part."""
    with zipfile.ZipFile(t.path(source)) as old, \
            zipfile.ZipFile(t.path(target), "w", zipfile.ZIP_DEFLATED) as new:
        changes = {name: change for name, change in parts["changes"].items()}
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, changes.pop(name)(content) if name in changes else content)
        for name, change in changes.items():
            new.writestr(name, change(b""))
    return target


def slots(t, *more):
    """What the hub's items say, in their order."""
    items = t.items("hub", *more)
    return [(i["date"], i["start"], i["programme"], i["title"], i["seconds"], i["required"], i["note"])
            for i in items]


def rows_of(report):
    return [report[key] for key in ("added", "changed", "unchanged")]


# ---------------------------------------------------------------- workbooks

def workbooks(t):
    if not has_tools(t, "workbooks of other programs"):
        return
    found_tree(t)
    month_sheet(t)
    several_sheets(t)
    titles_only(t)
    other_imports(t)
    template(t)


MONTH = [
    ["2026年3月节目播放计划"], [], HEAD + ["序号"],
    [DAY, TIME, "F001", "春耕", 25, "是", "1-2", 1],
    [None, "10：00", 7, "七", None, True, None, 2],
    ["3月6日（周五）", "下午2:00", "0007", None, 90, "否", "=1+1", 3],
    [datetime.datetime(2026, 3, 7), 0.5, "1-2", "村里的事", 22.5, None, None, 4],
    [46090, datetime.datetime(1899, 12, 31, 20, 15).time(), "F004", None, None, None, None, 5],
    ["2026.3.10", "9点半", "F005", None, "1小时", "√", None, 6],
]
MONTH_ITEMS = [
    ("2026-03-05", "09:30", "F001", "春耕", 1500, 1, "1-2"),
    ("2026-03-05", "10:00", "7", "七", None, 1, ""),
    ("2026-03-06", "14:00", "0007", None, 5400, 0, "=1+1"),
    ("2026-03-07", "12:00", "1-2", "村里的事", 1350, 0, ""),
    ("2026-03-09", "20:15", "F004", None, None, 0, ""),
    ("2026-03-10", "09:30", "F005", None, 3600, 1, ""),
]


def month_book(t, name):
    def change(_, sheet):
        sheet.merge_cells("A1:H1")
        sheet.merge_cells("A4:A5")
        sheet["G6"].data_type = "s"
        sheet["G4"].number_format = "@"
        for row in range(12, 60):
            sheet.cell(row, 1).number_format = "yyyy-mm-dd"
            sheet.cell(row, 2).border = openpyxl.styles.Border(
                left=openpyxl.styles.Side(style="thin"))
    return book(t, name, MONTH, change)


def month_sheet(t):
    month_book(t, "month.xlsx")
    report = t.json(*IMPORT, "month.xlsx")
    t.equal("a month sheet with a title, merged days and dates of all kinds", rows_of(report), [6, 0, 0])
    t.equal("brings what it shows, and nothing else", slots(t), MONTH_ITEMS)
    t.check("a column that is not used is said",
            any("序号" in w["text"] for w in report["warnings"]), report)
    report = t.json(*IMPORT, convert(t, "month.xlsx", "xlsx"))
    t.equal("the same sheet saved by LibreOffice changes nothing", rows_of(report), [0, 0, 6])
    MONTH[3][6] = "请公示"
    month_book(t, "changed.xlsx")
    MONTH[3][6] = "1-2"
    t.equal("a changed cell is one edit", rows_of(t.json(*IMPORT, "changed.xlsx")), [0, 1, 5])
    t.good(*IMPORT, "month.xlsx")
    columns = ["日期", "时间", "编号", "标题", "时长(秒)", "必看", "说明"]
    t.sheet("month.csv", columns, [
        [i[0], i[1], i[2], i[3] or "", i[4] or "", i[5], "'" + i[6] if i[6] == "=1+1" else i[6]]
        for i in MONTH_ITEMS])
    t.equal("CSV with Chinese names and guarded texts is the same plan",
            rows_of(t.json(*IMPORT, "month.csv")), [0, 0, 6])


def several_sheets(t):
    def change(made, sheet):
        sheet.sheet_state = "hidden"
        made.create_sheet("说明").append(["请填写"])
        for name, code in (("四月", "A1"), ("四月备份", "A2")):
            other = made.create_sheet(name)
            other.append(HEAD)
            other.append([datetime.date(2026, 4, 1), TIME, code])
        made.active = 1
    book(t, "several.xlsx", [HEAD, [DAY, TIME, "HIDDEN"]], change)
    report = t.json(*IMPORT, "several.xlsx")
    t.equal("the first visible sheet with the columns is read",
            [i[2] for i in slots(t, "--month", "2026-04")], ["A1"])
    t.check("another that has them is named", any("四月备份" in w["text"] for w in report["warnings"]), report)
    t.good(*IMPORT, "several.xlsx", "--sheet", "四月备份")
    t.equal("--sheet names one", [i[2] for i in slots(t, "--month", "2026-04")], ["A1", "A2"])
    t.refused("a sheet that is not there", "xlsx_sheet_missing", *IMPORT, "several.xlsx", "--sheet", "五月",
              data="hub", says=["四月", "五月"])
    t.refused("--sheet for CSV", "usage", *IMPORT, "month.csv", "--sheet", "a", exit_code=64, data="hub")
    t.refused("--channel for a sheet", "usage", *IMPORT, "month.xlsx", "--channel", "a", exit_code=64)
    t.refused("--zone for a sheet", "usage", *IMPORT, "month.csv", "--zone", "+08:00", exit_code=64)
    t.refused("a zone that is none", "bad_zone", *IMPORT, "month.csv", "--zone", "EST")


def titles_only(t):
    t.write("catalogue.csv", "programme,title\nT1,早稻育秧\nT2,两部同名\nT3,两部同名\n")
    t.good("programme", "import", "--data", "hub", "catalogue.csv")
    rows = [["日期", "时间", "节目"], ["2026-05-01", "9:00", "早稻育秧"],
            ["2026-05-01", "10:00", "两部同名"], ["2026-05-01", "11:00", "新片"]]
    book(t, "titles.xlsx", rows)
    t.good(*IMPORT, "titles.xlsx")
    t.equal("titles find their codes, or stand for themselves",
            [i[2] for i in slots(t, "--month", "2026-05")], ["T1", "两部同名", "新片"])
    t.write("catalogue.csv", "programme,title\nT4,新片\n")
    t.good("programme", "import", "--data", "hub", "catalogue.csv")
    t.equal("a title that has got a code is one edit",
            rows_of(t.json(*IMPORT, "titles.xlsx")), [0, 1, 2])


def other_imports(t):
    book(t, "programmes.xlsx", [["节目编号", "片名", "分类", "时长"], ["P1", "甲", "农业", "25分钟"],
                                ["P2", "乙", None, "0:20:00"]])
    report = t.json("programme", "import", "--data", "hub", "programmes.xlsx")
    t.equal("programmes come from a workbook", rows_of(report), [2, 0, 0])
    known = {p["programme"]: p["seconds"] for p in t.json("programme", "list", "--data", "hub")}
    t.equal("with their lengths", (known["P1"], known["P2"]), (1500, 1200))
    start = datetime.datetime(2026, 3, 5, 9, 30)
    book(t, "played.xlsx", [["节目编号", "开始时间", "结束时间", "观看人数", "放映员"],
                            ["P1", start, start + datetime.timedelta(minutes=25), 12, "周丽"],
                            ["P2", "2026年3月6日 下午2:00", None, None, None]])
    report = t.json("playback", "import", "--data", "s207", "played.xlsx")
    t.equal("playbacks come from a workbook", rows_of(report), [2, 0, 0])
    played = sorted(t.playbacks("s207"), key=lambda p: p["started_at"])
    t.equal("with their instants", [p["started_at"] for p in played],
            ["2026-03-05T09:30:00+08:00", "2026-03-06T14:00:00+08:00"])
    t.equal("again they add nothing",
            rows_of(t.json("playback", "import", "--data", "s207", convert(t, "played.xlsx", "xlsx"))),
            [0, 0, 2])


def template(t):
    t.good("plan", "template", "--to", "form.xlsx", "--month", "2026-06")
    t.refused("an empty template", "no_rows", *IMPORT, "form.xlsx", data="hub")
    cells = as_csv(t, "form.xlsx")
    t.check("LibreOffice shows the template's title and columns",
            cells[0][0] == "2026年6月节目播放计划" and cells[1][:3] == ["日期", "开始时间", "节目编号"], cells[:3])
    made = openpyxl.load_workbook(t.path("form.xlsx"))
    t.equal("a second sheet explains each column",
            [made.worksheets[1].cell(row, 1).value for row in range(2, 11)],
            [cell.value for cell in made.worksheets[0][2]])
    sheet = made.worksheets[0]
    for row, values in enumerate([[datetime.date(2026, 6, 1), TIME, "1-2"], ["6月2日", "10:00", "F2"]], 3):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column).value = value
    made.save(t.path("filled.xlsx"))
    wanted = [("2026-06-01", "09:30", "1-2"), ("2026-06-02", "10:00", "F2")]
    t.good(*IMPORT, "filled.xlsx")
    t.equal("a filled template is imported",
            [i[:3] for i in slots(t, "--month", "2026-06")], wanted)
    t.equal("and the same from LibreOffice",
            rows_of(t.json(*IMPORT, convert(t, "filled.xlsx", "xlsx"))), [0, 0, 2])
    t.good("plan", "template", "--to", "form.csv")
    t.refused("an empty template in CSV", "no_rows", *IMPORT, "form.csv", data="hub")
    t.refused("a template of another kind", "usage", "plan", "template", "--to", "form.doc", exit_code=64)
    t.refused("a template where no file can be", "sheet_unwritable", "plan", "template", "--to",
              "no/such/folder.xlsx")
    t.equal("nothing half is left", [f for f in os.listdir(t.folder) if f.endswith(".part")], [])


# ---------------------------------------------------------------- bad workbooks

def badbooks(t):
    if not has_tools(t, "bad workbooks"):
        return
    found_tree(t)
    bad_cells(t)
    bad_files(t)
    bombs(t)
    bad_texts(t)
    t.equal("nothing of it all went in", t.items("hub"), [])


def bad_cells(t):
    for what, code, place, row in (
            ("a code that became a date", "xlsx_mangled", "line 2, column 3", [DAY, TIME, DAY]),
            ("a note that became a date", "xlsx_mangled", "line 2, column 7",
             [DAY, TIME, "F1", None, None, None, DAY]),
            ("a code of too many digits", "xlsx_mangled", "line 2, column 3", [DAY, TIME, 1234567890123456789]),
            ("an error", "xlsx_error_cell", "line 2, column 3", [DAY, TIME, "#REF!"]),
            ("a formula without a result", "xlsx_formula", "line 2, column 2", [DAY, "=NOW()", "F1"]),
            ("a day of no year", "bad_date", "line 2, column 1", ["3月5日", TIME, "F1"]),
            ("a day of the wrong week day", "bad_date", "line 2, column 1", ["2026年3月5日 周一", TIME, "F1"]),
            ("a day that is none", "bad_date", "line 2, column 1", ["2026年2月30日", TIME, "F1"]),
            ("an ambiguous day", "bad_date", "line 2, column 1", ["3/5", TIME, "F1"]),
            ("a day's number that cannot be meant", "bad_date", "line 2, column 1", [12, TIME, "F1"]),
            ("a time that is none", "bad_time", "line 2, column 2", [DAY, "25:00", "F1"]),
            ("an ambiguous length", "bad_value", "line 2, column 5", [DAY, TIME, "F1", None, "25:30"]),
            ("no programme", "bad_value", "line 2, column 3", [DAY, TIME, None, "a"])):
        book(t, "bad.xlsx", [HEAD, row])
        told = t.run(*IMPORT, "bad.xlsx", "--json")
        as_text = t.run(*IMPORT, "bad.xlsx")
        lines = [line for line in as_text.err.splitlines() if f"yizhan: {code}: {place}: " in line]
        t.check(what + " is refused with its code and place, once",
                told.code == 1 and as_text.error_code == "rows_refused" and len(lines) == 1, as_text)
    title = [["2026年3月计划"], HEAD, ["4月5日", TIME, "F1"]]
    book(t, "bad.xlsx", title)
    told = t.run(*IMPORT, "bad.xlsx")
    t.check("a day of another month than the title's is not guessed", "bad_date: line 3, column 1" in told.err, told)
    told = t.run(*IMPORT, "bad.xlsx", "--month", "2026-05")
    t.check("nor of another than --month", "bad_date: line 3, column 1" in told.err, told)
    book(t, "bad.xlsx", [["日期", "时间", "编号", "节目编号"], [DAY, TIME, "a", "b"]])
    t.refused("two columns of one meaning", "csv_header_duplicate", *IMPORT, "bad.xlsx", data="hub",
              says=["programme"])
    book(t, "bad.xlsx", [["日期", "时间"], [DAY, TIME]])
    t.refused("a workbook without programmes", "csv_header_missing", *IMPORT, "bad.xlsx", data="hub",
              says=["programme or title"])
    book(t, "bad.xlsx", [HEAD])
    t.refused("a workbook without rows", "no_rows", *IMPORT, "bad.xlsx", data="hub")
    book(t, "bad.xlsx", [])
    t.refused("an empty workbook", "csv_empty", *IMPORT, "bad.xlsx", data="hub")


def bad_files(t):
    book(t, "good.xlsx", [HEAD, [DAY, TIME, "F1"]])
    whole = t.read("good.xlsx")
    for share in (10, 50, 90, 99):
        t.write("cut.xlsx", whole[:len(whole) * share // 100])
        t.refused(f"a workbook of which {share} in 100 are there", "xlsx_damaged", *IMPORT, "cut.xlsx",
                  data="hub")
    middle = bytearray(whole)
    middle[whole.index(b"xl/worksheets/sheet1.xml") + 60] ^= 0xFF
    t.write("damaged.xlsx", bytes(middle))
    t.refused("a workbook with a damaged byte", "xlsx_damaged", *IMPORT, "damaged.xlsx", data="hub")
    t.write("locked.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le"))
    t.refused("a workbook with a password", "xlsx_encrypted", *IMPORT, "locked.xlsx", data="hub")
    t.refused("an old workbook", "xlsx_old", *IMPORT, convert(t, "good.xlsx", "xls"), data="hub")
    t.refused("an OpenDocument workbook", "csv_workbook", *IMPORT, convert(t, "good.xlsx", "ods"), data="hub")
    replace_parts(t, "good.xlsx", "entity.xlsx", changes={
        "xl/worksheets/sheet1.xml": lambda old: old.replace(
            b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet', 1)})
    t.refused("a part with entities", "xml_entity", *IMPORT, "entity.xlsx", data="hub")
    macro = replace_parts(t, "good.xlsx", "macro.xlsm", changes={
        "xl/_rels/workbook.xml.rels": lambda old: old.replace(
            b"</Relationships>", b'<Relationship Id="rV" Type="http://schemas.microsoft.com/office/2006/'
            b'relationships/vbaProject" Target="vbaProject.bin"/></Relationships>'),
        "xl/vbaProject.bin": lambda _: b"x"})
    copy = t.copy("hub", "hub2")
    report = t.json("plan", "import", "--data", copy, "--for", HUB, macro)
    t.check("a workbook with macros is read, and they are not run",
            report["added"] == 1 and any("macros" in w["text"] for w in report["warnings"]), report)


def bombs(t):
    """A sheet that is nothing but blanks, and texts that are."""
    shared = convert(t, "good.xlsx", "xlsx")
    for what, part in (("rows", "xl/worksheets/sheet1.xml"), ("texts", "xl/sharedStrings.xml")):
        # The blanks stand before the last tag. Not every openpyxl shares texts; LibreOffice does.
        replace_parts(t, shared, "bomb.xlsx", changes={
            part: lambda old: old[:old.rindex(b"</")] + b" " * BOMB_BYTES + old[old.rindex(b"</"):]})
        told = t.memory(*IMPORT, "bomb.xlsx")
        t.check(f"a bomb in the {what}: one clear error, little memory",
                told.code == 1 and told.error_code == "archive_bomb" and told.bytes_max < 100 << 20,
                f"{told}, {told.bytes_max >> 20} MiB")


def bad_texts(t):
    head = "id,date,start,programme\n"
    copy = t.copy("hub", "hub3")
    t.write("cr.csv", (head + "1,2026-03-01,08:30,F1\n2,2026-03-02,08:30,F2\n").replace("\n", "\r"))
    report = t.json("plan", "import", "--data", copy, "--for", HUB, "cr.csv")
    t.equal("lines that end with CR alone", rows_of(report), [2, 0, 0])
    codes = ["1月2日", "2-Jan", "Jan-02", "1.23E+17"]
    rows = "".join(f"{n},2026-03-03,1{n}:00,{code}\n" for n, code in enumerate(codes))
    t.write("mangled.csv", head + rows + "9,2026-03-03,19:00,F-12\n")
    report = t.json("plan", "import", "--data", copy, "--for", HUB, "mangled.csv")
    t.equal("codes that look like a spreadsheet's dates are taken with a warning each",
            [w["line"] for w in report["warnings"]], [2, 3, 4, 5])
    t.write("bytes.csv", head.encode() + b"1,2026-03-01,08:30,F\xff\xfe\xff\n")
    t.refused("bytes that are no text", "csv_encoding", *IMPORT, "bytes.csv", data="hub", says=["line 2"])


# ---------------------------------------------------------------- guides

GUIDE_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv>\n'


def programme(start, stop, title, channel="C1", more=""):
    stop = f' stop="{stop}"' if stop else ""
    return (f'<programme start="{start}"{stop} channel="{channel}">'
            f'<title lang="zh">{title}</title>{more}</programme>\n')


def guide(*programmes, channels='<channel id="C1"><display-name>一套</display-name></channel>\n'):
    return GUIDE_HEAD + channels + "".join(programmes) + "</tv>\n"


def guides(t):
    found_tree(t)
    t.write("catalogue.csv", "programme,title,seconds\nT1,早稻育秧,60\n")
    t.good("programme", "import", "--data", "hub", "catalogue.csv")
    good_guides(t)
    channels(t)
    bad_programmes(t)
    bad_guides(t)


GOOD = [
    programme("20260305093000 +0800", "20260305100000 +0800", "早稻育秧", more="<category>农业</category>"),
    programme("20260305020000 +0000", None, "新片 &amp; 旧片"),
    programme("20260305103000", "20260305110000", "三"),
]


def good_guides(t):
    t.write("guide.xml", guide(*GOOD))
    t.equal("a guide brings plan items", rows_of(t.json(*IMPORT, "guide.xml")), [3, 0, 0])
    t.equal("in the tree's zone, with codes by title", [i[:5] for i in slots(t)], [
        ("2026-03-05", "09:30", "T1", "早稻育秧", 1800),
        ("2026-03-05", "10:00", "新片 & 旧片", "新片 & 旧片", None),
        ("2026-03-05", "10:30", "三", "三", 1800)])
    t.write("guide.xml.gz", gzip.compress(guide(*GOOD).encode()))
    t.equal("packed it is the same", rows_of(t.json(*IMPORT, "guide.xml.gz")), [0, 0, 3])
    t.write("renamed.csv", gzip.compress(guide(*GOOD).encode()))
    t.equal("whatever its name", rows_of(t.json(*IMPORT, "renamed.csv")), [0, 0, 3])
    changed = [GOOD[0].replace("100000", "095500"), GOOD[1], GOOD[2].replace(">三<", ">四<")]
    t.write("changed.xml", guide(*changed))
    t.equal("a newer guide edits what changed", rows_of(t.json(*IMPORT, "changed.xml")), [0, 2, 1])
    t.write("zone.xml", guide(programme("20260401000000", "20260401003000", "零点")))
    t.good(*IMPORT, "zone.xml", "--zone", "+00:00")
    t.equal("--zone is that of times without an offset",
            [i[:2] for i in slots(t, "--month", "2026-04")], [("2026-04-01", "08:00")])
    t.refused("--sheet for a guide", "usage", *IMPORT, "guide.xml", "--sheet", "a", exit_code=64)
    t.refused("a guide without a place", "place_missing", "plan", "import", "--data", "hub", "guide.xml")
    t.write("guide.xml", guide(*GOOD))
    t.equal("at a station it is its own plan",
            rows_of(t.json("plan", "import", "--data", "s207", "guide.xml")), [3, 0, 0])


def channels(t):
    two = guide(GOOD[0], programme("20260701080000", "20260701090000", "二套节目", "C2"), channels=(
        '<channel id="C1"/>\n<channel id="C2"><display-name lang="zh">二套</display-name></channel>\n'
        '<channel id="C1"/>\n'))
    t.write("two.xml", two)
    t.refused("several channels", "xmltv_channel", *IMPORT, "two.xml", data="hub", says=["C1", "C2 (二套)"])
    t.refused("a channel that is not there", "xmltv_channel", *IMPORT, "two.xml", "--channel", "C3",
              data="hub", says=["C1", "C3"])
    report = t.json(*IMPORT, "two.xml", "--channel", "C2")
    t.equal("one channel by its id", (report["read"], report["added"]), (1, 1))
    t.check("a channel that is declared twice is said",
            [w["line"] for w in report["warnings"]] == [6] and "C1" in report["warnings"][0]["text"], report)
    t.equal("or by its name", rows_of(t.json(*IMPORT, "two.xml", "--channel", "二套")), [0, 0, 1])


def bad_programmes(t):
    for what, code, bad in (
            ("a stop before its start", "ends_before_start", programme("20260305093000", "20260305090000", "a")),
            ("an offset by name", "bad_time", programme("20260305093000 EST", None, "a")),
            ("an offset that none has", "bad_time", programme("20260305093000 +9999", None, "a")),
            ("a day that is none", "bad_time", programme("20260230093000", None, "a")),
            ("a stop that is none", "bad_time", programme("20260305093000", "later", "a")),
            ("no title", "bad_value", '<programme start="20260305093000" channel="C1"/>\n'),
            ("a programme twice", "duplicate_row", programme("20260305080000", None, "b"))):
        t.write("bad.xml", guide(programme("20260305080000", "20260305083000", "a"), bad))
        told = t.run(*IMPORT, "bad.xml")
        lines = [line for line in told.err.splitlines() if f"yizhan: {code}: line 6: " in line]
        t.check(what + " is refused with its line, once",
                told.code == 1 and told.error_code == "rows_refused" and len(lines) == 1, told)
    copy = t.copy("hub", "hub2")
    t.write("odd.xml", guide(
        programme("20260801080000", "20260801090000", "a"), programme("20260801083000", "20260801090000", "b"),
        programme("20260801093000", "20260801100000", "c"), programme("20260801100030", None, "d")))
    report = t.json("plan", "import", "--data", copy, "--for", HUB, "odd.xml")
    t.equal("an overlap, a gap and odd seconds are warnings with their lines, and all is taken",
            ([w["line"] for w in report["warnings"]], report["added"]), ([6, 7, 8, 8], 4))
    t.check("that say what is wrong", "before the programme of line 5 ends" in report["warnings"][0]["text"]
            and "30 min are empty" in report["warnings"][1]["text"], report)


def bad_guides(t):
    whole = guide(*GOOD)
    packed = gzip.compress(whole.encode())
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    for what, code, content in (
            ("an entity bomb", "xml_entity", f'<!DOCTYPE tv [<!ENTITY l0 "lol">{lol}]>\n<tv>&l11;</tv>'),
            ("an entity from a file", "xml_entity",
             '<!DOCTYPE tv [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<tv>&a;</tv>'),
            ("a guide that is cut off", "xml_malformed", whole[:-30]),
            ("bytes that are no text", "xml_malformed", whole.encode().replace("三".encode(), b"\xff\xfe")),
            ("a packed guide that is cut off", "gzip_damaged", packed[:-20]),
            ("a packed guide with a damaged check sum", "gzip_damaged", packed[:-8] + b"abcd" + packed[-4:]),
            ("a packed guide with damage", "gzip_damaged", packed[:30] + b"\xff\xff\xff" + packed[33:]),
            ("a web page", "xmltv_missing", "<html><body>404</body></html>"),
            ("a guide without programmes", "no_rows", guide()),
            ("a packed bomb", "archive_bomb", gzip.compress(b"<tv>" + b" " * BOMB_BYTES + b"</tv>", 9))):
        t.write("bad.xml", content)
        t.refused(what, code, *IMPORT, "bad.xml", data="hub")
    told = t.memory(*IMPORT, "bad.xml")
    t.check("the packed bomb takes little memory", told.bytes_max < 100 << 20, f"{told.bytes_max >> 20} MiB")
