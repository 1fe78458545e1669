"""What a page says twice, said once in a copy of it.

The application shows a change with its steps above the story that tells of them, and names a
measure over its chart, in the chart and in its table. In a copy the second points to the first.
"""

from typing import Final

from lxml.html import HtmlElement

# A number for each measure of a page, by which its chart and its table are called.
MEASURES: Final = "//section[@class='measure'][.//h2]"


def say_once(document: HtmlElement) -> None:
    """Let each part of a page be said in one place of it."""
    _steps(document)
    for contents in document.xpath("//nav[@class='contents']"):  # copy.js lists the headings
        contents.find(".//ul").clear()
        contents.set("hidden", "")
    for number, measure in enumerate(document.xpath(MEASURES), 1):
        _name(measure, f"m{number}")


def _steps(document: HtmlElement) -> None:
    """Let a change point to its steps where the story tells them in the same words."""
    stories = [
        (section, words(section))
        for section in document.xpath("//section[starts-with(@id, 'text-')]")
    ]
    for steps in document.xpath("//section[@id='tried']//li/div"):
        told = [words(part) for part in steps]
        if not told or (section := _telling(told, stories)) is None:
            continue
        link = steps.makeelement("a", {"href": f"#{section.get('id')}"})
        link.text = section.find("h2").text_content()
        steps.clear(keep_tail=True)
        steps.append(link)


def _telling(told: list[str], stories: list[tuple[HtmlElement, str]]) -> HtmlElement | None:
    """Return the section with a heading that says all of this."""
    for section, said in stories:
        if section.find("h2") is not None and all(part in said for part in told):
            return section
    return None


def _name(measure: HtmlElement, name: str) -> None:
    heading = measure.find(".//h2")
    said = words(heading)
    for tag, title in (("svg", "title"), ("table", "caption")):
        for named in measure.iterfind(f"./figure//{tag}"):
            once = named.find(title)
            if once is not None and words(once) == said:
                named.remove(once)
                named.set("aria-labelledby", name)
                heading.set("id", name)
    for chart in measure.iterfind(".//svg"):
        description = chart.find("desc")
        for change in measure.iterfind(".//ol[@class='chart-key']/li"):
            if description is not None and description.text:
                description.text = description.text.replace(f"{words(change)}.", "").strip()


def words(element: HtmlElement) -> str:
    """Return what an element says, one space between the words."""
    return " ".join(element.text_content().split())
