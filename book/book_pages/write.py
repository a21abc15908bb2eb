"""Write all pages of the website into a folder, from which Sphinx builds it: python -m book_pages.write FOLDER."""

import shutil
import sys
from pathlib import Path

from book_pages.home import APPENDIX, readme_pages
from book_pages.lessons import notebook_page
from book_pages.places import LESSONS, ROOMS, ROOT, anchor, with_links
from book_pages.queries import sheet
from book_pages.reading import page_of_reading
from book_pages.sentences import page_of_errors
from book_pages.sources import source_pages

OTHERS = ["INSTRUCTORS.md", "apps/collector/PROTOCOL.md", "apps/collector/SCOUTER_SERVER.md"]  # to which pages lead


def pages() -> dict[str, str]:
    """The text of each page, by its place in the folder."""
    texts = [file for file in APPENDIX if file.suffix == ".md"] + [ROOT / name for name in OTHERS]
    made = {file.relative_to(ROOT).as_posix(): with_links(file.read_text(encoding="utf-8"), name, name)
            for file in texts for name in [file.relative_to(ROOT).as_posix()]}  # fmt: skip
    notebooks = [*LESSONS, *[file for file in APPENDIX if file.suffix == ".ipynb"]]
    made |= {file.relative_to(ROOT).as_posix(): notebook_page(file) for file in notebooks}
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    made |= {"promql.md": sheet(), "errors.md": page_of_errors(), "left_out.md": page_of_reading()}
    made |= {"LICENSE.md": f"({anchor('LICENSE')})=\n# Licence\n\n{licence}"}
    return made | source_pages() | readme_pages([*ROOMS, *[name.removesuffix(".md") for name in OTHERS]])


def write(folder: Path) -> None:
    """Write all pages and pictures into this folder."""
    for name, text in pages().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "images", folder / "images", ignore=shutil.ignore_patterns("*.py", "*.json", "__pycache__"))


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1]))
    except ValueError as error:  # a page leads to a file that is not on the website
        sys.exit(f"{error}.")
