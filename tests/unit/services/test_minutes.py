"""Minutes of a sitting: who was there, what was decided, who voted how, and the end of the log."""

from __future__ import annotations

import re

import pytest
from council_sittings import attend
from council_sittings import called
from council_sittings import do
from council_sittings import opened
from papers import body_of
from papers import code_of
from papers import pages_of
from papers import squeezed
from qr_reader import read_qr

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.proposals import people
from ilo_geo.proposals.account_forms import ChangeAccountForm
from ilo_geo.proposals.commands.accounts import change_account
from ilo_geo.proposals.commands.accounts import erase_account
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.audit_head import read_head
from ilo_geo.services.audit_head import signed_head
from ilo_geo.services.minutes import minutes
from ilo_geo.services.minutes_data import minutes_of

ADDRESS = "http://ilo.example"


def printed(town, number, path, by="citizen", lang="es"):
    return minutes(town.council, town.actors[by], number, path, lang=lang, address=ADDRESS)


def vote(town, found, sitting, choices, **closing):
    town.do("secretary", "open_vote", found, sitting_id=sitting["id"], quorum=2)
    town.vote(found, *choices)
    return town.do("secretary", "close_vote", found, **closing)


@pytest.fixture
def held(town):
    """Return a closed sitting: one approved by name, one tied and cast, one archived."""
    sitting, (first, second, third) = opened(town, 3, present=("councillor", "councillor2"))
    do(town, "show_proposal", sitting, proposal_id=first["id"])
    vote(town, first, sitting, ["for", "abstain"])
    do(town, "show_proposal", sitting, proposal_id=second["id"])
    vote(
        town,
        second,
        sitting,
        ["for", "against"],
        casting="against",
        reason="No hay <dinero> & agua.",
    )
    town.do("secretary", "archive", third, reason="La retira su autora.")
    return do(town, "close_sitting", sitting)


def test_the_minutes_tell_all_that_happened(town, held, tmp_path):
    path = tmp_path / "acta.pdf"
    sha256 = printed(town, held["number"], path)
    text = body_of(path)
    for expected in (
        "Acta N.º 1 · Sesión ordinaria", "Sala", "2 de 3 integrantes del Concejo", "2: alcanzado",
        "Persona councillorSí", "Persona councillor2Sí", "Persona councillor3No",
        "A favor (1)Persona councillor", "Abstención (1)Persona councillor2",
        "No votó (1)Persona councillor3 (no asistió)", "En contra (0)nadie",
        "En contra (1)Persona councillor2",
        "1 a favor · 1 en contra · 0 en abstención · 1 sin votar",
        "Voto dirimenteEn contra. Razón: No hay <dinero> & agua.",
        "ResultadoAprobada", "ResultadoRechazada", "Archivar, por Persona secretary",
        "Razón: La retira su autora.", "No se votó en esta sesión.",
        "Presideno consta", "Quien preside la sesión", "Secretaría General", sha256,
    ):  # fmt: skip
        assert squeezed(expected) in text, expected
    assert "BORRADOR" not in "".join(pages_of(path))
    assert read_qr(code_of(path)) == f"{ADDRESS}/sesiones/{held['number']}"


def test_who_presides_is_named_in_the_sitting_with_the_casting_vote_and_to_sign(town, tmp_path):
    sitting, (found,) = opened(town)
    do(town, "record_presiding", sitting, presided_by="Ana Alcalde")
    vote(town, found, sitting, ["for", "against"], casting="for", reason="Hace falta.")
    do(town, "record_presiding", sitting, presided_by="Teniente Alcalde")
    do(town, "close_sitting", sitting)
    printed(town, sitting["number"], tmp_path / "acta.pdf")
    text = body_of(tmp_path / "acta.pdf")
    for expected in (
        "PresideTeniente Alcalde",
        "Voto dirimenteA favor, de Ana Alcalde. Razón: Hace falta.",
        "Quien preside la sesión: Teniente Alcalde",
    ):
        assert squeezed(expected) in text, expected


def test_deeds_that_move_nothing_stand_in_the_minutes_without_a_state(town, tmp_path):
    """A hidden comment, a vote without quorum and the next one leave a proposal where it was."""
    sitting, (found,) = opened(town, present=("councillor",))
    town.do("councillor", "comment", found, stance="against", text="Insulto.")
    with town.council.reading(people.system) as repo:
        [said] = repo.find(comment)
    town.do("secretary", "hide_comment", found, comment_id=said["id"], reason="Con respeto.")
    vote(town, found, sitting, ["for"])
    path = tmp_path / "acta.pdf"
    printed(town, sitting["number"], path)
    assert squeezed("Con respeto.") in body_of(path)
    assert squeezed("ResultadoSin quórum") in body_of(path)
    attend(town, sitting, "councillor2")
    vote(town, found, sitting, ["for", "for"])
    do(town, "close_sitting", sitting)
    printed(town, sitting["number"], path)
    text = body_of(path)
    assert text.count(squeezed("Quedó: Aprobada.")) == 1
    # where it stayed as it was nothing is said of a state
    assert squeezed("Persona secretary (Secretaría). Razón: Con respeto.") in text


def test_a_step_that_leads_on_is_not_told_as_decided(town, tmp_path):
    found = town.proposal_in("in_review")
    sitting = called(town, found)
    attend(town, sitting, "councillor", "councillor2")
    do(town, "open_sitting", sitting)
    town.do("civil_defence", "assess", found, verdict="feasible", reason="Llano.")
    town.do("secretary", "open_debate", found)
    do(town, "close_sitting", sitting)
    printed(town, sitting["number"], tmp_path / "acta.pdf")
    text = body_of(tmp_path / "acta.pdf")
    row = text[text.index(squeezed("Qué se decidió")) :][:200]
    assert squeezed("No se votó") in row
    assert squeezed("En debate") not in row


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_cancelled_sitting_has_no_minutes(town, tmp_path, lang):
    found = called(town)
    do(town, "cancel_sitting", found, reason="Se convocó por error.")
    with pytest.raises(ConflictError) as refused:
        printed(town, found["number"], tmp_path / "acta.pdf", lang=lang)
    said = refused.value.public_text(lang)
    assert "Se convocó por error." in said
    assert "\n" not in said
    assert not (tmp_path / "acta.pdf").exists()


def test_the_end_of_the_log_on_paper_is_the_signed_one(town, held, tmp_path):
    path = tmp_path / "acta.pdf"
    printed(town, held["number"], path)
    # what pypdf reads, pasted as a person would
    assert read_head(body_of(path)) == signed_head(town.council)
    line = re.search(r"ilo-geo-head\|1\|[^|]+\|(\d+)\|", body_of(path))
    assert line is not None


@pytest.mark.parametrize("lang", ["es", "en"])
def test_an_open_sitting_gives_a_draft_on_every_page(town, tmp_path, lang):
    sitting, (found,) = opened(town)
    do(town, "show_proposal", sitting, proposal_id=found["id"])
    town.do("secretary", "open_vote", found, sitting_id=sitting["id"])
    town.vote(found, "for", "against")
    printed(town, sitting["number"], tmp_path / "acta.pdf", lang=lang)
    mark = {"es": "BORRADOR", "en": "DRAFT"}[lang]
    pages = pages_of(tmp_path / "acta.pdf")
    assert all(page.count(mark) >= 3 for page in pages)
    # the roll call is of the close
    told = {
        "es": "Votó(votaciónnominalalcierre)(2)Personacouncillor,Personacouncillor2",
        "en": "Voted(rollcallattheclose)(2)Personacouncillor,Personacouncillor2",
    }[lang]
    text = "".join(pages)
    assert told in text
    assert {"es": "Afavor(", "en": "For("}[lang] not in text


def test_what_comes_after_the_close_changes_no_hash(town, held, tmp_path):
    first = printed(town, held["number"], tmp_path / "1.pdf")
    town.clock.move(days=30)
    town.person(people.COUNCILLOR, "nueva")
    assert printed(town, held["number"], tmp_path / "2.pdf", by="secretary", lang="en") == first
    assert "Personanueva" not in body_of(tmp_path / "2.pdf")


def account_of(town, name, **form):
    """Let the administrator change somebody's role, or whether they are active."""
    with town.council.writing(town.actors["administrator"]) as repo:
        row = repo.get(account, town.actors[name].account_id)
        form = {"role": row["role"], "active": row["active"], **form}
        asked = ChangeAccountForm(account_id=row["id"], version=row["version"], **form)
        change_account(repo, asked)


def told(town, number):
    with town.council.reading(town.actors["citizen"]) as repo:
        return minutes_of(repo, number, town.council.area().config.title)


def rolls(found):
    """Return seats, quorum, and who voted what, by account."""
    seats = [(seat.account_id, seat.at) for seat in found.seats]
    votes = [
        (v.account_id, v.choice, v.absent) for i in found.items for b in i.ballots for v in b.roll
    ]
    return seats, found.quorum, votes, [(item.title, item.state) for item in found.items]


def test_no_change_of_people_or_proposals_moves_the_minutes_of_a_closed_sitting(town, tmp_path):
    sitting, (voted, unvoted) = opened(town, 2, present=("councillor", "councillor2"))
    vote(town, voted, sitting, ["for", "abstain"])
    do(town, "close_sitting", sitting)
    before = told(town, sitting["number"])
    names = [vote.who.es for vote in before.items[0].ballots[0].roll]
    # there before the sitting, and no member then
    account_of(town, "citizen", role=people.COUNCILLOR)
    account_of(town, "civil_defence", role=people.COUNCILLOR)
    # silent and absent then
    account_of(town, "councillor3", active=False)
    account_of(town, "councillor2", role=people.PLANNER)
    with town.council.writing(town.actors["administrator"]) as repo:
        erase_account(repo, town.actors["councillor"].account_id)
    town.do("planner", "start", voted)
    town.do("secretary", "archive", unvoted, reason="Ya no.")
    with town.council.writing(people.system) as repo:
        for one in (voted, unvoted):
            repo.change(proposal, "edit", repo.get(proposal, one["id"]), title="Cambiado")
    after = told(town, sitting["number"])
    assert rolls(after) == rolls(before)
    assert after.sha256 == before.sha256
    gone = town.actors["councillor"].account_id
    after_names = {v.account_id: v.who.es for v in after.items[0].ballots[0].roll}
    assert after_names.pop(gone) == "cuenta retirada"
    assert set(after_names.values()) == set(names) - {"Persona councillor"}
    assert printed(town, sitting["number"], tmp_path / "acta.pdf", by="planner") == before.sha256
    text = body_of(tmp_path / "acta.pdf")
    assert squeezed("Parque de la terraza") in text
    assert "Cambiado" not in text
    assert squeezed("No votó (1)Persona councillor3 (no asistió)") in text


def test_what_is_done_in_the_instant_of_the_close_but_after_it_is_not_in_the_minutes(town):
    sitting, (found,) = opened(town)
    do(town, "close_sitting", sitting)
    before = told(town, sitting["number"])
    # a clock that was set back: everything from now on is of the moment of the last row
    town.clock.move(hours=-3)
    town.do("secretary", "archive", found, reason="La retira su autora.")
    assert told(town, sitting["number"]).sha256 == before.sha256
    assert told(town, sitting["number"]).items[0].deeds == ()


def test_the_rolls_of_a_paper_are_in_the_order_of_names(town, tmp_path):
    for name in ("Zoila", "Álvaro", "Beatriz"):
        town.actors[name] = town.person(people.COUNCILLOR, name)
    sitting, (found,) = opened(town, present=("Zoila", "Beatriz", "Álvaro", "councillor"))
    town.do("secretary", "open_vote", found, sitting_id=sitting["id"])
    for name in ("Zoila", "Beatriz"):
        town.do(name, "vote", found, ballot_id=town.ballot(found)["id"], choice="for")
    town.do("secretary", "close_vote", found)
    printed(town, sitting["number"], tmp_path / "acta.pdf")
    assert squeezed("A favor (2)Persona Beatriz, Persona Zoila") in body_of(tmp_path / "acta.pdf")


def test_each_act_of_the_sitting_changes_the_hash(town, tmp_path):
    sitting, (found,) = opened(town, present=("councillor", "councillor2"))
    acts = [
        lambda: attend(town, sitting, "councillor3"),
        lambda: do(town, "record_presiding", sitting, presided_by="Ana Alcalde"),
        lambda: do(town, "show_proposal", sitting, proposal_id=found["id"]),
        lambda: town.do("secretary", "open_vote", found, sitting_id=sitting["id"]),
        lambda: town.vote(found, "for"),
        lambda: town.vote(found, "against"),
        lambda: town.do("secretary", "close_vote", found),
        lambda: do(town, "close_sitting", sitting),
    ]
    seen = [printed(town, sitting["number"], tmp_path / "acta.pdf")]
    for act in acts:
        act()
        seen.append(printed(town, sitting["number"], tmp_path / "acta.pdf"))
    # what is on the screen is not said in the minutes
    assert seen[2] == seen[3]
    assert len(set(seen)) == len(seen) - 1


def test_an_erased_account_stays_a_voter_without_a_name(town, held, tmp_path):
    who = town.actors["councillor"].account_id
    with town.council.writing(people.system) as repo:
        row = repo.get(account, who)
        repo.change(
            account, "erase_account", row, display_name=None, username=None, active=False,
            erased_at=repo.now,
        )  # fmt: skip
    printed(town, held["number"], tmp_path / "acta.pdf")
    text = body_of(tmp_path / "acta.pdf")
    assert squeezed("A favor (1)cuenta retirada") in text
    assert squeezed("2 de 3 integrantes") in text


def test_who_may_not_read_sittings_gets_none(town, tmp_path):
    found = called(town)
    with pytest.raises(RefusedError):
        printed(town, found["number"], tmp_path / "acta.pdf", by="visitor")
    for number in (0, -1, 99, 10**30):
        with pytest.raises(NotFoundError):
            printed(town, number, tmp_path / "acta.pdf")
    printed(town, found["number"], tmp_path / "acta.pdf")
    assert squeezed("La sesión no tuvo agenda.") in body_of(tmp_path / "acta.pdf")


def test_a_council_of_thirty_signs_on_as_many_lines(town, tmp_path):
    for n in range(30):
        town.actors[f"extra{n}"] = town.person(people.COUNCILLOR, f"de nombre largo y apellido {n}")
    found = called(town, town.proposal_in("in_debate"))
    attend(town, found, *[f"extra{n}" for n in range(30)])
    do(town, "open_sitting", found)
    do(town, "close_sitting", found)
    printed(town, found["number"], tmp_path / "acta.pdf")
    text = body_of(tmp_path / "acta.pdf")
    signed = text[text.index("QuienpresidelasesiónSecretaríaGeneral") :]
    assert all(squeezed(f"de nombre largo y apellido {n}") in signed for n in range(30))
