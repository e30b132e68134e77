"""Passwords: how they are kept, and what may be one."""

from __future__ import annotations

import argon2
import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from people_town import NAME

from ilo_geo.core.errors import InputError
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.services.passwords import made_password
from ilo_geo.services.passwords import passwords
from ilo_geo.services.passwords import require_password

RULES = account_rules()


# --- passwords ---


def test_a_kept_password_is_what_the_reference_implementation_reads():
    kept = passwords().hash("clave de prueba")
    said = argon2.extract_parameters(kept)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert (said.memory_cost, said.time_cost, said.parallelism) == (65536, 3, 4)
    assert argon2.low_level.verify_secret(kept.encode(), b"clave de prueba", argon2.Type.ID)
    assert passwords().hash("clave de prueba") != kept


def test_one_spelling_of_a_letter_is_as_good_as_another():
    kept = passwords().hash("contrasen\u0303a de siempre")
    assert passwords().fits(kept, "contrase\u00f1a de siempre")
    assert not passwords().fits(kept, "contrasena de siempre")
    assert not passwords().fits(None, "x")
    assert not passwords().fits("no hash", "x")
    assert not passwords().fits(kept, "\ud800")


def test_a_made_password_will_do_and_is_never_the_same():
    made = {made_password() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        require_password(one, "admin")
    # 16 letters out of 31
    assert len(set(RULES.password.made_from)) == 31


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("corta", "account.password_length"),
        ("x" * 129, "account.password_length"),
        ("x" * 1_000_000, "account.password_length"),
        ("aaaabbbbcccc", "account.password_weak"),
        ("soy rosa.mamani yo", "account.password_weak"),
    ],
)
def test_a_poor_password_is_refused_and_not_quoted(words, code):
    with pytest.raises(InputError) as refused:
        require_password(words, NAME)
    assert refused.value.code == code
    assert words not in str(refused.value)


@given(st.text(min_size=1, max_size=40))
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_can_be_a_password_and_fits_itself_alone(words):
    kept = passwords().hash(words)
    assert passwords().fits(kept, words)
    assert not passwords().fits(kept, words + "x")
