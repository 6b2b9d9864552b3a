"""A griffe extension for the API pages: docstrings as plain prose, and signatures of classes without an `__init__`."""

import re

import griffe

CODE = re.compile(r"(`[^`]*`)")


class Prose(griffe.Extension):
    """Escapes * and _ in formulas, which Markdown would take for emphasis, and shows the fields of a module."""

    def on_object(self, *, obj: griffe.Object, **others: object) -> None:
        """Called with every object that was loaded."""
        if obj.docstring:
            parts = CODE.split(obj.docstring.value)
            parts[::2] = [re.sub(r"([*_])", r"\\\1", part) for part in parts[::2]]
            obj.docstring.value = "".join(parts)

    def on_class(self, *, cls: griffe.Class, **others: object) -> None:
        """Give a class with annotated fields, and no `__init__`, the one that Equinox or NamedTuple makes for it."""
        fields = [
            member
            for member in cls.members.values()
            if isinstance(member, griffe.Attribute) and member.annotation is not None and not member.is_private
        ]
        if "__init__" in cls.members or not fields:
            return
        fields = [field for field in fields if "property" not in field.labels]
        kind = griffe.ParameterKind.positional_or_keyword
        parameters = [
            griffe.Parameter(field.name, annotation=field.annotation, kind=kind, default=default(field))
            for field in fields
        ]
        if parameters:
            made = griffe.Function("__init__", parameters=griffe.Parameters(griffe.Parameter("self"), *parameters))
            cls.set_member("__init__", made)


def default(field: griffe.Attribute) -> str | griffe.Expr | None:
    """A field's default; that of `eqx.field(...)` is its argument `default`."""
    value = field.value
    if not isinstance(value, griffe.ExprCall) or value.canonical_path.split(".")[-1] != "field":
        return value
    named = [a for a in value.arguments if isinstance(a, griffe.ExprKeyword) and a.name == "default"]
    return named[0].value if named else None
