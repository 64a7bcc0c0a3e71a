# SPDX-License-Identifier: MIT
"""The commands that documents tell people to type for containers, and the addresses in them."""
import os
import re

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOCUMENTS = ("README.md", "docs/howto/deploy.md", "docs/howto/install.md", "docker/compose.yaml")
URL = re.compile(r"(https?)://(127\.0\.0\.1|HOST|bourse-\d)(?::(\d+))?(/[^\s'\"`)]*)?")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def said(document):
    """Each piece of a document that is to be typed: lines of ```sh blocks without their comments, and inline `code`."""
    text = read(document)
    blocks = re.findall(r"(?ms)^ *```sh\n(.*?)^ *```", text)
    for block in blocks:
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            if line := re.sub(r"(^|\s)#.*", "", line).strip():
                yield line
    rest = re.sub(r"(?ms)^ *```.*?^ *```\n", "", text)
    for code in re.findall(r"`([^`]+)`", rest):
        yield re.sub(r"\s+", " ", code)


def container_commands(document):
    """Those for the engine and for docker/upgrade, in the order in which they stand; each once."""
    found = []
    for piece in said(document):
        piece = re.sub(r"^cd /opt/bourse && ", "", piece)
        is_command = re.match(r"(docker|\./upgrade) ", piece)
        # `docker stats` and the like are names, not something to type.
        if is_command and not re.fullmatch(r"docker \w+", piece):
            found.append(piece)
    return list(dict.fromkeys(found))


def urls(document):
    """(scheme, host, port or None, path) of all addresses that are asked."""
    for piece in said(document) if document.endswith(".md") else [read(document)]:
        for scheme, host, port, path in URL.findall(piece):
            if path:
                yield scheme, host, int(port) if port else None, path.rstrip(".")


def tried():
    """The configuration that docker/compose.yaml serves."""
    service = yaml.safe_load(read("docker/compose.yaml"))["services"]["bourse"]
    mounted, = (volume.split(":")[0] for volume in service["volumes"] if volume.endswith(":/etc/bourse/bourse.yaml:ro"))
    return os.path.normpath(os.path.join(ROOT, "docker", mounted))
