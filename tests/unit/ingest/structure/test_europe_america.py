"""European product information, UK leaflets, FDA labels."""

from __future__ import annotations

from collections.abc import Callable

from ingest.structure import structure
from kbchat.types import BlockKind, DocumentKind, LoadedFile, Section
from kbchat.types import SectionKind as K


def smpc(strength: str) -> str:
    return f"""1. NAME OF THE MEDICINAL PRODUCT
Lindora {strength} mg tablets
2. QUALITATIVE AND QUANTITATIVE COMPOSITION
Each tablet contains {strength} mg of lindorine.
3. PHARMACEUTICAL FORM
Tablet.
4. CLINICAL PARTICULARS
4.1 Therapeutic indications
Lindora is indicated for hypertension.
4.2 Posology and method of administration
Posology
The usual dose is {strength} mg once daily.
Special populations
Renal impairment
No adjustment is necessary.
Paediatric population
Not recommended under 18 years.
4.3 Contraindications
Second trimester of pregnancy.
4.8 Undesirable effects
Dizziness.
5. PHARMACOLOGICAL PROPERTIES
5.2 Pharmacokinetic properties
The half-life is
12 hours in adults and
Paediatric population
is similar.
6. PHARMACEUTICAL PARTICULARS
6.2 Incompatibilities
Not applicable.
6.3 Shelf life
3 years.
6.4 Special precautions for storage
Do not store above 30 °C.
7. MARKETING AUTHORISATION HOLDER
Lindora Pharma Ltd.
"""


PIL = """Package leaflet: Information for the user
Lindora 75 mg tablets
lindorine
Read all of this leaflet carefully before you start taking this medicine.
What is in this leaflet
1. What Lindora is and what it is used for
2. What you need to know before you take Lindora
3. How to take Lindora
4. Possible side effects
5. How to store Lindora
6. Contents of the pack and other information
1. What Lindora is and what it is used for
Lindora lowers your blood pressure.
2. What you need to know before you take Lindora
Do not take Lindora
if you are allergic to lindorine.
Warnings and precautions
Talk to your doctor about your kidneys.
Other medicines and Lindora
Tell your doctor about lithium.
Pregnancy and breast-feeding
Do not take it when you are pregnant.
3. How to take Lindora
Take one tablet a day.
If you take more Lindora than you should
Call your doctor at once.
4. Possible side effects
You may feel dizzy.
5. How to store Lindora
Keep it below 30 °C.
6. Contents of the pack and other information
What Lindora contains
The active substance is lindorine.
Marketing Authorisation Holder
Lindora Pharma Ltd.
This leaflet was last revised in 03/2022.
"""


def titled(sections: tuple[Section, ...], title: str) -> list[Section]:
    return [section for section in sections if section.heading_path and section.heading_path[-1].startswith(title)]


def test_two_strengths_and_a_leaflet_in_one_file(loaded: Callable[..., LoadedFile]) -> None:
    file = loaded(
        "ANNEX I\nSUMMARY OF PRODUCT CHARACTERISTICS\n" + smpc("75"),
        smpc("150"),
        "ANNEX III\nLABELLING AND PACKAGE LEAFLET\nB. PACKAGE LEAFLET\n" + PIL,
        title="Lindora, INN-lindorine",
    )
    card, sections = structure(file, "lindora.pdf")
    assert card.kind is DocumentKind.LEAFLET
    assert card.title == "Lindora (lindorine)"
    assert (card.brand_names, card.generic_names) == (("Lindora",), ("lindorine",))
    assert card.strength == "75 mg, 150 mg"
    assert card.manufacturer == "Lindora Pharma Ltd."
    subjects = [section.subject for section in titled(sections, "4.8")]
    assert subjects == ["Lindora 75 mg tablets", "Lindora 150 mg tablets"]
    for section in sections:
        assert not ("75 mg tablets" in section.subject and "150 mg" in section.text), "two strengths never mix"
    assert [section.kind for section in titled(sections, "6.3")] == [K.STORAGE] * 2, "short sections are no contents"
    assert [section.kind for section in titled(sections, "Paediatric")] == [K.PEDIATRIC] * 2, "none inside 5.2"
    assert titled(sections, "Renal impairment")[0].heading_path[-3:] == (
        "4.2 Posology and method of administration", "Special populations", "Renal impairment",
    )  # fmt: skip


def test_uk_leaflet(loaded: Callable[..., LoadedFile]) -> None:
    card, sections = structure(loaded(PIL), "19_pil.pdf")
    assert card.title == "Lindora (lindorine)"
    assert card.revised_on == "2022-03"
    kinds = [(section.heading_path[-1], section.kind) for section in sections if len(section.heading_path) > 1]
    assert kinds == [
        ("What is in this leaflet", K.OTHER),
        ("1. What Lindora is and what it is used for", K.INDICATIONS),
        ("Do not take Lindora", K.CONTRAINDICATIONS),
        ("Warnings and precautions", K.WARNINGS),
        ("Other medicines and Lindora", K.INTERACTIONS),
        ("Pregnancy and breast-feeding", K.PREGNANCY),
        ("3. How to take Lindora", K.DOSAGE),
        ("If you take more Lindora than you should", K.OVERDOSE),
        ("4. Possible side effects", K.ADVERSE_REACTIONS),
        ("5. How to store Lindora", K.STORAGE),
        ("What Lindora contains", K.COMPOSITION),
        ("Marketing Authorisation Holder", K.OTHER),
    ]


def test_spl_codes_and_patient_groups(loaded: Callable[..., LoadedFile]) -> None:
    def head(text: str, level: int, code: str) -> tuple[str, dict[str, object]]:
        return (text, {"kind": BlockKind.HEADING, "level": level, "code": code})

    rows = [
        "LINDORA (lindorine) tablets, for oral use",
        head("2 DOSAGE AND ADMINISTRATION", 1, "34068-7"),
        head("2.1 Recommended Dose", 2, "42229-5"),
        "Take 75 mg once daily.",
        head("2.2 Dose in Pediatric Patients", 2, "34068-7"),
        "Not established.",
        head("2.3 Administration Options", 2, "42229-5"),
        "Tablets for oral suspension",
        "Stir them into half a glass of water, and drink it at once.",
        "Pediatric Patients",
        "Give the suspension with an oral syringe, then rinse it.",
        head("5 WARNINGS AND PRECAUTIONS", 1, "43685-7"),
        head("5.1 Bleeding", 2, "42229-5"),
        "Lindora can cause bleeding.",
        head("12 CLINICAL PHARMACOLOGY", 1, "34090-1"),
        head("Pediatric Patients", 3, "42229-5"),
        "Exposure was similar.",
        head("MEDICATION GUIDE", 1, "42231-1"),
        "How should I store Lindora? Store it at room temperature.",
    ]
    card, sections = structure(
        loaded(
            rows, format="spl", effective="2025-04-17", version="30", generic_name="lindorine", brand_name="LINDORA"
        ),
        "x.xml",
    )
    assert (card.title, card.version, card.revised_on) == ("LINDORA (lindorine)", "30", "2025-04-17")
    found = {section.heading_path[-1]: section.kind for section in sections if section.heading_path}
    assert found["2.1 Recommended Dose"] is K.DOSAGE
    assert found["5.1 Bleeding"] is K.WARNINGS
    assert found["Tablets for oral suspension"] is K.DOSAGE
    assert found["2.2 Dose in Pediatric Patients"] is K.PEDIATRIC
    kinds = [section.kind for section in sections if section.heading_path[-1:] == ("Pediatric Patients",)]
    assert kinds == [K.PEDIATRIC, K.PHARMACOLOGY]
    assert found["How should I store Lindora?"] is K.STORAGE


def test_label_as_text(loaded: Callable[..., LoadedFile]) -> None:
    text = """HIGHLIGHTS OF PRESCRIBING INFORMATION
LINDORA (lindorine) tablets, for oral use
Revised: 4/2025
FULL PRESCRIBING INFORMATION: CONTENTS
1 INDICATIONS AND USAGE
2 DOSAGE AND ADMINISTRATION
2.1 Recommended Dose
4 CONTRAINDICATIONS
6 ADVERSE REACTIONS
FULL PRESCRIBING INFORMATION
1 INDICATIONS AND USAGE
LINDORA is indicated for hypertension.
2 DOSAGE AND ADMINISTRATION
2.1 Recommended Dose
Take 75 mg once daily.
4 CONTRAINDICATIONS
Hypersensitivity.
6 ADVERSE REACTIONS
Dizziness.
"""
    card, sections = structure(loaded(text), "label.pdf")
    assert card.revised_on == "2025-04"
    assert card.generic_names == ("lindorine",)
    found = [(section.heading_path[-1], section.kind) for section in sections if section.kind is not K.OTHER]
    assert found == [
        ("1 INDICATIONS AND USAGE", K.INDICATIONS),
        ("2.1 Recommended Dose", K.DOSAGE),
        ("4 CONTRAINDICATIONS", K.CONTRAINDICATIONS),
        ("6 ADVERSE REACTIONS", K.ADVERSE_REACTIONS),
    ]


def test_a_label_without_some_sections_and_with_a_boxed_warning(loaded: Callable[..., LoadedFile]) -> None:
    text = """LINDORA (lindorine) tablets, for oral use
Revised: 4/2025
WARNING: LACTIC ACIDOSIS
Stop at once when it is suspected.
1 INDICATIONS AND USAGE
LINDORA is indicated for hypertension.
2 DOSAGE AND ADMINISTRATION
Take 75 mg once daily.
12 CLINICAL PHARMACOLOGY
12.3 Pharmacokinetics
The half-life is 6 hours.
16 HOW SUPPLIED, STORAGE AND HANDLING
Store at 20 to 25 °C.
"""
    _, sections = structure(loaded(text), "label.pdf")
    paths = {section.heading_path: section.kind for section in sections}
    assert paths["WARNING: LACTIC ACIDOSIS",] is K.WARNINGS
    assert paths["1 INDICATIONS AND USAGE",] is K.INDICATIONS
    assert paths["12 CLINICAL PHARMACOLOGY", "12.3 Pharmacokinetics"] is K.PHARMACOLOGY
    assert paths["16 HOW SUPPLIED, STORAGE AND HANDLING",] is K.STORAGE


def test_drug_facts(loaded: Callable[..., LoadedFile]) -> None:
    text = """Drug Facts
Active ingredient (in each tablet)
Lindorine 10 mg
Purpose
Pain reliever
Uses
relieves minor aches
Warnings
Liver warning: see a doctor.
Do not use
with other pain relievers
Directions
adults: take 1 tablet
Inactive ingredients
starch
"""
    _, sections = structure(loaded(text), "otc.txt")
    found = {section.heading_path[-1]: section.kind for section in sections if section.heading_path}
    assert found["Uses"] is K.INDICATIONS
    assert found["Do not use"] is K.CONTRAINDICATIONS
    assert found["Directions"] is K.DOSAGE
    assert found["Inactive ingredients"] is K.COMPOSITION


def test_serious_and_other_side_effects_are_kept_apart(loaded: Callable[..., LoadedFile]) -> None:
    def head(text: str, level: int) -> tuple[str, dict[str, object]]:
        return (text, {"kind": BlockKind.HEADING, "level": level})

    rows = [
        head("Package leaflet: Information for the patient", 1),
        "Lindora 75 mg tablets",
        head("1. What Lindora is and what it is used for", 2),
        "Lindora lowers your blood pressure.",
        head("2. What you need to know before you take Lindora", 2),
        "Do not take Lindora",
        "if you are allergic to it.",
        head("Warnings and precautions", 3),
        "Talk to your doctor.",
        head("3. How to take Lindora", 2),
        "One tablet a day.",
        head("4. Possible side effects", 2),
        head("Serious side effects", 3),
        head("Rare: may affect up to 1 in 1,000 people", 4),
        "Swelling of the face.",
        head("Other possible side effects", 3),
        head("Common: may affect up to 1 in 10 people", 4),
        "Headache.",
    ]
    _, sections = structure(loaded(rows, format="html"), "x.html")
    by_text = {section.text.split("\n")[-1]: section for section in sections}
    assert by_text["Swelling of the face."].heading_path[-2] == "Serious side effects"
    assert by_text["Headache."].heading_path[-2] == "Other possible side effects"
    assert by_text["Talk to your doctor."].kind is K.WARNINGS
