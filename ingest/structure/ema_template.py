"""The wording of the EMA's template for product information (QRD template 10.x), which UK texts follow too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.lines import Line

ANNEX = re.compile(r"ANNEX\s+(?:I{1,3}|IV|[1-4])\b\.?")
PART = re.compile(
    r"(?:[A-D]\.\s+)?(?:SUMMARY OF PRODUCT CHARACTERISTICS|LABELLING|PACKAGE LEAFLET"
    r"|LABELLING AND PACKAGE LEAFLET)$|[A-D]\.\s+[A-Z][A-Z ,]{12,}"
)
PARTICULARS = re.compile(r"(?:MINIMUM )?PARTICULARS TO APPEAR ON")
LEAFLET = re.compile(
    r"(?:Package|Patient information) leaflet\s*[:：\-–]?\s*Information for (?:the )?(?:user|patient)s?", re.IGNORECASE
)
PRODUCT = re.compile(r"1\.?\s+NAME OF THE (?:VETERINARY )?MEDICINAL PRODUCT", re.IGNORECASE)
SECOND = re.compile(r"2\.?\s+(?:QUALITATIVE AND|STATEMENT OF ACTIVE)", re.IGNORECASE)
SMPC = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2})?)\.?\s+(?P<title>[A-Z][^\n]{3,130})$")
PIL_MAIN = re.compile(
    r"(?:[1-7]\.?\s+)?(?:What .{1,90}? (?:is|are) and what (?:it is|they are) used for|What .{1,60}? (?:is"
    r"|are) for|(?:What you need to know )?before (?:you|your child|.{1,40})"
    r" (?:take|takes|use|uses|is given|are given|receive|receives|have)\b.{0,70}|How (?:to (?:take|use|give"
    r"|inject|store)|.{1,60} (?:is|are|will be) given|you are given|should).{0,80}"
    r"|Possible side.effects|Contents of the pack and other information|Further information|Other information"
    r"|Instructions for use.{0,80}"
    r"|How to (?:inject|prepare).{0,80}|What you need to know .{1,90})\.?$",
    re.IGNORECASE,
)
PIL_SUB = re.compile(
    r"(?:Do not (?:take|use|give)\b.{0,60}|(?:You|.{1,30}) (?:should|must) not (?:take|use|be given)\b.{0,40}"
    r"|Warnings and precautions|Take special care.{0,50}"
    r"|Talk to your .{0,60}before .{0,60}[:：]|Children(?: and adolescents)?(?: .{0,30})?"
    r"|Use in children.{0,40}|Elderly(?: .{0,20})?|Older people"
    r"|(?:Taking |Using )?Other medicines (?:and|with) .{1,60}|(?:Taking|Using) other medicines"
    r"|.{1,50} with (?:food|alcohol|drink|food and drink|food, drink and alcohol).{0,30}"
    r"|Pregnancy.{0,50}|Breast-?feeding.{0,30}|Fertility|Driving(?: and using machines)?"
    r"|Important information about .{0,70}|.{1,60} contains? .{3,60}"
    r"|(?:Use|Dose|Dosage) (?:in|for) .{0,50}|Adults.{0,50}|Method of administration|How much to .{1,30}"
    r"|When to .{1,30}|Kidney problems?|Liver problems?"
    r"|(?:Patients|People|Adults|Children) with .{1,60}|If you (?:have )?(?:take|taken|use|used|are given"
    r"|have been given|inject|injected|forget|stop|miss|think).{0,90}|Reporting of side.effects"
    r"|(?:Serious|Other|Common|Very common|Uncommon|Rare|Very rare|Not known|Additional) side.effects.{0,60}"
    r"|What .{1,60} (?:contains?|looks? like).{0,60}|What .{1,50} (?:is|are) used for"
    r"|Marketing Authori[sz]ation Holder.{0,40}|Manufacturer.{0,20}|This leaflet was last (?:revised|approved"
    r"|updated).{0,60}|Blood and urine tests|Tests.{0,20}|How long .{0,60}|What you should.{0,50})$"
)
SMPC_SUB = re.compile(
    r"(?:Posology|Method of administration|Special populations?|P(?:a)?ediatric (?:population|patients|use)"
    r"|Elderly(?: patients| population)?|Older (?:people|patients|adults)"
    r"|Renal (?:impairment|insufficiency)|Hepatic (?:impairment|insufficiency)|(?:Renal"
    r"|Hepatic) and(?:/or)? (?:hepatic|renal) impairment|Impaired (?:renal|hepatic) function|Pregnancy"
    r"|Breast-?feeding|Lactation|Fertility"
    r"|Women of childbearing potential.{0,60}|Contraception.{0,50}|Patients with (?:renal|hepatic) .{3,40}"
    r"|Missed doses?|Interactions? .{0,50}|Tabulated .{0,50})$",
    re.IGNORECASE,
)
SMPC_GROUP = re.compile(
    r"(?:Posology|Method of administration|Special populations?|Mechanism of action|Pharmacodynamic effects"
    r"|Clinical efficacy(?: and safety)?|Clinical (?:studies|trials|experience)|Absorption|Distribution"
    r"|Biotransformation|Metabolism|Elimination|Excretion|Linearity(?: ?/ ?non-?linearity)?|Pharmacokinetic.{0,40}relationships?\(?s?\)?)",
    re.IGNORECASE,
)
READ_ALL = re.compile(
    r"Read all of this|This medicine is subject|▼|What is in this leaflet|Keep this leaflet", re.IGNORECASE
)
LABEL_PLACES = re.compile(
    r"OUTER CARTON|BLISTER|LABEL|VIAL|SYRINGE|PEN|BOTTLE|CARTON|TRAY|BACKING|IMMEDIATE|INNER|OUTER"
)
ADDRESSES = re.compile(r"Marketing Authori[sz]ation Holder|Manufacturer", re.IGNORECASE)
ENTRY = re.compile(r"[1-9](?=[.\s])")
STRENGTH = re.compile(
    r"\d\s*(?:mg|g|micrograms?|mcg|µg|μg|ml|%|IU|units?|mmol)\b|tablets?|capsules?|solution|suspension"
    r"|injection|cream|powder|syrup",
    re.IGNORECASE,
)
PRODUCT_ENDING = re.compile(r".{0,80}\b1\.?\s+NAME OF THE (?:VETERINARY )?MEDICINAL PRODUCT\s*$")


def is_product_heading(text: str) -> bool:
    """Whether a line is the heading that opens a summary of product characteristics, also with rubbish before it."""
    return bool(PRODUCT.match(text) or PRODUCT_ENDING.match(text))


def product_lines(below: Sequence[Line]) -> list[str]:
    """The product names under a heading: lines that carry a strength or dosage form, else the first line."""
    names: list[str] = []
    for line in below:
        text = line.text.strip(" .")
        if (
            SECOND.match(line.text)
            or READ_ALL.match(text)
            or (names and re.match(r"\d\.?\s", line.text) and not STRENGTH.search(text))
        ):
            break
        if LABEL_PLACES.fullmatch(text) or len(text) > 160 or len(text) < 3:
            continue
        names.append(text)
    strong = [name for name in names if STRENGTH.search(name)]
    return list(dict.fromkeys(strong or names[:1]))
