"""Who the drug is, in English texts of every layout."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.structure import structure
from ingest.structure.substances import composition_substances, listed_substances, stated_substances
from kbchat.types import LoadedFile

LABEL = """HIGHLIGHTS OF PRESCRIBING INFORMATION
These highlights do not include all the information needed to use {brand} safely and effectively. See full text.
{title}
Initial U.S. Approval: 1996
Revised: 4/2024
FULL PRESCRIBING INFORMATION
1 INDICATIONS AND USAGE
{prose} is indicated as an adjunct to diet in adults whose disease is not controlled otherwise.
2 DOSAGE AND ADMINISTRATION
2.1 Recommended Dose
Target INR (range) applies. Bleeding is reversed by
Specific Agent (andexanet alfa) in hospital.
3 DOSAGE FORMS AND STRENGTHS
Tablets: 10 mg and 20 mg.
4 CONTRAINDICATIONS
Hypersensitivity.
6 ADVERSE REACTIONS
Dizziness.
"""


@pytest.mark.parametrize(
    ("title", "generic", "brand", "shown"),
    [
        ("NOVASTAT® (atorvastatin calcium) tablets, for oral use", ("atorvastatin calcium",), ("NOVASTAT",), ""),
        ("NOVABASAL (insulin glargine injection) for subcutaneous use", ("insulin glargine",), ("NOVABASAL",), ""),
        (
            "NOVADUO (sitagliptin and metformin hydrochloride) tablets, for oral use",
            ("sitagliptin", "metformin hydrochloride"),
            ("NOVADUO",),
            "NOVADUO (sitagliptin, metformin hydrochloride)",
        ),
        (
            "NOVAMET (metformin hydrochloride) tablets, for oral use\n"
            "NOVAMET XR (metformin hydrochloride) extended-release tablets, for oral use",
            ("metformin hydrochloride",),
            ("NOVAMET", "NOVAMET XR"),
            "NOVAMET (metformin hydrochloride)",
        ),
        ("LISINOPRIL tablets, for oral use", ("lisinopril",), (), "LISINOPRIL tablets"),
        (
            "VALSARTAN AND HYDROCHLOROTHIAZIDE tablets, for oral use",
            ("valsartan", "hydrochlorothiazide"),
            (),
            "VALSARTAN AND HYDROCHLOROTHIAZIDE tablets",
        ),
    ],
)
def test_title_of_a_label(
    loaded: Callable[..., LoadedFile], title: str, generic: tuple[str, ...], brand: tuple[str, ...], shown: str
) -> None:
    text = LABEL.format(
        title=title, brand=(brand or (title.split(maxsplit=1)[0],))[0], prose=(brand or (generic[0],))[0]
    )
    card, sections = structure(loaded(text), "label.pdf")
    assert (card.generic_names, card.brand_names) == (generic, brand)
    assert card.title == (shown or f"{brand[0]} ({generic[0]})")
    assert (card.strength, card.approved_on, card.revised_on) == ("10 mg, 20 mg", "1996", "2024-04")
    assert generic[0] in sections[-1].subject


def test_the_header_of_an_spl_file_is_not_added_to(loaded: Callable[..., LoadedFile]) -> None:
    text = LABEL.format(title="NOVABAN (apixaban) tablets", brand="NOVABAN", prose="NOVABAN")
    file = loaded(text, generic_name="apixaban", brand_name="NOVABAN", strength="5 mg")
    card, _ = structure(file, "x.xml")
    assert (card.generic_names, card.brand_names, card.strength) == (("apixaban",), ("NOVABAN",), "5 mg")


def test_over_the_counter_label(loaded: Callable[..., LoadedFile]) -> None:
    text = """Strong Headease
Drug Facts
Active ingredients (in each caplet)
Acetaminophen 250 mg
Aspirin 250 mg (NSAID*)
Caffeine 65 mg
Purposes
Pain reliever
Uses
relieves minor aches
Do not use
with any other drug containing acetaminophen
Directions
take 2 caplets
"""
    card, _ = structure(loaded(text), "otc.txt")
    assert card.generic_names == ("acetaminophen", "aspirin", "caffeine")


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Each tablet contains 2.5 mg of linagliptin and 850 mg of metformin hydrochloride.",
         ("linagliptin", "metformin hydrochloride")),
        ("Each tablet contains sitagliptin phosphate monohydrate, equivalent to 25 mg sitagliptin.", ("sitagliptin",)),
        ("Each capsule contains rivastigmine hydrogen tartrate corresponding to 1.5 mg rivastigmine.", ("rivastigmine",)),
        ("Each ml contains 100 units insulin glargine* (equivalent to 3.64 mg).", ("insulin glargine",)),
        ("Each ml of concentrate contains 20 mg docetaxel (as trihydrate).", ("docetaxel",)),
        ("Each capsule contains: Omeprazole 20 mg", ("omeprazole",)),
        ("Each vial contains 100 mg of infliximab*. Infliximab is an antibody.", ("infliximab",)),
        ("Treatment of acute exacerbations of chronic bronchitis.", ()),
        ("This medicine contains less than 1 mmol sodium per dose", ("sodium",)),
    ],
)  # fmt: skip
def test_composition(sentence: str, names: tuple[str, ...]) -> None:
    assert composition_substances(sentence) == names


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("- The active substance is lisinopril (as dihydrate).", ("lisinopril",)),
        ("Relivan contains the active substance sildenafil which belongs to a group of medicines", ("sildenafil",)),
        ("Relivan contains a medicine called lisinopril.", ("lisinopril",)),
        ("The active ingredient in Relivan, adalimumab, is a human antibody.", ("adalimumab",)),
        ("The active substances are codeine phosphate and paracetamol.", ("codeine phosphate", "paracetamol")),
        ("Active substance: Atorvastatin as atorvastatin calcium trihydrate.", ("atorvastatin",)),
        ("The active substance is each capsule is 250 mg Amoxicillin Trihydrate.", ("amoxicillin trihydrate",)),
        ("Hypersensitivity to the active substance or to any of the excipients", ()),
        ("Do not use it with other medicines containing the active substance anakinra", ()),
    ],
)
def test_stated_active_substance(sentence: str, names: tuple[str, ...]) -> None:
    assert stated_substances(sentence) == names


def test_lists_of_substances() -> None:
    assert listed_substances("perindopril / amlodipine") == ("perindopril", "amlodipine")
    assert listed_substances("hard capsules") == ()


def leaflet(head: str, about: str = "It helps.", contains: str = "Starch.") -> str:
    return f"""Package leaflet: Information for the patient
{head}
Read all of this leaflet carefully before you start taking this medicine.
1. What it is and what it is used for
{about}
2. What you need to know before you take it
Do not take it if you take medicines containing the active substance aspirin.
3. How to take it
One a day.
4. Possible side effects
Headache.
5. How to store it
Cool.
6. Contents of the pack and other information
What it contains
{contains}
"""


@pytest.mark.parametrize(
    ("text", "title", "generic", "brand"),
    [
        (leaflet("Relivan® 5 mg tablets\nlisinopril"), "Relivan (lisinopril)", ("lisinopril",), ("Relivan",)),
        (
            leaflet("Atorvastatin Nordica 10 mg, 20 mg film-coated tablets", "It contains the active substance atorvastatin."),
            "Atorvastatin Nordica", ("atorvastatin",), ("Atorvastatin Nordica",),
        ),
        (
            leaflet("Sertraline 50 mg & 100 mg film-coated tablets", contains="- The active substance is sertraline."),
            "Sertraline 50 mg & 100 mg film-coated tablets", ("sertraline",), (),
        ),
        (
            leaflet("Levothyroxine 25 microgram tablets", contains="The active ingredient is levothyroxine sodium."),
            "Levothyroxine 25 microgram tablets", ("levothyroxine sodium",), (),
        ),
        (
            leaflet("Duodol 8/500 mg Tablets\ncodeine phosphate/paracetamol"),
            "Duodol (codeine phosphate, paracetamol)", ("codeine phosphate", "paracetamol"), ("Duodol",),
        ),
    ],
)  # fmt: skip
def test_leaflets(
    loaded: Callable[..., LoadedFile], text: str, title: str, generic: tuple[str, ...], brand: tuple[str, ...]
) -> None:
    card, _ = structure(loaded(text, title="Package Leaflet (PIL)"), "leaflet.pdf")
    assert (card.title, card.generic_names, card.brand_names) == (title, generic, brand)


def test_an_older_leaflet_without_the_template_s_title(loaded: Callable[..., LoadedFile]) -> None:
    text = leaflet(
        "Furolor 40 mg Tablets BP", contains="Each tablet contains 40 mg of the active ingredient furosemide."
    )
    text = text.replace("Package leaflet: Information for the patient", "PATIENT INFORMATION LEAFLET")
    card, _ = structure(loaded(text), "leaflet.pdf")
    assert (card.title, card.strength) == ("Furolor (furosemide)", "40 mg")
    card, _ = structure(loaded(leaflet("Furosemide 40 mg Tablets")), "leaflet.pdf")
    assert (card.title, card.generic_names) == ("Furosemide 40 mg Tablets", ("furosemide",)), (
        "named after its substance"
    )


def test_product_characteristics_of_a_generic(loaded: Callable[..., LoadedFile]) -> None:
    text = """1. NAME OF THE MEDICINAL PRODUCT
Cefalor Nordica 500 mg hard capsules
2. QUALITATIVE AND QUANTITATIVE COMPOSITION
Each capsule contains cefaclor monohydrate equivalent to 500 mg cefaclor.
Excipient with known effect: each capsule contains 40 mg lactose.
3. PHARMACEUTICAL FORM
Hard capsule.
4. CLINICAL PARTICULARS
4.1 Therapeutic indications
Treatment of acute exacerbations of chronic bronchitis, cystitis.
4.2 Posology and method of administration
One capsule.
4.8 Undesirable effects
Rash.
7. MARKETING AUTHORISATION HOLDER
Nordica B.V.
9. DATE OF FIRST AUTHORISATION/RENEWAL OF THE AUTHORISATION
Date of first authorisation: 08 September 2003
Date of latest renewal: 08 September 2008
10. DATE OF REVISION OF THE TEXT
Detailed information is available on the website.
"""
    card, _ = structure(loaded(text), "smpc.pdf")
    assert (card.generic_names, card.brand_names) == (("cefaclor",), ("Cefalor Nordica",))
    assert (card.manufacturer, card.strength) == ("Nordica B.V.", "500 mg")
    assert (card.approved_on, card.revised_on) == ("2003-09-08", "2008-09-08"), (
        "no revision is stated: the renewal counts"
    )
