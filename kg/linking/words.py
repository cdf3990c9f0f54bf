"""Words that are no concepts of their own: what a curator reads past when a string names a disease or a drug."""

import re

__all__ = [
    "DOSE",
    "FORMS",
    "FUNCTION_WORDS",
    "GENERIC",
    "ILLNESS",
    "KINDS",
    "QUALIFIERS",
    "ROUTES",
    "SALTS",
    "words_of",
]

#: Stage, grade, course, line of treatment, certainty and patients, for conditions.
QUALIFIERS = frozenset(
    "stage staged grade class phase type i ii iii iv iia iib iic iiia iiib iiic iva ivb ivc v vi is a b c 0 1 2 3 "
    "4 1a 1b 2a 2b 3a 3b 4a 4b 4s ia ib ic ia1 ia2 ib1 ib2 m0 m1 m2 m3 m4 m5 m6 m7 advanced early late end "
    "locally localized localised local regional metastatic nonmetastatic disseminated unresectable resectable "
    "resected inoperable operable recurrent recurring relapsed relapsing relapse refractory resistant progressive "
    "persistent residual untreated treated previously newly diagnosed first second third line adult adults "
    "childhood child children pediatric paediatric juvenile infant infants neonatal elderly older adolescent "
    "adolescents young male female men women patient patients subject subjects people persons individuals primary "
    "secondary untreatable acute subacute chronic mild moderate severe very high low intermediate poor good risk "
    "favorable unfavorable prognosis symptomatic asymptomatic stable unstable suspected confirmed histologically "
    "biopsy proven unspecified nos other extensive limited platinum sensitive novo de remission complete partial "
    "positive her2 hormone receptor estrogen progesterone ajcc v6 v7 v8 t0 t1 t2 t3 t4 n0 n1 n2 n3 active "
    "inactive uncontrolled controlled complicated uncomplicated noninvasive invasive aggressive indolent benign "
    "malignant solid hospitalized ambulatory acquired inherited hereditary familial sporadic congenital "
    "idiopathic essential generalized focal diffuse bilateral unilateral left right upper lower single category "
    "long term following after due induced related associated caused setting history at with in for of the and or "
    "not amenable eligible measurable prior previous current ongoing transplant transplanted steroid castration "
    "castrate dependent independent isolated severity level stages grades".split()
)

#: Qualifiers that stand in the middle of a name without being part of it; others there may be ("acute myeloid").
FUNCTION_WORDS = frozenset(
    "a an the of in on for to with without and or as by from at into during after before due per plus versus vs "
    "via using than other not non its their this that each all both either".split()
)

ROUTES = frozenset(
    "oral orally po injection injections injectable infusion infusions infused intravenous intravenously iv "
    "subcutaneous subcutaneously sc subq intramuscular im topical topically inhaled inhalation inhalational "
    "intranasal nasal ophthalmic transdermal transdermally rectal vaginal buccal sublingual intrathecal "
    "intraperitoneal intravesical intravitreal intra-articular intraarticular intradermal intratumoral epidural "
    "parenteral enteral s.c i.v i.m p.o".split()
)

#: Dose forms, units and schedules.
FORMS = frozenset(
    "tablet tablets tab tabs capsule capsules caplet caplets pill pills lozenge lozenges solution suspension "
    "syrup elixir cream gel ointment patch patches spray drops drop eyedrops lotion powder foam shampoo mouthwash "
    "gum suppository extended release immediate delayed sustained controlled modified slow er xr sr cr xl dr ir "
    "hfa liquid formulation formulations dose doses dosage dosing daily weekly monthly twice once bid tid qd qid "
    "day days week weeks month months hour hours cycle cycles mg mcg ug µg μg g kg ml l iu u unit units mg/kg "
    "mg/m2 mg/ml mg/day mcg/kg ng/ml meq mmol cc monotherapy alone low high standard fixed loading maintenance "
    "bolus continuous single multiple repeat repeated escalating adapted group groups arm arms cohort treatment "
    "treatments therapy regimen prophylaxis supplement supplements supplementation combination combined "
    "coformulation co-formulation administration administered medication medications drug drugs product brand "
    "generic open label matched matching active comparator study part preparation concentrate vial ampoule ampule "
    "syringe pen device prefilled autoinjector extract generation strength strengths pretreatment intermittent "
    "short long term new same initial final oral pegylated liposomal recombinant human purified inactivated "
    "adsorbed trivalent quadrivalent monovalent bivalent split subunit cryopreserved autologous allogeneic "
    "egg-derived cell-derived adjuvanted unadjuvanted sterile preservative-free sugar-free anhydrous micronized".split()
)

#: Salts, esters and hydrates: the substance is the same for a researcher.
SALTS = frozenset(
    "sodium potassium calcium magnesium hydrochloride hcl dihydrochloride hydrobromide sulfate sulphate mesylate "
    "mesilate besylate tosylate maleate fumarate tartrate bitartrate citrate acetate phosphate diphosphate "
    "succinate hemifumarate hyclate monohydrate dihydrate trihydrate hydrate nitrate bromide chloride lactate "
    "malate pamoate gluconate disodium dipotassium tromethamine meglumine esylate edisylate napsylate axetil "
    "medoxomil proxetil pivoxil dimaleate oxalate hemihydrate sesquihydrate mononitrate benzoate stearate "
    "estolate propionate valerate decanoate enanthate cypionate palmitate aminobutyric free base".split()
)

#: Nouns that say what kind of thing it is, not which.
GENERIC = frozenset(
    "agent agents compound therapeutic therapeutics intervention interventions procedure program programme system "
    "kit gene method technique approach use level levels measurement test testing analysis based control".split()
)

#: That something is an illness, not which.
ILLNESS = frozenset(
    "disease diseases disorder disorders syndrome syndromes condition conditions illness symptoms problem".split()
)

#: Kinds of substances, as `normalize` gives them: beside another name they say nothing more.
KINDS = frozenset("vaccine antigen antibody protein peptide hormone drug".split())

_UNIT = "%|mg|mcg|ug|µg|μg|ng|g|ml|l|iu|u|mm|cm|gy|cgy|kg|h|hr|min|d|wk|mo|mci|mbq"
_PER = "kg|m2|m\\^2|m²|day|d|ml|l|week|wk|dose|h|hr|min|capsule|tablet"
#: A number with a unit and what it is given per: "40mg/ml", "3x10^12".
DOSE = re.compile(rf"(?:x|×)?[\d.,]+(?:\s*[-–x×^]\s*[\d.,]+)*(?:{_UNIT})?(?:/(?:{_PER}))*", re.IGNORECASE)

_WORD = re.compile(r"[^\s,;:()\[\]{}]+")


def words_of(text: str) -> list[str]:
    """The words of a string, without the punctuation around them."""
    return [word for word in (found.strip(".'\"*®™") for found in _WORD.findall(text)) if word and word not in "-–—/&+"]
