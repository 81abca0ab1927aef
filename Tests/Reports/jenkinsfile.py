"""The structure of a declarative Jenkinsfile, as far as it can be told without Jenkins."""

from __future__ import annotations

from dataclasses import dataclass, field

from pygments.lexers.jvm import GroovyLexer
from pygments.token import Comment, Error, String, Token, _TokenType, is_token_subtype


@dataclass
class Block:
    """A `name { … }` or `name(arguments) { … }`, with the blocks inside."""

    name: str
    blocks: list[Block] = field(default_factory=list)

    def named(self, name: str) -> list[Block]:
        """The blocks of that name directly inside."""
        return [block for block in self.blocks if block.name == name]


class Malformed(ValueError):
    """The text is no Groovy, or its brackets do not match."""


def is_any(kind: _TokenType, *kinds: _TokenType) -> bool:
    """Whether a token is of one of these kinds, or of a kind below."""
    return any(is_token_subtype(kind, other) for other in kinds)


CLOSING = {"}": "{", ")": "(", "]": "["}


def parse(text: str) -> Block:
    """The file's outermost blocks, in a block without a name.

    Raises Malformed for a token that Groovy does not know and for brackets that do not match.
    """
    root = Block("")
    blocks = [root]
    brackets: list[tuple[str, str]] = []
    # The word that a block belongs to: the last one, or the one in front of its arguments.
    word = ""
    for kind, value in GroovyLexer().get_tokens(text):
        if is_token_subtype(kind, Error):
            raise Malformed(f"no Groovy: {value!r}")
        if not value.strip() or any(
            is_token_subtype(kind, ignored) for ignored in (Comment, String)
        ):
            continue
        is_sign = is_token_subtype(kind, Token.Operator) or is_token_subtype(
            kind, Token.Punctuation
        )
        for character in value if is_sign else [value]:
            if character in CLOSING.values():
                brackets.append((character, word))
                if character == "{":
                    block = Block(word)
                    blocks[-1].blocks.append(block)
                    blocks.append(block)
                word = ""
            elif character in CLOSING:
                if not brackets or brackets[-1][0] != CLOSING[character]:
                    raise Malformed(f"{character} closes nothing")
                _, word = brackets.pop()
                if character == "}":
                    blocks.pop()
                    word = ""
            elif character.strip().replace("_", "").isalnum():
                word = character.strip()
    if brackets:
        raise Malformed(f"{brackets[-1][0]} is never closed")
    return root
