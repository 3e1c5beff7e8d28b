"""Which system a list of students comes from, and what its columns hold: by their names."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.roster.people import fold_name

__all__ = ["ACCEPTED", "find_fields", "name_system"]

ACCEPTED = (
    "an export of Canvas, Moodle, Gradescope, GitHub Classroom, Blackboard or Brightspace, "
    "or columns student,name,email and, if you like, id, login, section, group, withdrawn"
)
# Moodle writes its columns in the language of the teacher: English, German, French, Spanish.
MOODLE_EMAIL = (
    "email address | e-mail-adresse | adresse de courriel | adresse e-mail | dirección de correo"
    " | dirección email | dirección de correo electrónico"
)
MOODLE_TIME = (
    "last modified (submission) | zuletzt geändert (abgabe) | dernière modification (travail remis)"
    " | última modificación (entrega)"
)
FIELDS = {
    "student": "student",
    "name": "name | full name | student name | vollständiger name | nom complet | nombre completo",
    "first": "first name | firstname | given name | vorname | prénom | nombre | nombre(s)",
    "last": "last name | lastname | surname | family name | nachname | nom | nom de famille"
    " | apellido(s) | apellidos | apellido",
    "email": f"{MOODLE_EMAIL} | email | e-mail | e-mail address | mail | correo electrónico",
    "login": "login | login id | username | user name | sis login id | github username"
    " | anmeldename | nom d'utilisateur | nombre de usuario",
    "id": "id | id number | sis user id | student id | student number | sid | orgdefinedid"
    " | github id | id-nummer | matrikelnummer | matrikelnr | numéro d'identification"
    " | número de id",
    "identifier": "identifier | roster identifier | identifiant | identificador",
    "section": "section | sections | section name",
    "group": "group | groups | group name | gruppe | gruppen | groupe | groupes | grupo | grupos",
    "role": "role | roles | rolle | rollen | rôle | rôles | rol",
    "status": "status | statut | estado",
    "availability": "availability",
    "withdrawn": "withdrawn",
    "submission": "submission id",
    "repository": "student repository name",
    "time": f"{MOODLE_TIME} | submission time | submission timestamp",
}
_FIELD_OF = {
    fold_name(column): field for field, columns in FIELDS.items() for column in columns.split(" | ")
}
_IS_MOODLE = {fold_name(column) for column in f"{MOODLE_EMAIL} | {MOODLE_TIME}".split(" | ")}


def find_fields(header: Sequence[str]) -> dict[str, list[int]]:
    """Return where each field stands in a row, as indices; several columns may hold one field."""
    columns = [fold_name(column) for column in header]
    fields: dict[str, list[int]] = {}
    for index, column in enumerate(columns):
        if field := _FIELD_OF.get(column):
            fields.setdefault(field, []).append(index)
    if name_system(header) == "Moodle" and "time" in fields and "id" in columns:
        fields.setdefault("identifier", []).append(columns.index("id"))  # its name in German
        fields["id"].remove(columns.index("id"))
    # "Nom" alone, and "Nombre" alone, is the whole name.
    if "name" not in fields and ("first" in fields) != ("last" in fields):
        fields["name"] = fields.pop("first", []) + fields.pop("last", [])
    return fields


def name_system(header: Sequence[str]) -> str:
    """Return the system that writes such columns, "list" for a teacher's own, "" for no roster."""
    columns = {fold_name(column) for column in header}
    fields = {_FIELD_OF.get(column, "") for column in columns}
    if {"login", "identifier"} <= fields or "repository" in fields:
        return "GitHub Classroom"
    if columns & {"orgdefinedid", "end of line indicator"}:
        return "Brightspace"
    of_canvas = columns & {"sis login id", "sis user id"} or columns >= {"id", "section"}
    if "student" in columns and "name" not in columns and of_canvas:
        return "Canvas"
    if "sid" in columns and columns & {"email", "submission id"}:
        return "Gradescope"
    of_blackboard = columns & {"student id", "availability", "last access"}
    if columns >= {"first name", "last name", "username"} and of_blackboard:
        return "Blackboard"
    if columns & _IS_MOODLE and fields & {"name", "first", "last"}:
        return "Moodle"
    if fields >= {"identifier", "status", "time"}:  # without names, which Moodle may hide
        return "Moodle"
    return "list" if fields & {"student", "name", "last", "email", "login"} else ""
