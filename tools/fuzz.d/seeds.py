#!/usr/bin/env python3
"""Writes the inputs that fuzzing begins with: seeds.py FOLDER, with a folder for each target.

Bundles and manifests are those of Protocol/vectors, good and bad; the rest are small files of each
form that people or programs give. Always the same, byte for byte.
"""

import base64
import gzip
import hashlib
import io
import json
import os
import sys
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
VECTORS = os.path.join(ROOT, "Protocol", "vectors")
LARGEST = 4096


def varint(value):
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(found) + bytes([value])


def block(content):
    return varint(len(content)) + content


def bundles():
    for kind in ("valid", "invalid"):
        folder = os.path.join(VECTORS, kind)
        for name in sorted(os.listdir(folder)):
            if name.endswith(".yz"):
                with open(os.path.join(folder, name), "rb") as file:
                    content = file.read()
                if len(content) <= LARGEST:
                    yield content


def manifests():
    """The bytes of each manifest that has its length before it."""
    for bundle in bundles():
        length, shift, at = 0, 0, 3
        while at < len(bundle) and shift < 28:
            length |= (bundle[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if bundle[at - 1] < 0x80:
                break
        if 0 < length <= len(bundle) - at:
            yield bundle[at : at + length]


def vectors():
    epochs = [1, 0x0123456789ABCDEF, 0xFFFFFFFFFFFFFFFF]
    for count in range(len(epochs) + 1):
        pairs = [(epoch, 300 * index + 1) for index, epoch in enumerate(epochs[:count])]
        dots = [epoch.to_bytes(8, "little") + varint(sequence) for epoch, sequence in pairs]
        yield varint(count) + b"".join(dots)
        yield " ".join(f"{epoch:016x}:{sequence}" for epoch, sequence in pairs).encode() or b"-"


def invitations():
    """As the text that is pasted, and as the bytes that the check is made of."""
    places = (0x1122334455667788).to_bytes(8, "little")
    for code, url, role, zone in ((b"34.01.23.109", b"http://192.168.1.2:8080", 0, 480), (b"34", b"", 1, -210)):
        body = places + block(code) + block("李岗村".encode()) + varint(zone * 2 if zone >= 0 else -zone * 2 - 1)
        body += varint(2) + places * 2 + block("白山镇".encode()) + block(url) + varint(role) + bytes(range(80))
        yield body
        check = hashlib.sha256(body).digest()[:4]
        yield b"yizhan2" + base64.urlsafe_b64encode(body + check).rstrip(b"=")


def sealed():
    """The sealed bundles of the vectors, good and bad."""
    folder = os.path.join(VECTORS, "sealed")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            yield json.load(file)


def envelopes():
    for vector in sealed():
        bundle = bytes.fromhex(vector["bundle"])
        if len(bundle) <= LARGEST:
            yield bundle


def parts():
    """What is sealed, as the target takes it: the label is made by the target, or given."""
    for vector in sealed():
        if "manifest" not in vector:
            continue
        bundle, manifest = bytes.fromhex(vector["bundle"]), bytes.fromhex(vector["manifest"])
        introduction, pieces = bytes.fromhex(vector["introduction"])[:40], "".join(vector["pieces"])
        rest = block(manifest) + b"\0\x40\3" + bytes.fromhex(pieces)
        yield b"\0" + block(introduction) + block(b"") + rest
        yield b"\1" + block(introduction) + bundle[3 : 4 + bundle[3]] + rest


def catalogues():
    folder = os.path.join(VECTORS, "catalogue")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".bin"):
            with open(os.path.join(folder, name), "rb") as file:
                yield file.read()
    yield b"\0\0"


def canonicals():
    """Events of the vectors, and values of each kind."""
    folder = os.path.join(VECTORS, "canonical")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            yield bytes.fromhex(json.load(file)["hex"])
    yield from (b"\0", b"\1\x0b", b"\2" + "驿站".encode(), b"\3" + bytes(range(8)) + b"\5", b"\xff\x01")
    yield from vectors()


def sheets():
    plain = "date,start,programme,seconds,note\n2026-03-05,09:30,P01,600,\n2026-03-06,19:00,P02,,\"停电, 一次\"\n"
    yield plain.encode()
    yield b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode()
    yield plain.encode("gb18030")
    yield "三月计划\n日期,时间,编号,节目名称,时长(分钟)\n3月5日,9:30,P01,防范电信诈骗,10\n".encode("gb18030")
    yield b"date,start,title\r\"a\"\"b\",\" \",\"c\nd\"\r,,\r\"\",,\r1,2\r"
    yield b"\xff\xfed\x00a\x00"
    yield b"a,b\n\"open"


def guides():
    head = '<?xml version="1.0" encoding="{}"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv>'
    body = (
        '<channel id="c1"><display-name lang="zh">农业</display-name></channel>'
        '<programme start="20260305093000 +0800" stop="202603051000Z" channel="c1">'
        '<title lang="en">Rice &amp; fish</title><title lang="zh">水稻<![CDATA[<育苗>]]></title>'
        '<category>农业&#10;技术</category></programme><!-- - --></tv>\n')
    yield (head.format("UTF-8") + body).encode()
    yield (head.format("UTF-16") + body).encode("utf-16")
    yield b"<?xml version='1.0'?><!DOCTYPE tv [<!ENTITY a 'b'>]><tv><programme>&a;</programme></tv>"
    packed = gzip.compress((head.format("UTF-8") + body).encode(), mtime=0)
    yield packed
    yield packed + packed + b"\0\0"
    yield gzip.compress(b"<tv></tv>", compresslevel=0, mtime=0)


def cell(name, inside, kind="n", style=0):
    return f'<c r="{name}" t="{kind}" s="{style}">{inside}</c>'


def workbooks():
    """Parts behind each other with a zero between, as the target takes them; and archives."""
    header = "".join(cell(f"{'ABC'[index]}1", f"<v>{index}</v>", "s") for index in range(3))
    rows = [
        cell("A2", "<v>46086</v>", style=1) + cell("B2", "<v>0.395</v>", style=2)
        + cell("C2", "<is><t>水稻_x000D_</t><rPh><t>x</t></rPh></is>", "inlineStr"),
        cell("B3", "<f>1+1</f><v>0.5</v>") + cell("C3", "<v>#N/A</v>", "e"),
        cell("A4", "<v>2026-03-05T00:00:00</v>", "d") + cell("B4", "<v>1</v>", "b") + cell("C4", "<v>a</v>", "str"),
    ]
    data = "".join(f'<row r="{index + 2}">{row}</row>' for index, row in enumerate(rows))
    sheet = (
        f'<worksheet><sheetData><row r="1">{header}</row>{data}</sheetData>'
        '<mergeCells><mergeCell ref="A2:A3"/></mergeCells></worksheet>')
    strings = "<sst><si><t>date</t></si><si><r><t>st</t></r><r><t>art</t></r></si><si><t>title</t></si></sst>"
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="200" formatCode="[$-804]yyyy&quot;年&quot;m\\月;@"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/><xf numFmtId="21"/></cellXfs></styleSheet>')
    book = (
        '<workbook><workbookPr date1904="1"/><sheets><sheet name="A" sheetId="1" state="hidden" id="s1"/>'
        '<sheet name="B" sheetId="2" id="s1"/></sheets></workbook>')
    for parts in ((sheet,), (sheet, strings, styles), (sheet, "", "", book), (sheet.replace(' r="', ' q="'),)):
        yield "\0".join(parts).encode()
    types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = '<Relationships><Relationship Id="{}" Type="' + types + '/{}" Target="{}"/></Relationships>'
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, text in (
                ("_rels/.rels", related.format("r", "officeDocument", "xl/workbook.xml")),
                ("xl/workbook.xml", book),
                ("xl/_rels/workbook.xml.rels", related.format("s1", "worksheet", "sheet.xml")),
                ("xl/sheet.xml", sheet),
            ):
                archive.writestr(zipfile.ZipInfo(name), text, method)
        yield file.getvalue()


SEEDS = {
    "bundle": bundles, "manifest": manifests, "proto": manifests, "vectors": vectors,
    "envelope": envelopes, "sealed": parts, "catalogue": catalogues, "canonical": canonicals,
    "invitation": invitations, "csv": sheets, "xmltv": guides, "xlsx": workbooks,
}


def main(folder):
    for target, made in SEEDS.items():
        os.makedirs(os.path.join(folder, target), exist_ok=True)
        for seed in made():
            name = hashlib.sha256(seed).hexdigest()[:16]
            with open(os.path.join(folder, target, name), "wb") as file:
                file.write(seed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main(sys.argv[1])
