"""Administration: accounts, invitations, visitors and the audit log; pages that need no script.

Each verb of the permission table has its own blueprint, so that the guard asks for that verb.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from flask import Response
from flask import request

from dash_app.access import actor
from dash_app.i18n import Translator
from dash_app.routes.plain_pages import asking
from dash_app.routes.plain_pages import onward
from dash_app.routes.plain_pages import page
from dash_app.routes.plain_pages import page_again
from dash_app.routes.plain_pages import role_title
from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import RefusedError
from ilo_geo.core.text import messages
from ilo_geo.proposals.people import ROLES
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services import administration
from ilo_geo.services.council import Council

ROOT = "/administracion"
TEMPLATE = "administration.html"
FAULTS = (InputError, RefusedError, ConflictError)
CHECKED = "on"


def blueprints(council: Council) -> dict[str, Blueprint]:
    """Return the pages by the verb they need."""
    made = {
        "read_people": _read_people,
        "create_account": _create_account,
        "change_account": _change_account,
        "reset_password": _reset_password,
        "erase_account": _erase_account,
        "invite": _invite,
        "change_setting": _change_setting,
        "read_audit": _read_audit,
    }
    routes = {verb: Blueprint(f"admin_{verb}", __name__, url_prefix=ROOT) for verb in made}
    for verb, add in made.items():
        add(routes[verb], council)
    return routes


def _read_people(routes: Blueprint, council: Council) -> None:
    @routes.get("", strict_slashes=False)
    def accounts_page() -> Response:
        t = asking()
        done = t("admin.saved") if "guardado" in request.args else ""
        return page(TEMPLATE, done=done, **_shown(council))


def _create_account(routes: Blueprint, council: Council) -> None:
    @routes.post("/cuentas")
    def create() -> Response:
        asked = _typed("username", "display_name", "role")

        def told() -> dict[str, Any]:
            made, password = administration.create(council, actor(), asked)
            t = asking()
            return {"told": t("admin.created", name=made["display_name"]), "secret": password}

        return _done(council, told, typed=asked)


def _change_account(routes: Blueprint, council: Council) -> None:
    @routes.post("/cuentas/<account_id>")
    def change(account_id: str) -> Response:
        active = request.form.get("active") == CHECKED
        asked = {"account_id": account_id, "active": active, **_typed("version", "role")}
        return _done(council, lambda: administration.change(council, actor(), asked) and {})


def _reset_password(routes: Blueprint, council: Council) -> None:
    @routes.post("/cuentas/<account_id>/clave")
    def reset(account_id: str) -> Response:
        asked = {"account_id": account_id, **_typed("version")}

        def told() -> dict[str, Any]:
            made, password = administration.reset(council, actor(), asked)
            t = asking()
            return {"told": t("admin.reset", name=made["display_name"]), "secret": password}

        return _done(council, told)


def _erase_account(routes: Blueprint, council: Council) -> None:
    @routes.post("/cuentas/<account_id>/borrar")
    def erase(account_id: str) -> Response:
        asked = {"account_id": account_id, **_typed("version")}

        def told() -> dict[str, Any]:
            if request.form.get("sure") != CHECKED:
                raise InputError("account.unconfirmed")
            administration.erase(council, actor(), asked)
            return {}

        return _done(council, told)


def _invite(routes: Blueprint, council: Council) -> None:
    @routes.post("/invitaciones")
    def invite() -> Response:
        asked = _typed("role", "days")

        def told() -> dict[str, Any]:
            record, token = administration.invite(council, actor(), asked)
            t = asking()
            link = f"{request.root_url.rstrip('/')}{t.link(f'/invitacion/{token}')}"
            until = lima_time(record["expires_at"])
            return {"told": t("admin.invited", until=until), "secret": link}

        return _done(council, told)

    @routes.post("/invitaciones/<invitation_id>/retirar")
    def withdraw(invitation_id: str) -> Response:
        asked = {"invitation_id": invitation_id}
        return _done(council, lambda: administration.withdraw(council, actor(), asked) or {})


def _change_setting(routes: Blueprint, council: Council) -> None:
    @routes.post("/ajustes")
    def set_open() -> Response:
        asked = _typed("open_to_all", "version")
        return _done(council, lambda: administration.set_open(council, actor(), asked) and {})


def _read_audit(routes: Blueprint, council: Council) -> None:
    @routes.get("/auditoria")
    def audit_page() -> Response:
        found = administration.audit_state(council, actor())
        return page(
            "audit.html",
            head=found.head,
            at=lima_time(found.head.at) if found.head.at else "–",
            reason=_reason(asking(), found),
        )


def _done(
    council: Council,
    do: Callable[[], dict[str, Any]],
    *,
    typed: dict[str, str] | None = None,
) -> Response:
    """Do what was asked; show what is told once, or send on; say why it will not do."""
    try:
        told = do()
    except FAULTS as fault:
        return page_again(TEMPLATE, fault, typed=typed or {}, **_shown(council))
    # a secret is in this one answer only; anything else survives that the page is loaded again
    return page(TEMPLATE, **told, **_shown(council)) if told else onward(f"{ROOT}?guardado")


def _shown(council: Council) -> dict[str, Any]:
    return {
        "people": administration.people_of(council, actor()),
        "roles": {role: role_title(role) for role in ROLES},
        "lima_time": lima_time,
    }


def _typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "") for name in names}


def lima_time(at: Any) -> str:
    """Return a moment as people of the city read it."""
    return f"{at.astimezone(rulebook().zone):%d/%m/%Y %H:%M}"


def _reason(t: Translator, found: administration.AuditState) -> str:
    broken = found.broken
    if broken is None:
        return ""
    fields = {"seq": broken.seq, "subject": broken.subject, "subject_id": broken.subject_id}
    return messages()[broken.reason].format(t.lang, **fields)
