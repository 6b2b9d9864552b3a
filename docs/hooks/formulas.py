"""A build hook: formulas in TeX become MathML, which browsers draw by themselves, without a script or a network.

pymdownx.arithmatex finds `$…$` in a line, and `$$…$$` in a paragraph of its own. A formula that is not TeX ends the
build.
"""

import html
import re
from typing import Any

from math_core import LatexError, LatexToMathML
from mkdocs.exceptions import PluginError

# what arithmatex leaves: \(…\) in a span, or \[…\] in a div
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)

converter = LatexToMathML(fancy_error=False)


def on_page_content(content: str, **context: Any) -> str:
    """Called by MkDocs with the HTML of every page."""
    source = context["page"].file.src_uri
    return FORMULA.sub(lambda found: mathml(html.unescape(found[2]).strip(), found[1] == "div", source), content)


def mathml(formula: str, on_its_own: bool, source: str) -> str:
    """One formula as MathML; `PluginError`, which ends the build, if it is not TeX."""
    try:
        return converter.convert_with_local_state(formula, displaystyle=on_its_own)
    except LatexError as error:
        raise PluginError(f"{source}: the formula {formula} is not TeX: {error}") from error
