#!/usr/bin/env python3
"""Writes the sheets that tools/demo imports: what a township clerk and three keepers might type.

  sheets.py DIR

The content is invented, and the same in every run. Columns are those that `yizhan plan import`,
`playback import` and `programme import` take.
"""
import csv
import datetime
import os
import random
import sys

TOWNSHIP = "丰乐镇"
STATIONS = ("双枣社区", "河湾村", "松林村")
YEAR, MONTH = 2026, 3
SLOTS = ("08:30", "10:00", "14:00", "16:00", "18:30", "20:00")
LENGTHS = (300, 600, 900, 1200, 1800, 2400, 3000)
SUBJECTS = {
    "党建": ("支部主题学习", "党员示范岗", "入党流程讲解", "村务公开案例"),
    "农业技术": ("早稻育秧", "油菜花期管理", "茶园春剪", "鱼塘清淤", "土壤改良", "果树嫁接"),
    "法律法规": ("邻里纠纷调解", "农村土地确权", "未成年人保护", "网络诈骗识别"),
    "政策解读": ("春耕补贴申领", "养老保险参保", "危房改造办法", "农机购置补贴"),
    "卫生健康": ("春季流感预防", "糖尿病饮食", "农药安全使用"),
    "文化生活": ("庐剧折子戏", "乡村广场舞", "老电影回顾", "民歌联唱"),
}
PLAN_NOTES = ("", "", "", "", "会前播放", "请提前张贴通知", "组织收看")
KEEPERS = (("周丽", "吴大海"), ("孙桂芳",), ("郑长河", "何小满"))
OCCASIONS = ("日常播放",) * 7 + ("主题党日", "支部会议", "农技培训")

PLAN_COLUMNS = [
    "id", "station", "date", "start", "programme", "title", "category", "seconds", "required",
    "note",
]
PLAY_COLUMNS = [
    "id", "station", "programme", "started_at", "ended_at", "audience", "operator", "occasion",
    "outcome", "note",
]


def generator(*names):
    """A generator of its own for each sheet, so that a change of one leaves the others alone."""
    return random.Random("yizhan demo " + " ".join(map(str, names)))


def catalogue():
    pick = generator("programmes")
    rows = []
    for category, titles in SUBJECTS.items():
        for title in titles:
            for part in range(1, 5):
                code = f"F{len(rows) + 1:03d}"
                rows.append((code, f"{title}（{part}）", category, pick.choice(LENGTHS)))
    return rows


def month_plan(programmes):
    """One row for each slot of each day of the month, for all stations."""
    pick = generator("plan")
    day = datetime.date(YEAR, MONTH, 1)
    rows = []
    while day.month == MONTH:
        for start in SLOTS:
            code, title, category, seconds = pick.choice(programmes)
            rows.append([
                f"FL-{len(rows) + 1:03d}", TOWNSHIP, day.isoformat(), start, code, title, category,
                seconds, int(pick.random() < 0.25), pick.choice(PLAN_NOTES),
            ])
        day += datetime.timedelta(days=1)
    return rows


def corrected(plan):
    """The same plan a week later: two slots differ."""
    rows = [list(row) for row in plan]
    rows[20][3] = "14:30"
    rows[101][9] = "请村医到场"
    return rows


def station_plan(programmes):
    """What is planned for the first station alone: an afternoon for growers each Saturday."""
    lessons = [row for row in programmes if row[2] == "农业技术"]
    rows = []
    for week, day in enumerate((7, 14, 21, 28)):
        for slot, start in enumerate(("15:00", "19:00")):
            code, title, category, seconds = lessons[(3 * week + 5 * slot) % len(lessons)]
            rows.append([
                f"SZ-{len(rows) + 1:02d}", STATIONS[0], f"{YEAR}-{MONTH:02d}-{day:02d}", start, code,
                title, category, seconds, 1, "",
            ])
    return rows


def playbacks(number, programmes, days, per_day, month=MONTH, plan=()):
    """What one station played, day by day: on most days what was planned, and more."""
    slots = {}
    for row in plan:
        slots.setdefault(row[2], []).append(row)
    pick = generator("plays", number) if month == MONTH else generator("plays", number, month)
    prefix = f"{number + 1}" if month == MONTH else f"{number + 1}-{month}"
    zone = datetime.timezone(datetime.timedelta(hours=8))
    rows = []
    for day in range(1, days + 1):
        now = datetime.datetime(YEAR, month, day, 8, pick.randrange(40), tzinfo=zone)
        keeper = pick.choice(KEEPERS[number])
        # A keeper comes late now and then, and leaves a slot out.
        due = [row for row in slots.get(now.date().isoformat(), ()) if pick.random() < 0.9]
        for turn in range(per_day):
            code, _, _, length = pick.choice(programmes)
            now += datetime.timedelta(seconds=pick.randrange(30, 1500))
            if turn < len(due):
                code, length = due[turn][4], due[turn][7]
                late = pick.choices((0, 45), (85, 15))[0] + pick.randrange(-5, 20)
                now = datetime.datetime.fromisoformat(f"{due[turn][2]}T{due[turn][3]}:00+08:00")
                now += datetime.timedelta(minutes=late)
            outcome = pick.choices(
                ("completed", "stopped", "power_lost", "no_signal"), (86, 6, 5, 3))[0]
            seconds = length if outcome == "completed" else pick.randrange(20, length)
            end = now + datetime.timedelta(seconds=seconds)
            rows.append([
                f"{prefix}-{len(rows) + 1:04d}", STATIONS[number], code, now.isoformat(),
                end.isoformat(), pick.randrange(2, 41), keeper, pick.choice(OCCASIONS), outcome,
                "电压不稳" if outcome == "power_lost" else "",
            ])
            now = end
    return rows


def write(path, columns, rows, encoding="utf-8", order=None):
    """`order` puts the columns into another order, as people's sheets have it."""
    order = order or range(len(columns))
    with open(path, "w", newline="", encoding=encoding) as file:
        sheet = csv.writer(file)
        sheet.writerow([columns[index] for index in order])
        sheet.writerows([row[index] for index in order] for row in rows)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)

    def put(name, *rest, **options):
        write(os.path.join(folder, name), *rest, **options)

    programmes = catalogue()
    plan = month_plan(programmes)
    put("programmes.csv", ["programme", "title", "category", "seconds"], programmes)
    put("township.csv", PLAN_COLUMNS, plan)
    put("township-corrected.csv", PLAN_COLUMNS, corrected(plan))
    put("shuangzao-plan.csv", PLAN_COLUMNS, station_plan(programmes))
    put("shuangzao-plays.csv", PLAY_COLUMNS, playbacks(0, programmes, days=5, per_day=12, plan=plan))
    # As Chinese Excel writes it, with the columns in an order of the keeper's own.
    put("hewan-plays.csv", PLAY_COLUMNS, playbacks(1, programmes, days=4, per_day=10, plan=plan),
        encoding="gb18030", order=[3, 4, 2, 5, 6, 7, 8, 9, 1, 0])
    grown = playbacks(2, programmes, days=6, per_day=15, plan=plan)
    put("songlin-plays-monday.csv", PLAY_COLUMNS, grown[:30])
    put("songlin-plays-friday.csv", PLAY_COLUMNS, grown)
    for number, name, days, per_day in (
            (0, "shuangzao", 10, 12), (1, "hewan", 10, 10), (2, "songlin", 30, 40)):
        put(f"{name}-plays-april.csv", PLAY_COLUMNS,
            playbacks(number, programmes, days, per_day, month=MONTH + 1))


if __name__ == "__main__":
    main()
