"""A lesson as a page: as it is stored, with its solutions behind a click and a link to its script."""

import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell

from book_pages.places import ROOT, SCRIPTS, link, with_links
from classroom.exercise import solutions

FOLDED = """<details class="solution">
<summary>Click here to see a solution of exercise {number}.</summary>

````python
{code}
````

</details>
"""


def notebook_page(file: Path) -> str:
    """The notebook that the website shows in place of this one."""
    notebook: Any = nbformat.read(file, as_version=4)
    page = file.relative_to(ROOT).as_posix()
    solved = iter(solutions(file.stem[:2]).items()) if file.parent == ROOT / "notebooks" else iter(())
    cells = [as_shown(cell, page, solved) for cell in notebook.cells]
    script = next((script for script in SCRIPTS if script.stem == file.stem[3:]), None)
    if script:
        path = script.relative_to(ROOT).as_posix()
        cells.insert(1, new_markdown_cell(f"Its script: [{path}]({link(path, page)})", id="its-script"))
    notebook.cells = cells
    return str(nbformat.writes(notebook))


def as_shown(cell: Any, page: str, solved: Any) -> Any:
    """A cell as the website shows it. solved: the solutions that are still to come, with their numbers."""
    if cell.cell_type == "markdown":
        cell.source = with_links(cell.source, page, page)
    elif "solution" in cell.metadata.get("tags", []):
        number, code = next(solved)
        return new_markdown_cell(FOLDED.format(number=number, code=code), id=cell.id)
    else:
        # A picture that a cell has drawn: what it shows is said by the text around it.
        cell.metadata["mystnb"] = {"image": {"alt": "The chart that this cell draws."}}
        for output in cell.outputs:  # lesson 00 prints a table with links; Sphinx changes none that was printed
            if "text/markdown" in output.get("data", {}):
                output.data["text/markdown"] = re.sub(
                    r"\]\((\w+)\.ipynb\)", r"](\1.html)", output.data["text/markdown"]
                )
    return cell
