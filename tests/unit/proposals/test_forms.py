"""A field that does not fit is told by its name, in the reader's language, and nothing else."""

from __future__ import annotations

import pytest

from ilo_geo.core.errors import InputError
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.model import NewProposalForm
from ilo_geo.proposals.model import OpenVoteForm
from ilo_geo.proposals.model import ReasonForm

PARK = {"title": "Parque", "kind": "park"}


@pytest.mark.parametrize(
    ("form", "asked", "es", "en"),
    [
        (NewProposalForm, {"kind": "park"}, "Título: hace falta", "Title: it is needed"),
        (NewProposalForm, {**PARK, "title": " \u202e "}, "Título: no puede quedar vacío", "left"),
        (NewProposalForm, {**PARK, "title": "x" * 201}, "Título: caben 200", "at most 200 fit"),
        (NewProposalForm, {**PARK, "cost_min_soles": "mil"}, "Costo desde: se espera un", "whole"),
        (NewProposalForm, {**PARK, "cost_min_soles": -1}, "el mínimo es 0", "the least is 0"),
        (NewProposalForm, {**PARK, "kind": "palace"}, "Tipo: se espera: ", "Kind: expected: "),
        (NewProposalForm, {**PARK, "state": "approved"}, "no se pide aquí", "not asked for here"),
        (
            NewProposalForm,
            {**PARK, "cost_min_soles": 120_000, "cost_max_soles": 90_000},
            "Formulario: se espera: Costo desde ≤ Costo hasta (se recibió 120,000; 90,000)",
            "Cost from ≤ Cost to",
        ),
        (ReasonForm, {}, "Razón: hace falta", "Reason: it is needed"),
        (OpenVoteForm, {"closes_at": "9999-12-31T23:59"}, "Plazo: ", "2000–2200"),
        (OpenVoteForm, {"closes_at": "mañana"}, "Plazo: ", "Deadline: "),
    ],
)
def test_the_first_field_that_does_not_fit_is_named(form, asked, es, en):
    with pytest.raises(InputError) as refused:
        form_of(form, asked)
    assert es in refused.value.text("es")
    assert en in refused.value.text("en")
    # pydantic's own English stays inside
    assert "String should" not in refused.value.text("es")
    assert "Value error" not in refused.value.text("es")
