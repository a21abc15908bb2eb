"""Read YAML, and write it again so that Prometheus reads the same as before.

Prometheus takes a label's value as it is written: 1.10, yes and 0123 are texts, while PyYAML makes 1.1, True and 83 of
them. Where Prometheus wants a number, or yes or no, such a value must not be in quotes. So it stays as it is written.
"""

from typing import Any

import yaml


class Plain(str):
    """A value that stands in the file without quotes, whatever it may mean."""


class Loader(yaml.SafeLoader):
    """Makes no numbers, no True and no dates: only what is empty (null) and << keep their meaning."""

    def construct_yaml_str(self, node: yaml.ScalarNode) -> str:
        """The text of a value, and whether it stood in quotes."""
        return node.value if node.style else Plain(node.value)


class Dumper(yaml.SafeDumper):
    """Writes without quotes what stood without quotes."""

    def represent_plain(self, text: Plain) -> yaml.ScalarNode:
        """As what PyYAML would take it for: else it puts 1.10 in quotes, so that it stays a text."""
        taken_for: str = self.resolve(yaml.ScalarNode, str(text), (True, False))  # type: ignore[no-untyped-call]
        return self.represent_scalar(taken_for, str(text))


Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in meant if tag.endswith((":null", ":merge"))]
    for first, meant in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_constructor("tag:yaml.org,2002:str", Loader.construct_yaml_str)
Dumper.add_representer(Plain, Dumper.represent_plain)


def load(text: str) -> Any:
    """What this text holds. yaml.YAMLError: it is no YAML."""
    return yaml.load(text, Loader)


def dump(value: Any, width: int = 80) -> str:
    """The text that holds this."""
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, width=width)
